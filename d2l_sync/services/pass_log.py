"""What the log says about passes: each difference once, and a day without any in one line.

A pass that moved nothing, and whose outcome and problems are those of the pass before, is told at debug level.
"""

import logging
from dataclasses import dataclass, field
from datetime import date

import structlog

from d2l_sync.domain.errors import TokenRefused
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport

log = structlog.get_logger()
GRAVITY = {"complete": logging.INFO, "held": logging.ERROR}


@dataclass
class PassLog:
    """Remembers how the last pass over everything ended; one for the life of a process.

    Passes of a scope somebody asked for are always told, and compared with nothing.

    under_way: the pass that was begun last, until it has ended or was dropped; one that broke stays under way.
    """

    under_way: int | None = None

    _outcome: str = ""
    _is_refused: bool = False
    _problems: dict[str, Problem] = field(default_factory=dict)
    _day: date | None = None
    _passes: int = 0
    _told: int = 0
    _issued: int = 0

    def ended(self, report: PassReport, *, is_everything: bool, moved: int, today: date) -> None:
        """Tell of a pass. moved: how many awards came into another state, sent ones not counted."""
        has_moved = bool(moved or report.awards.issued or report.awards.adopted or report.enrolled)
        is_news = has_moved or not is_everything or report.outcome != self._outcome
        if is_everything:
            self._sum_up(today)
            is_news |= self._tell_problems(report)
            self._outcome = report.outcome or ""
            self._is_refused &= report.outcome == "blind"  # what is due is sent also while nobody is signed in
            self._passes += 1
            self._told += is_news
            self._issued += report.awards.issued
        level = GRAVITY.get(report.outcome or "", logging.WARNING) if is_news else logging.DEBUG
        log.log(
            level,
            "pass_ended",
            outcome=report.outcome,
            learners=report.learners,
            moved=moved,
            issued=report.awards.issued,
            adopted=report.awards.adopted,
            enrolled=report.enrolled,
            held=report.awards.held,
            problems=len(report.problems),
            calls=report.calls_brightspace + report.calls_badging,
            seconds=round(report.seconds, 1),
        )

    def not_made(self, error: TokenRefused) -> None:
        """Tell that a pass could not be made; once, until one is made again."""
        was_refused, self._is_refused = self._is_refused, True
        log.log(logging.DEBUG if was_refused else logging.ERROR, "pass_not_made", why=str(error), hint=error.hint)

    def _tell_problems(self, report: PassReport) -> bool:
        """Tell of every problem that is new or gone, by where it is; its wording may change from pass to pass."""
        before, self._problems = self._problems, {one.where: one for one in report.problems}
        arisen = self._problems.keys() - before.keys()
        gone = before.keys() - self._problems.keys()
        for where in sorted(arisen):
            one = self._problems[where]
            log.warning("problem_arose", where=where, what=one.what, hint=one.hint)
        for where in sorted(gone):
            log.info("problem_went", where=where)
        return bool(arisen or gone)

    def _sum_up(self, today: date) -> None:
        if self._day is not None and today != self._day:
            log.info(
                "day_passed",
                day=self._day.isoformat(),
                passes=self._passes,
                quiet=self._passes - self._told,
                issued=self._issued,
                outcome=self._outcome,
            )
            self._passes = self._told = self._issued = 0
        self._day = today
