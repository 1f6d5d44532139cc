"""Reviews: a finding from the pass that first reported it until a pass reports it no longer.

A person may close one; it then stays closed for as long as its finding goes on. What has ended and comes again is new.
"""

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, insert, select, update

from d2l_sync.domain.findings import Finding
from d2l_sync.domain.stored import StoredReview
from d2l_sync.store.statements import table
from d2l_sync.store.tables import ReviewRow

log = structlog.get_logger()
REVIEW = table(ReviewRow)
NAMES = tuple(field.name for field in fields(Finding))


def record_findings(
    connection: Connection, findings: Iterable[Finding], *, could_judge: Callable[[Finding], bool], at: datetime
) -> None:
    """Open a review for every new finding; end those that could be judged and are found no longer."""
    found = {finding.key: finding for finding in findings}
    rows = connection.execute(select(REVIEW).where(REVIEW.c.ended_at.is_(None))).all()
    for row in rows:
        this = update(REVIEW).where(REVIEW.c.review_id == row.review_id)
        if row.key not in found:
            if could_judge(_finding(row)):
                connection.execute(this.values(ended_at=at))
        elif found[row.key].what != row.what:
            connection.execute(this.values(what=found[row.key].what))
    for key in sorted(found.keys() - {row.key for row in rows}):
        _open(connection, found[key], at)


def open_review(connection: Connection, finding: Finding, *, at: datetime) -> None:
    """Open a review that no pass found, unless there is one already."""
    known = select(REVIEW.c.review_id).where(REVIEW.c.key == finding.key, REVIEW.c.ended_at.is_(None))
    if connection.execute(known).first() is None:
        _open(connection, finding, at)


def reviews(connection: Connection, *, open_only: bool) -> list[StoredReview]:
    """Return reviews, oldest first. open_only: those that neither a person closed nor a pass ended."""
    statement = select(REVIEW).order_by(REVIEW.c.review_id)
    if open_only:
        statement = statement.where(REVIEW.c.closed_at.is_(None), REVIEW.c.ended_at.is_(None))
    return [_review(row) for row in connection.execute(statement)]


def close_review(connection: Connection, review_id: int, *, by: str, at: datetime) -> bool:
    """Close an open review for a person; False when there is none of that number."""
    is_open = (REVIEW.c.review_id == review_id, REVIEW.c.closed_at.is_(None), REVIEW.c.ended_at.is_(None))
    return connection.execute(update(REVIEW).where(*is_open).values(closed_at=at, closed_by=by)).rowcount == 1


def _open(connection: Connection, finding: Finding, at: datetime) -> None:
    values = {name: getattr(finding, name) for name in NAMES}
    connection.execute(insert(REVIEW).values(values | {"key": finding.key, "since": at}))
    log.info(
        "review_opened",
        kind=finding.kind,
        user_id=finding.user_id,
        badge=finding.badge,
        org_unit_id=finding.org_unit_id,
    )


def _finding(row: Row[Any]) -> Finding:
    return Finding(**{name: getattr(row, name) for name in NAMES})


def _review(row: Row[Any]) -> StoredReview:
    return StoredReview(
        row.review_id,
        _finding(row),
        row.since,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        ended_at=row.ended_at,
    )
