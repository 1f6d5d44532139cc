"""Look for: whom a LEARNER argument means, be it somebody not stored yet or on no classlist any more."""

from collections.abc import Iterable, Mapping

from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.ids import OrgUnitId, PersonId, UserId, address_of, user_id_of
from d2l_sync.domain.people import Person
from d2l_sync.domain.ports import Brightspace, Snapshot
from d2l_sync.domain.teams import Directory


def look_for(text: str, brightspace: Brightspace, units: Iterable[OrgUnitId]) -> set[PersonId]:
    """Return everybody whom a user id, an address or an OrgDefinedId fits; nothing is stored.

    Raises SourceUnavailable when nobody does and a classlist could not be read, for there may be somebody on it; and
    TokenRefused.
    """
    classlists = [brightspace.classlist(unit) for unit in sorted(units)]
    found = Directory((), classlists, {}).named(text)
    unread = [one.failure for one in classlists if one.failure is not None]
    if unread and not found:
        what = f"no learner fits on the classlists that could be read, and not all could: {unread[0].what}"
        raise SourceUnavailable(what, hint=unread[0].hint)
    return found


def remembered_as(text: str, people: Mapping[PersonId, Person], snapshot: Snapshot) -> set[PersonId]:
    """Return everybody whom a user id or an address fits: set, last known, or of an award; on a classlist or not."""
    address, user_id = address_of(text), user_id_of(text)
    found = {award.person_id for award in snapshot.awards if address and award.address == address}
    found |= {one.person_id for one in people.values() if address and one.set_address == address}
    users = {user for user, last in snapshot.last_known.items() if last == address}
    return found | _persons_of(users if user_id is None else {*users, UserId(user_id)}, people)


def remembered_by_number(text: str, people: Mapping[PersonId, Person], snapshot: Snapshot) -> set[PersonId]:
    """Return everybody whose last OrgDefinedId this is; who left with it gives way to whoever has it now."""
    wanted = text.strip().lower()
    return _persons_of({user for user, last in snapshot.org_defined_ids.items() if last.lower() == wanted}, people)


def _persons_of(users: set[UserId], people: Mapping[PersonId, Person]) -> set[PersonId]:
    return {one.person_id for one in people.values() if users.intersection(one.user_ids)}
