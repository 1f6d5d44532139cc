"""Tokens on disk: a second SQLite file beside the database, which no backup copies and no restore replaces.

An old refresh token in a backup would be a dead one, and using it may break the whole chain. The tokens stand in it in
clear text: whoever can read a file of mode 0600 in a folder of mode 0700 is the service itself or root, and either
could read a key beside it too.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from sqlalchemy import Column, Connection, Engine, Integer, MetaData, String, Table, select, text

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.ports import Token, TokenState
from d2l_sync.store.connection import bare_engine, file_url, reading, sqlite_file, writing
from d2l_sync.store.errors import DAMAGED
from d2l_sync.store.instant import Instant
from d2l_sync.store.lock import waiting_lock
from d2l_sync.store.statements import Values, upsert
from d2l_sync.store.upkeep import verify

TOKEN = Table(
    "token",
    MetaData(),
    Column("service", String, primary_key=True),
    Column("access_token", String),
    Column("expires_at", Instant),
    Column("refresh_token", String),
    Column("obtained_at", Instant),
    Column("generation", Integer),
    Column("lost_because", String),
    Column("refreshing_since", Instant),
    Column("scopes", String),
)


CLIENT = "{} client"
"""The row about a service's client, beside that of its token: what is noted in it is no matter of the token."""


class FileTokenStore:
    """The port `TokenStore` beside an SQLite database. Safe to use from several threads and processes.

    The file is made when it is first needed. `close` it when done.
    """

    def __init__(self, database_url: str) -> None:
        database = sqlite_file(database_url)
        if database is None:
            raise StateError("tokens are kept beside an SQLite database only", hint="check `state.url`")
        self._path = database.with_name(f"{database.stem}-tokens.db")
        self._engine: Engine | None = None
        self._making = threading.Lock()
        self._renewing: dict[str, threading.Lock] = {}

    def close(self) -> None:
        with self._making:
            if self._engine is not None:
                self._engine.dispose()
            self._engine = None

    def read(self, service: str) -> TokenState:
        """Return what is stored of a service's token; an empty state when nothing is."""
        with self._in_their_words(), reading(self._open()) as connection:
            row = connection.execute(select(TOKEN).where(TOKEN.c.service == service)).one_or_none()
            refused = select(TOKEN.c.lost_because).where(TOKEN.c.service == CLIENT.format(service))
            refused_because = connection.scalar(refused)
        if row is None:
            return TokenState(refused_because=refused_because)
        token = None
        if row.access_token is not None:
            token = Token(
                row.access_token,
                row.expires_at,
                row.refresh_token,
                row.obtained_at,
                row.generation,
                None if row.scopes is None else frozenset(row.scopes.split()),
            )
        return TokenState(token, row.lost_because, row.refreshing_since, refused_because)

    @contextmanager
    def renewing(self, service: str) -> Iterator[None]:
        """Wait until nobody else renews this service's token, in this process or another, and keep it so."""
        with self._making:
            lock = self._renewing.setdefault(service, threading.Lock())
        with lock, waiting_lock(self._path.with_name(f"{self._path.stem}.{service}.lock")):
            yield

    def begin(self, service: str, *, at: datetime) -> None:
        self._write(service, {"refreshing_since": at})

    def save(self, service: str, token: Token) -> None:
        """Store a token, durably before returning; a renewal that was begun has ended, a broken chain is whole."""
        values = {
            "access_token": token.access_token,
            "expires_at": token.expires_at,
            "refresh_token": token.refresh_token,
            "obtained_at": token.obtained_at,
            "generation": token.generation,
            "scopes": None if token.scopes is None else " ".join(sorted(token.scopes)),
        }
        self._write(service, values | {"lost_because": None, "refreshing_since": None}, refused_because=None)

    def lose(self, service: str, why: str) -> None:
        """Note that the chain is broken; what is stored of the token stays, it may be good until it expires."""
        self._write(service, {"lost_because": why, "refreshing_since": None})

    def refuse(self, service: str, why: str) -> None:
        """Note that the client is not taken; an answer it was, so that the token is as good as before."""
        self._write(service, {"refreshing_since": None}, refused_because=why)

    def is_used(self) -> bool:
        """Tell whether a token was ever stored; the file is not made for that. Raises StateError."""
        if not self._path.exists():
            return False
        with self._in_their_words(), reading(self._open()) as connection:
            return (
                connection.execute(select(TOKEN.c.service).where(TOKEN.c.obtained_at.is_not(None))).first() is not None
            )

    def faults(self) -> list[str]:
        """Read the whole file and return what is wrong with it; nothing where there is none. Raises StateError."""
        if not self._path.exists():
            return []
        with self._in_their_words():
            return verify(self._open())

    def _write(self, service: str, values: Values, **client: str | None) -> None:
        """Write what is given of a service's token, and of its client where that is given."""
        with self._in_their_words(), writing(self._open()) as connection:
            upsert(connection, TOKEN, rows=[{"service": service, **values}])
            for why in client.values():
                upsert(connection, TOKEN, rows=[{"service": CLIENT.format(service), "lost_because": why}])

    @contextmanager
    def _in_their_words(self) -> Iterator[None]:
        """Name this file where it is the damaged one: no backup of the database brings it back."""
        try:
            yield
        except StateError as error:
            if str(error) != DAMAGED[0]:
                raise
            raise StateError(
                "the file of the tokens is damaged", hint=f"move {self._path} away, and run: d2l-sync auth login"
            ) from error

    def _open(self) -> Engine:
        with self._making:
            if self._engine is None:
                engine = bare_engine(file_url(self._path))
                with ExitStack() as undo:
                    undo.callback(engine.dispose)
                    with writing(engine) as connection:
                        TOKEN.create(connection, checkfirst=True)
                        _add_new_columns(connection)
                    undo.pop_all()
                self._engine = engine
            return self._engine


def _add_new_columns(connection: Connection) -> None:
    """Bring a file of an earlier version up to this one, which reads both."""
    there = {row.name for row in connection.execute(text("PRAGMA table_info(token)"))}
    if "scopes" not in there:
        connection.execute(text("ALTER TABLE token ADD COLUMN scopes VARCHAR"))
