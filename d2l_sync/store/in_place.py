"""Whether a database file is still the one that was opened: neither another one by its name, nor written over.

An open file outlives its name: what is written into it then is seen by no command, and ends with its process. One that
`cp` writes over keeps its name, and SQLite, which looks at its own pages in memory and in the log, goes on as before.
"""

import fcntl
import os
import struct
from contextlib import suppress
from pathlib import Path
from threading import Lock

from d2l_sync.domain.errors import StateReplaced
from d2l_sync.store.lineage import is_later, is_of_one_lineage, number_in_file

_FLOCK = struct.Struct("hhqqi4x")
_SHARED = (0x40000002, 510)
"""Where SQLite keeps its shared locks (https://www.sqlite.org/src/file/src/os.h): first byte, and how many."""


class InPlace:
    """The file of one engine, as it was when this was made. Safe to use from several threads.

    known_as: the name that it was opened by, which may be a link to it.
    """

    def __init__(self, path: Path, *, known_as: Path) -> None:
        self._path = path.absolute()
        self._known_as = known_as.absolute()
        self._opened = _identity(path)
        self._number = number_in_file(path)
        self._looked_at: tuple[int, int] | None = None
        self._had_content = False
        self._is_kept = False
        self._lock = Lock()

    @property
    def path(self) -> Path:
        return self._path

    def check(self) -> None:
        """Raise StateReplaced where the file is another one than was opened; what it has in it then stays in it."""
        try:
            found = self._known_as.stat()
        except FileNotFoundError:
            found = None
        if found is None or (found.st_dev, found.st_ino) != self._opened:
            raise StateReplaced(
                f"{self._known_as.name} was removed or replaced while it was in use",
                hint="nothing was written; start again",
            )
        with self._lock:
            if (found.st_ctime_ns, found.st_size) != self._looked_at:
                self._check_content(found.st_size)
                self._looked_at = found.st_ctime_ns, found.st_size

    def check_before_closing(self) -> None:
        """Keep the log of a file that was written over out of it: SQLite moves it there when the last one closes."""
        with suppress(StateReplaced, OSError):
            self.check()

    def _check_content(self, size: int) -> None:
        """Look whether the file has come out of the one that was opened, and still fits its log."""
        number = number_in_file(self._path)
        is_emptied = size == 0 and self._had_content
        self._had_content |= size > 0
        if not is_emptied and is_of_one_lineage(self._path) and is_later(number, self._number):
            self._number = number if number is not None else self._number
            return
        self._keep_log_apart()
        raise StateReplaced(
            f"{self._path.name} was written over while it was in use",
            hint="nothing more was written; start again",
        )

    def _keep_log_apart(self) -> None:
        """Hold a shared lock until the process ends: while there is one, nobody moves the log into the file.

        As a lock of the open file, it counts against those that SQLite takes in this process, too. Never closed: to
        close any descriptor of the file would end all locks of this process on it.
        """
        if self._is_kept:
            return
        self._is_kept = True
        with suppress(OSError):  # no more can be done about it
            number = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.fcntl(number, fcntl.F_OFD_SETLK, _FLOCK.pack(fcntl.F_RDLCK, os.SEEK_SET, *_SHARED, 0))


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
