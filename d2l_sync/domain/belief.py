"""What is believed of a reading: nothing that suddenly shrank, and nothing that silently lost a learner's fact."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from d2l_sync.domain.facts import Fact, Failure, GradeValue, HandIn, Listing, QuizAttempts
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import OrgUnitId, UserId
from d2l_sync.domain.people import Classlist

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
        return Failure(f"{name} shrank from {before} rows to {rows} and is not believed", hint)


def shrunk(name: str, failure: Failure, org_unit_id: OrgUnitId | None) -> Finding:
    return Finding("shrunk", failure.what.split(" from ")[0], org_unit_id=org_unit_id, subject=name)


def compare_with_stored(listing: Listing, stored: Listing | None, classlist: Classlist) -> tuple[Listing, Listing]:
    """Notice what vanished: return the listing to judge by, and the one to store.

    What a still listed learner had and has no longer is marked as vanished; the stored listing keeps it, so that it
    is noticed again in the next pass.
    """
    if stored is None or listing.failure is not None:
        return listing, listing
    kept: dict[UserId, Fact] = dict(listing.facts)
    vanished: set[UserId] = set()
    for user_id, before in stored.facts.items():
        if classlist.lists_learner(user_id) is not True:
            continue
        rest = _what_is_gone(before, listing.facts.get(user_id))
        if rest is not None:
            vanished.add(user_id)
            kept[user_id] = rest
    marked = replace(listing, vanished=frozenset(vanished))
    return marked, replace(marked, facts=kept)


def _what_is_gone(before: Fact, now: Fact | None) -> Fact | None:
    """Return the fact to remember when part of it is gone, else None."""
    match before:
        case HandIn(count=count) if count > 0:
            return before if not isinstance(now, HandIn) or now.count == 0 else None
        case GradeValue(points=points) if points is not None:
            return before if not isinstance(now, GradeValue) or now.points is None else None
        case QuizAttempts():
            return _gone_attempts(before, now)
        case _:
            return None


def _gone_attempts(before: QuizAttempts, now: Fact | None) -> QuizAttempts | None:
    present = now.attempts if isinstance(now, QuizAttempts) else ()
    ids = {attempt.attempt_id for attempt in present}
    gone = [one for one in before.attempts if one.completed_at is not None and one.attempt_id not in ids]
    if not gone:
        return None
    return QuizAttempts(tuple(sorted([*present, *gone], key=lambda one: (one.number, one.attempt_id))))


def count_changes(listing: Listing, stored: Listing | None) -> int:
    """Count the learners whose fact is another than the stored one, new and removed ones included."""
    before = stored.facts if stored is not None else {}
    return sum(before.get(user_id) != listing.facts.get(user_id) for user_id in before.keys() | listing.facts.keys())
