"""Known people: everybody whom a pass knows, where an award for them would go, and whom it leaves out."""

from collections.abc import Iterable

from d2l_sync.domain.adoption import Owners
from d2l_sync.domain.award import Award, State
from d2l_sync.domain.ids import Address, OrgUnitId, PersonId, UserId
from d2l_sync.domain.ledger import Ledger
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.people import Classlist, Contact, Exclusions, Person, contacts, persons
from d2l_sync.domain.ports import Snapshot
from d2l_sync.domain.teams import Directory
from d2l_sync.services.look_for import remembered_as, remembered_by_number
from d2l_sync.services.observe import Observation
from d2l_sync.services.scope import Scope, only_person


class KnownPeople:
    """Everybody on a classlist, with an address or a number remembered, or with an award.

    persons, contacts: by person. Excluded accounts are nobody; an award that was issued to them alone stands, and is
    in nobody's way.
    """

    def __init__(self, snapshot: Snapshot, seen: Observation, exclusions: Exclusions) -> None:
        self._snapshot = snapshot
        self._seen = seen
        self._excluded = self._accounts_left_out(exclusions)
        self.persons = self._everybody()
        self._owner = {user_id: one.person_id for one in self.persons.values() for user_id in one.user_ids}
        self.contacts = self._addresses()

    @property
    def addressed(self) -> frozenset[PersonId]:
        """Whoever holds an address now, as far as can be seen."""
        return frozenset(key for key, contact in self.contacts.items() if contact.known)

    def in_scope(self, scope: Scope) -> set[PersonId] | None:
        """Return the one person in scope, or None for everybody. Raises UsageError."""
        if scope.learner is None:
            return None
        named = self.directory(self._classlists()).named(scope.learner)
        found = named | remembered_as(scope.learner, self.persons, self._snapshot)
        found = found or remembered_by_number(scope.learner, self.persons, self._snapshot)
        return {only_person(found, scope.learner)}

    def directory(self, classlists: Iterable[Classlist]) -> Directory:
        """Tell people apart by what these classlists say of them, and by every address known."""
        known = {
            key: contact.known | ({contact.address} if contact.address else frozenset())
            for key, contact in self.contacts.items()
        }
        return Directory(self.persons.values(), classlists, known)

    def owners(self) -> Owners:
        """Tell whose an assertion is by its address."""
        return Owners(self.contacts, (one for one in self._snapshot.awards if not self.is_left_out(one)))

    def is_left_out(self, award: Award) -> bool:
        """Tell whether an award was issued to excluded accounts alone."""
        person = self.persons.get(award.person_id)
        return award.state is State.ISSUED and person is not None and self._excluded.issuperset(person.user_ids)

    def learners(self, org_units: Iterable[OrgUnitId]) -> set[PersonId]:
        """Return the active learners of those org units whose classlist could be read."""
        lists = [self._seen.classlists[unit] for unit in org_units if unit in self._seen.classlists]
        return self._active_on(one for one in lists if one.failure is None)

    def candidates(self, pathway: Pathway, badges: Iterable[Badge], ledger: Ledger) -> set[PersonId]:
        """Return whoever could hold or earn one of the badges: learners of now and until now, holders, the attested."""
        lists = [*self._seen.classlists.items(), *self._snapshot.classlists.items()]
        found = self._active_on(one for unit, one in lists if unit in pathway.org_units)
        classes = {badge.badge_class for badge in badges}
        found |= {pair.person_id for pair in ledger if pair.badge_class in classes}
        attested = {one.person_id for one in self._snapshot.attestations if one.pathway == pathway.key}
        return found | {one for one in attested if one is not None and one in self.persons}

    def unread(self, people: Iterable[PersonId]) -> tuple[PersonId, ...]:
        """Return who of these has no address only because the user record could not be read."""
        return tuple(sorted(one for one in set(people) if one in self.contacts and self.contacts[one].is_unread))

    def _active_on(self, classlists: Iterable[Classlist]) -> set[PersonId]:
        users = {entry.user_id for one in classlists for entry in one.entries.values() if entry.is_active_learner}
        return {self._owner[user_id] for user_id in users if user_id in self._owner}  # else excluded elsewhere

    def _classlists(self) -> tuple[Classlist, ...]:
        """Return every classlist that the service knows, whatever the scope."""
        return (*self._seen.classlists.values(), *self._seen.others)

    def _accounts_left_out(self, exclusions: Exclusions) -> frozenset[UserId]:
        """Return who is excluded, on a classlist or by the number of whoever has an award."""
        listed = {entry.user_id for one in self._classlists() for entry in one.entries.values() if entry.is_excluded}
        awarded = {UserId(int(award.person_id)) for award in self._snapshot.awards}
        return frozenset(listed | {user_id for user_id in awarded if exclusions.cover(user_id, None)})

    def _everybody(self) -> dict[PersonId, Person]:
        seen = [entry for one in self._classlists() for entry in one.entries.values()]
        before = [entry for one in self._snapshot.classlists.values() for entry in one.entries.values()]
        known = {entry.user_id for entry in (*seen, *before)} | self._snapshot.last_known.keys()
        known |= self._snapshot.org_defined_ids.keys()
        users = dict.fromkeys(sorted(known - self._excluded))
        people = persons(users, self._snapshot.people)
        for award in self._snapshot.awards:
            if award.person_id not in people:
                people |= persons([UserId(int(award.person_id))], self._snapshot.people)
        return people

    def _addresses(self) -> dict[PersonId, Contact]:
        awarded: dict[Address, frozenset[PersonId]] = {}
        for award in self._snapshot.awards:
            is_there = award.state in {State.ISSUED, State.SENDING, State.DOUBTFUL} and not self.is_left_out(award)
            if award.address is not None and is_there:
                awarded[award.address] = awarded.get(award.address, frozenset()) | {award.person_id}
        return contacts(
            self.persons,
            classlists=self._classlists(),
            records=self._seen.records,
            last_known=self._snapshot.last_known,
            awarded=awarded,
        )


def suppressed(snapshot: Snapshot) -> frozenset[PersonId]:
    """Return for whom nothing may leave."""
    return frozenset(one.person_id for one in snapshot.people.values() if one.is_suppressed)
