"""Guarding: what the guard holds of some badges, and what it says to whoever reads a pass."""

from collections.abc import Callable, Iterable

import structlog

from d2l_sync.domain.errors import Busy
from d2l_sync.domain.guard import Guarded, HeldPlans, Limits, described, held_plans, newest_number
from d2l_sync.domain.ledger import newest
from d2l_sync.domain.pathway import Badge, RuleVersion
from d2l_sync.domain.ports import Snapshot
from d2l_sync.domain.settings import GuardSettings
from d2l_sync.domain.stored import StoredPass
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport, no_pass
from d2l_sync.services.standing import OVER_EVERYTHING

log = structlog.get_logger()
WHERE = "the guard"


def held_of(snapshot: Snapshot, badges: Iterable[Badge]) -> HeldPlans:
    """Return what the guard holds of these badges, by the number of the plan."""
    names = {badge.badge_class: (badge.pathway, badge.key) for badge in badges}
    return held_plans(
        [one for one in newest(snapshot.awards).values() if one.badge_class in names],
        [one for one in snapshot.enrolments if (one.pathway, one.badge) in names.values()],
    )


def limits_of(settings: GuardSettings, snapshot: Snapshot, *, number: int | None, released: int | None) -> Limits:
    """Return what the guard goes by in one pass."""
    known = snapshot.known_rules if settings.observes_new_rules else None
    return Limits(settings.max_awards_per_pass, known, number, released)


def rules_to_know(guarded: Guarded, settings: GuardSettings, badges: Iterable[Badge]) -> frozenset[RuleVersion]:
    """Return the rules that a person released; where new ones need nobody's word, all that this pass awards by."""
    if settings.observes_new_rules:
        return guarded.rules
    return frozenset(badge.rule for badge in badges)


def guard_problems(guarded: Guarded, *, is_live: bool) -> list[Problem]:
    """Say what the guard holds, or would hold, and how to let it go."""
    release = f"look at: d2l-sync awards list --state held; let it go: d2l-sync passes release {guarded.number}"
    if guarded.has_moved:
        hint = f"the newest plan is {guarded.number}; {release}" if guarded.held else "nothing is held any more"
        return [Problem(f"nothing was released: {guarded.because}", WHERE, hint)]
    if not guarded.held:
        return []
    is_held = is_live and guarded.number is not None
    verb, hint = ("holds", release) if is_held else ("would hold", "a pass that issues holds them under its number")
    return [Problem(f"the guard {verb} {described(guarded.held)}: {guarded.because}", WHERE, hint)]


def plan_of(number: int, plans: HeldPlans, passes: Callable[[int], StoredPass | None]) -> int:
    """Return the number of the plan that a pass held: of the newest one where that was unchanged by then, else its own.

    A pass over everything counts anew, so no older plan outlives it.
    """
    newest = newest_number(plans)
    if newest is None or number <= newest:
        return number
    named = passes(number)
    held_it = named is not None and named.outcome == "held" and named.scope in OVER_EVERYTHING
    return newest if held_it else number


def release(number: int, plans: HeldPlans, make: Callable[[], PassReport], *, by: str) -> PassReport:
    """Let a held plan go with a pass over everything; no pass where it is not the newest. by: who says so."""
    newest = newest_number(plans)
    if number == newest:
        log.info("pass_released", plan=number, what=described(plans[number]), by=by)
        return make()
    if newest is None:
        return no_pass(Problem("the guard holds nothing", WHERE, "see: d2l-sync status"), Busy.exit_code)
    what, hint = f"plan {number} is not the newest held one", f"the newest is: d2l-sync passes release {newest}"
    return no_pass(Problem(what, WHERE, hint), Busy.exit_code)
