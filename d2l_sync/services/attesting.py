"""Attesting: from what an administrator says, or a file, to attestations that fit a criterion."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.criterion import Attested
from d2l_sync.domain.errors import Fault, InputError, UsageError
from d2l_sync.domain.pathway import Badge, Pathway, leaves
from d2l_sync.domain.world import Attestation
from d2l_sync.services.csv_lines import Columns, csv_lines
from d2l_sync.services.desk import Desk
from d2l_sync.services.scope import find_badges

HEADER = Columns(
    ("learner", "team", "badge", "criterion", "value", "note"),
    needs=(
        (("learner", "team"), "no column says who is meant"),
        (("badge",), "there is no column 'badge'"),
        (("criterion",), "there is no column 'criterion'"),
    ),
)


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


def read_attestations(
    text: str, pathways: tuple[Pathway, ...], desk: Desk, *, name: str, by: str, at: datetime
) -> list[Attestation]:
    """Read a file of attestations. name: the file's, for messages. Raises InputError with every fault."""
    faults: list[Fault] = []
    made = []
    for line in list(csv_lines(text, HEADER, name=name, faults=faults)):
        cells = line.cells
        request = Request(
            cells.get("learner") or None,
            cells.get("team") or None,
            badge=cells["badge"],
            criterion=cells["criterion"],
            value=cells.get("value", ""),
            note=cells.get("note", ""),
        )
        try:
            made.append(attestation_for(request, pathways, desk, by=by, at=at))
        except UsageError as error:
            faults.append(Fault(line.where, str(error), error.hint))
    if faults:
        raise InputError(tuple(faults), hint="nothing was imported; mend the file and import it again")
    return made


def _criterion(badge: Badge, key: str) -> Attested:
    attested: Iterable[Attested] = [one for one in leaves(badge.criteria) if isinstance(one, Attested)]
    for one in attested:
        if one.key == key:
            return one
    known = ", ".join(one.key for one in attested) or "none"
    raise UsageError(f"badge {badge.key} has no attested criterion {key}", hint=f"it has: {known}")
