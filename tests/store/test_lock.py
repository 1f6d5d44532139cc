"""One pass at a time on each database, and nobody has to clear up after a killed one."""

import multiprocessing
import signal

import pytest

from d2l_sync.domain.errors import Busy, StateError
from d2l_sync.store.lock import pass_lock


def hold(path, is_held):
    with pass_lock(path):
        is_held.set()
        signal.pause()


def test_a_second_pass_is_refused_and_a_later_one_is_not(path):
    with pass_lock(path):
        with pytest.raises(Busy, match="another pass is running") as caught, pass_lock(path):
            pytest.fail("two passes at once")
        assert caught.value.exit_code == 75

    with pass_lock(path):
        pass


def test_the_lock_vanishes_with_its_holder(path):
    context = multiprocessing.get_context("spawn")
    is_held = context.Event()
    holder = context.Process(target=hold, args=(path, is_held))
    holder.start()
    assert is_held.wait(200)
    with pytest.raises(Busy), pass_lock(path):
        pytest.fail("two passes at once")

    holder.kill()
    holder.join()

    with pass_lock(path):
        pass


def test_two_databases_in_one_folder_have_locks_of_their_own(path):
    with pass_lock(path), pass_lock(path.with_name("other.db")):
        pass


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="the state folder can't be used"), pass_lock(tmp_path / "file" / "x.db"):
        pytest.fail("there is no such folder")
