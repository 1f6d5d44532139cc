"""The plan: what every judgement means for the ledger."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from d2l_sync.domain.award import Assertion, Award, Pair, State, award_key
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Approval, Change, Ledger
from d2l_sync.domain.people import Contact
from d2l_sync.domain.verdict import Truth


@dataclass(frozen=True, slots=True)
class Rules:
    """How awards are placed in this pass. is_live: False in observe mode."""

    issuer: str
    now: datetime
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pass would do to the ledger if the guard let it.

    waiting: due awards that rest because one of their facts vanished. unsure: awards that the guard still holds, and
    whose facts are unknown now.
    """

    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    waiting: frozenset[Pair] = frozenset()
    unsure: frozenset[Pair] = frozenset()


def decide(
    judgements: Iterable[Judgement],
    ledger: Ledger,
    *,
    contacts: Mapping[PersonId, Contact],
    approvals: Mapping[tuple[PersonId, str, str], Approval],
    revoked: Mapping[Pair, Assertion],
    rules: Rules,
) -> Plan:
    """Turn judgements into changes of the ledger.

    approvals: by person, pathway and badge. revoked: pairs for which the platform holds revoked assertions only.
    """
    changes: list[Change] = []
    findings: list[Finding] = []
    waiting: set[Pair] = set()
    unsure: set[Pair] = set()
    for judgement in judgements:
        badge = judgement.badge
        pair = Pair(judgement.person_id, badge.badge_class)
        award = ledger.get(pair)
        approval = approvals.get((judgement.person_id, badge.pathway, badge.key))
        contact = contacts.get(judgement.person_id) or Contact(judgement.person_id, None, blocked="no address")
        placing = _Placing(judgement, award, approval, contact, revoked.get(pair), rules)
        change = placing.change()
        if change is not None:
            changes.append(change)
        findings.extend(placing.findings(change))
        if placing.waits:
            waiting.add(pair)
        if award is not None and award.is_held_by_guard and judgement.truth is Truth.UNKNOWN:
            unsure.add(pair)
    return Plan(tuple(changes), tuple(findings), frozenset(waiting), frozenset(unsure))


@dataclass(frozen=True, slots=True)
class _Placing:
    """One pair's way to its next state."""

    judgement: Judgement
    award: Award | None
    approval: Approval | None
    contact: Contact
    revoked: Assertion | None
    rules: Rules

    @property
    def waits(self) -> bool:
        """Tell whether a due award is not sent now: a fact of its vanished, or nobody says where it should go."""
        if self.award is None or self.award.state is not State.DUE:
            return False
        if self.judgement.truth is Truth.UNKNOWN:
            return any(one.rests_on_vanished for one in self.judgement.verdicts if one.is_required)
        return self._is_unaddressed(self.award)

    def _is_unaddressed(self, award: Award) -> bool:
        """Tell whether it is due already, and a user record that gives no answer may hold a new address for it."""
        is_due = award.state is State.DUE and self.judgement.truth is Truth.MET
        return is_due and self.contact.is_unread and not self.contact.is_suppressed and not award.sent_to

    def change(self) -> Change | None:
        if self.award is None:
            is_met = self.judgement.truth is Truth.MET
            return Change(None, self._placed(self._new()), self._why()) if is_met else None
        if self.award.state is State.ISSUED:
            return self._now_earned(self.award)
        approved_again = self.award.state is State.REJECTED and self.approval is not None and self.approval.is_approved
        return self._judged_anew(self.award) if self.award.is_judged_anew or approved_again else None

    def _judged_anew(self, award: Award) -> Change | None:
        truth = self.judgement.truth
        if truth is Truth.UNKNOWN:
            return self._observed(award) or self._readdressed(award)
        if truth is Truth.UNMET:
            return self._lapsed(award)
        if self._is_unaddressed(award):
            return None
        after = self._placed(award)
        return Change(award, after, self._why()) if after != award else None

    def _new(self) -> Award:
        badge = self.judgement.badge
        return Award(self.judgement.person_id, badge.badge_class, badge.pathway, badge.key, State.EARNED)

    def _now_earned(self, award: Award) -> Change | None:
        """Date an adopted award that is earned by now."""
        if self.judgement.truth is not Truth.MET or award.earned_at is not None:
            return None
        earned_at = self.judgement.earned_at or self.rules.now
        return Change(award, replace(award, earned_at=earned_at), "its criteria are met")

    def _observed(self, award: Award) -> Change | None:
        if self.rules.is_live or award.state is not State.DUE:
            return None
        return Change(award, replace(award, state=State.EARNED), "observe mode")

    def _readdressed(self, award: Award) -> Change | None:
        """Let a due award that the platform never had go where this pass would send it; it is decided already."""
        address = self.contact.address
        if award.state is not State.DUE or award.sent_to or self.contact.blocked is not None:
            return None
        after = replace(award, address=address)
        return Change(award, after, "goes to the address of now") if after != award else None

    def _lapsed(self, award: Award) -> Change | None:
        if award.state is State.LAPSED:
            return None
        because = self.judgement.because
        after = replace(award, state=State.LAPSED, held_by=None, held_in=None, reason=because, is_released=False)
        return Change(award, after, f"earned no longer: {self.judgement.because}")

    def _placed(self, award: Award) -> Award:
        badge, approval = self.judgement.badge, self.approval
        earned_at = self.judgement.earned_at or award.earned_at or self.rules.now
        approved_at = approval.at if badge.approval and approval is not None and approval.is_approved else None
        base = replace(
            award,
            held_by=None,
            held_in=None,
            reason=None,
            earned_at=earned_at,
            address=award.sent_to[-1] if award.sent_to else self.contact.address,
            issued_on=max(earned_at, approved_at) if approved_at else earned_at,
            narrative=self._narrative(award),
            rule_version=badge.rule_version,
        )
        if self.revoked is not None:
            return replace(
                base,
                state=State.REVOKED,
                reason="revoked on the platform",
                assertion_id=self.revoked.assertion_id,
                assertion_url=self.revoked.url,
            )
        state, reason = self._next_state(award)
        return replace(base, state=state, reason=reason)

    def _next_state(self, award: Award) -> tuple[State, str | None]:
        """Say where an award that is earned goes: blocked first, then whatever a person has to say, then out."""
        badge, approval, contact = self.judgement.badge, self.approval, self.contact
        if contact.is_suppressed or (contact.blocked is not None and not award.sent_to):
            return State.BLOCKED, contact.blocked
        if badge.approval and approval is None:
            return State.AWAITING_APPROVAL, None
        if badge.approval and approval is not None and not approval.is_approved:
            return State.REJECTED, approval.reason
        if badge.by_platform or not self.rules.is_live:
            return State.EARNED, None
        return State.DUE, None

    def _narrative(self, award: Award) -> str:
        badge = self.judgement.badge
        named = [one for one in self.judgement.verdicts if one.is_required or one.source != "teams"]
        names = [one.name for one in named if one.truth is Truth.MET and one.key != "enrolment"]
        met = f" Met: {'; '.join(names)}." if names else ""
        return f"{badge.name}.{met} Ref {award_key(self.rules.issuer, award)}"

    def _why(self) -> str:
        return self.judgement.because

    def _has_moved(self, award: Award) -> bool:
        return award.address is not None and bool(self.contact.known) and award.address not in self.contact.known

    def findings(self, change: Change | None) -> list[Finding]:
        award, badge = self.award, self.judgement.badge
        subject = Finding("fell", "", pathway=badge.pathway, badge=badge.key, user_id=self.judgement.person_id)
        found: list[Finding] = []
        was_earned = award is not None and award.state is State.ISSUED and award.earned_at is not None
        if was_earned and self.judgement.truth is Truth.UNMET:
            edited = award is not None and award.rule_version not in {"", badge.rule_version}
            since = "; the rules were changed since" if edited else ""
            found.append(replace(subject, what=f"{badge.name}: issued, but {self.judgement.because}{since}"))
        if award is not None and award.state is State.ISSUED and self._has_moved(award):
            what = f"{badge.name}: the learner no longer has the address that it went to; it stays there"
            found.append(replace(subject, kind="address_changed", what=what, address=award.address))
        if change is not None and change.after.state is State.REVOKED:
            what = f"{badge.name}: earned, but the platform holds only a revoked assertion; release it to award it"
            found.append(replace(subject, kind="revoked_there", what=what, assertion_id=change.after.assertion_id))
        return found
