"""Locks that vanish with their holder: the system drops them, however the process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from d2l_sync.domain.errors import Busy
from d2l_sync.store.errors import state_errors


@contextmanager
def pass_lock(database_path: Path) -> Iterator[None]:
    """Hold the one lock for passes and deliveries on a database; its file stands beside it and stays there.

    Raises Busy at once when somebody holds it, StateError when the file can't be made.
    """
    with _locked_file(database_path.with_name(f"{database_path.name}.lock"), fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Wait for a lock file, and hold it. Raises StateError when the file can't be made."""
    with _locked_file(path, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked_file(path: Path, how: int) -> Iterator[None]:
    with state_errors():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(number, how)
        yield
    finally:
        os.close(number)  # drops the lock too


def _lock(number: int, how: int) -> None:
    try:
        fcntl.flock(number, how)
    except BlockingIOError as error:
        raise Busy("another pass is running", hint="wait until it has ended, then try again") from error
