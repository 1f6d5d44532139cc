"""What was logged gets into the database by itself, and is never in anybody's way."""

import sqlite3
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from time import monotonic, sleep

import pytest
from structlog.testing import capture_logs

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.log_line import LogFilter, LogLine
from d2l_sync.logbook import LogBook
from d2l_sync.logs import KEPT, Kept
from d2l_sync.store.state import StateStore

LINE = {"timestamp": datetime.now(UTC).isoformat(), "level": "info", "event": "award_issued"}
PATIENCE_S = 30


@pytest.fixture(autouse=True)
def _nothing_kept_yet():
    KEPT.take()
    yield
    KEPT.take()


@pytest.fixture
def store(tmp_path):
    store = StateStore.open(f"sqlite:///{tmp_path / 'd2l-sync.db'}")
    yield store
    store.close()


def logged(**fields):
    KEPT(None, "info", LINE | fields)


def events(store):
    return [line.event for line in store.log_lines(LogFilter())]


def test_lines_are_stored_once(store):
    logged()

    LogBook(store).store()
    LogBook(store).store()

    assert events(store) == ["award_issued"]


def test_lines_are_stored_meanwhile_and_at_the_end(store):
    book, give_up_at = LogBook(store), monotonic() + PATIENCE_S

    with book.kept_up(every_s=0.01):
        logged()
        while not events(store) and monotonic() < give_up_at:
            sleep(0.01)
        meanwhile = events(store)
        logged(event="daemon_stopped")

    assert (meanwhile, events(store)) == (["award_issued"], ["award_issued", "daemon_stopped"])


def test_what_promises_to_write_nothing_forgets_its_lines(store):
    logged()

    LogBook(store).drop()
    LogBook(store).store()

    assert events(store) == []


@pytest.fixture
def _threads_change_often():
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_threads_change_often")
def test_each_line_goes_to_one_of_those_who_take_at_the_same_moment():
    """The service stores lines by the clock, and besides before a reload goes over to another database."""
    kept, lines, takers = Kept(), 5000, 4
    for number in range(lines):
        kept(None, "info", LINE | {"pass_id": number})
    together = Barrier(takers)

    def take() -> list[LogLine]:
        together.wait(PATIENCE_S)
        return kept.take()

    with ThreadPoolExecutor(takers) as pool:
        takings = [pool.submit(take) for _ in range(takers)]
        taken = [line.pass_id or 0 for one in takings for line in one.result()]

    assert sorted(taken) == list(range(lines))


class Unwritable:
    """A state store whose disk is full, or that is broken in a way nobody foresaw."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def add_log_lines(self, lines: Iterable[LogLine], *, now: datetime) -> None:
        raise self._error


def test_lines_that_can_not_be_stored_are_given_up_with_one_line(store):
    logged()

    with capture_logs() as lines:
        LogBook(Unwritable(StateError("the disk is full"))).store()
        LogBook(store).store()

    assert lines == [{"event": "log_not_kept", "log_level": "warning", "lines": 1, "why": "the disk is full"}]
    assert events(store) == []


def test_a_database_without_its_table_takes_no_command_down(store, tmp_path):
    with sqlite3.connect(tmp_path / "d2l-sync.db") as connection:
        connection.execute("DROP TABLE log_line")
    connection.close()
    logged()

    with capture_logs() as lines:
        LogBook(store).store()

    assert [line["event"] for line in lines] == ["log_not_kept"]


def test_the_line_about_lines_not_kept_is_not_kept_either():
    """Else a full disk would be told of again and again."""
    logged(event="log_not_kept")

    assert KEPT.take() == []
