"""Access: who is let into an org unit because they may earn its badge, decided like an award and done once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from d2l_sync.domain.ids import BadgeKey, OrgUnitId, PathwayKey, PersonId, UserId
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.domain.verdict import Truth


class AccessState(Enum):
    """Where an enrolment stands. DONE is for ever: whoever leaves again is not brought back."""

    DUE = "due"
    SENDING = "sending"
    HELD = "held"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One person let into one org unit; unique by both. user_id: who is enrolled. reason: for whoever asks.

    held_in: the number of the guard's plan that it is held with.
    """

    person_id: PersonId
    org_unit_id: OrgUnitId
    user_id: UserId
    pathway: PathwayKey
    badge: BadgeKey
    state: AccessState = AccessState.DUE
    reason: str = ""
    decided_at: datetime | None = None
    done_at: datetime | None = None
    held_in: int | None = None

    @property
    def key(self) -> tuple[PersonId, OrgUnitId]:
        return self.person_id, self.org_unit_id


Enrolments = Mapping[tuple[PersonId, OrgUnitId], Enrolment]


def decide_access(
    judgements: Iterable[Judgement],
    people: Mapping[PersonId, Person],
    classlists: Mapping[OrgUnitId, Classlist],
    *,
    known: Enrolments,
    now: datetime,
    today: date,
) -> tuple[Enrolment, ...]:
    """Return the enrolments that are due: eligible people without any role in the badge's running org unit.

    Nobody is enrolled while the org unit's classlist can't be read, nor a second time. What a person or the platform
    said about an earlier one is kept; one that the guard held is decided anew.
    """
    due: dict[tuple[PersonId, OrgUnitId], Enrolment] = {}
    for judgement in judgements:
        unit, person = _running_unit(judgement, today), people.get(judgement.person_id)
        if unit is None or person is None or person.is_suppressed:
            continue
        if not _is_eligible(judgement) or not _is_outside(person, classlists.get(unit)):
            continue
        badge = judgement.badge
        user_id = UserId(int(judgement.person_id))
        fresh = Enrolment(judgement.person_id, unit, user_id, badge.pathway, badge.key, decided_at=now)
        before = known.get(fresh.key)
        if before is None or before.state in {AccessState.DUE, AccessState.SENDING, AccessState.HELD}:
            is_sent = before is not None and before.state is AccessState.SENDING
            due[fresh.key] = before if before and is_sent else replace(fresh, decided_at=_first(before, now))
    return tuple(due.values())


def _first(before: Enrolment | None, now: datetime) -> datetime:
    return before.decided_at if before and before.decided_at else now


def _running_unit(judgement: Judgement, today: date) -> OrgUnitId | None:
    """Return the org unit to enrol in: the badge's newest offering that still runs."""
    badge = judgement.badge
    if not badge.enrol:
        return None
    running = [one.org_unit_id for one in badge.offerings if not one.has_ended(today)]
    return running[-1] if running else None


def _is_eligible(judgement: Judgement) -> bool:
    """Tell whether everything but the course's own work is met: prerequisites, and the team where asked."""
    asked = {*judgement.badge.requires, *(["team"] if judgement.badge.team else [])}
    met = {one.key for one in judgement.verdicts if one.truth is Truth.MET and one.source in {"ledger", "teams"}}
    return asked <= met


def _is_outside(person: Person, classlist: Classlist | None) -> bool:
    """Tell whether no user of the person has a role in the org unit, as far as its classlist shows."""
    if classlist is None or classlist.failure is not None:
        return False
    return not any(user_id in classlist.entries for user_id in person.user_ids)
