"""The ledger: every award, how it moves from state to state, and the history of each move.

A move is written only while the row is still as the mover saw it.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from d2l_sync.domain.award import LONGEST_REST, UNSENT, Award, Holder, Pair, State
from d2l_sync.domain.ids import BadgeKey, PersonId
from d2l_sync.domain.ledger import Change, HistoryEntry, newest
from d2l_sync.store.codec import addresses_of, addresses_text, ids_of, ids_text, verdicts_of
from d2l_sync.store.statements import Values, table
from d2l_sync.store.tables import AwardEventRow, AwardRow

AWARD = table(AwardRow)
EVENT = table(AwardEventRow)
NAMES = tuple(field.name for field in fields(Award))

log = structlog.get_logger()


def awards(connection: Connection) -> tuple[Award, ...]:
    """Return every row of the ledger, all epochs, oldest row first."""
    return tuple(_award(row) for row in connection.execute(select(AWARD).order_by(AWARD.c.award_id)))


def newest_awards(connection: Connection, *, state: State | None, badge: BadgeKey | None) -> list[Award]:
    """Return the newest epoch of every pair, then only those of the state and of the badge that are named."""
    found = newest(awards(connection)).values()
    return [one for one in found if state in {None, one.state} and badge in {None, one.badge}]


def state_times(connection: Connection) -> dict[Pair, datetime]:
    """Return when the newest award of every pair came into its present state."""
    columns = (AWARD.c.person_id, AWARD.c.badge_class, AWARD.c.state_since)
    rows = connection.execute(select(*columns).order_by(AWARD.c.epoch))
    return {Pair(person_id, badge_class): since for person_id, badge_class, since in rows}


def unsent_since(connection: Connection) -> datetime | None:
    """Return when the award that waits longest to be sent became due; tries in vain move it between unsent states."""
    unsent = [state.value for state in UNSENT]
    waits = and_(AWARD.c.state.in_(unsent), EVENT.c.becomes.in_(unsent))
    began = waits & or_(EVENT.c.was.is_(None), EVENT.c.was.not_in(unsent))
    times = select(func.max(EVENT.c.at)).join(AWARD, AWARD.c.award_id == EVENT.c.award_id).where(began)
    return min(connection.scalars(times.group_by(EVENT.c.award_id)), default=None)


def counts(connection: Connection) -> dict[State, int]:
    """Count the newest epochs by state; states without any are left out."""
    states = [award.state for award in newest_awards(connection, state=None, badge=None)]
    return {state: states.count(state) for state in State if state in states}


def history(connection: Connection, person_id: PersonId) -> list[HistoryEntry]:
    """Return everything that happened to a person's awards, oldest first."""
    statement = select(EVENT, AWARD.c.badge, AWARD.c.pathway).join(AWARD, AWARD.c.award_id == EVENT.c.award_id)
    rows = connection.execute(statement.where(AWARD.c.person_id == person_id).order_by(EVENT.c.event_id))
    return [
        HistoryEntry(
            row.at,
            row.badge,
            row.pathway,
            was=row.was,
            becomes=row.becomes,
            why=row.why,
            pass_id=row.pass_id,
            by=row.by,
            verdicts=verdicts_of(row.tree) if row.tree else (),
        )
        for row in rows
    ]


def change(
    connection: Connection,
    change: Change,
    *,
    at: datetime,
    pass_id: int | None,
    by: str | None = None,
    tree: str | None = None,
) -> bool:
    """Write one change with its history; False, and nothing written, when the row is no longer as `before` says.

    Compared are epoch, state, holder and attempts. Another epoch in `after` makes a new row, and the old one stays.
    """
    before, after = change.before, change.after
    row = _locked(connection, before) if before else None
    if before and not _is_still(row, before):
        log.warning("change_skipped", user_id=before.person_id, badge=before.badge, was=before.state.value)
        return False
    is_new = before is None or after.epoch != before.epoch
    award_id = _insert(connection, after, at) if is_new or row is None else _update(connection, row, after=after, at=at)
    if award_id is None:
        log.warning("change_skipped", user_id=after.person_id, badge=after.badge, was="nothing")
        return False
    was = before.state if before else None
    event = {"at": at, "why": change.why, "pass_id": pass_id, "by": by, "tree": tree}
    _note(connection, award_id, was=was, becomes=after.state, event=event)
    return True


def claim(connection: Connection, award: Award, *, at: datetime, pass_id: int | None) -> bool:
    """Turn one due row into `sending`, with what is about to go out; False when it is due no longer."""
    row = _locked(connection, award)
    if row is None:
        return False
    sent_to = addresses_of(row.sent_to)
    fresh = [award.address] if award.address and award.address not in sent_to else []
    sent = {
        "state": State.SENDING.value,
        "state_since": at,
        "address": award.address,
        "sent_to": addresses_text([*sent_to, *fresh]),
        "attempts": AWARD.c.attempts + 1,
        "issued_on": award.issued_on,
        "narrative": award.narrative,
    }
    is_due = and_(AWARD.c.award_id == row.award_id, AWARD.c.state == State.DUE.value)
    if connection.execute(update(AWARD).where(is_due).values(sent)).rowcount != 1:
        return False
    event = {"at": at, "why": "claimed for sending", "pass_id": pass_id}
    _note(connection, row.award_id, was=State.DUE, becomes=State.SENDING, event=event)
    return True


def has_row(connection: Connection, pair: Pair) -> bool:
    """Tell whether a person has any award of a badge class."""
    mine = and_(AWARD.c.person_id == pair.person_id, AWARD.c.badge_class == pair.badge_class)
    return connection.scalar(select(AWARD.c.award_id).where(mine).limit(1)) is not None


def doubt_sending(connection: Connection, *, at: datetime, retry_at: datetime) -> int:
    """Turn every `sending` row into `doubtful`: whoever sent it is gone, and the answer with them.

    A rest that would end later than any rest lasts was begun before the clock was set back: it begins anew.
    """
    is_too_late = AWARD.c.retry_at > max(retry_at, at + LONGEST_REST)
    connection.execute(update(AWARD).where(is_too_late).values(retry_at=retry_at))
    doubt = {"state": State.DOUBTFUL.value, "state_since": at, "retry_at": retry_at}
    was_sending = update(AWARD).where(AWARD.c.state == State.SENDING.value).values(doubt)
    award_ids = list(connection.scalars(was_sending.returning(AWARD.c.award_id)))
    event = {"at": at, "why": "the program ended before the answer was recorded"}
    for award_id in award_ids:
        _note(connection, award_id, was=State.SENDING, becomes=State.DOUBTFUL, event=event)
    return len(award_ids)


def _is_still(row: Row[Any] | None, before: Award) -> bool:
    held_by = before.held_by.value if before.held_by else None
    return row is not None and (row.state, row.held_by, row.attempts) == (before.state.value, held_by, before.attempts)


def _locked(connection: Connection, award: Award) -> Row[Any] | None:
    return connection.execute(select(AWARD).where(_identity(award)).with_for_update()).one_or_none()


def _identity(award: Award) -> ColumnElement[bool]:
    return and_(
        AWARD.c.person_id == award.person_id,
        AWARD.c.badge_class == award.badge_class,
        AWARD.c.epoch == award.epoch,
    )


def _insert(connection: Connection, award: Award, at: datetime) -> int | None:
    module = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = module.insert(AWARD).on_conflict_do_nothing(index_elements=["person_id", "badge_class", "epoch"])
    values = {**_values(award), "state_since": at}
    award_id: int | None = connection.scalar(statement.values(values).returning(AWARD.c.award_id))
    return award_id


def _update(connection: Connection, row: Row[Any], *, after: Award, at: datetime) -> int:
    since = row.state_since if row.state == after.state.value else at
    values = {**_values(after), "state_since": since}
    connection.execute(update(AWARD).where(AWARD.c.award_id == row.award_id).values(values))
    return int(row.award_id)


def _note(
    connection: Connection, award_id: int, *, was: State | None, becomes: State, event: Mapping[str, Any]
) -> None:
    states = {"award_id": award_id, "was": was.value if was else None, "becomes": becomes.value}
    connection.execute(insert(EVENT).values({**event, **states}))


def _values(award: Award) -> Values:
    plain = {name: getattr(award, name) for name in NAMES}
    held_by = award.held_by.value if award.held_by else None
    lists = {"sent_to": addresses_text(award.sent_to), "passed_over": ids_text(award.passed_over)}
    return plain | lists | {"state": award.state.value, "held_by": held_by}


def _award(row: Row[Any]) -> Award:
    values = {name: getattr(row, name) for name in NAMES}
    held_by = Holder(row.held_by) if row.held_by else None
    lists = {"sent_to": addresses_of(row.sent_to), "passed_over": ids_of(row.passed_over)}
    return Award(**values | lists | {"state": State(row.state), "held_by": held_by})
