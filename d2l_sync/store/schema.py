"""The schema's version: bring a database up to date, or say that it is newer than this program.

Migrations only go forward. All that are due run in one transaction, so that an interrupted upgrade leaves exactly what
was there before, and the next try begins anew.
"""

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from d2l_sync.domain.errors import StateError
from d2l_sync.store.connection import driver_connection, reading, sqlite_file
from d2l_sync.store.errors import state_errors
from d2l_sync.store.lineage import number_copy

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "alembic_version"

# Alembic hands its environment to env.py through module globals: one thread at a time.
_ALEMBIC = threading.Lock()


def schema_version(engine: Engine) -> str | None:
    """Return the revision a database is at; None for an empty one. Raises StateError."""
    with reading(engine) as connection:
        tables = inspect(connection).get_table_names()
        if VERSION_TABLE not in tables:
            if tables:
                raise StateError("the file is some other program's database", hint="check `state.url`")
            return None
        version: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - ours
        return version


def newest_version() -> str:
    """Return the revision that this program works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def upgrade(engine: Engine) -> Path | None:
    """Bring the schema up to date; return the copy made before, None when there was nothing to keep or to do.

    Raises StateError, also for a schema that this program does not know.
    """
    version = schema_version(engine)
    if version == newest_version():
        return None
    if version is not None and version not in _known_versions():
        raise StateError(
            "the database is newer than this program", hint="install the newer program, or restore an older backup"
        )
    copy = _copy(engine, version) if version is not None else None
    with state_errors(), engine.connect() as connection:
        _migrate(connection)
    return copy


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _known_versions() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _migrate(connection: Connection) -> None:
    """Run what is due in one transaction.

    1. Foreign keys off: rebuilding a table drops the old one. SQLite ignores this once a transaction has begun.
    2. Migrate; whoever comes second waits here, and then finds nothing to do.
    3. Check that no reference dangles, and commit. Foreign keys come back on whatever happens.
    """
    is_sqlite = connection.dialect.name == "sqlite"
    _foreign_keys(connection, "OFF")
    try:
        with _ALEMBIC, connection.begin():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StateError("the upgraded database has dangling references", hint="nothing was changed")
    finally:
        _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, setting: str) -> None:
    if connection.dialect.name == "sqlite":
        driver_connection(connection).execute(f"PRAGMA foreign_keys={setting}")


def _copy(engine: Engine, version: str) -> Path | None:
    path = sqlite_file(engine.url)
    if path is None:
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    return copy_to(engine, path.with_name(f"{path.stem}-{version}-{stamp}-{os.getpid()}.db"))


def copy_to(engine: Engine, target: Path) -> Path:
    """Write a consistent copy beside running writers: first under another name, then durable, then renamed."""
    unfinished = target.with_name(f".{target.name}.unfinished")
    with state_errors():
        unfinished.unlink(missing_ok=True)
        with engine.connect() as connection:
            os.close(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            driver_connection(connection).execute("VACUUM INTO ?", (str(unfinished),))
        with closing(sqlite3.connect(unfinished)) as copy:
            number_copy(copy)
        for place in (unfinished, target.parent):
            _make_durable(place)
        unfinished.replace(target)
        _make_durable(target.parent)
    return target


def _make_durable(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
