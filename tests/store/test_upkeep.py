"""Checkpoints, copies and checks beside running writers."""

from pathlib import Path

import pytest

from d2l_sync.domain.errors import StateError, UsageError
from d2l_sync.store.connection import reading
from d2l_sync.store.state import StateStore
from d2l_sync.store.upkeep import backup, checkpoint, verify, wal_size
from tests.store.values import NOON, add, make_award


def test_a_checkpoint_empties_the_log(store):
    store.open_pass(at=NOON, scope="everything")
    assert wal_size(store.engine) > 0

    assert checkpoint(store.engine)

    assert wal_size(store.engine) == 0


def test_a_small_log_is_left_alone(store):
    before = wal_size(store.engine)

    assert checkpoint(store.engine, above=100 * before)

    assert wal_size(store.engine) == before > 0


def test_a_checkpoint_beside_a_reader_is_left_to_the_next(store):
    with reading(store.engine) as reader:
        reader.exec_driver_sql("SELECT count(*) FROM sync_pass").all()
        store.open_pass(at=NOON, scope="everything")
        impatient(store)

        assert not checkpoint(store.engine)

    assert checkpoint(store.engine)


def impatient(store):
    """Let the connection that the next checkpoint takes from the pool wait no longer than a test should."""
    with store.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout=20")


def test_a_backup_is_a_database_like_the_first(store, tmp_path):
    add(store, make_award())

    copy = backup(store.engine, tmp_path / "copy.db")

    assert copy.stat().st_mode & 0o777 == 0o600
    again = StateStore.open(f"sqlite:///{copy}")
    assert again.snapshot() == store.snapshot()
    again.close()


def test_a_backup_overwrites_nothing(store, tmp_path):
    (tmp_path / "copy.db").touch()

    with pytest.raises(UsageError, match="there already"):
        backup(store.engine, tmp_path / "copy.db")


def test_a_backup_into_a_folder_that_is_not_there_is_a_mistake_of_whoever_typed_it(store, tmp_path):
    with pytest.raises(UsageError, match=r"copy\.db can't be made in that folder"):
        backup(store.engine, tmp_path / "nowhere" / "copy.db")


def test_a_backup_into_the_folder_we_stand_in_is_a_mistake_where_that_was_removed(store, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(UsageError, match=r"copy\.db can't be made in that folder"):
        backup(store.engine, Path("copy.db"))


def test_a_sound_database_has_no_faults(store):
    assert verify(store.engine) == []


def damage(store):
    """Have a row refer to another that is not there."""
    with store.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        driver.execute("INSERT INTO person_user VALUES (1, 2, 0)")


def test_a_backup_that_could_not_be_relied_on_is_told_as_such(store, tmp_path):
    damage(store)

    with pytest.raises(StateError, match="the copy is damaged"):
        backup(store.engine, tmp_path / "copy.db")


def test_a_dangling_reference_is_a_fault(store):
    damage(store)

    assert verify(store.engine) == ["person_user: row 1 refers to a missing row of person"]
