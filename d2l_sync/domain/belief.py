"""What is believed of a reading: nothing that suddenly shrank, and nothing that silently lost a learner's fact."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from d2l_sync.domain.facts import Fact, Failure, GradeValue, GroupMember, HandIn, Listing, QuizAttempt, QuizAttempts
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import OrgUnitId, UserId
from d2l_sync.domain.people import Classlist, GroupSet

NEVER_DOUBTED = 100
NOTICED_FROM = 10
"""Listings of fewer rows shrink by chance."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """The last believed row counts, by a listing's name, and how far one may shrink (100: any distance)."""

    known: Mapping[str, int]
    max_shrink_percent: int

    def doubt(self, name: str, rows: int) -> Failure | None:
        """Return why a listing of so many rows is not believed, or None when it is."""
        before = self.known.get(name, 0)
        if before < NOTICED_FROM or self.max_shrink_percent >= NEVER_DOUBTED:
            return None
        if (before - rows) * 100 <= before * self.max_shrink_percent:
            return None
        hint = "if this is right: d2l-sync reviews close --accept"
        return Failure(f"{name} shrank from {before} rows to {rows} and is not believed", hint, doubted=name)

    def doubt_any(self, lists: Mapping[str, int]) -> Failure | None:
        """Return why the first of several lists is not believed, or None when all are."""
        return next((doubt for name, rows in lists.items() if (doubt := self.doubt(name, rows)) is not None), None)


def shrunk(failure: Failure, org_unit_id: OrgUnitId | None) -> Finding:
    return Finding("shrunk", failure.what.split(" from ")[0], org_unit_id=org_unit_id, subject=failure.doubted)


def compare_with_stored(listing: Listing, stored: Listing | None, classlist: Classlist) -> tuple[Listing, Listing]:
    """Date what is undated and notice what vanished: return the listing to judge by, and the one to store.

    What a still listed learner had and has no longer is marked as vanished; the stored listing keeps it, so that it
    is noticed again in the next pass. What can't be read, or is not believed, stays vanished where it was before; with
    a thing that is itself gone, all that it showed of still listed learners has vanished.
    """
    if listing.failure is not None:
        return _unread(listing, stored, classlist)
    known: Mapping[UserId, Fact] = stored.facts if stored is not None else {}
    dated = {user_id: _dated(fact, known.get(user_id), listing.read_at) for user_id, fact in listing.facts.items()}
    listing = replace(listing, facts=dated)
    if stored is None:
        return listing, listing
    kept: dict[UserId, Fact] = dict(listing.facts)
    vanished: set[UserId] = set()
    for user_id, before in stored.facts.items():
        if classlist.lists_learner(user_id) is not True:
            continue
        rest = _what_is_gone(before, listing.facts.get(user_id), listing)
        if rest is not None:
            vanished.add(user_id)
            kept[user_id] = rest
    marked = replace(listing, vanished=frozenset(vanished))
    return marked, replace(marked, facts=kept)


def _unread(listing: Listing, stored: Listing | None, classlist: Classlist) -> tuple[Listing, Listing]:
    """Conclude nothing from a failure but what has vanished; store nothing but that the thing itself is gone.

    What a person accepted stays vanished: it is gone, and nobody can read what is there.
    """
    unread = replace(listing, facts={}, vanished=frozenset())
    if stored is None:
        return unread, unread
    if listing.failure is None or not listing.failure.is_gone:
        unread = replace(unread, vanished=vanished_from(stored, classlist))
        return unread, unread
    gone = replace(stored, item=replace(stored.item, is_gone=True))
    kept = replace(gone, vanished=frozenset(one for one in gone.vanished if classlist.lists_learner(one) is True))
    return replace(unread, vanished=vanished_from(kept, classlist)), kept


def vanished_from(stored: Listing, classlist: Classlist) -> frozenset[UserId]:
    """Return of whom something vanished, as of the last reading: with a thing that is itself gone, all it showed."""
    nothing = replace(stored, facts={}, groups=frozenset())
    shown = {one for one, before in stored.facts.items() if _what_is_gone(before, None, nothing) is not None}
    everything = stored.vanished | (shown if stored.item.is_gone else set())
    return frozenset(one for one in everything if classlist.lists_learner(one) is not False)


def _dated(now: Fact, before: Fact | None, read_at: datetime) -> Fact:
    """Give what Brightspace does not date the time at which it was first seen; a mark that changed is a new one."""
    first: datetime | None = None
    match now:
        case HandIn(submitted_at=None) if now.count > 0:
            if isinstance(before, HandIn) and before.count > 0:
                first = before.first_seen_at
        case GradeValue(modified_at=None) if now.points is not None:
            if isinstance(before, GradeValue) and (before.points, before.max_points) == (now.points, now.max_points):
                first = before.first_seen_at
        case _:
            return now
    return replace(now, first_seen_at=first or read_at)


def without_vanished(stored: Listing) -> Listing:
    """Return the listing of an ended offering to judge by: what is remembered of a fact that vanished is no fact.

    A thing that was itself gone in the end showed nothing about anybody: what it had shown before stays.
    """
    facts = {user_id: fact for user_id, fact in stored.facts.items() if user_id not in stored.vanished}
    return replace(stored, facts=facts)


def _what_is_gone(before: Fact, now: Fact | None, listing: Listing) -> Fact | None:
    """Return the fact to remember when part of it is gone, else None."""
    match before:
        case HandIn():
            return before if _lost(before, now, listing) else None
        case GradeValue(points=points) if points is not None:
            return before if not isinstance(now, GradeValue) or now.points is None else None
        case QuizAttempts():
            return _gone_attempts(before, now)
        case _:
            return None


def _lost(before: HandIn, now: Fact | None, listing: Listing) -> bool:
    """Tell whether a submission or a published score is gone, other than by leaving the group that has it still."""
    after = now if isinstance(now, HandIn) else HandIn(0, None)
    if before.group_id in listing.groups and after.group_id != before.group_id:
        return False
    return after.count < before.count or (before.is_scored and not after.is_scored)


def _gone_attempts(before: QuizAttempts, now: Fact | None) -> QuizAttempts | None:
    """Keep completed attempts that are gone, and those that lost their score or were published no longer."""
    present = {one.attempt_id: one for one in now.attempts} if isinstance(now, QuizAttempts) else {}
    gone = {one.attempt_id: one for one in before.attempts if _is_lost(one, present.get(one.attempt_id))}
    if not gone:
        return None
    return QuizAttempts(tuple(sorted((present | gone).values(), key=lambda one: (one.number, one.attempt_id))))


def _is_lost(before: QuizAttempt, now: QuizAttempt | None) -> bool:
    return before.completed_at is not None and (now is None or (before.counts and not now.counts))


def members_of(groups: GroupSet, stored: Listing | None) -> Listing:
    """Return who is in a group of the category as a listing to store: each since when that was first seen."""
    known: Mapping[UserId, Fact] = stored.facts if stored is not None else {}
    new = GroupMember(groups.read_at)
    users = {user_id for members in groups.groups.values() for user_id in members}
    facts: dict[UserId, Fact] = {user_id: known.get(user_id, new) for user_id in users}
    return Listing(groups.source, groups.read_at, facts=facts, rows=groups.rows)


def dated(groups: GroupSet, members: Listing) -> GroupSet:
    """Return the groups with the time at which each member was first seen in one."""
    found = [(user_id, one.first_seen_at) for user_id, one in members.facts.items() if isinstance(one, GroupMember)]
    return replace(groups, since=dict(found))


def count_changes(listing: Listing, stored: Listing | None) -> int:
    """Count the learners whose fact is another than the stored one, new and removed ones included."""
    before = stored.facts if stored is not None else {}
    return sum(before.get(user_id) != listing.facts.get(user_id) for user_id in before.keys() | listing.facts.keys())
