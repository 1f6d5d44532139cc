"""Give access: enrol whoever is due, one person at a time; an existing role ends it and is never touched.

Steps for one person, in an order worth guarding:
1. Read the enrolment: any role there means that it is done, whoever did it.
2. Note that a request is about to go out, committed before it does.
3. Enrol, once. A lost answer leaves it to the next pass, which begins with step 1 again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from threading import Event

import structlog

from d2l_sync.domain.access import AccessState, Enrolment, had_role
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ports import Access, Clock, State
from d2l_sync.services.problems import Problem

log = structlog.get_logger()


@dataclass
class AccessTally:
    """What giving access did. refused: Brightspace gave no token, and whoever was left was not asked for."""

    enrolled: int = 0
    problems: list[Problem] = field(default_factory=list)
    refused: TokenRefused | None = None


def give_access(due: Iterable[Enrolment], access: Access, state: State, *, clock: Clock, stop: Event) -> AccessTally:
    """Enrol everybody who is due; what goes wrong stands in the tally. Raises StateError."""
    tally = AccessTally()
    for enrolment in due:
        if stop.is_set():
            break
        try:
            after, error = _enrol(enrolment, access, state, clock)
        except TokenRefused as refusal:
            tally.refused = refusal
            break
        tally.enrolled += after.is_done_by_us
        if error is not None:
            tally.problems.append(_problem(enrolment, error))
        state.save_enrolment(after)
    return tally


def _enrol(
    enrolment: Enrolment, access: Access, state: State, clock: Clock
) -> tuple[Enrolment, SourceUnavailable | SourceRefused | None]:
    """Return the enrolment as far as it came: a lost answer leaves it on its way, a refusal due."""
    try:
        has_role = access.has_role(enrolment.org_unit_id, enrolment.user_id)
    except (SourceUnavailable, SourceRefused) as error:
        return replace(enrolment, reason=str(error)), error
    if has_role:
        return had_role(enrolment, clock()), None
    going = replace(enrolment, state=AccessState.SENDING)
    state.save_enrolment(going)
    try:
        access.enrol(enrolment.org_unit_id, enrolment.user_id)
    except SourceUnavailable as error:
        return replace(going, reason=str(error)), error
    except SourceRefused as error:
        return replace(going, state=AccessState.DUE, reason=str(error)), error
    log.info("learner_enrolled", user_id=enrolment.user_id, org_unit_id=enrolment.org_unit_id, badge=enrolment.badge)
    return replace(going, state=AccessState.DONE, reason="", done_at=clock()), None


def _problem(enrolment: Enrolment, error: SourceUnavailable | SourceRefused) -> Problem:
    return Problem(str(error), f"enrolling user {enrolment.user_id} in org unit {enrolment.org_unit_id}", error.hint)
