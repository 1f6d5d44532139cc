"""What a pass knows once it has decided, and what of it is stored, sent and reported."""

from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import Award, Pair, State
from d2l_sync.domain.findings import KINDS, OF_NO_PASS
from d2l_sync.domain.ledger import Ledger
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.ports import PassRecord, Snapshot, Usage
from d2l_sync.domain.settings import GuardSettings
from d2l_sync.domain.verdict import Truth
from d2l_sync.services.assess import Assessment
from d2l_sync.services.deliver import Tally
from d2l_sync.services.guarding import guard_problems, rules_to_know
from d2l_sync.services.holdings import Holdings
from d2l_sync.services.known_people import suppressed
from d2l_sync.services.observe import Observation
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import AwardCounts, PassReport, count_states, exit_code
from d2l_sync.services.scope import Scope, Scoped

NO_ADDRESS_HINT = "let the service read user records (users:userdata:read), or show e-mail on the classlist"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a pass cost."""

    brightspace: Usage
    badging_calls: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Decided:
    """One pass between deciding and sending."""

    scope: Scope
    scoped: Scoped
    observation: Observation
    holdings: Holdings
    assessment: Assessment

    @property
    def outcome(self) -> str:
        """Say in a word what could be seen; held is named before partial."""
        if self.observation.is_blind:
            return "blind"
        if self.assessment.is_held:
            return "held"
        is_partial = self.observation.problems or self.holdings.problems or self.assessment.unread_contacts
        return "partial" if is_partial else "complete"

    @property
    def problems(self) -> list[Problem]:
        guarded = guard_problems(self.assessment.guarded, is_live=self.assessment.is_live)
        without_address = [
            Problem("the user record could not be read, so there is no address", f"user {person_id}", NO_ADDRESS_HINT)
            for person_id in self.assessment.unread_contacts
        ]
        return [*guarded, *self.observation.problems, *self.holdings.problems, *without_address]

    @property
    def badges(self) -> list[Badge]:
        """Return the badges in scope, prerequisites first."""
        return self.scoped.chosen

    @property
    def enrolments(self) -> list[Enrolment]:
        """Return whom a live pass lets in now."""
        going = {AccessState.DUE, AccessState.SENDING}
        return [one for one in self.assessment.guarded.enrolments if one.state in going]

    def rows(self, ledger: Ledger) -> list[Award]:
        """Return the rows of the badges and people in scope; over everything, all there are."""
        if self.scope.is_everything:
            return list(ledger.values())
        classes = {badge.badge_class for badge in self.badges}
        people = {one.person_id for one in self.assessment.judgements}
        is_any = self.scope.learner is None
        return [one for one in ledger.values() if one.badge_class in classes and (is_any or one.person_id in people)]

    def sendable(self, stored: Snapshot, now: datetime) -> list[Award]:
        """Return the due awards in scope, prerequisites first; of nobody suppressed or rejected meanwhile.

        A due award is a decision: it is sent also where its org unit can't be read now, be the whole pass blind.
        stored: read after deciding, as somebody may have acted since.
        """
        badges = [badge for badge in self.badges if not badge.by_platform]
        order = {badge.badge_class: place for place, badge in enumerate(badges)}
        silent, rejected = suppressed(stored), _rejected(badges, stored)
        due = [
            award
            for award in self.rows(self.assessment.ledger)
            if award.state is State.DUE
            and award.badge_class in order
            and award.pair not in self.assessment.plan.waiting
            and award.badge_class not in self.holdings.unread
            and award.person_id not in silent
            and not award.is_resting(now)
            and award.pair not in rejected
        ]
        return sorted(due, key=lambda award: (order[award.badge_class], award.person_id))

    def record(self, now: datetime, guard: GuardSettings) -> PassRecord:
        """Return everything that is to be stored, in one transaction, before anything is sent."""
        could_see_all = self.scope.is_everything and not self.observation.problems and not self.holdings.problems
        assessment, is_live = self.assessment, self.assessment.is_live
        return PassRecord(
            at=now,
            classlists=self.observation.fresh_classlists,
            listings=self.observation.fresh_listings,
            last_known=self.observation.addresses(),
            judgements=assessment.judgements,
            changes=assessment.changes,
            findings=assessment.findings,
            finding_kinds=frozenset(KINDS) - OF_NO_PASS if could_see_all else frozenset(),
            compared=frozenset(
                (badge.pathway, badge.key)
                for badge in self.scoped.judged
                if badge.badge_class in self.holdings.assertions
            ),
            judged=frozenset(
                (one.person_id, one.badge.pathway, one.badge.key)
                for one in assessment.judgements
                if one.truth is not Truth.UNKNOWN
            ),
            addressed=assessment.addressed,
            sizes={**self.observation.sizes, **self.holdings.sizes},
            enrolments=assessment.guarded.enrolments if is_live else (),
            known_rules=rules_to_know(assessment.guarded, guard, self.badges) if is_live else frozenset(),
        )

    def report(self, tally: Tally, ledger: Ledger, spent: Spent, now: datetime) -> PassReport:
        """Say in figures what the pass saw and did. ledger: as it stands after delivery."""
        rows, outcome, found = self.rows(ledger), self.outcome, self.assessment.found
        is_left = any(row.state is State.DOUBTFUL or (row.state is State.DUE and row.is_resting(now)) for row in rows)
        return PassReport(
            outcome=outcome,
            learners=self.assessment.learners,
            facts_read=self.observation.facts_read,
            facts_changed=self.observation.facts_changed,
            facts_unknown=self.assessment.facts_unknown,
            awards=AwardCounts(
                earned=sum(one.truth is Truth.MET for one in self.assessment.judgements),
                issued=tally.issued + found.confirmed,
                adopted=tally.adopted + found.adopted,
                **{state.value: count for state, count in count_states(rows).items()},
            ),
            calls_brightspace=spent.brightspace.calls,
            calls_badging=spent.badging_calls,
            credits=spent.brightspace.credits,
            seconds=spent.seconds,
            problems=tuple(dict.fromkeys([*self.problems, *tally.problems])),
            exit_code=exit_code(
                outcome=outcome,
                has_bad_credentials=self.holdings.has_bad_credentials or tally.has_bad_credentials,
                is_unanswered=tally.unanswered or is_left,
                is_held=self.assessment.is_held or self.assessment.guarded.has_moved,
            ),
        )


def _rejected(badges: list[Badge], stored: Snapshot) -> set[Pair]:
    classes = {(badge.pathway, badge.key): badge.badge_class for badge in badges if badge.approval}
    decided = [one for one in stored.approvals if not one.is_approved and (one.pathway, one.badge) in classes]
    return {Pair(one.person_id, classes[one.pathway, one.badge]) for one in decided}
