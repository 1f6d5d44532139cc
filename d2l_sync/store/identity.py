"""Making two users one person, and forgetting a person: the two acts that reach into every table."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, or_, select, update

from d2l_sync.domain.award import ON_ITS_WAY, Award
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.people import Person
from d2l_sync.store.approvals import APPROVAL, ATTESTATION
from d2l_sync.store.classlists import ADDRESS, ENTRY, NUMBER
from d2l_sync.store.enrolments import ENROLMENT
from d2l_sync.store.facts import FACT
from d2l_sync.store.judgements import VERDICT
from d2l_sync.store.ledger import AWARD, EVENT, change
from d2l_sync.store.log_lines import LINE
from d2l_sync.store.people import PERSON, USER, save_person
from d2l_sync.store.reviews import REVIEW
from d2l_sync.store.roster import ROSTER

BADGE_KEYS = ("pathway", "badge")


def link(
    connection: Connection,
    person: Person,
    *,
    dropped: Iterable[Award],
    changes: Iterable[Change],
    at: datetime,
    by: str | None,
) -> None:
    """Store a person, and give them everything that their other users had as persons of their own.

    Raises UsageError, with nothing written, while an award of any of them is on its way.

    1. Rows given up for another one of the same badge class go; their history goes over to the one that stays.
    2. All other awards, approvals, attestations, judgements and enrolments of the other users become the person's.
       What the person has of their own is not overwritten.
    3. The changes are written, as of the rows that there are then.
    """
    others = [PersonId(int(user_id)) for user_id in person.user_ids if int(user_id) != int(person.person_id)]
    _refuse_on_its_way(connection, [person.person_id, *others])
    save_person(connection, person)
    for award in dropped:
        _drop(connection, award, kept_by=(person.person_id, *others))
    for other in others:
        connection.execute(update(AWARD).where(AWARD.c.person_id == other).values(person_id=person.person_id))
        for target, keys in ((APPROVAL, BADGE_KEYS), (VERDICT, BADGE_KEYS), (ENROLMENT, ("org_unit_id",))):
            _hand_over(connection, target, keys, old=other, new=person.person_id)
        mine = update(ATTESTATION).where(ATTESTATION.c.person_id == other)
        connection.execute(mine.values(person_id=person.person_id))
    for one in changes:
        change(connection, one, at=at, pass_id=None, by=by)


def forget(connection: Connection, person: Person) -> None:
    """Delete everything stored about a person and all their users, history included, beyond recovery from the file.

    Raises UsageError, with nothing written, while one of their awards is on its way.
    """
    ids = [int(person.person_id), *map(int, person.user_ids)]
    _refuse_on_its_way(connection, [PersonId(one) for one in ids])
    mails = _addresses(connection, ids)
    numbers = [select(one.c.org_defined_id).where(one.c.user_id.in_(ids)) for one in (ENTRY, NUMBER)]
    org_defined_ids = {number for some in numbers for number in connection.scalars(some) if number}
    _overwrite_deleted(connection, "ON")
    for target, condition in (
        (
            ROSTER,
            or_(ROSTER.c.user_id.in_(ids), ROSTER.c.address.in_(mails), ROSTER.c.org_defined_id.in_(org_defined_ids)),
        ),
        (REVIEW, or_(REVIEW.c.user_id.in_(ids), REVIEW.c.address.in_(mails))),
        (EVENT, EVENT.c.award_id.in_(select(AWARD.c.award_id).where(AWARD.c.person_id.in_(ids)))),
        *((one, one.c.person_id.in_(ids)) for one in (AWARD, APPROVAL, ATTESTATION, VERDICT, ENROLMENT)),
        *((one, one.c.user_id.in_(ids)) for one in (FACT, ENTRY, ADDRESS, NUMBER, USER, LINE)),
        (PERSON, PERSON.c.person_id.in_(ids)),
    ):
        connection.execute(delete(target).where(condition))
    _overwrite_deleted(connection, "OFF")


def _refuse_on_its_way(connection: Connection, people: list[PersonId]) -> None:
    states = [state.value for state in ON_ITS_WAY]
    going = select(AWARD.c.state).where(AWARD.c.person_id.in_(people), AWARD.c.state.in_(states))
    state = connection.scalar(going.limit(1))
    if state is not None:
        raise UsageError(f"an award of this person is {state}", hint="try again when the next pass has settled it")


def _drop(connection: Connection, award: Award, *, kept_by: tuple[PersonId, ...]) -> None:
    row_of = select(AWARD.c.award_id, AWARD.c.person_id, AWARD.c.epoch)
    rows = connection.execute(
        row_of.where(AWARD.c.badge_class == award.badge_class, AWARD.c.person_id.in_(kept_by)).order_by(AWARD.c.epoch)
    ).all()
    gone = [row.award_id for row in rows if (row.person_id, row.epoch) == (award.person_id, award.epoch)]
    stay = [row.award_id for row in rows if row.award_id not in gone]
    if gone and stay:
        connection.execute(update(EVENT).where(EVENT.c.award_id == gone[0]).values(award_id=stay[-1]))
    connection.execute(delete(AWARD).where(AWARD.c.award_id.in_(gone)))


def _hand_over(connection: Connection, target: Table, keys: Iterable[str], *, old: PersonId, new: PersonId) -> None:
    """Give rows to another person, unless there is one of the same keys already."""
    own = target.alias()
    is_same = and_(*(own.c[key] == target.c[key] for key in keys))
    has_own: ColumnElement[bool] = select(own.c.person_id).where(own.c.person_id == new, is_same).exists()
    connection.execute(update(target).where(target.c.person_id == old, ~has_own).values(person_id=new))
    connection.execute(delete(target).where(target.c.person_id == old))


def _addresses(connection: Connection, ids: list[int]) -> list[str]:
    places = (
        select(ENTRY.c.address).where(ENTRY.c.user_id.in_(ids)),
        select(ADDRESS.c.address).where(ADDRESS.c.user_id.in_(ids)),
        select(PERSON.c.set_address).where(PERSON.c.person_id.in_(ids)),
        select(AWARD.c.address).where(AWARD.c.person_id.in_(ids)),
    )
    return sorted({address for place in places for address in connection.scalars(place) if address})


def _overwrite_deleted(connection: Connection, setting: str) -> None:
    """Have SQLite write zeros over what is deleted from here on, or just free it; the setting is the connection's."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA secure_delete={setting}")
