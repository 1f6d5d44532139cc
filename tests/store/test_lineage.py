"""A log that a killed process left is never replayed into another file than its own."""

import multiprocessing
import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from d2l_sync.domain.errors import StateError
from d2l_sync.store.connection import bare_engine, writing
from d2l_sync.store.lineage import NUMBERS, check_log, is_later, log_of, number_copy
from d2l_sync.store.state import StateStore
from d2l_sync.store.upkeep import backup, checkpoint, verify
from tests.store.values import NOON


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "d2l-sync.db"


def url(file):
    return f"sqlite:///{file}"


def killed(file, checkpoints):
    """Make some checkpoints, write on, and leave the folder as a process that is killed now leaves it."""
    store = StateStore.open(url(file))
    for _ in range(checkpoints):
        store.open_pass(at=NOON, scope="everything")
        assert checkpoint(store.engine)
    store.open_pass(at=NOON, scope="last")
    left = shutil.copytree(file.parent, file.parents[1] / "left")
    store.close()  # an orderly end, which takes the log away
    shutil.rmtree(file.parent)
    left.rename(file.parent)
    assert log_of(file).stat().st_size > 0


def copied(file, target):
    engine = bare_engine(url(file))
    backup(engine, target)
    engine.dispose()
    return target


def scopes(file):
    store = StateStore.open(url(file))
    found = [one.scope for one in store.passes(100)]
    store.close()
    return found


def put_over(copy, file):
    """As `cp` does: the file stays the same one, with another content."""
    file.write_bytes(copy.read_bytes())


def put_in_place(copy, file):
    """As `mv` does."""
    shutil.copy(copy, copy.with_name("twin"))
    copy.with_name("twin").replace(file)


@pytest.mark.parametrize("checkpoints", [0, 1, 2, 5])
def test_a_file_is_opened_with_the_log_that_a_killed_process_left(file, checkpoints):
    killed(file, checkpoints)
    killed(file, checkpoints)

    assert scopes(file) == (["last"] + ["everything"] * checkpoints) * 2


@pytest.mark.parametrize("put", [put_over, put_in_place])
@pytest.mark.parametrize("checkpoints", [0, 1, 2])
def test_a_backup_beside_the_log_of_the_file_before_is_refused(file, tmp_path, put, checkpoints):
    killed(file, 1)
    copy = copied(file, tmp_path / "copy.db")
    killed(file, checkpoints)

    put(copy, file)

    with pytest.raises(StateError, match=r"d2l-sync\.db-wal belongs to another file") as refused:
        bare_engine(url(file))
    assert "d2l-sync.db-wal and d2l-sync.db-shm away" in refused.value.hint


def test_a_backup_is_taken_once_the_log_is_away(file, tmp_path):
    killed(file, 1)
    copy = copied(file, tmp_path / "copy.db")
    killed(file, 1)
    put_over(copy, file)

    for name in ("d2l-sync.db-wal", "d2l-sync.db-shm"):
        (file.parent / name).rename(tmp_path / name)

    assert scopes(file) == ["last", "everything"]


def test_the_file_before_is_taken_again_when_it_is_put_back(file, tmp_path):
    killed(file, 1)
    copy = copied(file, tmp_path / "copy.db")
    killed(file, 1)
    kept = shutil.copy(file, tmp_path / "kept.db")
    put_over(copy, file)
    with pytest.raises(StateError):
        bare_engine(url(file))

    put_over(tmp_path / kept, file)

    assert scopes(file) == ["last", "everything"] * 2


def test_an_older_file_that_was_copied_by_hand_is_refused_as_well(file, tmp_path):
    killed(file, 1)
    scopes(file)
    by_hand = shutil.copy(file, tmp_path / "by-hand.db")
    killed(file, 2)

    put_in_place(tmp_path / by_hand, file)

    with pytest.raises(StateError, match="belongs to another file"):
        bare_engine(url(file))


def test_a_whole_folder_may_be_moved_and_copied(file, tmp_path):
    killed(file, 2)

    shutil.copytree(file.parent, tmp_path / "elsewhere")

    assert scopes(tmp_path / "elsewhere" / file.name) == scopes(file) == ["last", "everything", "everything"]


def test_a_half_made_checkpoint_is_no_other_file(file):
    """Killed in the midst of it: some pages have come into the file, and the log is still there."""
    killed(file, 1)
    log = log_of(file).read_bytes()
    engine = bare_engine(url(file))
    assert checkpoint(engine)
    engine.dispose()

    log_of(file).write_bytes(log)

    assert scopes(file) == ["last", "everything"]


@pytest.mark.parametrize("length", [0, 10, 32, 40, 100])
def test_a_log_that_was_cut_off_says_nothing(file, length):
    killed(file, 1)
    log = log_of(file)
    os.truncate(log, length)

    engine = bare_engine(url(file))

    assert verify(engine) == []
    engine.dispose()


def test_the_number_starts_again_after_the_highest(file):
    killed(file, 0)
    engine = bare_engine(url(file))
    with writing(engine) as connection:
        connection.exec_driver_sql(f"PRAGMA user_version={2**31 - 1}")
    assert checkpoint(engine)
    engine.dispose()

    killed(file, 1)

    assert scopes(file)[0] == "last"


@pytest.mark.parametrize("number", [0, 1, 70_000, NUMBERS - 1])
def test_no_copy_can_be_taken_for_what_becomes_of_its_file(number):
    """Written over the file while that is open, it would go unnoticed; a number by chance is near now and then."""
    taken = []
    with closing(sqlite3.connect(":memory:")) as connection:
        for _ in range(2_000):
            connection.execute(f"PRAGMA user_version={number}")
            number_copy(connection)
            (copied,) = connection.execute("PRAGMA user_version").fetchone()
            taken += [logs for logs in (0, 1, 100_000) if is_later(copied, (number + logs) % NUMBERS)]

    assert taken == []


def test_to_look_takes_no_lock_off_the_file(file):
    """Closing any descriptor of a file ends all locks that a process has on it, whoever holds them in there."""
    store = StateStore.open(url(file))
    store.open_pass(at=NOON, scope="everything")

    check_log(file)

    with multiprocessing.get_context("spawn").Pool(1) as elsewhere:  # the last to close a file takes its log away
        assert elsewhere.apply(scopes, [file]) == ["everything"]
    assert log_of(file).stat().st_size > 0
    store.open_pass(at=NOON, scope="last")
    store.close()
    assert scopes(file) == ["last", "everything"]
