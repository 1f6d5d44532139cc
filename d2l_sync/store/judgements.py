"""The last judgement of every person and badge, kept for whoever asks why."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.stored import StoredJudgement
from d2l_sync.domain.verdict import Truth, facts_in
from d2l_sync.store.codec import verdicts_of, verdicts_text
from d2l_sync.store.statements import Values, table, upsert
from d2l_sync.store.tables import VerdictRow

VERDICT = table(VerdictRow)

Trees = dict[tuple[int, str, str], str]
"""The verdicts as stored, by person, pathway and badge."""


def record_judgements(connection: Connection, judgements: Iterable[Judgement], *, at: datetime, pass_id: int) -> Trees:
    """Store judgements in place of earlier ones; return their verdicts as texts, for the history of the awards."""
    rows = [_row(judgement, at, pass_id) for judgement in judgements]
    upsert(connection, VERDICT, rows=rows)
    return {(row["person_id"], row["pathway"], row["badge"]): row["tree"] for row in rows}


def truths(connection: Connection) -> dict[Truth, int]:
    """Count the facts that the last judgements rest on by their verdicts."""
    trees = connection.execute(select(VERDICT.c.tree)).scalars()
    return dict(Counter(fact.truth for tree in trees for fact in facts_in(verdicts_of(tree))))


def judgements_of(connection: Connection, person_id: PersonId) -> list[StoredJudgement]:
    """Return a person's judgements, by pathway and badge key."""
    statement = select(VERDICT).where(VERDICT.c.person_id == person_id).order_by(VERDICT.c.pathway, VERDICT.c.badge)
    return [_judgement(row) for row in connection.execute(statement)]


def all_judgements(connection: Connection) -> list[StoredJudgement]:
    """Return everybody's judgements, by person, pathway and badge key."""
    order = (VERDICT.c.person_id, VERDICT.c.pathway, VERDICT.c.badge)
    return [_judgement(row) for row in connection.execute(select(VERDICT).order_by(*order))]


def _judgement(row: Row[Any]) -> StoredJudgement:
    return StoredJudgement(
        row.person_id,
        row.pathway,
        row.badge,
        Truth(row.truth),
        row.judged_at,
        rule_version=row.rule_version,
        pass_id=row.pass_id,
        earned_at=row.earned_at,
        verdicts=verdicts_of(row.tree),
    )


def _row(judgement: Judgement, at: datetime, pass_id: int) -> Values:
    return {
        "person_id": judgement.person_id,
        "pathway": judgement.badge.pathway,
        "badge": judgement.badge.key,
        "rule_version": judgement.badge.rule_version,
        "truth": judgement.truth.value,
        "judged_at": at,
        "pass_id": pass_id,
        "tree": verdicts_text(judgement.verdicts),
        "earned_at": judgement.earned_at,
    }
