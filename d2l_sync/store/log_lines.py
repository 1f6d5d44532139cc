"""The service's log in the database: written a few lines at a time, kept for a while, read by filter."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, or_, select

from d2l_sync.domain.log_line import LEVELS, LogFilter, LogLine, levels_from
from d2l_sync.store.service_tables import LogLineRow
from d2l_sync.store.statements import table

LINE = table(LogLineRow)
COLUMNS = (LINE.c.at, LINE.c.level, LINE.c.event, LINE.c.pass_id, LINE.c.user_id, LINE.c.details)
KEPT_FOR = timedelta(days=90)
MOST_LINES = 200_000


def add_lines(connection: Connection, lines: Iterable[LogLine], *, now: datetime, most: int = MOST_LINES) -> None:
    """Append lines, and let go of those that are too old or too many."""
    names = [column.name for column in COLUMNS]
    connection.execute(insert(LINE), [{name: getattr(line, name) for name in names} for line in lines])
    newest = connection.scalar(select(func.max(LINE.c.line_id))) or 0
    connection.execute(delete(LINE).where(or_(LINE.c.at < now - KEPT_FOR, LINE.c.line_id <= newest - most)))


def lines(connection: Connection, wanted: LogFilter) -> list[LogLine]:
    """Return the lines that fit, oldest first."""
    statement = select(*COLUMNS).order_by(LINE.c.at, LINE.c.line_id)
    if wanted.pass_id is not None:
        statement = statement.where(LINE.c.pass_id == wanted.pass_id)
    if wanted.user_ids is not None:
        statement = statement.where(LINE.c.user_id.in_(sorted(wanted.user_ids)))
    if wanted.level != LEVELS[0]:
        statement = statement.where(LINE.c.level.in_(levels_from(wanted.level)))
    if wanted.since is not None:
        statement = statement.where(LINE.c.at >= wanted.since)
    return [LogLine(*row) for row in connection.execute(statement)]
