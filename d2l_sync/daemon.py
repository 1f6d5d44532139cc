"""The daemon in its simplest honest form: APScheduler makes one pass after another until SIGTERM."""

import signal
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from d2l_sync.domain.errors import Busy, D2lSyncError
from d2l_sync.services.scope import Scope
from d2l_sync.wiring import Application

log = structlog.get_logger()
LONGEST_STOP_S = 9.0
JITTER_SHARE = 20


class Daemon:
    """Makes passes by the schedule, one at a time. An outage of either system never ends it."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._stopping = Event()
        self._idle = Event()
        self._idle.set()

    def run(self) -> int:
        """Turn until SIGTERM or SIGINT; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        scheduler = self._scheduler()
        scheduler.start()
        log.info("daemon_started", mode=self._application.settings.delivery.mode)
        self._stopping.wait()
        self._application.stop.set()
        scheduler.shutdown(wait=False)
        is_idle = self._idle.wait(LONGEST_STOP_S)
        log.info("daemon_stopped", pass_was_left=not is_idle)
        return 0

    @property
    def has_stopped(self) -> bool:
        """Tell whether no pass is running any more."""
        return self._idle.is_set()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping.set()

    def _scheduler(self) -> BackgroundScheduler:
        """Schedule in memory only: what is due stands in the state database.

        Passes run in one thread, so that two can't overlap; a late one is made all the same, and several late ones
        are one.
        """
        schedule = self._application.settings.schedule
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        seconds = int(schedule.every.total_seconds())
        trigger = IntervalTrigger(seconds=seconds, jitter=seconds // JITTER_SHARE or None)
        now = datetime.now(UTC)
        scheduler.add_job(self._job(Scope()), trigger, id="pass", next_run_time=now)
        daily = CronTrigger(hour=schedule.full.hour, minute=schedule.full.minute, timezone=schedule.timezone)
        scheduler.add_job(self._job(Scope(full=True)), daily, id="full_pass")
        scheduler.add_listener(_log_missed, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    def _job(self, scope: Scope) -> Callable[[], None]:
        def make_pass() -> None:
            if self._stopping.is_set():
                return
            self._idle.clear()
            try:
                self._make_pass(scope)
            finally:
                self._idle.set()

        return make_pass

    def _make_pass(self, scope: Scope) -> None:
        try:
            with self._application.pass_lock():
                report = self._application.sync_pass(scope).run()
                self._application.tidy()
        except Busy:
            log.info("pass_skipped", why="another pass is running")
        except D2lSyncError as error:
            log.error(  # noqa: TRY400 - an expected end; its sentence says it all
                "pass_failed", why=str(error), hint=error.hint
            )
        except Exception:
            log.exception("pass_broke")
        else:
            if report.pass_id is None:
                log.error("pass_not_made", why=[problem.what for problem in report.problems])


def _log_missed(event: JobExecutionEvent) -> None:
    log.warning("pass_missed", job=event.job_id)
