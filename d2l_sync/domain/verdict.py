"""Verdicts: met, unmet or unknown, each with its because, and how several make one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

READ_FROM = ("dropbox", "quiz", "grade", "final")
"""How the source of something that could not be read begins."""


class Truth(Enum):
    """Three values. Unknown never awards and never takes anything away."""

    MET = "met"
    UNMET = "unmet"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What judging one criterion answered, and what it rests on.

    because: a sentence's second half ("scored 18 of 20 (90 %)"). value, threshold: as shown to a person.
    source: where it was read. read_at: when we read it. dated_at: when it happened, None if undated.
    is_required: False for criteria that are shown and counted only. is_vanished: unknown because
    something seen before is gone. parts: the verdicts it is made of.
    """

    truth: Truth
    because: str
    key: str = ""
    name: str = ""
    value: str = ""
    threshold: str = ""
    source: str = ""
    read_at: datetime | None = None
    dated_at: datetime | None = None
    is_required: bool = True
    is_vanished: bool = False
    parts: tuple["Verdict", ...] = ()

    @property
    def rests_on_vanished(self) -> bool:
        """Tell whether this, or a required part of it, is unknown because something vanished."""
        return self.is_vanished or any(part.rests_on_vanished for part in self.parts if part.is_required)


def facts_in(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Yield the verdicts, down to the nested ones, that rest on something read from an org unit."""
    for verdict in verdicts:
        if verdict.parts:
            yield from facts_in(verdict.parts)
        elif verdict.read_at is not None or verdict.source.startswith(READ_FROM):
            yield verdict


def met(because: str, *, value: str = "", threshold: str = "", dated_at: datetime | None = None) -> Verdict:
    return Verdict(Truth.MET, because, value=value, threshold=threshold, dated_at=dated_at)


def unmet(because: str, *, value: str = "", threshold: str = "") -> Verdict:
    return Verdict(Truth.UNMET, because, value=value, threshold=threshold)


def unknown(because: str, *, value: str = "", threshold: str = "") -> Verdict:
    return Verdict(Truth.UNKNOWN, because, value=value, threshold=threshold)


def at_least(count: int, truths: Sequence[Truth]) -> Truth:
    """Judge "at least `count` of these are met", knowing that an unknown one could turn out either way."""
    certain = sum(truth is Truth.MET for truth in truths)
    possible = certain + sum(truth is Truth.UNKNOWN for truth in truths)
    if certain >= count:
        return Truth.MET
    return Truth.UNKNOWN if possible >= count else Truth.UNMET


def every(truths: Sequence[Truth]) -> Truth:
    """Judge "all of these are met"."""
    return at_least(len(truths), truths)


def first_met(verdicts: Sequence[Verdict], otherwise: Verdict) -> Verdict:
    """Take the earliest met of several chances at the same thing; else an unknown one; else the first."""
    chances = [verdict for verdict in verdicts if verdict.truth is Truth.MET]
    if chances:
        return min(chances, key=lambda verdict: (verdict.dated_at is None, verdict.dated_at or verdict.read_at))
    doubts = [verdict for verdict in verdicts if verdict.truth is Truth.UNKNOWN]
    return (doubts or list(verdicts) or [otherwise])[0]


def latest_date(verdicts: Sequence[Verdict]) -> datetime | None:
    """Return the latest date among required, met verdicts, None when none of them is dated."""
    dates = [verdict.dated_at for verdict in verdicts if verdict.dated_at and verdict.is_required]
    return max(dates, default=None)


def labelled(verdict: Verdict, *, key: str, name: str, is_required: bool) -> Verdict:
    return replace(verdict, key=key, name=name, is_required=is_required)


def unknown_facts(verdicts: Iterable[Verdict]) -> int:
    """Count the unknown verdicts on what was, or would have been, read of a learner, down to the nested ones."""
    return sum(fact.truth is Truth.UNKNOWN for fact in facts_in(verdicts))
