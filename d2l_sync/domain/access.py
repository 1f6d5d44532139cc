"""Access: who is let into an org unit because they may earn its badge, decided like an award and done once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from d2l_sync.domain.ids import BadgeKey, OrgUnitId, PathwayKey, PersonId, UserId
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.domain.verdict import Truth, every

EnrolmentKey = tuple[PersonId, OrgUnitId]


class AccessState(Enum):
    """Where an enrolment stands. DONE is for ever: whoever leaves again is not brought back.

    LAPSED: eligible no longer before it was done; decided anew when that changes.
    """

    DUE = "due"
    SENDING = "sending"
    HELD = "held"
    DONE = "done"
    LAPSED = "lapsed"


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
    def key(self) -> EnrolmentKey:
        return self.person_id, self.org_unit_id

    @property
    def is_done_by_us(self) -> bool:
        return self.state is AccessState.DONE and not self.reason


Enrolments = Mapping[EnrolmentKey, Enrolment]


@dataclass(frozen=True, slots=True)
class Access:
    """The enrolments that one pass decided about.

    new: would newly be done, so the guard counts them. older: were due before. unsure: still held by the guard, while
    what they rest on is unknown. ended: done or lapsed without a request of this pass. What is in none of these is
    left as it stands.
    """

    new: tuple[Enrolment, ...] = ()
    older: tuple[Enrolment, ...] = ()
    unsure: tuple[Enrolment, ...] = ()
    ended: tuple[Enrolment, ...] = ()

    def without(self, keys: Collection[EnrolmentKey]) -> "Access":
        """Leave some enrolments out of it, and so as they stand."""
        parts = (self.new, self.older, self.unsure, self.ended)
        return Access(*(tuple(one for one in part if one.key not in keys) for part in parts))


OPEN = frozenset({AccessState.DUE, AccessState.SENDING, AccessState.HELD})
OVER_OTHERS = (AccessState.LAPSED, AccessState.DONE, AccessState.HELD, AccessState.DUE, AccessState.SENDING)


def decide_access(
    judgements: Iterable[Judgement],
    people: Mapping[PersonId, Person],
    classlists: Mapping[OrgUnitId, Classlist],
    *,
    known: Enrolments,
    now: datetime,
    today: date,
) -> Access:
    """Decide who is let in: eligible people without any role in the badge's running org unit, each once.

    Nobody is enrolled while the org unit's classlist can't be read. An enrolment that was not done yet lapses when the
    person is eligible no longer, and is done when the classlist shows a role. Two badges may let people into one org
    unit: one that does is enough.
    """
    decided: dict[EnrolmentKey, Enrolment] = {}
    waiting = _waiting(known)
    for judgement in judgements:
        badge, person = judgement.badge, people.get(judgement.person_id)
        if person is None:
            continue
        unit = _running_unit(judgement, today)
        own = waiting.get((person.person_id, badge.pathway, badge.key), [])
        found = [_lapsed(one, "nobody is let into this org unit any more") for one in own if one.org_unit_id != unit]
        if unit is not None:
            is_outside = _is_outside(person, classlists.get(unit))
            case = _Case(judgement, person, unit, is_outside, known.get((person.person_id, unit)))
            found.extend(case.decided(now))
        for one in found:
            decided[one.key] = max(decided.get(one.key, one), one, key=lambda each: OVER_OTHERS.index(each.state))
    return _sorted(decided.values(), known)


@dataclass(frozen=True, slots=True)
class _Case:
    """One person before one org unit. before: what is known of them there."""

    judgement: Judgement
    person: Person
    org_unit_id: OrgUnitId
    is_outside: bool | None
    before: Enrolment | None

    def decided(self, now: datetime) -> list[Enrolment]:
        """Return the enrolment as it becomes; nothing where it stays as it is."""
        before = self.before
        if before is not None and before.state is AccessState.DONE:
            return []
        if self.is_outside is False:
            return [had_role(before, now)] if before is not None and before.state in OPEN else []
        eligible = Truth.UNMET if self.person.is_suppressed else _eligibility(self.judgement)
        if eligible is Truth.UNMET:
            return self._refused()
        if eligible is Truth.UNKNOWN or self.is_outside is None:
            return self._undecided()
        return [self._let_in(now)]

    def _undecided(self) -> list[Enrolment]:
        """Return what the guard holds, for it to be counted; all else stays without being named."""
        return [self.before] if self.before is not None and self.before.state is AccessState.HELD else []

    def _refused(self) -> list[Enrolment]:
        why = "suppressed" if self.person.is_suppressed else "may not earn the badge any more"
        return [_lapsed(self.before, why)] if self.before is not None and self._may_lapse(self.before) else []

    def _let_in(self, now: datetime) -> Enrolment:
        before = self.before
        if before is not None and before.state is AccessState.SENDING:
            return before
        earlier = before.decided_at if before is not None and before.state in OPEN else None
        return replace(self._fresh(), decided_at=earlier or now)

    def _may_lapse(self, before: Enrolment) -> bool:
        """Tell whether it can end here: not for another badge's sake, nor while its request may have arrived."""
        is_own = (before.pathway, before.badge) == (self.judgement.badge.pathway, self.judgement.badge.key)
        is_known = before.state is not AccessState.SENDING or self.is_outside is True
        return is_own and is_known and before.state in OPEN

    def _fresh(self) -> Enrolment:
        badge, person_id = self.judgement.badge, self.judgement.person_id
        return Enrolment(person_id, self.org_unit_id, UserId(int(person_id)), badge.pathway, badge.key)


def _waiting(known: Enrolments) -> dict[tuple[PersonId, PathwayKey, BadgeKey], list[Enrolment]]:
    """Group what is not asked for yet by whom and which badge it is for."""
    waiting: dict[tuple[PersonId, PathwayKey, BadgeKey], list[Enrolment]] = {}
    for one in known.values():
        if one.state in {AccessState.DUE, AccessState.HELD}:
            waiting.setdefault((one.person_id, one.pathway, one.badge), []).append(one)
    return waiting


def _sorted(decided: Iterable[Enrolment], known: Enrolments) -> Access:
    new: list[Enrolment] = []
    older: list[Enrolment] = []
    unsure: list[Enrolment] = []
    ended: list[Enrolment] = []
    for one in decided:
        before = known.get(one.key)
        if one.state in {AccessState.DONE, AccessState.LAPSED}:
            ended.append(one)
        elif one.state is AccessState.HELD:
            unsure.append(one)
        else:
            was_due = before is not None and before.state in {AccessState.DUE, AccessState.SENDING}
            (older if was_due else new).append(one)
    return Access(tuple(new), tuple(older), tuple(unsure), tuple(ended))


def _lapsed(one: Enrolment, why: str) -> Enrolment:
    return replace(one, state=AccessState.LAPSED, held_in=None, reason=why)


def had_role(one: Enrolment, now: datetime) -> Enrolment:
    """Close what needs no request any more; only one whose answer was lost can be ours."""
    reason = "" if one.state is AccessState.SENDING else "had a role there already"
    return replace(one, state=AccessState.DONE, held_in=None, reason=reason, done_at=now)


def _running_unit(judgement: Judgement, today: date) -> OrgUnitId | None:
    """Return the org unit to enrol in: the badge's newest offering that still runs."""
    badge = judgement.badge
    if not badge.enrol:
        return None
    running = [one.org_unit_id for one in badge.offerings if not one.has_ended(today)]
    return running[-1] if running else None


def _eligibility(judgement: Judgement) -> Truth:
    """Judge everything but the course's own work: prerequisites, and the team where asked."""
    asked = {*judgement.badge.requires, *(["team"] if judgement.badge.team else [])}
    truths = {one.key: one.truth for one in judgement.verdicts if one.source in {"ledger", "teams"}}
    return every([truths.get(key, Truth.UNMET) for key in sorted(asked)])


def _is_outside(person: Person, classlist: Classlist | None) -> bool | None:
    """Tell whether no user of the person has a role in the org unit; None while its classlist can't be read."""
    if classlist is None or classlist.failure is not None:
        return None
    return not any(user_id in classlist.entries for user_id in person.user_ids)
