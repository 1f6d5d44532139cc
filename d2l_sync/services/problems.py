"""Problems: what went wrong in a pass without ending it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a pass could not see or do.

    what: the fault in a sentence; where: the org unit, source or badge class; hint: what an operator can do.
    """

    what: str
    where: str
    hint: str = ""
