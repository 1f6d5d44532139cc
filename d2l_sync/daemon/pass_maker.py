"""Making one pass inside the service: whatever hinders it is a report too, and the log says it once."""

import logging
import threading
from collections.abc import Callable

import structlog

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.domain.errors import D2lSyncError, TokenRefused, UsageError
from d2l_sync.services.observe import Progress
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport, no_pass
from d2l_sync.services.resync import read_wish
from d2l_sync.services.scope import Scope
from d2l_sync.wiring import Application

log = structlog.get_logger()

DEFECT = 1
PLACE = "the service"


class Stopped(D2lSyncError):
    """The service ends: what was begun is left as it stands, and the next start goes on."""


class PassMaker:
    """Makes passes with the application that it is given. The caller holds the pass lock."""

    def __init__(self, *, pulse: Pulse, figures: Figures, stop: threading.Event) -> None:
        self._pulse = pulse
        self._figures = figures
        self._stop = stop
        self._said = ""

    def make(self, application: Application, scope: Scope, told: Progress | None = None) -> PassReport:
        """Make a pass, and tell how far its reading is. Raises Stopped, of which the log has been told.

        Where nobody is signed in to Brightspace, what is due for the platform is delivered all the same.
        """
        return self._made(application, lambda: application.sync_pass(scope, progress=self._watched(told)).run())

    def grant(self, application: Application, asked: str, *, by: str, told: Progress | None = None) -> PassReport:
        """Make the pass that somebody asked for, as `make` does. asked: as it is stored. by: who it was."""

        def granted() -> PassReport:
            wish, progress = read_wish(asked), self._watched(told)
            if wish.released is None:
                return application.sync_pass(wish.scope, progress=progress).run()
            return application.release(wish.released, by=by, progress=progress)

        return self._made(application, granted)

    def _made(self, application: Application, attempt: Callable[[], PassReport]) -> PassReport:
        pass_log = application.shared.pass_log
        pass_log.under_way = None
        try:
            report = attempt()
            if report.exit_code == TokenRefused.exit_code and report.pass_id is None:
                application.deliver_due()
            application.tidy()
            self._said = ""
        except Stopped:
            log.info("pass_interrupted", pass_id=pass_log.under_way)
            raise
        except UsageError as error:
            report = no_pass(Problem(str(error), PLACE, error.hint), error.exit_code)
        except D2lSyncError as error:
            report = self.failed(error, pass_id=pass_log.under_way)
        except Exception:
            log.exception("pass_broke", pass_id=pass_log.under_way)
            report = no_pass(Problem("a defect of ours; the log says where", PLACE), DEFECT)
        self._figures.passed(report.outcome)
        return report

    def failed(self, error: D2lSyncError, *, pass_id: int | None = None) -> PassReport:
        """Say why a pass failed; once, as long as it is the same. pass_id: None where it had not begun."""
        is_news = str(error) != self._said
        self._said = str(error)
        level = logging.ERROR if is_news else logging.DEBUG
        log.log(level, "pass_failed", pass_id=pass_id, why=str(error), hint=error.hint)
        return no_pass(Problem(str(error), PLACE, error.hint), error.exit_code)

    def _watched(self, told: Progress | None) -> Progress:
        """Beat at every answer, and end the reading when the service ends."""

        def on_answer(done: int, total: int) -> None:
            self._pulse.beat()
            if self._stop.is_set():
                raise Stopped("the service ends")
            if told is not None:
                told(done, total)

        return on_answer
