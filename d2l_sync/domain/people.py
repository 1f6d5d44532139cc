"""People: who is on a classlist, who is one person, and which address an award may go to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase

from d2l_sync.domain.facts import Failure, Source, SourceKind
from d2l_sync.domain.ids import Address, GroupCategoryId, GroupId, OrgUnitId, PersonId, UserId

SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class ClasslistEntry:
    """One user on the classlist of one org unit, staff included.

    is_learner: the role is one of the configured learner roles; None when the role can't be told.
    is_excluded: matched by `exclude_users`: neither a learner nor a holder of an address.
    """

    user_id: UserId
    is_learner: bool | None
    address: Address | None = None
    username: str | None = None
    org_defined_id: str | None = None
    is_excluded: bool = False

    @property
    def is_active_learner(self) -> bool:
        return self.is_learner is True and not self.is_excluded


class Exclusions:
    """Tells whom `exclude_users` means: user ids as digits, or patterns of user names in any case."""

    def __init__(self, exclude_users: Iterable[str]) -> None:
        entries = tuple(exclude_users)
        self._ids = frozenset(int(entry) for entry in entries if entry.isdecimal())
        self._patterns = tuple(entry.lower() for entry in entries if not entry.isdecimal())

    def cover(self, user_id: UserId, username: str | None) -> bool:
        name = (username or "").lower()
        return user_id in self._ids or (bool(name) and any(fnmatchcase(name, pattern) for pattern in self._patterns))

    def applied(self, entry: ClasslistEntry) -> ClasslistEntry:
        """Return an entry that was read earlier as it is excluded, or not, by now."""
        return replace(entry, is_excluded=self.cover(entry.user_id, entry.username))


@dataclass(frozen=True, slots=True)
class Classlist:
    """Everybody in one org unit, or the failure instead; `failure` with entries: the last good ones, not believed now.

    ended: the offering's last day is over; the entries are what it last showed, and stay true. lists: how many rows
    every other list had that roles were taken from, by its name.
    """

    org_unit_id: OrgUnitId
    read_at: datetime | None
    entries: Mapping[UserId, ClasslistEntry] = field(default_factory=dict)
    failure: Failure | None = None
    ended: bool = False
    lists: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"classlist of org unit {self.org_unit_id}"

    @property
    def is_read(self) -> bool:
        """Tell whether the entries are those of now."""
        return self.failure is None and not self.ended

    def lists_learner(self, user_id: UserId) -> bool | None:
        """Tell whether the user is an active learner here now; None when that can't be told."""
        entry = self.entries.get(user_id)
        if self.failure is not None:
            return None
        if entry is None or entry.is_excluded:
            return False
        return entry.is_learner


@dataclass(frozen=True, slots=True)
class GroupSet:
    """The groups of one category, each with its members of now; or the failure instead.

    since: when each member was first seen in one of them.
    """

    org_unit_id: OrgUnitId
    category_id: GroupCategoryId
    read_at: datetime
    groups: Mapping[GroupId, frozenset[UserId]] = field(default_factory=dict)
    names: Mapping[GroupId, str] = field(default_factory=dict)
    failure: Failure | None = None
    since: Mapping[UserId, datetime] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        return Source(SourceKind.GROUPS, self.org_unit_id, int(self.category_id))

    @property
    def name(self) -> str:
        return str(self.source)

    @property
    def rows(self) -> int:
        """Count memberships: a group that is still there and lost its members says less than before, too."""
        return sum(len(members) for members in self.groups.values())


@dataclass(frozen=True, slots=True)
class UserRecord:
    """What the user record says of one user; `failure` when it was refused or did not come."""

    user_id: UserId
    address: Address | None = None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """One human: the user id that stands for them, and every user that is them.

    set_address: an address that an administrator set; it overrides what Brightspace says.
    is_suppressed: nothing may leave for this person.
    """

    person_id: PersonId
    user_ids: tuple[UserId, ...]
    set_address: Address | None = None
    is_suppressed: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an award to a person would go, or why it can't.

    known: every address that the person holds now; empty for somebody on no classlist.
    is_unread: the user record was needed and could not be read.
    """

    person_id: PersonId
    address: Address | None
    blocked: str | None = None
    known: frozenset[Address] = frozenset()
    is_unread: bool = False

    @property
    def is_suppressed(self) -> bool:
        return self.blocked == SUPPRESSED


def persons(user_ids: Iterable[UserId], linked: Mapping[PersonId, Person]) -> dict[PersonId, Person]:
    """Gather users into persons: linked or marked ones as stored, everybody else a person of their own."""
    owner = {user_id: person for person in linked.values() for user_id in person.user_ids}
    found: dict[PersonId, Person] = {}
    for user_id in user_ids:
        person = owner.get(user_id) or Person(PersonId(int(user_id)), (user_id,))
        found[person.person_id] = person
    return found


def contacts(
    people: Mapping[PersonId, Person],
    *,
    classlists: Iterable[Classlist],
    records: Mapping[UserId, UserRecord],
    last_known: Mapping[UserId, Address],
    awarded: Mapping[Address, frozenset[PersonId]],
) -> dict[PersonId, Contact]:
    """Settle every person's address, and block whoever has none or shares one.

    classlists: this pass's, and the last good ones of org units that can't be read now.
    awarded: to whom each address already went in an award.
    Nothing is guessed: two persons with one address are both blocked.
    """
    lists = tuple(classlists)
    listed = _Listed(
        now=_listed_addresses(one for one in lists if one.is_read),
        before=_listed_addresses(one for one in lists if not one.is_read),
    )
    chosen = {key: _choose(person, listed, records=records, last_known=last_known) for key, person in people.items()}
    holders: dict[Address, set[PersonId]] = {}
    for key, contact in chosen.items():
        for address in contact.known:
            holders.setdefault(address, set()).add(key)
    return {key: _block(contact, people[key], holders=holders, awarded=awarded) for key, contact in chosen.items()}


@dataclass(frozen=True, slots=True)
class _Listed:
    """The addresses that classlists give each user, those of now apart from the last good ones that can't be read."""

    now: Mapping[UserId, list[Address]]
    before: Mapping[UserId, list[Address]]

    def has(self, person: Person) -> bool:
        return any(user_id in self.now or user_id in self.before for user_id in person.user_ids)


def _addresses_of(person: Person, listed: Mapping[UserId, list[Address]]) -> list[Address]:
    return [address for user_id in person.user_ids for address in listed.get(user_id, [])]


def _listed_addresses(classlists: Iterable[Classlist]) -> dict[UserId, list[Address]]:
    listed: dict[UserId, list[Address]] = {}
    for classlist in sorted(classlists, key=lambda one: -one.org_unit_id):
        for entry in classlist.entries.values():
            if not entry.is_excluded:
                listed.setdefault(entry.user_id, []).extend([entry.address] if entry.address else [])
    return listed


def _choose(
    person: Person,
    listed: _Listed,
    *,
    records: Mapping[UserId, UserRecord],
    last_known: Mapping[UserId, Address],
) -> Contact:
    """Take the first of: set by an administrator, classlist, user record, last known.

    A user record that gave no answer may hold another address than the last one known, so none is taken then. What a
    classlist said that is read no longer is no better than the last one known; others may share it all the same.
    """
    on_lists, before = _addresses_of(person, listed.now), _addresses_of(person, listed.before)
    asked = [records[user_id] for user_id in person.user_ids if user_id in records]
    on_record = [record.address for record in asked if record.address is not None]
    remembered = [last_known[user_id] for user_id in person.user_ids if user_id in last_known]
    preferred = [person.set_address] if person.set_address else []
    told = [*preferred, *on_lists, *on_record]
    candidates = [*told, *remembered, *before]
    is_unanswered = any(record.failure is not None and not record.failure.is_refused for record in asked)
    address = None if is_unanswered and not told else next(iter(candidates), None)
    is_unread = address is None and any(record.failure is not None for record in asked)
    held = [*told, *before] or candidates[:1]
    known = frozenset(held if listed.has(person) else [])
    return Contact(person.person_id, address, known=known, is_unread=is_unread)


def _block(
    contact: Contact,
    person: Person,
    *,
    holders: Mapping[Address, set[PersonId]],
    awarded: Mapping[Address, frozenset[PersonId]],
) -> Contact:
    return replace(contact, blocked=_reason(contact, person, holders=holders, awarded=awarded))


def _reason(
    contact: Contact,
    person: Person,
    *,
    holders: Mapping[Address, set[PersonId]],
    awarded: Mapping[Address, frozenset[PersonId]],
) -> str | None:
    if person.is_suppressed:
        return SUPPRESSED
    if contact.address is None:
        return "the user record could not be read" if contact.is_unread else "no address"
    others = holders.get(contact.address, set()) - {contact.person_id}
    if others:
        return f"shares its address with user {_ids(others)}"
    owners = awarded.get(contact.address, frozenset()) - {contact.person_id}
    if owners:
        return f"its address belongs to an award of user {_ids(owners)}"
    return None


def _ids(people: Iterable[PersonId]) -> str:
    return ", ".join(str(person_id) for person_id in sorted(people))
