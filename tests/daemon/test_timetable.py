"""Passes are due neither twice nor never, whatever the clocks do. No test waits: each tells the time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from d2l_sync.daemon.timetable import Due, Moment, Timetable
from d2l_sync.domain.settings import ScheduleSettings

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
TORONTO = ZoneInfo("America/Toronto")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PASS = Due()


class Clocks:
    """Both clocks of a machine: time passes on both, and the wall clock can be set."""

    def __init__(self, wall=NOON):
        self.wall, self.elapsed_s = wall, 5000.0

    def now(self):
        return Moment(self.wall, self.elapsed_s)

    def pass_time(self, span):
        self.wall += span
        self.elapsed_s += span.total_seconds()
        return self.now()

    def step(self, span):
        self.wall += span
        return self.now()


def make_timetable(clocks, *, full=time(2, 30), zone=UTC, last_full=None, lateness=lambda most: 0.0):
    schedule = ScheduleSettings(every=15 * MINUTE, full=full, timezone=zone)
    last_full = last_full or clocks.wall.astimezone(zone).date()
    return Timetable(schedule, clocks.now(), last_full=last_full, lateness=lateness)


def taken(timetable, clocks, span, *, look_every=timedelta(seconds=10)):
    """Let time pass, look often, and return (wall time, pass) of everything that was due."""
    found = []
    for _ in range(int(span / look_every)):
        due = timetable.take(clocks.pass_time(look_every))
        if due is not None:
            found.append((clocks.wall, due))
    return found


def test_the_first_pass_is_due_at_once_and_the_others_at_the_interval():
    clocks = Clocks()
    timetable = make_timetable(clocks)

    first = timetable.take(clocks.now())
    later = taken(timetable, clocks, HOUR)

    assert (first, timetable.take(clocks.now())) == (PASS, None)
    assert later == [(NOON + n * 15 * MINUTE, PASS) for n in (1, 2, 3, 4)]


def test_a_pass_begins_late_by_chance_and_the_lateness_does_not_add_up():
    clocks = Clocks()
    timetable = make_timetable(clocks, lateness=lambda most: most)
    timetable.take(clocks.now())

    found = taken(timetable, clocks, HOUR + MINUTE, look_every=timedelta(seconds=5))

    assert [when - NOON for when, _ in found] == [n * 15 * MINUTE + timedelta(seconds=45) for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("step", [-HOUR, HOUR, -DAY, 3 * DAY, -400 * DAY], ids=str)
def test_a_step_of_the_wall_clock_neither_doubles_nor_delays_a_pass_of_the_interval(step):
    clocks = Clocks()
    timetable = make_timetable(clocks, last_full=date(2100, 1, 1))
    timetable.take(clocks.now())
    taken(timetable, clocks, 5 * MINUTE)

    clocks.step(step)
    found = taken(timetable, clocks, 25 * MINUTE)

    assert [when - step - NOON for when, due in found if not due.full] == [15 * MINUTE, 30 * MINUTE]


def test_after_a_day_of_suspension_one_pass_stands_for_all_that_were_missed():
    clocks = Clocks()
    timetable = make_timetable(clocks)
    timetable.take(clocks.now())

    clocks.pass_time(DAY)
    caught_up = timetable.take(clocks.now())

    assert caught_up == Due(full=True, missed=95)
    assert [when - NOON - DAY for when, _ in taken(timetable, clocks, HOUR)] == [n * 15 * MINUTE for n in (1, 2, 3, 4)]


def test_a_pass_that_took_longer_than_the_interval_counts_what_it_overran():
    clocks = Clocks()
    timetable = make_timetable(clocks)
    timetable.take(clocks.now())

    clocks.pass_time(50 * MINUTE)

    assert timetable.is_due(clocks.now())
    assert timetable.take(clocks.now()) == Due(missed=2)
    assert timetable.next_at(clocks.now()) == NOON + HOUR


@pytest.mark.parametrize(
    ("midnight", "full", "expected"),
    [
        pytest.param(datetime(2026, 6, 1, 4, tzinfo=UTC), time(2, 30), "06:30", id="an ordinary day"),
        pytest.param(datetime(2026, 3, 8, 5, tzinfo=UTC), time(2, 30), "07:30", id="the day without that hour"),
        pytest.param(datetime(2026, 11, 1, 4, tzinfo=UTC), time(1, 30), "05:30", id="the day that has it twice"),
        pytest.param(datetime(2026, 11, 1, 4, tzinfo=UTC), time(2, 30), "07:30", id="the hour after the change"),
        pytest.param(datetime(2026, 6, 1, 4, tzinfo=UTC), time(0, 0), "04:00", id="midnight"),
    ],
)
def test_there_is_one_full_pass_on_every_local_day(midnight, full, expected):
    clocks = Clocks(midnight - MINUTE)
    timetable = make_timetable(clocks, full=full, zone=TORONTO)
    timetable.take(clocks.now())

    found = taken(timetable, clocks, 24 * HOUR)

    assert [f"{when:%H:%M}" for when, due in found if due.full] == [expected]


def test_over_a_year_each_local_day_has_exactly_one_full_pass():
    clocks = Clocks(datetime(2026, 1, 1, 5, tzinfo=UTC))
    timetable = make_timetable(clocks, full=time(1, 30), zone=TORONTO, last_full=date(2025, 12, 31))

    found = taken(timetable, clocks, 365 * DAY, look_every=5 * MINUTE)

    days = [when.astimezone(TORONTO).date() for when, due in found if due.full]
    assert days == [date(2026, 1, 1) + n * DAY for n in range(365)]
    assert sum(due.missed for _, due in found) == 0


@pytest.mark.parametrize(
    ("full", "at"),
    [
        pytest.param(time(2, 30), time(2, 45), id="over the hour of the pass"),
        pytest.param(time(0, 10), time(0, 15), id="over midnight"),
    ],
)
def test_a_clock_that_goes_back_an_hour_makes_no_second_full_pass(full, at):
    clocks = Clocks()
    timetable = make_timetable(clocks, full=full)
    until = datetime.combine(date(2026, 6, 2), at, tzinfo=UTC)
    before = taken(timetable, clocks, until - clocks.wall)

    clocks.step(-HOUR)
    after = taken(timetable, clocks, 26 * HOUR)

    assert [when.date() for when, due in before if due.full] == [date(2026, 6, 2)]
    assert [when.date() for when, due in after if due.full] == [date(2026, 6, 3)]


def test_a_clock_that_was_years_ahead_does_not_stop_full_passes_for_years():
    clocks = Clocks()
    timetable = make_timetable(clocks)
    clocks.step(1000 * DAY)
    timetable.take(clocks.pass_time(MINUTE))

    clocks.step(-1000 * DAY)
    found = taken(timetable, clocks, 4 * DAY)

    assert sum(due.full for _, due in found) >= 2


def test_a_service_that_was_down_at_that_hour_makes_its_full_pass_when_it_starts():
    clocks = Clocks()

    assert make_timetable(clocks, last_full=date(2026, 5, 31)).take(clocks.now()) == Due(full=True)
    assert make_timetable(clocks, last_full=date(2026, 6, 1)).take(clocks.now()) == PASS
    assert Timetable(ScheduleSettings(), clocks.now()).take(clocks.now()) == Due(full=True)


def test_a_full_pass_that_could_not_begin_stays_due():
    clocks = Clocks()
    timetable = make_timetable(clocks, last_full=date(2026, 5, 31))
    due = timetable.take(clocks.now())

    timetable.was_not_made(due, clocks.now())

    assert timetable.take(clocks.pass_time(MINUTE)) == Due(full=True)
    assert timetable.take(clocks.pass_time(MINUTE)) is None


def test_a_shorter_interval_counts_from_now_on():
    clocks = Clocks()
    late = [40.0]
    timetable = make_timetable(clocks, lateness=lambda most: late.pop() if late else 0.0)
    timetable.take(clocks.now())

    timetable.change(ScheduleSettings(every=MINUTE), clocks.now())

    assert [when - NOON for when, _ in taken(timetable, clocks, 3 * MINUTE)] == [MINUTE, 2 * MINUTE, 3 * MINUTE]


def test_the_next_pass_is_told_by_the_wall_clock():
    clocks = Clocks()
    timetable = make_timetable(clocks, full=time(12, 5), last_full=date(2026, 5, 31))
    timetable.take(clocks.now())
    next_full = timetable.next_at(clocks.now())
    timetable.take(clocks.pass_time(5 * MINUTE))

    assert (next_full, timetable.next_at(clocks.now())) == (NOON + 5 * MINUTE, NOON + 15 * MINUTE)
