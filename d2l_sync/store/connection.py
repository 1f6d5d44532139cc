"""Connections and transactions: one way of setting SQLite up, for the daemon, the shell and the console alike.

Every number here was measured: transactions that begin at once lose no update, FULL loses no commit in a power cut, and
automatic checkpoints are off because one place (`upkeep.checkpoint`) makes them under the writer's lock.
"""

import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from d2l_sync.domain.errors import StateError
from d2l_sync.store.errors import state_errors
from d2l_sync.store.in_place import InPlace
from d2l_sync.store.lineage import begin_log, check_log

BUSY_TIMEOUT_S = 15
PRAGMAS = (
    f"busy_timeout={BUSY_TIMEOUT_S * 1000}",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=0",
    "journal_size_limit=67108864",
    "trusted_schema=OFF",
)


def sqlite_file(url: str | URL) -> Path | None:
    """Return the file behind a database address, None when it is no SQLite address. Raises StateError.

    Of a link it is the file that it leads to: SQLite keeps its log beside that one, and whoever comes by another name
    has to find the same lock, and the same tokens, as we do.
    """
    path = _named_file(url)
    if path is None:
        return None
    with state_errors():
        is_link = path.is_symlink()
    return Path(os.path.realpath(path)) if is_link else path


def _named_file(url: str | URL) -> Path | None:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StateError(
            "state.url is no database address", hint="write sqlite:////absolute/path/to/file.db"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise StateError("state.url names no file", hint="write sqlite:////absolute/path/to/file.db")
    return Path(parsed.database)


def file_url(path: Path) -> URL:
    """Return the address of an SQLite file, whatever characters are in its path."""
    return URL.create("sqlite", database=str(path))


def bare_engine(url: str | URL, *, password: str | None = None) -> Engine:
    """Make an engine with the house's settings and the file it needs; look at nothing inside. Raises StateError."""
    path = sqlite_file(url)
    if path is None:
        return _server_engine(make_url(url), password)
    with state_errors():
        _create_private(path)
        check_log(path)
        place = InPlace(path, known_as=_named_file(url) or path)
    engine = create_engine(file_url(path), pool_reset_on_return="rollback", hide_parameters=True)
    event.listen(engine, "do_connect", partial(_connect, place))
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", partial(_begin, place))
    event.listen(engine, "close", lambda *_: place.check_before_closing())
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Hold one read transaction: everything read in it was true at the same moment. Writers are not kept waiting."""
    with state_errors(), engine.connect().execution_options(readonly=True) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Hold the write transaction; durable when it is left, undone when an error leaves it."""
    with state_errors(), engine.begin() as connection:
        yield connection


def driver_connection(connection: Connection) -> sqlite3.Connection:
    """Return SQLite's own connection, for what can't be said inside a transaction."""
    driver: sqlite3.Connection | None = connection.connection.driver_connection
    if driver is None:
        raise StateError("the connection to the state database is gone", hint="try again")
    return driver


def _server_engine(url: URL, password: str | None) -> Engine:
    try:
        return create_engine(url.set(password=password) if password else url, hide_parameters=True)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StateError(
            f"no driver for {url.drivername} is installed", hint="install psycopg, or use SQLite"
        ) from error


def _create_private(path: Path) -> None:
    """Create folder and file for their owner alone; SQLite gives the files beside it the same mode.

    One that is open to every user, such as a backup put back by `cp`, is closed to all others.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    found = path.stat()
    if found.st_mode & stat.S_IRWXO and found.st_uid == os.geteuid():
        path.chmod(0o600)


def _connect(place: InPlace, dialect: Dialect, _: object, __: object, how: Mapping[str, Any]) -> DBAPIConnection:
    """Open the file that was there from the beginning: SQLite by itself makes an empty one where there is none."""
    place.check()
    return dialect.connect(f"{place.path.as_uri()}?mode=rw", uri=True, **how)


def _set_up(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3 on 3.11 can't say BEGIN IMMEDIATE
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file over; SQLite does not wait for others that do the same at this moment, so we do."""
    give_up_at = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


def _begin(place: InPlace, connection: Connection) -> None:
    """Begin a transaction, but never on a file that is not the one that was opened any more."""
    place.check()
    if connection.get_execution_options().get("readonly"):
        connection.exec_driver_sql("BEGIN")
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        begin_log(driver_connection(connection), place.path)
