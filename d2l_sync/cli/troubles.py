"""Telling faults to people: what keeps many things from being read for one cause is one line, with their names."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MOST_NAMED = 4
UNREAD = " could not be read: "


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not well: its name, what was seen of it, and what helps, "" for nothing."""

    subject: str
    what: str
    hint: str = ""

    @property
    def cause(self) -> str:
        """Return what was seen without the thing that it was asked of."""
        return self.what.partition(UNREAD)[2] or self.what


@dataclass(slots=True)
class Line:
    """A line for people. subjects: in the order in which they were asked for; the hints are lines of their own."""

    subjects: list[str] = field(default_factory=list)
    what: str = ""
    hints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        named, more = self.subjects[:MOST_NAMED], len(self.subjects) - MOST_NAMED
        also = f" and {more} more (--json names each)" if more > 0 else ""
        return f"{', '.join(named)}{also}: {self.what}"


def told_once(troubles: Iterable[Trouble]) -> Iterator[Line]:
    """Yield what there is to say, in the order of the faults; those with one cause together, where the first stands."""
    together: dict[str, list[Trouble]] = {}
    for one in troubles:
        together.setdefault(one.cause, []).append(one)
    for cause, ones in together.items():
        subjects = list(dict.fromkeys(one.subject for one in ones))
        what = cause if len(subjects) > 1 else ones[0].what.removeprefix(f"{ones[0].subject} ")
        yield Line(subjects, what, list(dict.fromkeys(one.hint for one in ones if one.hint)))
