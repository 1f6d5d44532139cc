"""Looking after the database file: checkpoints, copies and checks."""

import os
from pathlib import Path

from sqlalchemy import Engine

from d2l_sync.domain.errors import StateError, UsageError
from d2l_sync.store.connection import bare_engine, driver_connection, file_url, reading, sqlite_file
from d2l_sync.store.errors import state_errors
from d2l_sync.store.lineage import log_size
from d2l_sync.store.schema import copy_to

CHECKPOINT_ABOVE = 4 * 1024 * 1024
"""Bytes of write-ahead log that are worth a checkpoint."""


def checkpoint(engine: Engine, *, above: int = 0) -> bool:
    """Move the write-ahead log into the database file, once it has more than `above` bytes.

    False when a reader or a writer was in the way; the next try makes up for it. Call it from one place only: a
    checkpoint beside another that resets the log is what old SQLite versions did not survive.
    """
    if wal_size(engine) <= above:
        return True
    with reading(engine):
        pass  # the file is the one that was opened, or it raises: a log that is moved into another one spoils that
    with state_errors(), engine.connect() as connection:
        row = driver_connection(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(row[0] == 0)


def wal_size(engine: Engine) -> int:
    """Return the bytes in the write-ahead log; 0 where there is none."""
    path = sqlite_file(engine.url)
    return log_size(path) if path else 0


def backup(engine: Engine, target: Path) -> Path:
    """Copy the database beside running writers, and check the copy; tokens are not in it.

    Raises UsageError where no such file can be made, and StateError.
    """
    if target.exists():
        raise UsageError(f"{target.name} is there already", hint="name another file")
    if not _takes_files(target.parent):
        hint = "name a file in a folder that is there and where the service's user may write"
        raise UsageError(f"{target.name} can't be made in that folder", hint=hint)
    copy_to(engine, target)
    copy = bare_engine(file_url(target))
    try:
        faults = verify(copy)
    finally:
        copy.dispose()
    if faults:
        raise StateError("the copy is damaged", hint="check the disk, and run `d2l-sync db verify`")
    return target


def _takes_files(folder: Path) -> bool:
    try:
        return os.access(folder.resolve(strict=True), os.W_OK)
    except OSError:  # it is not there; or we stand in one that was removed
        return False


def verify(engine: Engine) -> list[str]:
    """Read the whole database and return what is wrong with it; nothing when all is well. Raises StateError."""
    with reading(engine) as connection:
        answers = [str(answer) for answer in connection.exec_driver_sql("PRAGMA integrity_check").scalars()]
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    faults = [] if answers == ["ok"] else answers
    return faults + [f"{row[0]}: row {row[1]} refers to a missing row of {row[2]}" for row in dangling]
