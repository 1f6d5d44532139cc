"""The timetable: when passes are due. It is told the time, and starts nothing.

Passes at an interval go by the time that has passed, suspended time included, so that no step of the wall clock doubles
or loses one. The daily full pass goes by the wall clock of the schedule's time zone: once for each local date, however
often the clock shows that hour, and in a day that skips it as long after midnight as on any other day.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from d2l_sync.domain.settings import ScheduleSettings

JITTER_SHARE = 20
"""A pass begins up to a twentieth of the interval late, so that many services do not ask at the same second."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at both clocks. elapsed_s: since the machine was started, suspended time included; never steps."""

    wall: datetime
    elapsed_s: float

    @classmethod
    def now(cls) -> "Moment":
        return cls(datetime.now(UTC), time.clock_gettime(time.CLOCK_BOOTTIME))


@dataclass(frozen=True, slots=True)
class Due:
    """A pass to make now. missed: how many others should have been made since the last one, and this one is for all."""

    full: bool = False
    missed: int = 0


class Timetable:
    """The first pass is due at once.

    last_full: the local date of the last full pass that is known of; None when there was none. Where today's hour has
    passed without one, it is due. lateness: chooses how late, up to so many seconds, a pass begins.
    """

    def __init__(
        self,
        schedule: ScheduleSettings,
        began: Moment,
        *,
        last_full: date | None = None,
        lateness: Callable[[float], float] = lambda most: random.uniform(0, most),  # noqa: S311 - guards nothing
    ) -> None:
        self._schedule = schedule
        self._lateness = lateness
        self._slot_s = began.elapsed_s
        self._late_s = 0.0
        yesterday = self._day(began) - timedelta(days=1)
        self._last_full = max(last_full, yesterday) if last_full else yesterday

    def change(self, schedule: ScheduleSettings, now: Moment) -> None:
        """Go by another schedule from now on; what it finds due already is due once."""
        self._schedule = schedule
        self._slot_s = min(self._slot_s, now.elapsed_s + self._every_s)
        self._late_s = self._lateness(self._every_s / JITTER_SHARE)

    def is_due(self, now: Moment) -> bool:
        return self._is_time(now) or self._is_full_time(now)

    def take(self, now: Moment) -> Due | None:
        """Return the pass that is due, once. A full pass stands for the one of the interval that is due as well."""
        # A clock that was years ahead once must not stop the full passes for years.
        self._last_full = min(self._last_full, self._day(now) + timedelta(days=1))
        if not self.is_due(now):
            return None
        is_full = self._is_full_time(now)
        missed = self._missed_slots(now) if self._is_time(now) else 0
        if is_full:
            missed += (self._day(now) - self._last_full).days - 1
            self._last_full = self._day(now)
        return Due(full=is_full, missed=missed)

    def was_not_made(self, due: Due, now: Moment) -> None:
        """Have a full pass due again that could not begin; one of the interval waits for its next time."""
        if due.full:
            self._last_full = self._day(now) - timedelta(days=1)

    def next_at(self, now: Moment) -> datetime:
        """Say when the next pass is due, by the wall clock of now."""
        next_slot = now.wall + timedelta(seconds=max(0.0, self._slot_s + self._late_s - now.elapsed_s))
        today = self._day(now)
        full_day = today if self._last_full < today else self._last_full + timedelta(days=1)
        return min(next_slot, max(now.wall, self._full_at(full_day)))

    @property
    def _every_s(self) -> float:
        return self._schedule.every.total_seconds()

    def _is_time(self, now: Moment) -> bool:
        return now.elapsed_s >= self._slot_s + self._late_s

    def _missed_slots(self, now: Moment) -> int:
        """Move on to the next time that lies ahead; return how many were passed over."""
        passed = int((now.elapsed_s - self._slot_s) // self._every_s)
        self._slot_s += (passed + 1) * self._every_s
        self._late_s = self._lateness(self._every_s / JITTER_SHARE)
        return passed

    def _is_full_time(self, now: Moment) -> bool:
        today = self._day(now)
        return self._last_full < today and now.wall >= self._full_at(today)

    def _day(self, now: Moment) -> date:
        return now.wall.astimezone(self._schedule.timezone).date()

    def _full_at(self, day: date) -> datetime:
        """Return the instant of the full pass: the first of two, where the clock shows its hour twice."""
        return datetime.combine(day, self._schedule.full, tzinfo=self._schedule.timezone).astimezone(UTC)
