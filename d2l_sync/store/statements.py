"""The few statements that every table needs, in one dialect or the other."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

Values = dict[str, Any]

# Measured: beyond a thousand rows a statement gains nothing, and other writers wait longer.
CHUNK = 1000


def table(row: type[SQLModel]) -> Table:
    """Return the table behind a row class, for statements of SQLAlchemy's core."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def upsert(
    connection: Connection,
    target: Table,
    *,
    rows: Iterable[Values],
    compare: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> int:
    """Insert rows, or update those that are there; return how many were new or differed.

    compare: the columns whose difference makes a row worth updating; none given: all but the key and `keep`.
    keep: columns that stay as they were first written. Rows need distinct keys.
    """
    keys = [column.name for column in target.primary_key]
    changed = 0
    remaining = iter(rows)
    while chunk := [dict(row) for row in islice(remaining, CHUNK)]:
        free = [name for name in chunk[0] if name not in {*keys, *keep}]
        statement = _insert(connection, target)
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=keys,
            set_={name: new[name] for name in free},
            where=or_(*(target.c[name].is_distinct_from(new[name]) for name in compare or free)),
        )
        changed += len(connection.execute(statement.returning(*target.primary_key), chunk).all())
    return changed


def mapping(
    connection: Connection, key: Column[Any], value: Column[Any], *where: ColumnElement[bool]
) -> dict[Any, Any]:
    """Return one column by another."""
    return {row[0]: row[1] for row in connection.execute(select(key, value).where(*where))}


def _insert(connection: Connection, target: Table) -> Any:  # noqa: ANN401 - two classes of one shape
    module = postgresql if connection.dialect.name == "postgresql" else sqlite
    return module.insert(target)
