"""The database's faults in the domain's words: one sentence, and what an operator can do about it."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, InterfaceError, NotSupportedError, ProgrammingError

from d2l_sync.domain.errors import StateError, UsageError

DAMAGED = ("the state database is damaged", "run `d2l-sync db verify`, and restore the newest backup")
FULL = ("the disk of the state database is full", "make room; nothing that was committed is lost")
READ_ONLY = ("the state database can't be written", "check owner and mode of the file and of its folder")
LOCKED = ("the state database is locked by another process", "wait, or end the process that holds it")
FOREIGN = ("the state database does not fit this program", "run `d2l-sync db upgrade`, or check `state.url`")
LIMITED = (
    "the state database can't be written any further",
    "look for a quota, for a limit on the size of files, and into the system's log; nothing that was committed is lost",
)
OTHER = ("the state database can't be used", "run `d2l-sync db verify`")

# What SQLite writes into its messages; https://www.sqlite.org/rescode.html
_SIGNS = {
    "not a database": DAMAGED,
    "malformed": DAMAGED,
    "disk is full": FULL,
    "disk i/o error": ("the disk of the state database fails", "look into the system's log; restore the newest backup"),
    "readonly": READ_ONLY,
    "unable to open": READ_ONLY,
    "locked": LOCKED,
    "no such table": FOREIGN,
    "no such column": FOREIGN,
}

# One message stands for all of these; only the name tells them apart. The first has no room for the shared index.
_NAMES = {"SQLITE_IOERR_SHMSIZE": FULL, "SQLITE_IOERR_WRITE": LIMITED}

# What the kernel says of the files beside the database: the locks, and the folder itself.
_ERRNOS = {
    errno.EROFS: ("the state folder can't be written: its disk is read-only", "look how it is mounted, and why"),
    errno.ENOSPC: FULL,
    errno.EDQUOT: FULL,
}

# These are defects of ours, and end the run with their traceback.
_DEFECTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


@contextmanager
def state_errors() -> Iterator[None]:
    """Raise StateError for whatever says that the database or its file can't be used.

    Raises UsageError for a number or a text that no database holds: only somebody at a keyboard can have given it.
    """
    try:
        yield
    except _DEFECTS:
        raise
    except (OverflowError, UnicodeEncodeError) as error:
        raise UsageError("a number or a text was given that can't be stored", hint="check what was typed") from error
    except (DatabaseError, InterfaceError, sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
        raise translated(error) from error


def translated(error: BaseException) -> StateError:
    text = str(getattr(error, "orig", None) or error).lower()
    if isinstance(error, OSError):
        what, hint = _ERRNOS.get(error.errno or 0, (f"the state folder can't be used: {error.strerror}", READ_ONLY[1]))
        return StateError(what, hint=hint)
    name = getattr(getattr(error, "orig", None) or error, "sqlite_errorname", "")
    what, hint = _NAMES.get(name) or next((answer for sign, answer in _SIGNS.items() if sign in text), OTHER)
    return StateError(what, hint=hint)
