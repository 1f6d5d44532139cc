"""The kept log: filtered by whoever asks, and never larger than agreed."""

from datetime import UTC, datetime, timedelta

import pytest

from d2l_sync.domain.log_line import LogFilter, LogLine
from d2l_sync.domain.people import Person
from d2l_sync.store.connection import writing
from d2l_sync.store.log_lines import KEPT_FOR, add_lines
from tests.store.values import ADA, GRACE, person

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
STARTED = LogLine(NOON, "debug", "pass_started", pass_id=7)
ISSUED = LogLine(NOON + timedelta(seconds=1), "info", "award_issued", pass_id=7, user_id=301, details='{"badge": "l1"}')
AROSE = LogLine(NOON + timedelta(seconds=2), "warning", "problem_arose", pass_id=8)
LOST = LogLine(NOON + timedelta(seconds=3), "error", "token_lost", user_id=302)
ALL = [STARTED, ISSUED, AROSE, LOST]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(LogFilter(), ALL, id="everything, oldest first"),
        pytest.param(LogFilter(pass_id=7), [STARTED, ISSUED], id="of a pass"),
        pytest.param(LogFilter(user_ids=frozenset({301, 5})), [ISSUED], id="about a person with two users"),
        pytest.param(LogFilter(user_ids=frozenset()), [], id="about nobody"),
        pytest.param(LogFilter(level="warning"), [AROSE, LOST], id="of a level and graver ones"),
        pytest.param(LogFilter(since=AROSE.at), [AROSE, LOST], id="from a moment on"),
        pytest.param(LogFilter(pass_id=7, level="info", since=NOON), [ISSUED], id="all at once"),
    ],
)
def test_lines_are_found_by_what_is_asked(store, wanted, found):
    store.add_log_lines([LOST, AROSE, ISSUED, STARTED], now=NOON)

    assert store.log_lines(wanted) == found


def test_old_lines_are_let_go_when_new_ones_come(store):
    store.add_log_lines([STARTED, AROSE], now=NOON)

    store.add_log_lines([LOST], now=AROSE.at + KEPT_FOR)

    assert store.log_lines(LogFilter()) == [AROSE, LOST]


def test_no_more_lines_are_kept_than_agreed(store):
    with writing(store.engine) as connection:
        add_lines(connection, ALL, now=NOON, most=3)

    assert store.log_lines(LogFilter()) == ALL[1:]


def test_a_forgotten_person_is_in_no_line_any_more(store):
    mine = LogLine(NOON, "info", "award_issued", user_id=int(ADA))
    other = LogLine(NOON, "info", "award_issued", user_id=int(GRACE))
    store.add_log_lines([mine, other], now=NOON)

    store.forget(Person(person(ADA), (ADA,)))

    assert store.log_lines(LogFilter()) == [other]
