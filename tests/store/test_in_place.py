"""A file that is written over under its engine is noticed, and stays as it was written."""

import shutil
from pathlib import Path

import pytest

from d2l_sync.domain.errors import StateError, StateReplaced
from d2l_sync.store.connection import bare_engine, reading, sqlite_file, writing
from d2l_sync.store.lineage import log_of
from d2l_sync.store.state import StateStore
from d2l_sync.store.upkeep import backup, checkpoint, wal_size
from tests.store.values import NOON


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "d2l-sync.db"


@pytest.fixture
def store(file):
    with_one_pass = StateStore.open(f"sqlite:///{file}")
    with_one_pass.open_pass(at=NOON, scope="first")
    yield with_one_pass
    with_one_pass.close()


def scopes(file):
    store = StateStore.open(f"sqlite:///{file}")
    found = [one.scope for one in store.passes(100)]
    store.close()
    return found


def a_copy(store, file):
    return backup(store.engine, file.parents[1] / "copy.db")


def a_copy_by_hand(store, file):
    checkpoint(store.engine)
    return Path(shutil.copy(file, file.parents[1] / "copy.db"))


def nothing(store, file):
    empty = file.parents[1] / "copy.db"
    empty.touch()
    return empty


COPIES = pytest.mark.parametrize("copied", [a_copy, a_copy_by_hand, nothing])


@COPIES
@pytest.mark.parametrize("is_log_empty", [True, False])
@pytest.mark.parametrize("kind", [reading, writing])
def test_nothing_is_read_or_written_once_the_file_was_written_over(store, file, copied, is_log_empty, kind):
    """SQLite would go on with its pages in memory and in the log: neither the one ledger nor the other."""
    copy = copied(store, file)
    store.open_pass(at=NOON, scope="second")
    assert checkpoint(store.engine)
    store.open_pass(at=NOON, scope="third")
    assert not is_log_empty or checkpoint(store.engine)

    shutil.copyfile(copy, file)

    with pytest.raises(StateReplaced, match="was written over"), kind(store.engine):
        pass


@COPIES
def test_what_was_written_over_the_file_stays_as_it_is(store, file, copied):
    """SQLite moves the log into the file when the last connection is closed, whatever is in it by then."""
    copy = copied(store, file)
    store.open_pass(at=NOON, scope="second")
    assert checkpoint(store.engine)
    store.open_pass(at=NOON, scope="third")

    shutil.copyfile(copy, file)
    store.close()

    assert file.read_bytes() == copy.read_bytes()
    assert log_of(file).stat().st_size > 0


def test_no_checkpoint_spoils_what_was_written_over_the_file(store, file):
    copy = a_copy(store, file)
    store.open_pass(at=NOON, scope="second")
    shutil.copyfile(copy, file)

    with pytest.raises(StateReplaced):
        checkpoint(store.engine)

    assert file.read_bytes() == copy.read_bytes()


def test_the_backup_is_taken_once_the_log_of_the_file_before_is_away(store, file):
    copy = a_copy(store, file)
    store.open_pass(at=NOON, scope="second")
    shutil.copyfile(copy, file)
    store.close()
    with pytest.raises(StateError, match=r"d2l-sync\.db-wal belongs to another file"):
        bare_engine(f"sqlite:///{file}")

    for part in ("-wal", "-shm"):
        file.with_name(f"{file.name}{part}").unlink()

    assert scopes(file) == ["first"]


def test_a_backup_that_fits_is_taken_at_once_where_the_log_was_empty(store, file):
    copy = a_copy(store, file)
    store.open_pass(at=NOON, scope="second")
    assert checkpoint(store.engine)

    shutil.copyfile(copy, file)
    store.close()

    assert scopes(file) == ["first"]


def test_a_file_that_is_emptied_before_its_first_checkpoint_is_noticed(store, file):
    file.write_bytes(b"")

    with pytest.raises(StateReplaced, match="was written over"), reading(store.engine):
        pass


def test_the_checkpoints_of_another_process_are_no_other_file(store, file):
    other = StateStore.open(f"sqlite:///{file}")

    for number in range(5):
        store.open_pass(at=NOON, scope=f"here {number}")
        assert checkpoint(other.engine)
        other.open_pass(at=NOON, scope=f"there {number}")
        assert checkpoint(other.engine)
    other.close()

    assert len(store.passes(100)) == 11


def test_a_database_behind_a_link_has_its_log_its_lock_and_its_tokens_where_the_file_is(store, file):
    """SQLite keeps the log there; looked for beside the link, it would never be moved into the file, nor be checked."""
    link = file.parents[1] / "link.db"
    link.symlink_to(file)
    by_link = StateStore.open(f"sqlite:///{link}")
    store.open_pass(at=NOON, scope="second")

    sizes = wal_size(by_link.engine), wal_size(store.engine)
    moved = checkpoint(by_link.engine)
    by_link.close()

    assert (sizes[0] == sizes[1] > 0, moved, wal_size(store.engine)) == (True, True, 0)
    assert sqlite_file(f"sqlite:///{link}") == file
    assert scopes(link) == ["second", "first"]


def test_a_link_that_is_bent_to_another_file_is_noticed(store, file):
    link, other = file.parents[1] / "link.db", file.with_name("other.db")
    link.symlink_to(file)
    scopes(other)
    by_link = StateStore.open(f"sqlite:///{link}")

    link.unlink()
    link.symlink_to(other)

    with pytest.raises(StateReplaced, match=r"link\.db was removed or replaced"):
        by_link.passes(1)
    by_link.close()


def test_a_link_that_leads_to_nothing_leads_to_the_database_from_then_on(file):
    file.parent.mkdir()
    link = file.parents[1] / "link.db"
    link.symlink_to(file)

    assert scopes(link) == []

    assert (file.is_file(), link.is_symlink()) == (True, True)


def test_links_that_go_round_are_a_sentence(tmp_path):
    (tmp_path / "a.db").symlink_to(tmp_path / "b.db")
    (tmp_path / "b.db").symlink_to(tmp_path / "a.db")

    with pytest.raises(StateError, match="can't be used"):
        bare_engine(f"sqlite:///{tmp_path}/a.db")
