"""The worker: one thread that does whatever is due, one thing after another, so that no two passes overlap."""

import logging
import threading
from collections.abc import Callable

import structlog

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.daemon.timetable import Due, Moment, Timetable
from d2l_sync.domain.errors import Busy, D2lSyncError, StateError, TokenRefused
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport, no_pass
from d2l_sync.services.scope import Scope

log = structlog.get_logger()

DEFECT = 1


class Stopped(D2lSyncError):
    """The service ends: what was begun is left as it stands, and the next start goes on."""


class Worker:
    """Whatever goes wrong in a turn is said in the log, and the next turn comes all the same."""

    def __init__(
        self,
        installation: Installation,
        timetable: Timetable,
        *,
        pulse: Pulse,
        figures: Figures,
        stop: threading.Event,
        clock: Callable[[], Moment] = Moment.now,
    ) -> None:
        self._installation = installation
        self._timetable = timetable
        self._pulse = pulse
        self._figures = figures
        self._stop = stop
        self._clock = clock
        self._is_waiting = False
        self._said = ""
        self.is_idle = threading.Event()
        self.is_idle.set()

    def turn(self) -> None:
        """Do what is due now, if anything is."""
        if self._stop.is_set():
            return
        self.is_idle.clear()
        try:
            with self._pulse.at_work():
                self._work()
        except Stopped:
            log.info("pass_interrupted")
        finally:
            self.is_idle.set()

    def _work(self) -> None:
        if self._installation.swap():
            self._timetable.change(self._installation.application.settings.schedule, self._clock())
            log.info("configuration_reloaded", mode=self._installation.application.settings.delivery.mode)
        due = self._timetable.take(self._clock())
        if due is not None:
            self._scheduled(due)

    def _scheduled(self, due: Due) -> None:
        if due.missed:
            self._figures.missed += due.missed
            log.warning("pass_missed", passes=due.missed)
        try:
            with self._installation.application.pass_lock():
                self._is_waiting = False
                self._made(due)
        except Busy as error:
            self._timetable.was_not_made(due, self._clock())
            if not self._is_waiting:
                log.info("pass_skipped", why=str(error))
            self._is_waiting = due.full
        except Stopped:
            raise
        except StateError as error:
            self._timetable.was_not_made(due, self._clock())
            self._failed(error)

    def _made(self, due: Due) -> None:
        """Make a pass that is due; where nobody is signed in, what is due for the platform goes all the same."""
        report = self._make_pass(Scope(full=due.full))
        if report.exit_code == TokenRefused.exit_code and report.pass_id is None:
            self._pulse.beat()
            self._installation.application.deliver_due()
        if self._timetable.is_due(self._clock()):
            self._figures.overlapped += 1
            log.warning("pass_overlapped", seconds=round(report.seconds, 1))

    def _make_pass(self, scope: Scope) -> PassReport:
        """Make a pass; whatever hinders it is the report. Raises Stopped."""
        application = self._installation.application
        try:
            report = application.sync_pass(scope, progress=self._told).run()
            application.tidy()
            self._said = ""
        except Stopped:
            raise
        except D2lSyncError as error:
            report = self._failed(error)
        except Exception:
            log.exception("pass_broke")
            report = no_pass(Problem("a defect of ours; the log says where", "the service"), DEFECT)
        self._figures.passed(report.outcome)
        return report

    def _failed(self, error: D2lSyncError) -> PassReport:
        """Say why a pass failed; once, as long as it is the same."""
        is_news = str(error) != self._said
        self._said = str(error)
        log.log(logging.ERROR if is_news else logging.DEBUG, "pass_failed", why=str(error), hint=error.hint)
        return no_pass(Problem(str(error), "the service", error.hint), error.exit_code)

    def _told(self, _done: int, _total: int) -> None:
        self._pulse.beat()
        if self._stop.is_set():
            raise Stopped("the service ends")
