"""Explain: why a learner has a badge or not, in sentences that a help desk can paste."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import Award, State
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.ledger import Approval, HistoryEntry
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.records import Records
from d2l_sync.domain.stored import StoredJudgement
from d2l_sync.domain.verdict import Truth, Verdict

STANDING = {
    State.EARNED: "is earned and not sent yet",
    State.AWAITING_APPROVAL: "is earned and waits for an administrator's approval",
    State.REJECTED: "was rejected by an administrator",
    State.BLOCKED: "is earned and blocked",
    State.DUE: "is earned and about to be sent",
    State.SENDING: "is being sent",
    State.DOUBTFUL: "was sent, and the platform's answer was lost; it will be looked up",
    State.ISSUED: "was issued",
    State.FAILED: "was refused by the badging platform",
    State.HELD: "is held",
    State.LAPSED: "is earned no longer",
    State.REVOKED: "was revoked",
}

ACCESS = {
    AccessState.DUE: "is due",
    AccessState.SENDING: "was asked for, and the answer is not known; it will be read first",
    AccessState.HELD: "is held",
    AccessState.DONE: "was given",
    AccessState.LAPSED: "is not due any more",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one person and one badge. judgement, award: None when there is none yet.

    access: to the badge's org units, as far as the service was to give it.
    """

    person_id: PersonId
    pathway: Pathway
    badge: Badge
    judgement: StoredJudgement | None
    award: Award | None
    approval: Approval | None
    history: tuple[HistoryEntry, ...]
    access: tuple[Enrolment, ...] = ()

    @property
    def sentence(self) -> str:
        """Answer "do they have it, and why (not)?" in one sentence."""
        who, name, award = f"User {self.person_id}", self.badge.name, self.award
        if award is not None and award.state is not State.LAPSED:
            return f"{name} of {who.lower()} {STANDING[award.state]}{self._since(award)}{_reason(award)}."
        if self.judgement is None:
            return f"{who} does not have {name}: no pass has seen this learner in its courses yet."
        if self.judgement.truth is Truth.MET:
            return f"{who} has earned {name}; the next pass decides."
        missing = "; ".join(f"{one.name}: {one.because}{_asked(one)}" for one in self.blockers())
        doubt = " yet" if self.judgement.truth is Truth.UNKNOWN else ""
        return f"{who} does not have {name}{doubt}, because {missing or 'nothing was judged'}."

    def _since(self, award: Award) -> str:
        if award.state is not State.ISSUED:
            return ""
        return f" on {award.issued_on:%Y-%m-%d}" if award.issued_on else ""

    def blockers(self) -> list[Verdict]:
        """Return the required verdicts that stand in the way, unmet ones first."""
        verdicts = self.judgement.verdicts if self.judgement else ()
        return [
            one
            for wanted in (Truth.UNMET, Truth.UNKNOWN)
            for one in verdicts
            if one.is_required and one.truth is wanted
        ]

    @property
    def whom_to_ask(self) -> str:
        return self.pathway.contact


def _reason(award: Award) -> str:
    return f" ({award.reason})" if award.reason else ""


def explain(
    records: Records, pathways: Iterable[Pathway], person_id: PersonId, badges: Iterable[Badge] | None = None
) -> Iterator[Explanation]:
    """Yield an explanation for each badge, in the pathway's order, from what the last passes stored."""
    wanted = None if badges is None else {(one.pathway, one.key) for one in badges}
    judged = {(one.pathway, one.badge): one for one in records.judgements(person_id)}
    rows = {one.badge_class: one for one in records.awards() if one.person_id == person_id}
    decided = {(one.pathway, one.badge): one for one in records.approvals() if one.person_id == person_id}
    history = records.history(person_id)
    access = records.enrolments(person_id)
    for pathway in pathways:
        for badge in pathway.badges:
            key = (pathway.key, badge.key)
            if wanted is None or key in wanted:
                lines = tuple(one for one in history if (one.pathway, one.badge) == key)
                let_in = tuple(one for one in access if (one.pathway, one.badge) == key)
                known = judged.get(key), rows.get(badge.badge_class), decided.get(key)
                yield Explanation(person_id, pathway, badge, *known, lines, let_in)


def access_of(enrolment: Enrolment) -> str:
    """Write one enrolment as a line: where to, how it stands, since when, and why."""
    done = f" on {_minute(enrolment.done_at)}" if enrolment.done_at else ""
    reason = f" ({enrolment.reason})" if enrolment.reason else ""
    return f"Access to org unit {enrolment.org_unit_id} {ACCESS[enrolment.state]}{done}{reason}"


def sentence_of(verdict: Verdict) -> str:
    """Write one criterion as a line: name, what was found, what was asked, where and when it was read."""
    where = f"; {verdict.source}" if verdict.source and verdict.source not in {"ledger", "teams", "classlist"} else ""
    read = f", read {_minute(verdict.read_at)}" if verdict.read_at else ""
    optional = " (optional)" if not verdict.is_required else ""
    return f"{verdict.name}{optional}: {verdict.because}{_asked(verdict)}{where}{read}"


def _asked(verdict: Verdict) -> str:
    return f", needs {verdict.threshold}" if verdict.threshold else ""


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
