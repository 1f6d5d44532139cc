"""Trying the laboratory itself: each broken design must be caught, and the whole one be right at the same points."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tests.crashlab.history import Job, Report
from tests.crashlab.laboratory import Laboratory
from tests.crashlab.sabotage import Control

KILLS = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """One control as it was tried. broken: with the sabotage. whole: without it, beside the same fault."""

    control: Control
    broken: tuple[Report, ...]
    whole: tuple[Report, ...]

    @property
    def caught(self) -> int:
        """In how many histories the checker found what this design breaks."""
        return sum(bool(getattr(report.verdict, self.control.shows)) for report in self.broken)

    @property
    def is_right(self) -> bool:
        return self.caught > 0 and all(report.verdict.is_right for report in self.whole)


def try_control(lab: Laboratory, control: Control, kills: int = KILLS) -> Trial:
    """Lead a few histories with the broken design, dying where it hurts, and as many with the whole one."""
    broken = lab.run_all(_jobs(lab, Job(control.fault, control=control.name), control.at, kills))
    whole = lab.run_all(_jobs(lab, Job(control.fault), control.at, kills))
    return Trial(control, tuple(broken), tuple(whole))


def _jobs(lab: Laboratory, job: Job, at: str, kills: int) -> Iterable[Job]:
    if not at:
        return [job]
    places = [number for number, name in enumerate(lab.points(job.fault, job.control), 1) if re.search(at, name)]
    return [replace(job, kill_at=number) for number in places[:kills]]
