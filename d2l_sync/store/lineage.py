"""Whether a write-ahead log belongs to the database file beside it, and the number that tells.

SQLite can't know: a log that a killed process left is replayed into whatever file bears the name, so into a backup put
in its place, too; what comes of that is neither the one nor the other, and need not even look damaged. Therefore each
log begins by counting up `user_version`, four bytes of the file's header that SQLite leaves to programs: a file has the
number before, or, once something of the log has come into it, that of its log. A copy gets a number that fits no log.

Source: https://www.sqlite.org/fileformat2.html, sections 1.3 and 4.1.
"""

import os
import secrets
import sqlite3
import struct
import time
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from d2l_sync.domain.errors import StateError

NUMBERS = 1 << 31
LOOKS = 3
BETWEEN_LOOKS_S = 0.05
LOGS_OF_A_LIFE = 1 << 16
"""More than a file gets while a process that has it open does not look, which it does each time it reads or writes."""

_NUMBER_AT = 60
_NUMBER = struct.Struct(">I")
_LOG_HEADER = struct.Struct(">IIII8s8s")
_FRAME_HEADER = struct.Struct(">II8s8s")


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def log_size(path: Path) -> int:
    """Return the bytes in the log of a database file; 0 where there is none."""
    try:
        return log_of(path).stat().st_size
    except FileNotFoundError:
        return 0


def begin_log(connection: sqlite3.Connection, path: Path) -> None:
    """Count the number up where the transaction that has just begun to write is the first of its log."""
    if not log_size(path):
        (number,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version={(number + 1) % NUMBERS}")


def number_copy(connection: sqlite3.Connection) -> None:
    """Give a copy a number of its own, before that of the file that it is a copy of.

    A log of that file does not fit it, and that file never comes to it, however many logs it gets meanwhile.
    """
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    before = number - LOGS_OF_A_LIFE - secrets.randbelow(NUMBERS // 2)
    connection.execute(f"PRAGMA user_version={before % NUMBERS}")


def check_log(path: Path) -> None:
    """Raise StateError where the log beside a database file was written for another one; open nothing before."""
    if is_of_one_lineage(path):
        return
    raise StateError(
        f"{path.name}-wal belongs to another file than the {path.name} that is there",
        hint=f"if a backup was put in its place, move {path.name}-wal and {path.name}-shm away (restoring a backup: "
        "see the runbook); else put back the file that they belong to",
    )


def is_of_one_lineage(path: Path) -> bool:
    """Tell whether a database file and the log beside it fit together, as far as both say anything about it.

    Another process may be moving the log into the file meanwhile: only what is seen again and again is believed.
    """
    for look in range(LOOKS):
        if look:
            time.sleep(BETWEEN_LOOKS_S)
        if _fits(path):
            return True
    return False


def is_later(number: int | None, before: int | None) -> bool:
    """Tell whether a file that had the one number can have come to the other, as far as both are known."""
    return number is None or before is None or (number - before) % NUMBERS < LOGS_OF_A_LIFE


def _fits(path: Path) -> bool:
    try:
        with log_of(path).open("rb") as log:
            logged = _number_in_log(log)
    except FileNotFoundError:
        return True
    stored = None if logged is None else number_in_file(path)
    return logged is None or stored is None or (logged - stored) % NUMBERS in {0, 1}


def number_in_file(path: Path) -> int | None:
    """Return the number in the file, without that of its log; None where there is none to be had.

    By SQLite itself: whoever opens and closes the file by other means takes the locks off it that every connection of
    this process holds (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            return int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error:  # whoever opens it in earnest will say what is wrong with it
        return None


def _number_in_log(log: BinaryIO) -> int | None:
    """Return the number in the first frame of the file's first page; None where there is none."""
    header = log.read(_LOG_HEADER.size)
    if len(header) < _LOG_HEADER.size:
        return None
    *_, page_size, _, salts, _ = _LOG_HEADER.unpack(header)
    while len(frame := log.read(_FRAME_HEADER.size)) == _FRAME_HEADER.size:
        page, _, frame_salts, _ = _FRAME_HEADER.unpack(frame)
        if frame_salts != salts:
            return None
        if page == 1:
            log.seek(_NUMBER_AT, os.SEEK_CUR)
            found = log.read(_NUMBER.size)
            return _NUMBER.unpack(found)[0] if len(found) == _NUMBER.size else None
        log.seek(page_size, os.SEEK_CUR)
    return None
