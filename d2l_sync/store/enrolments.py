"""Enrolments: whom the service let into which org unit, and how that stands."""

from collections.abc import Iterable
from dataclasses import asdict, fields

from sqlalchemy import Connection, select

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.ids import PersonId
from d2l_sync.store.statements import table, upsert
from d2l_sync.store.tables import EnrolmentRow

ENROLMENT = table(EnrolmentRow)
NAMES = tuple(field.name for field in fields(Enrolment))


def enrolments(connection: Connection, person_id: PersonId | None = None) -> tuple[Enrolment, ...]:
    """Return everybody's enrolments, or one person's."""
    wanted = select(*(ENROLMENT.c[name] for name in NAMES)).order_by(*ENROLMENT.primary_key)
    if person_id is not None:
        wanted = wanted.where(ENROLMENT.c.person_id == person_id)
    rows = connection.execute(wanted).mappings()
    return tuple(Enrolment(**dict(row) | {"state": AccessState(row["state"])}) for row in rows)


def save_enrolments(connection: Connection, given: Iterable[Enrolment]) -> None:
    """Store enrolments in place of what is known of the same person and org unit."""
    upsert(connection, ENROLMENT, rows=[asdict(one) | {"state": one.state.value} for one in given])
