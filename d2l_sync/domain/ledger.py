"""The ledger as values: a change to one award, approvals, and how the newest row of each pair is found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.award import Award, Pair
from d2l_sync.domain.ids import BadgeKey, PathwayKey, PersonId
from d2l_sync.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Change:
    """One award as it was and as it becomes. before: None for a new row. why: for the history."""

    before: Award | None
    after: Award
    why: str


@dataclass(frozen=True, slots=True)
class Approval:
    """What an administrator decided about one badge of one person: approved, or rejected for a reason."""

    person_id: PersonId
    pathway: PathwayKey
    badge: BadgeKey
    is_approved: bool
    by: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of an award's history. by: the person who asked for it. verdicts: what a pass's decision rested on."""

    at: datetime
    badge: BadgeKey
    pathway: PathwayKey
    was: str | None
    becomes: str
    why: str
    pass_id: int | None
    by: str | None = None
    verdicts: tuple[Verdict, ...] = ()


Ledger = dict[Pair, Award]
"""The newest epoch of every pair."""


def newest(awards: Iterable[Award]) -> Ledger:
    """Keep the newest epoch of every person and badge class."""
    ledger: Ledger = {}
    for award in sorted(awards, key=lambda one: one.epoch):
        ledger[award.pair] = award
    return ledger


def applied(ledger: Ledger, changes: Iterable[Change]) -> Ledger:
    """Return the ledger as it is after the changes."""
    return ledger | {change.after.pair: change.after for change in changes}
