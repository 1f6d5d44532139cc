"""Observe: read what the badges in question need, believe what can be believed, and say what could not be seen."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Lock
from typing import TypeVar

from d2l_sync.domain.belief import (
    Sizes,
    compare_with_stored,
    count_changes,
    dated,
    members_of,
    shrunk,
    vanished_from,
    without_vanished,
)
from d2l_sync.domain.facts import Failure, Listing, Source
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, GroupCategoryId, OrgUnitId, PersonId, UserId
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.people import Classlist, Exclusions, GroupSet, UserRecord
from d2l_sync.domain.ports import Brightspace, Snapshot
from d2l_sync.services.carried import carried
from d2l_sync.services.problems import Problem

Progress = Callable[[int, int], None]
"""Told how many questions are answered, and how many there are so far."""
OUT_OF_SCOPE = Failure("is not read in this scope")
Q = TypeVar("Q")
A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Needs:
    """What has to be read for some badges.

    ended: org units whose offerings are over: they are not read, what they showed stays. beside: org units that are
    none of these badges' business but the service's: whoever was last seen there may share an address.
    """

    org_units: frozenset[OrgUnitId]
    sources: frozenset[Source]
    categories: frozenset[tuple[OrgUnitId, GroupCategoryId]]
    ended: frozenset[OrgUnitId]
    beside: frozenset[OrgUnitId] = frozenset()


def needs_of(
    pathways: Iterable[tuple[Pathway, tuple[Badge, ...]]], today: date, *, served: Iterable[Pathway] = ()
) -> Needs:
    """Gather what the given badges of each pathway need; teams need the classlists of the whole pathway.

    served: every pathway of the service, those out of scope included.
    """
    units: set[OrgUnitId] = set()
    sources: set[Source] = set()
    categories: set[tuple[OrgUnitId, GroupCategoryId]] = set()
    ended: set[OrgUnitId] = set()
    still_open: set[OrgUnitId] = set()
    for pathway, badges in pathways:
        over = pathway.ended_org_units(today)
        ended |= over
        still_open |= pathway.org_units - over
        units |= pathway.org_units
        sources |= {source for badge in badges for source in badge.sources}
        teams = pathway.teams
        if teams.org_unit_id is not None and teams.category_id is not None:
            categories.add((teams.org_unit_id, teams.category_id))
    closed = frozenset(ended - still_open)
    live = frozenset(source for source in sources if source.org_unit_id not in closed)
    beside = frozenset(unit for pathway in served for unit in pathway.org_units) - units
    return Needs(frozenset(units) - closed, live, frozenset(categories), closed, beside)


@dataclass(frozen=True, slots=True)
class Observation:
    """What a pass saw.

    classlists: of every org unit; where one can't be read, the last good one with its failure. listings: to judge by,
    stored ones for ended org units, without facts for unreadable ones. others: the last good classlists of org units
    that this scope does not read. fresh_*: what is to be stored. is_blind: not one
    org unit could be read.
    """

    classlists: Mapping[OrgUnitId, Classlist]
    listings: Mapping[Source, Listing]
    groups: Mapping[tuple[OrgUnitId, GroupCategoryId], GroupSet]
    records: Mapping[UserId, UserRecord]
    others: tuple[Classlist, ...] = ()
    fresh_classlists: tuple[Classlist, ...] = ()
    fresh_listings: tuple[Listing, ...] = ()
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)
    facts_read: int = 0
    facts_changed: int = 0
    is_blind: bool = False

    def addresses(self) -> dict[UserId, Address]:
        """Return every user's address as seen now, to be remembered as the last known one."""
        seen: dict[UserId, Address] = {}
        for record in self.records.values():
            if record.address is not None:
                seen[record.user_id] = record.address
        for classlist in self.fresh_classlists:
            for entry in classlist.entries.values():
                if entry.address is not None:
                    seen[entry.user_id] = entry.address
        return seen


class Observer:
    """Reads one pass's needs from Brightspace with a few threads. Raises TokenRefused.

    exclude_users: who is nobody on a classlist, also on a stored one. progress: told after each answered question, by
    one thread at a time, with how many are done and how many there are so far.
    """

    def __init__(
        self,
        brightspace: Brightspace,
        *,
        connections: int,
        max_shrink_percent: int,
        exclude_users: Iterable[str] = (),
        progress: Progress | None = None,
    ) -> None:
        self._brightspace = brightspace
        self._connections = max(1, connections)
        self._max_shrink_percent = max_shrink_percent
        self._exclusions = Exclusions(exclude_users)
        self._progress = progress
        self._telling = Lock()
        self._done = 0
        self._total = 0

    def observe(self, needs: Needs, snapshot: Snapshot) -> Observation:
        """Read classlists first, then everything in the org units that could be read."""
        sizes = Sizes(snapshot.sizes, self._max_shrink_percent)
        classlists = self._ask(self._brightspace.classlist, sorted(needs.org_units))
        believed = [self._believe_classlist(one, snapshot, sizes) for one in classlists]
        readable = {one.org_unit_id for one in believed if one.failure is None}
        ended = [replace(self._stored(unit, snapshot), ended=True) for unit in needs.ended]
        by_unit = {one.org_unit_id: one for one in [*ended, *believed]}
        wanted = sorted(
            (source for source in needs.sources if source.org_unit_id in readable),
            key=lambda source: (source.org_unit_id, source.kind.value, source.item_id),
        )
        listings = [self._believe_listing(one, sizes) for one in self._ask(self._brightspace.listing, wanted)]
        compared = [
            compare_with_stored(one, snapshot.listings.get(one.source), by_unit[one.source.org_unit_id])
            for one in listings
        ]
        groups = [
            self._believe_groups(one, sizes)
            for one in self._ask(lambda pair: self._brightspace.groups(*pair), sorted(needs.categories))
        ]
        members = [members_of(one, snapshot.listings.get(one.source)) for one in groups if one.failure is None]
        by_category = {one.source: one for one in members}
        groups = [dated(one, by_category[one.source]) if one.failure is None else one for one in groups]
        records = self._ask(self._brightspace.user_record, _without_address(believed, snapshot))
        ended_with = [one for source, one in snapshot.listings.items() if source.org_unit_id in needs.ended]
        stored = {one.source: without_vanished(one) for one in ended_with}
        unasked = _unasked(needs.sources - set(wanted), by_unit, snapshot)
        good = tuple(kept for judged, kept in compared if judged.failure is None)
        gone = tuple(kept for judged, kept in compared if judged.failure is not None and kept.failure is None)
        fresh = tuple(one for one in believed if one.failure is None)
        return Observation(
            classlists=by_unit,
            listings=stored | unasked | {judged.source: judged for judged, _ in compared},
            groups={(one.org_unit_id, one.category_id): one for one in groups},
            records={one.user_id: one for one in records},
            others=tuple(replace(self._stored(unit, snapshot), failure=OUT_OF_SCOPE) for unit in sorted(needs.beside)),
            fresh_classlists=fresh,
            fresh_listings=(*good, *gone, *members),
            problems=_problems(believed, [judged for judged, _ in compared], groups),
            findings=_findings(believed, [judged for judged, _ in compared], groups),
            sizes=dict(
                pair
                for one in [*map(_of_classlist, fresh), *map(_of_listing, good), *map(_of_groups, groups)]
                for pair in one.items()
            ),
            facts_read=sum(len(judged.facts) for judged, _ in compared if judged.failure is None),
            facts_changed=sum(count_changes(one, snapshot.listings.get(one.source)) for one in good),
            is_blind=bool(needs.org_units) and all(one.failure and not one.failure.doubted for one in believed),
        )

    def _ask(self, question: Callable[[Q], A], subjects: Iterable[Q]) -> list[A]:
        """Ask one question about many subjects, a few at a time; answers in the subjects' order."""
        wanted = list(subjects)
        self._total += len(wanted)

        def answer(subject: Q) -> A:
            result = question(subject)
            with self._telling:
                self._done += 1
                if self._progress is not None:
                    self._progress(self._done, self._total)
            return result

        if not wanted:
            return []
        with ThreadPoolExecutor(min(self._connections, len(wanted)), thread_name_prefix="observe") as pool:
            return list(pool.map(carried(answer), wanted))

    def _believe_classlist(self, classlist: Classlist, snapshot: Snapshot, sizes: Sizes) -> Classlist:
        """Keep the last good entries of a classlist that can't be read or is not believed: others may share them."""
        failure = classlist.failure or sizes.doubt_any(_of_classlist(classlist))
        if failure is None:
            return classlist
        return replace(classlist, entries=self._stored(classlist.org_unit_id, snapshot).entries, failure=failure)

    def _stored(self, org_unit_id: OrgUnitId, snapshot: Snapshot) -> Classlist:
        """Return the last good classlist, with whoever is excluded by now."""
        known = snapshot.classlists.get(org_unit_id, Classlist(org_unit_id, None))
        return replace(known, entries={key: self._exclusions.applied(one) for key, one in known.entries.items()})

    def _believe_listing(self, listing: Listing, sizes: Sizes) -> Listing:
        return replace(listing, failure=listing.failure or sizes.doubt_any(_of_listing(listing)))

    def _believe_groups(self, groups: GroupSet, sizes: Sizes) -> GroupSet:
        return replace(groups, failure=groups.failure or sizes.doubt_any(_of_groups(groups)))


def _of_classlist(classlist: Classlist) -> dict[str, int]:
    """Return the size of every list that a classlist was made with, its own included."""
    return {classlist.name: len(classlist.entries), **classlist.lists}


def _of_listing(listing: Listing) -> dict[str, int]:
    return {str(listing.source): listing.rows, **listing.lists}


def _of_groups(groups: GroupSet) -> dict[str, int]:
    """Return its size; none of one that can't be read or is not believed."""
    return {groups.name: groups.rows} if groups.failure is None else {}


def _unasked(
    sources: Iterable[Source], classlists: Mapping[OrgUnitId, Classlist], snapshot: Snapshot
) -> dict[Source, Listing]:
    """Say of sources in unreadable org units no more than what had vanished from them before."""
    known = [(snapshot.listings[one], classlists[one.org_unit_id]) for one in sources if one in snapshot.listings]
    return {
        one.source: replace(one, facts={}, failure=classlist.failure, vanished=vanished_from(one, classlist))
        for one, classlist in known
    }


def _without_address(classlists: Iterable[Classlist], snapshot: Snapshot) -> list[UserId]:
    """Return the active learners whom no readable classlist gives an address."""
    readable = [one for one in classlists if one.failure is None]
    has = {entry.user_id for one in readable for entry in one.entries.values() if entry.address is not None}
    has |= {user_id for person in snapshot.people.values() if person.set_address for user_id in person.user_ids}
    learners = {entry.user_id for one in readable for entry in one.entries.values() if entry.is_active_learner}
    return sorted(learners - has)


def _problems(
    classlists: Iterable[Classlist], listings: Iterable[Listing], groups: Iterable[GroupSet]
) -> tuple[Problem, ...]:
    found = []
    for classlist in classlists:
        where = f"org unit {classlist.org_unit_id}"
        if classlist.failure is not None:
            found.append(Problem(classlist.failure.what, where, classlist.failure.hint))
            continue
        hidden = sum(one.is_learner is None and not one.is_excluded for one in classlist.entries.values())
        if hidden:
            hint = (
                "let the service's role see roles on the classlist, or grant enrollment:orgunit:read;"
                " d2l-sync check tells whether brightspace.learner_roles names a role"
            )
            whose = "one person" if hidden == 1 else f"{hidden} people"
            found.append(Problem(f"the role of {whose} could not be read", where, hint))
    found.extend(
        Problem(one.failure.what, str(one.source), one.failure.hint) for one in listings if one.failure is not None
    )
    found.extend(
        Problem(one.failure.what, f"groups of org unit {one.org_unit_id}", one.failure.hint)
        for one in groups
        if one.failure is not None
    )
    return tuple(found)


def _findings(
    classlists: Iterable[Classlist], listings: Iterable[Listing], groups: Iterable[GroupSet]
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    found.extend(
        shrunk(failure, unit)
        for unit, failure in [(one.org_unit_id, one.failure) for one in classlists]
        + [(one.org_unit_id, one.failure) for one in groups]
        if failure is not None and failure.doubted
    )
    for listing in listings:
        unit = listing.source.org_unit_id
        if listing.failure is not None and listing.failure.doubted:
            found.append(shrunk(listing.failure, unit))
        if listing.item.question_points not in (None, listing.item.max_points) and listing.item.max_points:
            what = f"{listing.source}: question points differ from the grade object's points; set max_points"
            found.append(Finding("points_differ", what, org_unit_id=unit, subject=str(listing.source)))
        for user_id in sorted(listing.vanished):
            what = f"{listing.source}: what user {user_id} had there is gone"
            found.append(_vanished(what, listing, user_id))
    return tuple(found)


def _vanished(what: str, listing: Listing, user_id: UserId) -> Finding:
    unit = listing.source.org_unit_id
    return Finding("vanished", what, user_id=PersonId(int(user_id)), org_unit_id=unit, subject=str(listing.source))
