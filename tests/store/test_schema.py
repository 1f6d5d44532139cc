"""The schema moves forward, all or nothing, and a database of the future is left alone."""

import shutil
import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from d2l_sync.domain.errors import StateError
from d2l_sync.store import schema
from d2l_sync.store.connection import bare_engine, reading
from d2l_sync.store.engine import open_engine
from d2l_sync.store.schema import newest_version, schema_version, upgrade
from d2l_sync.store.state import StateStore
from tests.store.values import NOON

SECOND = '''"""A second step, for a test."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("sync_pass", sa.Column("mood", sa.String(), nullable=True))
    with op.batch_alter_table("award") as batch:
        batch.add_column(sa.Column("mood", sa.String(), nullable=True))
    {ends}
'''


@pytest.fixture
def first_schema(url, tmp_path, monkeypatch):
    """Make a database as the first schema had it, and return its address."""
    folder = tmp_path / "first"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("0002_*"))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", folder)
        open_engine(url).dispose()
    return url


@pytest.fixture
def empty(url):
    engine = bare_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def with_second(tmp_path, monkeypatch):
    """Return what adds a second migration to those that the program knows."""
    before = newest_version()
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    monkeypatch.setattr(schema, "MIGRATIONS", folder)

    def write(ends="pass"):
        text = SECOND.format(before=before, ends=ends)
        (folder / "versions" / "9999_second.py").write_text(text, encoding="utf-8")

    return write


def columns(engine, name):
    with reading(engine) as connection:
        return {column["name"] for column in inspect(connection).get_columns(name)}


def test_an_empty_file_gets_the_newest_schema_and_no_copy(empty, path):
    assert schema_version(empty) is None

    assert upgrade(empty) is None

    assert schema_version(empty) == newest_version()
    assert list(path.parent.glob("*.db")) == [path]


def test_the_migrations_make_exactly_the_tables_of_the_program(empty):
    upgrade(empty)

    with reading(empty) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_an_upgrade_that_breaks_leaves_what_was_and_can_be_tried_again(empty, with_second):
    upgrade(empty)
    before = schema_version(empty)
    with_second(ends='raise RuntimeError("the power is gone")')

    with pytest.raises(RuntimeError):
        upgrade(empty)

    assert schema_version(empty) == before
    assert "mood" not in columns(empty, "sync_pass") | columns(empty, "award")

    with_second()
    upgrade(empty)

    assert schema_version(empty) == "9999"
    assert "mood" in columns(empty, "sync_pass") & columns(empty, "award")


def test_an_upgrade_that_leaves_references_to_nothing_changes_nothing(empty, with_second):
    upgrade(empty)
    before = schema_version(empty)
    with_second(ends='op.execute("INSERT INTO person_user VALUES (1, 2, 0)")')

    with pytest.raises(StateError, match="dangling references"):
        upgrade(empty)

    assert (schema_version(empty), "mood" in columns(empty, "award")) == (before, False)


def test_an_upgrade_keeps_a_copy_of_what_was(url, with_second):
    store = StateStore.open(url)
    store.open_pass(at=NOON, scope="everything")
    with_second()

    copy = upgrade(store.engine)
    store.close()
    assert copy is not None

    kept = sqlite3.connect(copy)
    assert kept.execute("SELECT scope FROM sync_pass").fetchall() == [("everything",)]
    assert kept.execute("SELECT version_num FROM alembic_version").fetchall() != [("9999",)]
    kept.close()
    assert copy.stat().st_mode & 0o777 == 0o600


def test_passes_keep_their_numbers_when_the_schema_learns_to_give_none_twice(first_schema, path):
    """Databases of the first schema numbered passes by the highest number that was still there."""
    with sqlite3.connect(path) as before:
        before.executemany(
            "INSERT INTO sync_pass (pass_id, started_at, scope, summary) VALUES (?, '2026-06-01 12:00:00', ?, '')",
            [(3, "everything"), (7, "full")],
        )
    before.close()

    store = StateStore.open(first_schema)
    kept = [(one.pass_id, one.scope) for one in store.passes(9)]
    store.drop_pass(7)
    following = store.open_pass(at=NOON, scope="everything")
    store.close()

    assert (kept, following) == ([(7, "full"), (3, "everything")], 8)


def test_foreign_keys_hold_again_after_an_upgrade(empty):
    upgrade(empty)

    with reading(empty) as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_a_database_of_a_newer_program_is_refused_and_left_alone(empty, url):
    upgrade(empty)
    with empty.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'nowhere'")

    with pytest.raises(StateError, match="the database is newer than this program"):
        open_engine(url)

    assert schema_version(empty) == "nowhere"


def test_another_programs_database_is_refused(url, path):
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE moz_places (id)")
    other.close()

    with pytest.raises(StateError, match="some other program's"):
        open_engine(url)
