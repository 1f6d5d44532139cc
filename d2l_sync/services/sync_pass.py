"""The pass: the front page of the program.

1. Whatever a dead process left half sent becomes doubtful.
2. Observe Brightspace, and read what the platform already holds.
3. Assess: adopt, look up what is doubtful, judge to the fixpoint, decide; the guard refuses what is out of proportion.
4. Record everything in one transaction.
5. Deliver what is due.
6. Say what could be seen: complete, partial, blind or held.

A pass may be stopped or killed at any line; the next one ends in the same place.
"""

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Event
from time import monotonic

import structlog

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import Award, Pair, State
from d2l_sync.domain.belief import Sizes
from d2l_sync.domain.errors import D2lSyncError, TokenRefused, UsageError
from d2l_sync.domain.findings import KINDS
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.ledger import Change, Ledger, newest
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.plan import Rules
from d2l_sync.domain.ports import Access, Brightspace, Clock, PassRecord, Platform, Snapshot
from d2l_sync.domain.ports import State as StateDatabase
from d2l_sync.domain.settings import Settings
from d2l_sync.domain.verdict import Truth
from d2l_sync.services.assess import Assessment, Assessor, Scoped, suppressed
from d2l_sync.services.deliver import Delivery, Tally, Terms
from d2l_sync.services.give_access import give_access
from d2l_sync.services.guarding import guard_problems, limits_of, rules_to_know
from d2l_sync.services.holdings import Holdings, read_holdings
from d2l_sync.services.observe import Observation, Observer, Progress, needs_of
from d2l_sync.services.pass_log import PassLog
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import AwardCounts, PassReport, WouldEnrol, WouldIssue, count_states, exit_code, no_pass
from d2l_sync.services.scope import Scope, badges_in

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pass works with. brightspace: one reading, made for this pass. stop: set when the process must end."""

    settings: Settings
    pathways: tuple[Pathway, ...]
    brightspace: Brightspace
    platform: Platform
    access: Access
    state: StateDatabase
    clock: Clock
    stop: Event
    progress: Progress | None = None
    pass_log: PassLog = field(default_factory=PassLog)


class SyncPass:
    """One read-decide-issue round over a scope, or the release of a numbered plan. `run` needs the pass lock."""

    def __init__(self, around: Surroundings, scope: Scope, *, released: int | None = None) -> None:
        self._around = around
        self._scope = scope
        self._released = released
        self._scoped: Scoped = badges_in(scope, around.pathways)
        self._calls_before = around.platform.usage().calls
        self._began = monotonic()

    def run(self) -> PassReport:
        """Make the pass. Raises StateError and UsageError; a refused token ends it without a pass."""
        around, now = self._around, self._around.clock()
        settle_at = now + around.settings.delivery.settle
        lost = around.state.doubt_sending(at=now, retry_at=settle_at)
        pass_id = around.state.open_pass(at=now, scope=str(self._scope))
        with structlog.contextvars.bound_contextvars(pass_id=pass_id):
            log.debug("pass_started", scope=str(self._scope))
            if lost:
                log.warning("answers_lost", awards=lost)
            try:
                observation, snapshot = self._observe(now)
                self._assessor(observation, snapshot, now).in_scope(self._scope)
            except TokenRefused as error:
                around.state.drop_pass(pass_id)
                around.pass_log.not_made(error)
                return no_pass(Problem(str(error), "Brightspace", error.hint), error.exit_code)
            except UsageError:  # a learner who fits nobody makes no pass
                around.state.drop_pass(pass_id)
                raise
            except D2lSyncError:  # the service ends
                around.state.close_pass(pass_id, at=around.clock(), outcome=None, summary="{}")
                raise
            try:
                return self._go_on(pass_id, observation, snapshot, now)
            except D2lSyncError:
                around.state.close_pass(pass_id, at=around.clock(), outcome=None, summary="{}")
                raise

    def plan(self) -> PassReport:
        """Answer what a live pass would do, and write nothing."""
        now = self._around.clock()
        try:
            observation, snapshot = self._observe(now)
        except TokenRefused as error:
            return no_pass(Problem(str(error), "Brightspace", error.hint), error.exit_code, is_plan=True)
        holdings, assessment, delivery = self._assess(observation, snapshot, now, is_plan=True)
        due = self._sendable(assessment, holdings, snapshot)
        would = tuple(WouldIssue(one.pathway, one.badge, one.person_id) for one in due)
        enrol = tuple(WouldEnrol(one.pathway, one.badge, one.user_id, one.org_unit_id) for one in _going(assessment))
        report = self._report(observation, holdings, assessment, delivery.deliver(()))
        is_unseen = report.outcome in {"partial", "blind"}
        code = 77 if holdings.has_bad_credentials else 69 if is_unseen else 0
        return replace(report, would_issue=would, would_enrol=enrol, exit_code=code)

    def _observe(self, now: datetime) -> tuple[Observation, Snapshot]:
        settings = self._around.settings
        snapshot = self._around.state.snapshot()
        observer = Observer(
            self._around.brightspace,
            connections=settings.brightspace.connections,
            max_shrink_percent=settings.guard.max_shrink_percent,
            exclude_users=settings.brightspace.exclude_users,
            progress=self._around.progress,
        )
        scoped = [(pathway, badges) for pathway, badges, _ in self._scoped]
        needs = needs_of(scoped, self._today(now), served=self._around.pathways)
        return observer.observe(needs, snapshot), snapshot

    def _assess(
        self, observation: Observation, snapshot: Snapshot, now: datetime, *, is_plan: bool, pass_id: int | None = None
    ) -> tuple[Holdings, Assessment, Delivery]:
        around, settings = self._around, self._around.settings
        sizes = Sizes(snapshot.sizes, settings.guard.max_shrink_percent)
        badges = [badge for _, some, _ in self._scoped for badge in some]
        holdings = read_holdings(around.platform, badges, sizes)
        terms = Terms(settings.badging, settings.delivery, pass_id)
        delivery = Delivery(around.state, around.platform, terms, clock=around.clock, stop=around.stop)
        assessor = self._assessor(observation, snapshot, now)
        rules = Rules(
            issuer=settings.badging.issuer,
            now=now,
            is_live=is_plan or settings.delivery.is_live,
        )
        limits = limits_of(settings.guard, snapshot, number=pass_id, released=self._released)
        assessed = assessor.assess(holdings, self._scope, rules=rules, limits=limits, settle=delivery.settle)
        return holdings, assessed, delivery

    def _assessor(self, observation: Observation, snapshot: Snapshot, now: datetime) -> Assessor:
        return Assessor(snapshot, observation, scoped=self._scoped, today=self._today(now))

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._around.settings.schedule.timezone).date()

    def _go_on(self, pass_id: int, observation: Observation, snapshot: Snapshot, now: datetime) -> PassReport:
        around = self._around
        holdings, assessment, delivery = self._assess(observation, snapshot, now, is_plan=False, pass_id=pass_id)
        around.state.record(pass_id, self._record(observation, holdings, assessment, now))
        for change in assessment.changes:
            _log_change(change)
        now_stored = around.state.snapshot()  # somebody may have been suppressed since the pass began
        is_live = around.settings.delivery.is_live
        due = self._sendable(assessment, holdings, now_stored) if is_live else []
        tally = delivery.deliver(due, paused=holdings.unread)
        if tally.findings:
            around.state.record(pass_id, PassRecord(at=around.clock(), findings=tuple(tally.findings)))
        stored = around.state.snapshot()
        after = newest(stored.awards)
        if tally.taken:
            delivery.end_back_off(after.values())
        enrolled = self._give_access(assessment, tally, suppressed(stored))
        report = self._report(observation, holdings, assessment, tally, ledger=after)
        report = replace(report, pass_id=pass_id, enrolled=enrolled)
        around.state.close_pass(pass_id, at=around.clock(), outcome=report.outcome, summary=_summary(report))
        moved = sum(_has_moved(change) for change in assessment.changes)
        around.pass_log.ended(report, is_everything=self._scope.is_everything, moved=moved, today=self._today(now))
        return report

    def _give_access(self, assessment: Assessment, tally: Tally, silent: frozenset[PersonId]) -> int:
        """Enrol whoever is due, and count those found done; what went wrong joins the delivery's problems."""
        around = self._around
        if not around.settings.delivery.is_live:
            return 0
        due = [one for one in _going(assessment) if one.person_id not in silent]
        try:
            given = give_access(due, around.access, around.state, clock=around.clock, stop=around.stop)
        except TokenRefused as error:
            tally.has_bad_credentials = True
            tally.problems.append(Problem(str(error), "Brightspace", error.hint))
            return 0
        tally.problems.extend(given.problems)
        tally.unanswered |= bool(given.problems)
        return given.enrolled + sum(one.is_done_by_us for one in assessment.guarded.enrolments)

    def _record(
        self, observation: Observation, holdings: Holdings, assessment: Assessment, now: datetime
    ) -> PassRecord:
        could_see_all = self._scope.is_everything and not observation.problems and not holdings.problems
        is_live, guard = self._around.settings.delivery.is_live, self._around.settings.guard
        return PassRecord(
            at=now,
            classlists=observation.fresh_classlists,
            listings=observation.fresh_listings,
            last_known=observation.addresses(),
            judgements=assessment.judgements,
            changes=assessment.changes,
            findings=assessment.findings,
            finding_kinds=frozenset(KINDS) if could_see_all else frozenset(),
            compared=frozenset(
                (badge.pathway, badge.key)
                for _, badges, _ in self._scoped
                for badge in badges
                if badge.badge_class in holdings.assertions
            ),
            judged=frozenset(
                (one.person_id, one.badge.pathway, one.badge.key)
                for one in assessment.judgements
                if one.truth is not Truth.UNKNOWN
            ),
            sizes={**observation.sizes, **holdings.sizes},
            enrolments=assessment.guarded.enrolments if is_live else (),
            known_rules=rules_to_know(assessment.guarded, guard, self._badges_in_scope()) if is_live else frozenset(),
        )

    def _sendable(self, assessment: Assessment, holdings: Holdings, snapshot: Snapshot) -> list[Award]:
        """Return the due awards of the scope, prerequisites first; none suppressed or rejected meanwhile.

        A due award is a decision: it is sent also where its org unit can't be read now, be the whole pass blind.
        """
        badges = [badge for badge in self._badges_in_scope() if not badge.by_platform]
        order = {badge.badge_class: place for place, badge in enumerate(badges)}
        people, silent = {one.person_id for one in assessment.judgements}, suppressed(snapshot)
        rejected, now = _rejected(badges, snapshot), self._around.clock()
        due = [
            award
            for award in assessment.ledger.values()
            if award.state is State.DUE
            and award.badge_class in order
            and award.pair not in assessment.plan.waiting
            and award.badge_class not in holdings.unread
            and award.person_id not in silent
            and not award.is_resting(now)
            and award.pair not in rejected
            and (self._scope.learner is None or award.person_id in people)
        ]
        return sorted(due, key=lambda award: (order[award.badge_class], award.person_id))

    def _badges_in_scope(self) -> list[Badge]:
        return [badge for _, badges, keys in self._scoped for badge in badges if badge.key in keys]

    def _report(
        self,
        observation: Observation,
        holdings: Holdings,
        assessment: Assessment,
        tally: Tally,
        *,
        ledger: Ledger | None = None,
    ) -> PassReport:
        rows = self._rows_in_scope(ledger or assessment.ledger, assessment)
        states = count_states(rows)
        guarded = guard_problems(assessment.guarded, is_live=assessment.is_live)
        problems = (*guarded, *observation.problems, *holdings.problems, *self._address_problems(assessment))
        outcome = _outcome(observation, holdings, assessment)
        usage, spent = self._around.brightspace.usage(), self._around.platform.usage().calls - self._calls_before
        now = self._around.clock()
        lost = [row for row in rows if row.state is State.DOUBTFUL or (row.state is State.DUE and row.is_resting(now))]
        return PassReport(
            outcome=outcome,
            learners=assessment.learners,
            facts_read=observation.facts_read,
            facts_changed=observation.facts_changed,
            facts_unknown=assessment.facts_unknown,
            awards=AwardCounts(
                earned=sum(one.truth is Truth.MET for one in assessment.judgements),
                issued=tally.issued + assessment.found.confirmed,
                adopted=tally.adopted + assessment.found.adopted,
                **{state.value: count for state, count in states.items()},
            ),
            calls_brightspace=usage.calls,
            calls_badging=spent,
            credits=usage.credits,
            seconds=monotonic() - self._began,
            problems=tuple(dict.fromkeys([*problems, *tally.problems])),
            exit_code=exit_code(
                outcome=outcome,
                has_bad_credentials=holdings.has_bad_credentials or tally.has_bad_credentials,
                is_unanswered=tally.unanswered or bool(lost),
                is_held=assessment.is_held or assessment.guarded.has_moved,
            ),
        )

    def _rows_in_scope(self, ledger: Ledger, assessment: Assessment) -> list[Award]:
        classes = {badge.badge_class for badge in self._badges_in_scope()}
        people = {one.person_id for one in assessment.judgements}
        return [
            award
            for award in ledger.values()
            if award.badge_class in classes and (self._scope.learner is None or award.person_id in people)
        ]

    def _address_problems(self, assessment: Assessment) -> list[Problem]:
        hint = "let the service read user records (users:userdata:read), or show e-mail on the classlist"
        return [
            Problem("the user record could not be read, so there is no address", f"user {person_id}", hint)
            for person_id in assessment.unread_contacts
        ]


def _outcome(observation: Observation, holdings: Holdings, assessment: Assessment) -> str:
    if observation.is_blind:
        return "blind"
    if assessment.is_held:
        return "held"
    is_partial = observation.problems or holdings.problems or assessment.unread_contacts
    return "partial" if is_partial else "complete"


def _rejected(badges: list[Badge], snapshot: Snapshot) -> set[Pair]:
    classes = {(badge.pathway, badge.key): badge.badge_class for badge in badges if badge.approval}
    decided = [one for one in snapshot.approvals if not one.is_approved and (one.pathway, one.badge) in classes]
    return {Pair(one.person_id, classes[one.pathway, one.badge]) for one in decided}


def _going(assessment: Assessment) -> list[Enrolment]:
    return [one for one in assessment.guarded.enrolments if one.state in {AccessState.DUE, AccessState.SENDING}]


def _has_moved(change: Change) -> bool:
    return change.before is None or change.before.state is not change.after.state


def _log_change(change: Change) -> None:
    if _has_moved(change):
        log.info(
            "award_decided",
            user_id=change.after.person_id,
            badge=change.after.badge,
            was=change.before.state.value if change.before else None,
            becomes=change.after.state.value,
        )


def _summary(report: PassReport) -> str:
    return json.dumps(report.as_json())
