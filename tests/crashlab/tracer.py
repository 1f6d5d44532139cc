"""Finding the steps: every place where the running program writes or sends is a point, numbered as it is reached.

Nothing of the program is named here. Points are found where any program meets the world: a write transaction of
SQLite commits, a request leaves or is answered, a file is locked, made, made durable, renamed or removed. A new step of
the program is a new point by itself.
"""

import http.client
import mmap
import os
import re
import signal
import sqlite3
import sqlite3.dbapi2
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import CO_GENERATOR
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from urllib.parse import urlsplit

import requests

import d2l_sync

PACKAGE = str(Path(d2l_sync.__file__).parent)
NUMBER = struct.Struct("=q")
ENTITY = re.compile(r"[A-Za-z0-9_-]{22}|\d+(?=/|$)")
FILES = {"os.rename": "rename", "os.remove": "remove", "os.truncate": "truncate"}
IN_PLACE = ("VACUUM", "PRAGMA WAL_CHECKPOINT")


class Points:
    """The points of one history, counted over all its processes.

    kill_at: the point at which the process that reaches it dies; 0 for none. Names are appended to `record`, one a
    line, before anything else happens.
    """

    def __init__(self, record: Path, kill_at: int) -> None:
        self.record = record
        self._kill_at = kill_at
        self._shared = mmap.mmap(-1, NUMBER.size)
        self._lock = threading.Lock()
        self._file = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @property
    def count(self) -> int:
        number: int = NUMBER.unpack(self._shared[:])[0]
        return number

    def reach(self, name: str) -> None:
        with self._lock:
            number = self.count + 1
            self._shared[:] = NUMBER.pack(number)
            os.write(self._file, f"{name}\n".encode())
            if number == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def names(self) -> list[str]:
        return self.record.read_text(encoding="utf-8").splitlines()

    def close(self) -> None:
        os.close(self._file)
        self._shared.close()


def trace(points: Points, command: str, state: Path) -> None:
    """Watch this process from now on; there is no way back. state: the folder whose files count."""

    def reach(kind: str) -> None:
        points.reach(f"{command} | {kind} | {_site(sys._getframe(1))}")  # noqa: SLF001 - the way to a stack

    _trace_commits(reach)
    _trace_requests(reach)
    _trace_files(reach, str(state))


def _site(frame: FrameType | None) -> str:
    """Name who is at work: the innermost step of a service or command, and the innermost public function of all."""
    step = innermost = ""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE):
            room = code.co_filename[len(PACKAGE) + 1 :].removesuffix(".py")
            if not innermost and _is_public(code):
                innermost = f"{room}.{code.co_name}"
            if not step and room.startswith(("services/", "cli/")):
                step = f"{room}.{code.co_name}"
        frame = frame.f_back
    return f"{step} > {innermost}"


def _is_public(code: CodeType) -> bool:
    return not code.co_name.startswith(("_", "<")) and not code.co_flags & CO_GENERATOR


class _Cursor(sqlite3.Cursor):
    """Notes whether a transaction is one that writes."""

    def execute(self, sql: str, *args: Any) -> "_Cursor":
        if sql.upper().startswith("BEGIN"):
            self.connection.writes = "IMMEDIATE" in sql.upper()  # type: ignore[attr-defined]
        super().execute(sql, *args)
        return self


class _Connection(sqlite3.Connection):
    """Has a point before and after each commit of something written, and each statement that writes by itself."""

    reach: Callable[[str], None]
    writes = False
    file = ""

    def cursor(self, factory: type = _Cursor) -> Any:  # type: ignore[override]
        return super().cursor(factory)

    def commit(self) -> None:
        is_point = self.writes and self.in_transaction
        with self._points("commit", is_point=is_point):
            super().commit()
            self.writes = False

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        with self._points(sql.split(maxsplit=1)[0], is_point=sql.upper().startswith(IN_PLACE)):
            return super().execute(sql, *args)

    @contextmanager
    def _points(self, kind: str, *, is_point: bool) -> Iterator[None]:
        if is_point:
            type(self).reach(f"{kind} {self.file}: before")
        yield
        if is_point:
            type(self).reach(f"{kind} {self.file}: after")


def _trace_commits(reach: Callable[[str], None]) -> None:
    connect = sqlite3.dbapi2.connect
    _Connection.reach = staticmethod(reach)

    def traced(database: str | Path, *args: Any, **kwargs: Any) -> Any:
        made: Any = connect(database, *args, factory=_Connection, **kwargs)
        made.file = Path(str(database).partition("?")[0]).name  # it may be an address, how to open it behind the name
        return made

    sqlite3.dbapi2.connect = sqlite3.connect = traced  # type: ignore[assignment]


def _trace_requests(reach: Callable[[str], None]) -> None:
    here = threading.local()
    send, getresponse = requests.Session.send, http.client.HTTPConnection.getresponse

    def traced_send(self: requests.Session, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        here.what = f"{request.method} {ENTITY.sub('*', urlsplit(request.url or '').path)}"
        reach(f"{here.what}: before")
        return send(self, request, **kwargs)

    def traced_getresponse(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        what = getattr(here, "what", "request")
        reach(f"{what}: sent")
        response = getresponse(self)
        reach(f"{what}: answered")
        return response

    requests.Session.send = traced_send  # type: ignore[method-assign]
    http.client.HTTPConnection.getresponse = traced_getresponse  # type: ignore[method-assign]


def _trace_files(reach: Callable[[str], None], folder: str) -> None:
    fsync = os.fsync

    def heard(event: str, args: tuple[Any, ...]) -> None:
        if event == "fcntl.flock":
            reach("lock: before")
        elif event == "open" and str(args[0]).startswith(folder) and _makes_or_empties(args[0], args[2]):
            reach(f"open {_plain(args[0])}: before")
        elif event == "os.mkdir" and str(args[0]).startswith(folder) and not Path(args[0]).exists():
            reach(f"make folder {_plain(args[0])}: before")
        elif event in FILES and str(args[0]).startswith(folder):
            reach(f"{FILES[event]} {_plain(args[0])}: before")

    def traced_fsync(file: Any) -> None:
        reach("make durable: before")
        fsync(file)

    sys.addaudithook(heard)
    os.fsync = traced_fsync  # type: ignore[assignment]


def _makes_or_empties(path: Any, flags: object) -> bool:
    """Tell whether opening changes anything by itself."""
    if not isinstance(flags, int):
        return False
    return bool(flags & os.O_TRUNC) or (bool(flags & os.O_CREAT) and not Path(path).exists())


def _plain(path: object) -> str:
    return re.sub(r"\d+", "*", Path(str(path)).name)
