"""The service: signals, the scheduler that turns worker and keeper, and the watchdog that is fed while both turn.

APScheduler turns two jobs each second, each in a thread of its own and never beside itself. What is due stands in the
timetable and in the state database, never in a job: a job that was late, or skipped because the last turn still runs,
loses nothing.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.front import Front
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.node import BEAT_S, Membership
from d2l_sync.daemon.notify import Notifier
from d2l_sync.daemon.pass_maker import PassMaker
from d2l_sync.daemon.ping import Pinger
from d2l_sync.daemon.postman import Postman
from d2l_sync.daemon.pulse import KEEPER, WORKER, Pulse
from d2l_sync.daemon.reloader import Reloader
from d2l_sync.daemon.requests import RequestDesk
from d2l_sync.daemon.timetable import Moment, Timetable
from d2l_sync.daemon.upkeep import Upkeep
from d2l_sync.daemon.worker import Worker
from d2l_sync.domain.errors import Busy, StateError, StateReplaced
from d2l_sync.wiring import Application

log = structlog.get_logger()

STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
SIGNALS = STOP_SIGNALS | {signal.SIGHUP}
LONGEST_STOP_S = 8.0
"""Of the ten seconds that a stop may take; the rest is for a busy machine to end the process."""
TURN_S = 1.0
SHARE_OF_WATCHDOG = 3
CLOCK_STEP_S = 5.0

NextSignal = Callable[[float], int | None]
"""Waits so many seconds for a signal; None when none came."""


def next_signal(seconds: float) -> int | None:
    """Wait for one of SIGNALS, which the caller has blocked: no handler interrupts anything half done."""
    caught = signal.sigtimedwait(SIGNALS, seconds)
    return caught.si_signo if caught else None


class Service:
    """Makes passes by the timetable until SIGTERM. An outage of either system never ends it.

    started: set once it waits for signals itself. stop: set when the end has begun.
    """

    def __init__(
        self,
        installation: Installation,
        *,
        started: threading.Event,
        stop: threading.Event,
        pulse: Pulse,
        figures: Figures,
        environ: Mapping[str, str] = os.environ,
        signals: NextSignal = next_signal,
    ) -> None:
        self._installation = installation
        self._started = started
        self._stop = stop
        self._pulse = pulse
        self._figures = figures
        self._signals = signals
        self._notifier = Notifier(environ)
        began = Moment.now()
        self._offset_s = began.wall.timestamp() - began.elapsed_s
        with installation.borrowed() as application:
            last_full = application.last_full_pass_on()
        self._timetable = Timetable(installation.settings.schedule, began, last_full=last_full)
        self._membership = Membership()
        self._postman = Postman(installation, figures=figures)
        maker = PassMaker(pulse=pulse, figures=figures, stop=stop)
        self._requests = RequestDesk(maker, self._membership)
        self._pinger = Pinger(lambda: installation.settings.health_ping_url)
        self._worker = Worker(
            installation,
            self._timetable,
            maker=maker,
            requests=self._requests,
            upkeep=Upkeep(),
            pinger=self._pinger,
            pulse=pulse,
            figures=figures,
            stop=stop,
        )
        self._front = Front(installation, figures=figures, pulse=pulse)
        self._reloader = Reloader(installation, agree=self._agree, notifier=self._notifier, figures=figures)
        installation.leaving = self._left
        self._joined: Application | None = None
        self._beat_at_s = 0.0
        self._beating = threading.Lock()
        self.replaced: StateReplaced | None = None
        self._hanging: list[str] = []

    def run(self) -> bool:
        """Turn until SIGTERM or SIGINT. False when a request is still out that could not be waited for.

        Ends by itself, and leaves why in `replaced`, when its files are no more those that it opened: started again,
        it opens those that are there now.

        Raises StateError when no pass could ever be made here, ConfigError when its port is somebody else's.
        """
        with self._installation.borrowed() as application:
            with suppress(Busy), application.pass_lock():
                pass  # it can be had, or somebody has it: its folder is good
            self._front.open(application.settings)
            self._beat(application, next_pass_at=None)
        self._started.set()
        scheduler = _scheduler({WORKER: self._worker.turn, KEEPER: self._keep})
        log.info("daemon_started", mode=self._installation.settings.delivery.mode)
        self._notifier.ready()
        scheduler.start()
        self._supervise(scheduler)
        self._stop.set()
        self._notifier.stopping()
        scheduler.shutdown(wait=False)
        is_idle = self._wait_until_idle()
        self._front.close()
        self._pinger.stop()
        with suppress(StateError), self._installation.borrowed() as application, self._beating:
            self._membership.leave(application)
        log.info("daemon_stopped", pass_was_left=not is_idle)
        return is_idle

    def _supervise(self, scheduler: BackgroundScheduler) -> None:
        pause_s = min(TURN_S, (self._notifier.watchdog_s or TURN_S * SHARE_OF_WATCHDOG) / SHARE_OF_WATCHDOG)
        while self.replaced is None:
            caught = self._signals(pause_s)
            if caught in STOP_SIGNALS:
                return
            if caught == signal.SIGHUP:
                self._reloader.ask()
            self._feed_watchdog()
            self._notice_clock_steps(scheduler)

    def _feed_watchdog(self) -> None:
        """Tell the watchdog that all is well, but only while worker and keeper get on."""
        silent = self._pulse.silent()
        if silent and silent != self._hanging:
            log.error("service_stalled", threads=silent)
            self._notifier.status(_hanging(silent))
        self._hanging = silent
        if not silent:
            self._notifier.alive()

    def _notice_clock_steps(self, scheduler: BackgroundScheduler) -> None:
        """Turn the jobs anew after a step of the wall clock: APScheduler goes by it, and would wait for what was."""
        now = Moment.now()
        offset_s = now.wall.timestamp() - now.elapsed_s
        step_s = offset_s - self._offset_s
        self._offset_s = offset_s
        if abs(step_s) >= CLOCK_STEP_S:
            log.warning("clock_stepped", seconds=round(step_s))
            turn_now(scheduler)

    def _keep(self) -> None:
        """Do each second what must go on during a pass, too."""
        self._pulse.beat(KEEPER)
        moment = Moment.now()
        self._postman.turn(moment)
        try:
            with self._installation.borrowed() as application:
                self._requests.tell_progress(application)
                if moment.elapsed_s >= self._beat_at_s or application is not self._joined:
                    self._beat_at_s = moment.elapsed_s + BEAT_S
                    self._beat_on(application, moment)
                    self._notifier.status(self._status(application))
                    application.token_store.read("brightspace")
        except StateReplaced as error:
            log.error("state_replaced", why=str(error))  # noqa: TRY400 - its sentence says it
            self.replaced = error
        except StateError as error:
            if self._figures.is_state_well:
                log.error("heartbeat_missed", why=str(error), hint=error.hint)  # noqa: TRY400 - its sentence says it
            self._figures.is_state_well = False
        else:
            self._figures.is_state_well = True

    def _beat_on(self, application: Application, moment: Moment) -> None:
        """Say that this node lives, but never after it has left: its row would stand there until somebody starts."""
        with self._beating:
            if not self._stop.is_set():
                self._beat(application, next_pass_at=self._timetable.next_at(moment))
                self._beat_where_it_goes(moment)

    def _beat(self, application: Application, *, next_pass_at: datetime | None) -> None:
        """Say that this node lives; the first time in a database, forget those that died in it."""
        if application is self._joined:
            self._membership.beat(application, next_pass_at=next_pass_at)
        else:
            self._membership.join(application, next_pass_at=next_pass_at)
            self._joined = application

    def _beat_where_it_goes(self, moment: Moment) -> None:
        """Live on, for those who ask there, in the database that takes over when the pass in hand has ended."""
        with self._installation.next_borrowed() as coming:
            if coming and coming.settings.state_url != self._installation.settings.state_url:
                self._membership.beat(coming, next_pass_at=self._timetable.next_at(moment))

    def _agree(self, renewed: Application) -> None:
        """Join another database at once, for whoever asks there from now on, and listen on another address.

        Raises StateError and ConfigError, and then nothing has changed.
        """
        with ExitStack() as undo:
            self._refuse_when_stopping()
            if renewed.settings.state_url != self._installation.settings.state_url:
                self._membership.join(renewed, next_pass_at=self._timetable.next_at(Moment.now()))
                undo.callback(self._membership.leave, renewed)
                self._refuse_when_stopping()  # the other database may have kept it waiting
            self._front.open(renewed.settings)
            undo.pop_all()

    def _refuse_when_stopping(self) -> None:
        """Raise StateError once the end has begun: it leaves the database and closes the port, for good."""
        if self._stop.is_set():
            raise StateError("the service stops")

    def _left(self, replaced: Application) -> None:
        """Take this node out of a database that it works with no more, nor is about to."""
        if replaced.settings.state_url not in self._installation.state_urls:
            with suppress(StateError):
                self._membership.leave(replaced)

    def _status(self, application: Application) -> str:
        next_at = self._timetable.next_at(Moment.now())
        silent = self._pulse.silent()
        needed = _hanging(silent) if silent else application.not_ready()
        told = f"{application.standing().sentence()}; next pass {next_at:%Y-%m-%d %H:%M} UTC"
        return f"{needed}; {told}" if needed else told

    def _wait_until_idle(self) -> bool:
        """Wait for the row and the token in hand, but not for ever, and no longer than until a second signal."""
        ends_at = Moment.now().elapsed_s + LONGEST_STOP_S
        while not self._worker.is_idle.is_set() and Moment.now().elapsed_s < ends_at:
            if self._signals(0.05) in STOP_SIGNALS:
                break
        return self._worker.is_idle.is_set()


def _hanging(silent: Iterable[str]) -> str:
    return f"hanging: {', '.join(silent)}; the watchdog starts it anew"


def _scheduler(jobs: Mapping[str, Callable[[], None]]) -> BackgroundScheduler:
    """Turn each job once a second, in a thread of its own, in memory only.

    One instance: never beside itself. Coalesced, without a grace period: turns that were late are one, and made.
    """
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={name: ThreadPoolExecutor(1) for name in jobs},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for name, job in jobs.items():
        trigger = IntervalTrigger(seconds=TURN_S)
        scheduler.add_job(job, trigger, id=name, executor=name, next_run_time=datetime.now(UTC))
    scheduler.add_listener(_log_broken, EVENT_JOB_ERROR)
    own = logging.getLogger("apscheduler")  # says the same, but not in our words
    own.propagate = False
    own.addHandler(logging.NullHandler())
    return scheduler


def turn_now(scheduler: BackgroundScheduler) -> None:
    """Have every job turn at once, whenever the wall clock said that it would."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=datetime.now(UTC))


def _log_broken(event: JobExecutionEvent) -> None:
    log.error("turn_broke", thread=event.job_id, traceback=event.traceback)
