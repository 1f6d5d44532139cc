"""The database opens whatever is there, and says in one sentence when it can't be used."""

import errno
import multiprocessing
import os
import resource
import sqlite3
import stat

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from d2l_sync.domain.errors import StateError, StateReplaced
from d2l_sync.store.anew import is_missing
from d2l_sync.store.connection import bare_engine, file_url, reading, sqlite_file, writing
from d2l_sync.store.engine import open_engine
from d2l_sync.store.errors import state_errors
from d2l_sync.store.state import StateStore
from d2l_sync.store.tokens import FileTokenStore
from tests.store.values import NOON

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,
    "busy_timeout": 15_000,
    "foreign_keys": 1,
    "wal_autocheckpoint": 0,
    "trusted_schema": 0,
}


@pytest.fixture
def engine(url):
    engine = open_engine(url)
    yield engine
    engine.dispose()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_and_file_are_their_owners_alone(engine, path):
    assert mode(path.parent) == 0o700
    assert {mode(file) for file in path.parent.iterdir()} == {0o600}


def test_a_file_that_every_user_may_read_is_closed_to_them(engine, path, url):
    """A backup that was put back by `cp` has the mode of all files of whoever did it; names and addresses are in it."""
    engine.dispose()
    path.chmod(0o644)

    open_engine(url).dispose()

    assert mode(path) == 0o600


@pytest.mark.parametrize("setting", SETTINGS)
def test_sqlite_is_set_up_as_measured(engine, setting):
    with reading(engine) as connection:
        assert connection.scalar(text(f"PRAGMA {setting}")) == SETTINGS[setting]


def write(engine, *statements):
    with writing(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_statement_that_fails_names_nothing_of_what_it_was_to_write(engine):
    """Its error reaches the log with its traceback: names, addresses and tokens are among the values."""
    row = text("INSERT INTO listing_size VALUES (:name, 1)")

    with pytest.raises(IntegrityError) as caught, writing(engine) as connection:
        connection.execute(row, [{"name": "Ada Lovelace"}, {"name": "Ada Lovelace"}])

    assert "Lovelace" not in str(caught.value)


def test_a_transaction_that_fails_leaves_nothing(engine):
    twice = "INSERT INTO listing_size VALUES ('quiz', 1)"

    with pytest.raises(IntegrityError):
        write(engine, twice, twice)

    with reading(engine) as connection:
        assert connection.scalar(text("SELECT count(*) FROM listing_size")) == 0


def test_a_reader_sees_one_moment_and_keeps_no_writer_waiting(engine):
    with reading(engine) as reader:
        reader.scalar(text("SELECT count(*) FROM listing_size"))
        write(engine, "INSERT INTO listing_size VALUES ('quiz', 1)")

        assert reader.scalar(text("SELECT count(*) FROM listing_size")) == 0


def increment(url, times):
    engine = open_engine(url)
    for _ in range(times):
        with writing(engine) as connection:
            rows = connection.scalar(text("SELECT rows FROM listing_size"))
            connection.execute(text("UPDATE listing_size SET rows = :rows"), {"rows": rows + 1})
    engine.dispose()


def together(target, *, args, count=4):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=target, args=args) for _ in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


TIMES = 20  # who waits for the others is not served in turn: all of them have to be quicker than its patience


def test_four_processes_lose_no_update(engine, url):
    write(engine, "INSERT INTO listing_size VALUES ('quiz', 0)")

    assert together(increment, args=(url, TIMES)) == [0, 0, 0, 0]

    with reading(engine) as connection:
        assert connection.scalar(text("SELECT rows FROM listing_size")) == 4 * TIMES


def open_and_add(url):
    store = StateStore.open(url)
    store.open_pass(at=NOON, scope="everything")
    store.close()


def test_processes_that_make_the_database_at_once_share_it(url):
    assert together(open_and_add, args=(url,)) == [0, 0, 0, 0]

    store = StateStore.open(url)
    assert [one.pass_id for one in store.passes(9)] == [4, 3, 2, 1]
    store.close()


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be one" * 40, b"SQLite format 3\0" + b"\xff" * 500]
)
def test_a_damaged_file_is_told_in_a_sentence(url, path, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(StateError, match="the state database is damaged") as caught:
        open_engine(url)

    assert "db verify" in caught.value.hint


def test_a_page_damaged_later_is_told_in_a_sentence(url, path):
    store = StateStore.open(url)
    for _ in range(50):
        store.open_pass(at=NOON, scope="x" * 400)
    store.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)

    with pytest.raises(StateError, match="the state database is damaged"):
        open_engine(url)


def test_a_full_disk_is_told_in_a_sentence(engine):
    with pytest.raises(StateError, match="disk of the state database is full"):
        write(engine, "PRAGMA max_page_count = 1", "INSERT INTO listing_size VALUES (hex(zeroblob(1000000)), 1)")


def test_a_limit_on_the_size_of_files_is_told_in_a_sentence(engine, path):
    """The kernel answers EFBIG, and SQLite speaks of an I/O error only."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, before[1]))
    try:
        with pytest.raises(StateError, match="can't be written any further"):
            write(engine, "INSERT INTO listing_size VALUES (hex(zeroblob(1000000)), 1)")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_database_that_cannot_be_written_is_told_in_a_sentence(engine):
    with pytest.raises(StateError, match="can't be written"):
        write(engine, "PRAGMA query_only = ON", "DELETE FROM listing_size")


def test_a_lock_that_nobody_lets_go_is_told_in_a_sentence(engine, path):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout=50")

    with pytest.raises(StateError, match="locked by another process"), writing(engine):
        pytest.fail("nobody else may write now")

    other.close()


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="the state folder can't be used"):
        bare_engine(f"sqlite:///{tmp_path}/file/d2l-sync.db")


@pytest.mark.parametrize("looks", [sqlite_file, is_missing, bare_engine, FileTokenStore], ids=lambda it: it.__name__)
def test_a_file_that_cannot_be_looked_for_is_told_in_a_sentence(tmp_path, looks):
    """As by a user who may not enter the folder; a name that is too long keeps root from it, too."""
    with pytest.raises(StateError, match="the state folder can't be used"):
        looks(f"sqlite:///{tmp_path}/{'long' * 100}/d2l-sync.db")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        pytest.param(errno.EROFS, "can't be written", id="read-only"),
        pytest.param(errno.ENOSPC, "is full", id="full"),
        pytest.param(errno.EDQUOT, "is full", id="over quota"),
        pytest.param(errno.EACCES, "can't be used: Permission denied", id="not ours"),
    ],
)
def test_what_the_kernel_says_of_the_folder_is_told_as_what_it_says_of_the_database(number, sentence):
    with pytest.raises(StateError, match=sentence), state_errors():
        raise OSError(number, os.strerror(number))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "what is this?"])
def test_an_address_without_a_file_is_refused(url):
    with pytest.raises(StateError, match=r"state\.url"):
        sqlite_file(url)


def test_a_driver_that_is_not_installed_is_told_in_a_sentence():
    with pytest.raises(StateError, match="no driver"):
        bare_engine("postgresql+pg8000://node@localhost/d2l", password="secret")


def removed(path):
    path.unlink()


def moved_away(path):
    path.parent.rename(path.parent.with_name("elsewhere"))


def replaced(path):
    other = path.with_name("restored.db")
    open_engine(f"sqlite:///{other}").dispose()
    other.replace(path)


@pytest.mark.parametrize("happens", [removed, moved_away, replaced])
@pytest.mark.parametrize("kind", [reading, writing])
def test_nothing_is_read_or_written_once_the_file_is_another_one_than_was_opened(engine, path, happens, kind):
    """An open file outlives its name: a ledger kept in it would be seen by nobody."""
    write(engine, "INSERT INTO listing_size VALUES ('quiz:1', 1)")

    happens(path)

    with pytest.raises(StateReplaced, match="removed or replaced"), kind(engine):
        pass


@pytest.mark.parametrize("kind", [reading, writing])
def test_no_empty_file_is_made_in_the_place_of_one_that_was_removed(engine, path, kind):
    """Whoever came next would take it for the state: nobody approved, nothing issued."""
    engine.dispose()
    removed(path)

    with pytest.raises(StateReplaced, match="removed or replaced"), kind(engine):
        pass

    assert not path.exists()


@pytest.mark.parametrize("name", ["what?mode=ro&uri=true", "50%41 #1", "Zürich", "folder\udce9"])
def test_a_path_may_hold_any_character(tmp_path, name):
    path = tmp_path / name / "d2l-sync.db"

    engine = bare_engine(file_url(path))
    write(engine, "CREATE TABLE kept (id INTEGER)")
    engine.dispose()

    assert [(one.name, one.stat().st_size > 0) for one in path.parent.iterdir()] == [("d2l-sync.db", True)]
