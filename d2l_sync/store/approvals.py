"""What administrators said: approvals and attestations."""

from dataclasses import asdict, fields

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from d2l_sync.domain.ids import BadgeKey, PathwayKey, PersonId
from d2l_sync.domain.ledger import Approval
from d2l_sync.domain.world import Attestation
from d2l_sync.store.statements import table, upsert
from d2l_sync.store.tables import ApprovalRow, AttestationRow

APPROVAL = table(ApprovalRow)
ATTESTATION = table(AttestationRow)


def decide(connection: Connection, approval: Approval) -> bool:
    """Store an approval or a rejection in place of an earlier one; False when exactly this was decided already.

    The same decision for the same reason keeps its first date and name: the date goes into what is sent.
    """
    return upsert(connection, APPROVAL, rows=[asdict(approval)], compare=["is_approved", "reason"]) > 0


def withdraw(connection: Connection, person_id: PersonId, pathway: PathwayKey, badge: BadgeKey) -> bool:
    """Forget a decision; False when there is none."""
    mine = (APPROVAL.c.person_id == person_id, APPROVAL.c.pathway == pathway, APPROVAL.c.badge == badge)
    return connection.execute(delete(APPROVAL).where(*mine)).rowcount > 0


def approvals(connection: Connection) -> tuple[Approval, ...]:
    columns = [APPROVAL.c[field.name] for field in fields(Approval)]
    rows = connection.execute(select(*columns).order_by(*APPROVAL.primary_key))
    return tuple(Approval(*row) for row in rows)


def attest(connection: Connection, attestation: Attestation) -> None:
    """Store an attestation in place of an earlier one of the same criterion for the same person or team."""
    connection.execute(delete(ATTESTATION).where(_same(attestation)))
    connection.execute(insert(ATTESTATION).values(asdict(attestation)))


def undo_attestation(connection: Connection, attestation: Attestation) -> bool:
    """Take back what was attested for the same criterion, person or team; False when nothing was."""
    return connection.execute(delete(ATTESTATION).where(_same(attestation))).rowcount > 0


def attestations(connection: Connection) -> tuple[Attestation, ...]:
    columns = [ATTESTATION.c[field.name] for field in fields(Attestation)]
    rows = connection.execute(select(*columns).order_by(ATTESTATION.c.attestation_id))
    return tuple(Attestation(*row) for row in rows)


def _same(attestation: Attestation) -> ColumnElement[bool]:
    names = ("pathway", "badge", "criterion", "person_id", "team")
    return and_(*(ATTESTATION.c[name].is_not_distinct_from(getattr(attestation, name)) for name in names))
