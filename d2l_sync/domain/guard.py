"""The guard: what is out of proportion, or made by new rules, is held as one plan until a person lets just it go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from d2l_sync.domain.access import Access, AccessState, Enrolment, EnrolmentKey
from d2l_sync.domain.award import SENT, Award, Holder, Pair, State
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.ledger import Change, Ledger
from d2l_sync.domain.pathway import Badge, RuleVersion
from d2l_sync.domain.plan import Plan

Item = tuple[Pair, str] | EnrolmentKey
Batch = frozenset[Item]
"""What goes or is held together: awards, each with the version of its rules, and enrolments."""

HeldPlans = Mapping[int | None, Batch]
"""What the guard holds since an earlier pass, by the number of the plan."""

NOTHING: Batch = frozenset()
DECIDED = SENT | {State.DUE}
NEW_RULES = "it rests on rules that are new or changed"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the guard goes by.

    cap: how many at once; 0 is no limit. known: the rules that may award without being asked about; None: all.
    number: the pass's, for a plan that is held anew; None where nothing is written. released: the number of the held
    plan that a person lets go in this pass.
    """

    cap: int = 0
    known: frozenset[RuleVersion] | None = None
    number: int | None = None
    released: int | None = None


@dataclass(frozen=True, slots=True)
class Guarded:
    """The plan as the guard lets it pass.

    held: what it withheld in this pass. number: of the plan that this is. because: why. rules: what the released plan
    makes known. has_moved: the plan that a person released is not what is due now, so nothing of it goes.
    """

    changes: tuple[Change, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    held: Batch = NOTHING
    number: int | None = None
    because: str = ""
    rules: frozenset[RuleVersion] = frozenset()
    has_moved: bool = False


def held_plans(awards: Iterable[Award], enrolments: Iterable[Enrolment]) -> HeldPlans:
    """Sort what the guard holds by the number of its plan."""
    held: list[tuple[int | None, Item]] = [
        *((one.held_in, _item(one)) for one in awards if one.is_held_by_guard),
        *((one.held_in, one.key) for one in enrolments if one.state is AccessState.HELD),
    ]
    return {number: frozenset(item for own, item in held if own == number) for number, _ in held}


def newest_number(plans: HeldPlans) -> int | None:
    """Return the number of the newest held plan, None when nothing is held under a number."""
    return max((number for number in plans if number is not None), default=None)


def described(batch: Batch) -> str:
    """Say how many awards and enrolments these are."""
    awards = sum(isinstance(item[0], Pair) for item in batch)
    counts = [(awards, "award"), (len(batch) - awards, "enrolment")]
    return " and ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count) or "nothing"


def guard(
    plan: Plan, access: Access, ledger: Ledger, *, before: HeldPlans, badges: Sequence[Badge], limits: Limits
) -> Guarded:
    """Withhold everything that is counted when it is more than the cap allows; else what new rules would award.

    Counted is what would newly go, and what is still held while its facts are unknown. A released plan goes when it is
    exactly what would be held, or all that is counted, and nothing of it is unknown. Else everything counted is held,
    be it few enough for the cap: a person let another plan go than this. before: what was held until now and is judged
    in this pass. badges: those that are judged, each behind all that it requires.
    """
    unsure = [ledger[pair] for pair in sorted(plan.unsure)]
    awards = [*(change.after for change in plan.changes if _is_newly_due(change)), *unsure]
    enrolments = [*access.new, *access.unsure]
    counted = _batch(awards, enrolments)
    new_rules = _NewRules(limits.known, badges, ledger)
    by_new_rules = new_rules.batch(awards, enrolments)
    held = counted if 0 < limits.cap < len(counted) else by_new_rules
    goes, moved = NOTHING, ""
    if limits.released is not None:
        goes = before.get(limits.released, NOTHING)
        moved = _moved(goes, (counted, held), unsure=_batch(unsure, access.unsure))
        goes, held = (NOTHING, counted) if moved else (goes, NOTHING)
    why = f"plan {limits.released} {moved}" if moved else f"{described(counted)} at once, {limits.cap} allowed"
    mark = _Mark(held, goes, by_new_rules, _number(held, before, limits), why)
    changes = [mark.change(one) for one in (*plan.changes, *(Change(award, award, "") for award in unsure))]
    return Guarded(
        changes=tuple(one for one in changes if one.after != ledger.get(one.after.pair)),
        enrolments=(*access.ended, *access.older, *map(mark.enrolment, enrolments)),
        held=held,
        number=mark.number if held else None,
        because=why if moved or not held <= by_new_rules else NEW_RULES,
        rules=new_rules.of(goes, awards, enrolments),
        has_moved=bool(moved),
    )


def _moved(released: Batch, now: Iterable[Batch], *, unsure: Batch) -> str:
    """Say why a plan that a person let go can't go; nothing when it can."""
    if not released or released not in now:
        return "is another one by now"
    return "" if released.isdisjoint(unsure) else "rests on facts that are unknown by now"


@dataclass(frozen=True, slots=True)
class _Mark:
    """How what is held, and what a person let go, is marked. because: of what is not held for its new rules."""

    held: Batch
    goes: Batch
    by_new_rules: Batch
    number: int | None
    because: str

    def change(self, change: Change) -> Change:
        item = _item(change.after)
        if item in self.goes:
            return replace(change, after=replace(change.after, is_released=True))
        if item not in self.held:
            return change
        why = self._why(item)
        after = replace(change.after, state=State.HELD, held_by=Holder.GUARD, held_in=self.number, reason=why)
        return Change(change.before, after, why)

    def enrolment(self, enrolment: Enrolment) -> Enrolment:
        if enrolment.key not in self.held:
            return enrolment
        return replace(enrolment, state=AccessState.HELD, held_in=self.number, reason=self._why(enrolment.key))

    def _why(self, item: Item) -> str:
        return f"the guard: {NEW_RULES if item in self.by_new_rules else self.because}"


@dataclass(frozen=True, slots=True)
class _NewRules:
    """Which rules nobody let award yet, and what rests on them. badges: with everything that they require."""

    known: frozenset[RuleVersion] | None
    badges: Sequence[Badge]
    ledger: Ledger

    def batch(self, awards: Iterable[Award], enrolments: Iterable[Enrolment]) -> Batch:
        by_class = {badge.badge_class: badge for badge in self.badges}
        by_key = {(badge.pathway, badge.key): badge for badge in self.badges}
        items: list[tuple[Item, PersonId, Badge | None]] = [
            *((_item(one), one.person_id, by_class.get(one.badge_class)) for one in awards),
            *((one.key, one.person_id, by_key.get((one.pathway, one.badge))) for one in enrolments),
        ]
        return frozenset(
            item for item, person_id, badge in items if badge is not None and self._is_by(badge, person_id)
        )

    def of(self, goes: Batch, awards: Iterable[Award], enrolments: Iterable[Enrolment]) -> frozenset[RuleVersion]:
        """Return the rules that a batch rests on, those of all that it requires included."""
        classes = {one.badge_class for one in awards if _item(one) in goes}
        names = {(one.pathway, one.badge) for one in enrolments if one.key in goes}
        found: set[RuleVersion] = set()
        for badge in reversed(self.badges):
            if badge.badge_class in classes or (badge.pathway, badge.key) in names:
                found.add(badge.rule)
                names |= {(badge.pathway, key) for key in badge.requires}
        return frozenset(found)

    def _is_by(self, badge: Badge, person_id: PersonId) -> bool:
        """Tell whether a badge rests on new rules: its own, or those of a required one that is not decided yet."""
        if self.known is None:
            return False
        if badge.rule not in self.known:
            return True
        required = [one for one in self.badges if one.pathway == badge.pathway and one.key in badge.requires]
        return any(not self._is_decided(one, person_id) and self._is_by(one, person_id) for one in required)

    def _is_decided(self, badge: Badge, person_id: PersonId) -> bool:
        award = self.ledger.get(Pair(person_id, badge.badge_class))
        return award is not None and award.state in DECIDED


def _number(held: Batch, before: HeldPlans, limits: Limits) -> int | None:
    """Keep the number of a plan that is still the same; else it gets the pass's."""
    same = [number for number, batch in before.items() if batch == held and number is not None]
    return same[0] if same and len(before) == 1 else limits.number


def _is_newly_due(change: Change) -> bool:
    """Tell whether the guard counts a change: not what was due already, nor what a person released."""
    if change.after.state is not State.DUE or change.after.is_released:
        return False
    return change.before is None or change.before.state is not State.DUE


def _batch(awards: Iterable[Award], enrolments: Iterable[Enrolment]) -> Batch:
    return frozenset([*map(_item, awards), *(one.key for one in enrolments)])


def _item(award: Award) -> Item:
    return award.pair, award.rule_version
