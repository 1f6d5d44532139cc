"""The roster: who is on which team, as imported or typed; whom a row means is settled elsewhere."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date

from sqlalchemy import Connection, delete, insert, select, update

from d2l_sync.domain.roster import RosterRow
from d2l_sync.store.statements import Values, table
from d2l_sync.store.tables import RosterTableRow

ROSTER = table(RosterTableRow)
IDENTITY = ("team", "address", "user_id", "org_defined_id", "pathway")


def roster(connection: Connection) -> tuple[RosterRow, ...]:
    """Return every row, in the order in which they came."""
    columns = [ROSTER.c[field.name] for field in fields(RosterRow)]
    return tuple(RosterRow(*row) for row in connection.execute(select(*columns).order_by(ROSTER.c.row_id)))


def import_rows(connection: Connection, rows: Iterable[RosterRow], *, replace: bool) -> int:
    """Take rows over; return how many were added, confirmed differently or removed.

    A row with the same team, ids and pathway is the same membership; its `confirmed_on` becomes the given one.
    replace: rows that are not given go.
    """
    stored = {_identity(row): row for row in roster(connection)}
    given = {_identity(row): row for row in rows}
    for key, row in given.items():
        if key not in stored:
            connection.execute(insert(ROSTER).values(_values(row)))
        elif stored[key].confirmed_on != row.confirmed_on:
            this = update(ROSTER).where(ROSTER.c.row_id == stored[key].row_id)
            connection.execute(this.values(confirmed_on=row.confirmed_on))
    gone = [row.row_id for key, row in stored.items() if key not in given] if replace else []
    for row_id in gone:
        remove_member(connection, row_id)
    same = [key for key, row in given.items() if key in stored and stored[key].confirmed_on == row.confirmed_on]
    return len(given) - len(same) + len(gone)


def confirm_team(connection: Connection, team: str, day: date, *, today: date) -> int | None:
    """Confirm the members of a team who are not confirmed yet; return how many, None when there is no such team.

    A day that is still to come does not confirm yet.
    """
    members = ROSTER.c.team == team
    if connection.scalar(select(ROSTER.c.row_id).where(members).limit(1)) is None:
        return None
    is_open = ROSTER.c.confirmed_on.is_(None) | (ROSTER.c.confirmed_on > today)
    return connection.execute(update(ROSTER).where(members, is_open).values(confirmed_on=day)).rowcount


def add_member(connection: Connection, row: RosterRow) -> int:
    """Add one row, or change the one of the same membership; return its number."""
    import_rows(connection, [row], replace=False)
    return next(one.row_id for one in roster(connection) if _identity(one) == _identity(row))


def remove_member(connection: Connection, row_id: int) -> bool:
    return connection.execute(delete(ROSTER).where(ROSTER.c.row_id == row_id)).rowcount == 1


def _identity(row: RosterRow) -> tuple[object, ...]:
    return tuple(getattr(row, name) for name in IDENTITY)


def _values(row: RosterRow) -> Values:
    values = asdict(row)
    del values["row_id"]
    return values
