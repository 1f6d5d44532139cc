"""Enrolments: whom the service let into which org unit, and how that stands."""

from collections.abc import Iterable
from dataclasses import asdict, fields

from sqlalchemy import Connection, select

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.store.statements import table, upsert
from d2l_sync.store.tables import EnrolmentRow

ENROLMENT = table(EnrolmentRow)
NAMES = tuple(field.name for field in fields(Enrolment))


def enrolments(connection: Connection) -> tuple[Enrolment, ...]:
    columns = [ENROLMENT.c[name] for name in NAMES]
    rows = connection.execute(select(*columns).order_by(*ENROLMENT.primary_key)).mappings()
    return tuple(Enrolment(**dict(row) | {"state": AccessState(row["state"])}) for row in rows)


def save_enrolments(connection: Connection, given: Iterable[Enrolment]) -> None:
    """Store enrolments in place of what is known of the same person and org unit."""
    upsert(connection, ENROLMENT, rows=[asdict(one) | {"state": one.state.value} for one in given])
