"""The worker: one thread that does whatever is due, one thing after another, so that no two passes overlap."""

import threading
from collections.abc import Callable

import structlog

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.pass_maker import PassMaker, Stopped
from d2l_sync.daemon.ping import Pinger
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.daemon.requests import RequestDesk
from d2l_sync.daemon.timetable import Due, Moment, Timetable
from d2l_sync.daemon.upkeep import Upkeep
from d2l_sync.domain.errors import Busy, StateError
from d2l_sync.services.scope import Scope
from d2l_sync.wiring import Application

log = structlog.get_logger()


class Worker:
    """Whatever goes wrong in a turn is said in the log, and the next turn comes all the same."""

    def __init__(
        self,
        installation: Installation,
        timetable: Timetable,
        *,
        maker: PassMaker,
        requests: RequestDesk,
        upkeep: Upkeep,
        pinger: Pinger,
        pulse: Pulse,
        figures: Figures,
        stop: threading.Event,
        clock: Callable[[], Moment] = Moment.now,
    ) -> None:
        self._installation = installation
        self._timetable = timetable
        self._maker = maker
        self._requests = requests
        self._upkeep = upkeep
        self._pinger = pinger
        self._pulse = pulse
        self._figures = figures
        self._stop = stop
        self._clock = clock
        self._is_waiting = False
        self.is_idle = threading.Event()
        self.is_idle.set()

    def turn(self) -> None:
        """Do what is due now, if anything is."""
        if self._stop.is_set():
            return
        self.is_idle.clear()
        try:
            with self._pulse.at_work():
                self._take_over()
                with self._installation.borrowed() as application:
                    self._work(application)
        except Stopped:
            pass  # the next start goes on
        except StateError as error:
            self._maker.failed(error)
        finally:
            self.is_idle.set()

    def _take_over(self) -> None:
        """Take over what a reload brought; what was logged so far stays with the database that it is about."""
        if not self._installation.is_renewed:
            return
        with self._installation.borrowed() as before:
            before.log_book().store()
        if self._installation.swap():
            settings = self._installation.settings
            self._timetable.change(settings.schedule, self._clock())
            log.info("configuration_reloaded", mode=settings.delivery.mode)

    def _work(self, application: Application) -> None:
        """Serve a person, then the timetable."""
        self._requests.serve(application)
        due = self._timetable.take(self._clock())
        if due is not None:
            self._scheduled(application, due)
        self._upkeep.turn(application)

    def _scheduled(self, application: Application, due: Due) -> None:
        if due.missed:
            self._figures.missed += due.missed
            log.warning("pass_missed", passes=due.missed)
        is_made = False
        try:
            with application.pass_lock():
                self._is_waiting = False
                is_made = True
                self._pinger.began()
                report = self._maker.make(application, Scope(full=due.full))
                self._pinger.ended(report.outcome)
        except Busy as error:
            if not self._is_waiting:
                log.info("pass_skipped", why=str(error))
            self._is_waiting = due.full
            return
        finally:
            if not is_made:
                self._timetable.was_not_made(due, self._clock())
        if self._timetable.is_due(self._clock()):
            self._figures.overlapped += 1
            log.warning("pass_overlapped", pass_id=report.pass_id, seconds=round(report.seconds, 1))
