"""Passes: when each began, over what, and how it ended."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from d2l_sync.domain.stored import StoredPass
from d2l_sync.store.statements import table
from d2l_sync.store.tables import SyncPassRow

PASS = table(SyncPassRow)


def open_pass(connection: Connection, *, at: datetime, scope: str) -> int:
    """Note that a pass begins; return its number, higher than every earlier one."""
    statement = insert(PASS).values(started_at=at, scope=scope, summary="").returning(PASS.c.pass_id)
    return int(connection.execute(statement).scalar_one())


def close_pass(connection: Connection, pass_id: int, *, at: datetime, outcome: str | None, summary: str) -> None:
    ended = {"ended_at": at, "outcome": outcome, "summary": summary}
    connection.execute(update(PASS).where(PASS.c.pass_id == pass_id).values(ended))


def drop_pass(connection: Connection, pass_id: int) -> None:
    """Take back a pass that could not be made; nothing refers to it yet."""
    connection.execute(delete(PASS).where(PASS.c.pass_id == pass_id))


def passes(connection: Connection, limit: int | None) -> list[StoredPass]:
    """Return the newest passes, newest first; all where there is no limit."""
    columns = (PASS.c.pass_id, PASS.c.started_at, PASS.c.scope, PASS.c.ended_at, PASS.c.outcome, PASS.c.summary)
    statement = select(*columns).order_by(PASS.c.pass_id.desc()).limit(limit)
    return [StoredPass(*row) for row in connection.execute(statement)]


def newest_pass(connection: Connection, *, scopes: Collection[str], outcome: str | None = None) -> StoredPass | None:
    """Return the newest pass over one of the scopes, and with the outcome where one is given."""
    columns = (PASS.c.pass_id, PASS.c.started_at, PASS.c.scope, PASS.c.ended_at, PASS.c.outcome, PASS.c.summary)
    statement = select(*columns).where(PASS.c.scope.in_(scopes)).order_by(PASS.c.pass_id.desc()).limit(1)
    if outcome is not None:
        statement = statement.where(PASS.c.outcome == outcome)
    row = connection.execute(statement).one_or_none()
    return StoredPass(*row) if row else None


def one_pass(connection: Connection, pass_id: int) -> StoredPass | None:
    columns = (PASS.c.pass_id, PASS.c.started_at, PASS.c.scope, PASS.c.ended_at, PASS.c.outcome, PASS.c.summary)
    row = connection.execute(select(*columns).where(PASS.c.pass_id == pass_id)).one_or_none()
    return StoredPass(*row) if row else None
