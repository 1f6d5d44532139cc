"""Attesting: from what an administrator says to an attestation that fits a criterion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.criterion import Attested
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.pathway import Badge, Pathway, leaves
from d2l_sync.domain.world import Attestation
from d2l_sync.services.desk import Desk
from d2l_sync.services.scope import find_badges


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be attested, or taken back: for a learner or for a team, one of the two."""

    learner: str | None
    team: str | None
    badge: str
    criterion: str
    value: str = ""
    note: str = ""
    is_undo: bool = False


def attestation_for(
    request: Request, pathways: tuple[Pathway, ...], desk: Desk, *, by: str, at: datetime
) -> Attestation:
    """Make the attestation, or raise UsageError: no such badge, criterion, option or learner."""
    if (request.learner is None) == (request.team is None):
        raise UsageError("say for whom: a learner or a team, and not both")
    badge = find_badges(pathways, request.badge)[0]
    criterion = _criterion(badge, request.criterion)
    if criterion.options and request.value not in criterion.options and not request.is_undo:
        raise UsageError(
            f"{request.value or 'no value'!r} is no option of {criterion.key}",
            hint=f"give --value, one of: {', '.join(criterion.options)}",
        )
    return Attestation(
        badge.pathway,
        badge.key,
        criterion.key,
        person_id=desk.find(request.learner) if request.learner is not None else None,
        team=request.team,
        value=request.value,
        by=by,
        at=at,
        note=request.note,
    )


def _criterion(badge: Badge, key: str) -> Attested:
    attested: Iterable[Attested] = [one for one in leaves(badge.criteria) if isinstance(one, Attested)]
    for one in attested:
        if one.key == key:
            return one
    known = ", ".join(one.key for one in attested) or "none"
    raise UsageError(f"badge {badge.key} has no attested criterion {key}", hint=f"it has: {known}")
