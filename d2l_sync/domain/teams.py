"""Teams: settling whom each roster row means, or taking the groups of a category, anew in each pass."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, PathwayKey, PersonId, number_of
from d2l_sync.domain.people import Classlist, GroupSet, Person
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.world import Team, Teams


class Directory:
    """Finds people on one pathway's classlists by user id, OrgDefinedId or address.

    Accounts that `exclude_users` means are found by their user id alone: often they are somebody's second one.
    """

    def __init__(
        self,
        people: Iterable[Person],
        classlists: Iterable[Classlist],
        addresses: Mapping[PersonId, frozenset[Address]],
    ) -> None:
        self._owner = {user_id: person.person_id for person in people for user_id in person.user_ids}
        self._by_user: dict[int, set[PersonId]] = {}
        self._by_code: dict[str, set[PersonId]] = {}
        self._by_address: dict[Address, set[PersonId]] = {}
        lists = tuple(classlists)
        excluded = {entry.user_id for one in lists for entry in one.entries.values() if entry.is_excluded}
        for classlist in lists:
            for entry in classlist.entries.values():
                owner = self._owner.get(entry.user_id, PersonId(int(entry.user_id)))
                self._by_user.setdefault(int(entry.user_id), set()).add(owner)
                if entry.user_id in excluded:
                    continue
                if entry.org_defined_id:
                    self._by_code.setdefault(entry.org_defined_id.strip().lower(), set()).add(owner)
                for address in {entry.address, *addresses.get(owner, frozenset())} - {None}:
                    self._by_address.setdefault(Address(str(address)), set()).add(owner)

    def meant_by(self, row: RosterRow) -> set[PersonId]:
        """Return everybody a roster row could mean: by user id, else OrgDefinedId, else address."""
        if row.user_id is not None:
            return self._by_user.get(int(row.user_id), set())
        if row.org_defined_id is not None:
            return self._by_code.get(row.org_defined_id.strip().lower(), set())
        return self._by_address.get(row.address, set()) if row.address is not None else set()

    def named(self, text: str) -> set[PersonId]:
        """Return everybody that a user id, an address or an OrgDefinedId fits."""
        wanted = text.strip().lower()
        found = self._by_code.get(wanted, set()) | self._by_address.get(Address(wanted), set())
        return found | self._by_user.get(number_of(wanted) or 0, set())


def from_roster(
    rows: Iterable[RosterRow], pathway: PathwayKey, directory: Directory
) -> tuple[Teams, tuple[Finding, ...]]:
    """Settle the roster for one pathway; a row that fits nobody or several is a finding and counts for nobody."""
    members: dict[str, dict[PersonId, date | None]] = {}
    findings: list[Finding] = []
    for row in rows:
        if row.pathway not in (None, pathway):
            continue
        meant = directory.meant_by(row)
        if len(meant) != 1:
            findings.append(_strange(row, pathway, meant))
            continue
        team, person_id = members.setdefault(row.team, {}), next(iter(meant))
        days = [day for day in (team.get(person_id), row.confirmed_on) if day is not None]
        team[person_id] = min(days, default=None)
    teams = tuple(Team(name, people) for name, people in sorted(members.items()))
    return Teams(teams), tuple(findings)


def from_groups(groups: GroupSet | None, people: Iterable[Person]) -> Teams:
    """Take every group of the category as a confirmed team."""
    if groups is None or groups.failure is not None:
        return Teams(failure=groups.failure.what if groups and groups.failure else "the groups were not read")
    owner = {user_id: person.person_id for person in people for user_id in person.user_ids}
    found = []
    for group_id, users in sorted(groups.groups.items()):
        members = {owner.get(user_id, PersonId(int(user_id))): date.min for user_id in users}
        since: dict[PersonId, datetime] = {}
        for user_id in users & groups.since.keys():
            person_id, seen_at = owner.get(user_id, PersonId(int(user_id))), groups.since[user_id]
            since[person_id] = min(since.get(person_id, seen_at), seen_at)
        found.append(Team(groups.names.get(group_id) or f"group {group_id}", members, since))
    return Teams(tuple(found))


def _strange(row: RosterRow, pathway: PathwayKey, meant: set[PersonId]) -> Finding:
    who = f"fits users {', '.join(map(str, sorted(meant)))}" if meant else "fits nobody on the pathway's classlists"
    kind = "roster_several" if meant else "roster_nobody"
    named = row.user_id or row.org_defined_id or ""
    return Finding(
        kind,
        f"team {row.team}: roster row {row.row_id} {who}",
        pathway=pathway,
        address=row.address,
        subject=f"{row.team}/{named}",
    )
