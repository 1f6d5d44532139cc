"""A state database that can't be used ends the program with one sentence; nothing is sent that is not recorded."""

import shutil
import sqlite3
import time
from contextlib import closing

import pytest

from tests.journeys.desk import PATIENCE_S, SETTLED_S
from tests.journeys.disk import Disk, answer_of
from tests.journeys.service import eventually, is_met

PAGE = 4096


def database_of(desk):
    return desk.folder / "state" / "d2l-sync.db"


def break_header(file):
    file.write_bytes(b"Dear diary, " * 100 + file.read_bytes()[1200:])


def break_pages(file):
    file.write_bytes(file.read_bytes()[: 2 * PAGE] + bytes(file.stat().st_size - 2 * PAGE))


def cut_off(file):
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def come_from_the_future(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


BROKEN = [
    pytest.param(break_header, "is damaged", id="no database any more"),
    pytest.param(break_pages, "is damaged", id="zeros on its pages"),
    pytest.param(cut_off, "is damaged", id="half of it gone"),
    pytest.param(come_from_the_future, "is newer than this program", id="newer than the program"),
]


@pytest.fixture(scope="module")
def due(open_desk_for_long):
    """Have every award decided and none sent, and go live."""
    desk = open_desk_for_long(learners=60)
    desk.sign_in()
    desk.configure('mode = "issue"', 'mode = "observe"')
    desk.sync()
    desk.configure('mode = "observe"', 'mode = "issue"')
    with closing(sqlite3.connect(database_of(desk))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return desk


@pytest.fixture
def kept(due, tmp_path):
    """Have the state folder afterwards as it was before."""
    shutil.copytree(due.folder / "state", tmp_path / "kept")
    yield due
    shutil.rmtree(due.folder / "state")
    shutil.copytree(tmp_path / "kept", due.folder / "state")


@pytest.fixture
def broken(kept):
    """Return a way to spoil the database."""

    def spoil(how):
        how(database_of(kept))
        return kept

    return spoil


def posts(desk):
    return desk.sandbox.journal(server="badgr", method="POST", path="/assertions")


def told(desk, answer, sentence):
    """Tell what a person and a script see: 74, one JSON value, the sentence, and nothing that left."""
    assert "Traceback" not in answer.err
    said = answer.json["error"]
    return (answer.code, answer.json["exit_code"], sentence in said, said in answer.err, posts(desk))


@pytest.mark.parametrize(("how", "sentence"), BROKEN)
def test_a_database_that_can_not_be_read_is_one_sentence_and_74(broken, how, sentence):
    desk = broken(how)

    answers = [desk.run(*words, "--json") for words in (("sync",), ("awards", "list"))]

    assert [told(desk, one, sentence) for one in answers] == [(74, 74, True, True, [])] * 2


@pytest.mark.parametrize(
    ("how", "sentence"),
    [pytest.param("full", "full", id="full"), pytest.param("read-only", "written", id="read-only")],
)
def test_a_disk_that_can_not_be_written_is_one_sentence_and_74(kept, how, sentence):
    answer = Disk(kept, how).run("sync", "--json")

    assert told(kept, answer, sentence) == (74, 74, True, True, [])


def test_a_disk_that_turns_read_only_beside_a_pass_that_was_cut_off_is_the_same(kept):
    Disk(kept, "full").run("sync")  # leaves the files that SQLite keeps beside a database in use

    answer = Disk(kept, "read-only").run("sync", "--json")

    assert told(kept, answer, "written") == (74, 74, True, True, [])


@pytest.mark.parametrize("how", [break_header, break_pages, cut_off])
def test_a_damaged_database_does_not_pass_the_check(broken, how):
    desk = broken(how)

    assert desk.run("db", "verify").code == 74


def test_a_disk_that_fills_up_in_the_middle_of_deliveries_loses_and_doubles_nothing(desk):
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="stall", seconds=PATIENCE_S, after=10)
    disk = Disk(desk)
    running = disk.start("sync", "--json")
    eventually(lambda: is_met(desk))

    disk.fill()
    desk.sandbox.clear_trouble()
    full = answer_of(running)
    sent = {one["body"]["recipient"]["identity"] for one in posts(desk)}
    known = {one["email"] for one in desk.listed("awards", "list") if one["attempts"]}
    time.sleep(SETTLED_S)
    desk.sync()

    assert (full.code, full.json["exit_code"], "Traceback" in full.err) == (74, 74, False)
    assert sent <= known
    assert desk.held() == desk.expected("before_approvals")
