"""The pass: the front page of the program.

1. Taking the pass lock: whatever a dead process left half sent becomes doubtful.
2. Observe Brightspace, and read what the platform already holds.
3. Assess: adopt, look up what is doubtful, judge to the fixpoint, decide; the guard refuses what is out of proportion.
4. Record everything in one transaction.
5. Deliver what is due.
6. Say what could be seen: complete, partial, blind or held.

A pass may be stopped or killed at any line; the next one ends in the same place.
"""

import json
import logging
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from threading import Event
from time import monotonic

import structlog

from d2l_sync.domain.award import State
from d2l_sync.domain.belief import Sizes
from d2l_sync.domain.errors import D2lSyncError, TokenRefused, UsageError
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.ledger import Change, newest
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.people import Exclusions
from d2l_sync.domain.plan import Rules
from d2l_sync.domain.ports import Access, Brightspace, Clock, PassRecord, Platform, Snapshot
from d2l_sync.domain.ports import State as StateDatabase
from d2l_sync.domain.settings import Settings
from d2l_sync.services.assess import Assessor
from d2l_sync.services.decided import Decided, Spent
from d2l_sync.services.deliver import Delivery, Tally, Terms
from d2l_sync.services.give_access import give_access
from d2l_sync.services.guarding import limits_of
from d2l_sync.services.holdings import read_holdings
from d2l_sync.services.known_people import KnownPeople, suppressed
from d2l_sync.services.observe import Observation, Observer, Progress, needs_of
from d2l_sync.services.pass_log import PassLog
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport, WouldEnrol, WouldIssue, no_pass
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


@dataclass(frozen=True, slots=True)
class _Read:
    """What one pass read: Brightspace, the state database before it, and whom it knows by both. at: when it began."""

    at: datetime
    observation: Observation
    snapshot: Snapshot
    people: KnownPeople


class SyncPass:
    """One read-decide-issue round over a scope, or the release of a numbered plan. `run` needs the pass lock."""

    def __init__(self, around: Surroundings, scope: Scope, *, released: int | None = None) -> None:
        self._around = around
        self._scope = scope
        self._released = released
        self._scoped = badges_in(scope, around.pathways)
        self._calls_before = around.platform.usage().calls
        self._began = monotonic()

    def run(self) -> PassReport:
        """Make the pass. Raises StateError and UsageError; a refused token ends it without a pass."""
        around, now = self._around, self._around.clock()
        around.pass_log.under_way = None
        pass_id = around.state.open_pass(at=now, scope=str(self._scope))
        around.pass_log.under_way = pass_id
        with structlog.contextvars.bound_contextvars(pass_id=pass_id):
            log.debug("pass_started", scope=str(self._scope))
            try:
                read = self._observe(now)
                read.people.in_scope(self._scope)
            except TokenRefused as error:
                self._drop(pass_id)
                with structlog.contextvars.bound_contextvars(pass_id=None):  # no pass carries the number
                    around.pass_log.not_made(error)
                return no_pass(Problem(str(error), "Brightspace", error.hint), error.exit_code)
            except UsageError:  # a learner who fits nobody makes no pass
                self._drop(pass_id)
                raise
            except D2lSyncError:  # the snapshot or a new token: no answer of Brightspace's is raised
                around.state.close_pass(pass_id, at=around.clock(), outcome=None, summary="{}")
                raise
            try:
                return self._go_on(pass_id, read)
            except D2lSyncError:
                around.state.close_pass(pass_id, at=around.clock(), outcome=None, summary="{}")
                raise

    def _drop(self, pass_id: int) -> None:
        self._around.state.drop_pass(pass_id)
        self._around.pass_log.under_way = None

    def plan(self) -> PassReport:
        """Answer what a live pass would do, and write nothing."""
        try:
            read = self._observe(self._around.clock())
        except TokenRefused as error:
            return no_pass(Problem(str(error), "Brightspace", error.hint), error.exit_code, is_plan=True)
        decided, delivery = self._decide(read, is_plan=True)
        due = decided.sendable(read.snapshot, self._around.clock())
        report = decided.report(
            delivery.deliver(()), decided.assessment.ledger, self._spent(), now=self._around.clock()
        )
        is_unseen = report.outcome in {"partial", "blind"}
        return replace(
            report,
            would_issue=tuple(WouldIssue(one.pathway, one.badge, one.person_id) for one in due),
            would_enrol=tuple(
                WouldEnrol(one.pathway, one.badge, one.user_id, one.org_unit_id) for one in decided.enrolments
            ),
            exit_code=77 if decided.holdings.has_bad_credentials else 69 if is_unseen else 0,
        )

    def _observe(self, now: datetime) -> _Read:
        settings = self._around.settings
        snapshot = self._around.state.snapshot()
        observer = Observer(
            self._around.brightspace,
            connections=settings.brightspace.connections,
            max_shrink_percent=settings.guard.max_shrink_percent,
            exclude_users=settings.brightspace.exclude_users,
            progress=self._around.progress,
        )
        wanted = [(part.pathway, part.badges) for part in self._scoped.parts]
        needs = needs_of(wanted, self._today(now), served=self._around.pathways)
        observation = observer.observe(needs, snapshot)
        exclusions = Exclusions(settings.brightspace.exclude_users)
        return _Read(now, observation, snapshot, KnownPeople(snapshot, observation, exclusions))

    def _decide(self, read: _Read, *, is_plan: bool, pass_id: int | None = None) -> tuple[Decided, Delivery]:
        around, settings = self._around, self._around.settings
        sizes = Sizes(read.snapshot.sizes, settings.guard.max_shrink_percent)
        holdings = read_holdings(around.platform, self._scoped.judged, sizes)
        terms = Terms(settings.badging, settings.delivery, pass_id)
        delivery = Delivery(around.state, around.platform, terms, clock=around.clock, stop=around.stop)
        assessor = Assessor(
            read.snapshot, read.observation, people=read.people, scoped=self._scoped, today=self._today(read.at)
        )
        rules = Rules(issuer=settings.badging.issuer, now=read.at, is_live=is_plan or settings.delivery.is_live)
        limits = limits_of(settings.guard, read.snapshot, number=pass_id, released=self._released)
        assessed = assessor.assess(holdings, self._scope, rules=rules, limits=limits, settle=delivery.settle)
        return Decided(self._scope, self._scoped, read.observation, holdings, assessed), delivery

    def _today(self, now: datetime) -> date:
        return now.astimezone(self._around.settings.schedule.timezone).date()

    def _go_on(self, pass_id: int, read: _Read) -> PassReport:
        around, is_live = self._around, self._around.settings.delivery.is_live
        decided, delivery = self._decide(read, is_plan=False, pass_id=pass_id)
        around.state.record(pass_id, decided.record(read.at, around.settings.guard))
        for change in decided.assessment.changes:
            _log_change(change)
        now_stored = around.state.snapshot()  # somebody may have been suppressed since the pass began
        due = decided.sendable(now_stored, around.clock()) if is_live else []
        tally = delivery.deliver(due, paused=decided.holdings.unread)
        if tally.findings:
            around.state.record(pass_id, PassRecord(at=around.clock(), findings=tuple(tally.findings)))
        stored = around.state.snapshot()
        after = newest(stored.awards)
        if tally.taken:
            delivery.end_back_off(after.values())
        enrolled = self._give_access(decided, tally, suppressed(stored)) if is_live else 0
        report = decided.report(tally, after, self._spent(), now=around.clock())
        report = replace(report, pass_id=pass_id, enrolled=enrolled)
        around.state.close_pass(pass_id, at=around.clock(), outcome=report.outcome, summary=_summary(report))
        around.pass_log.under_way = None
        moved = sum(_has_moved(change) for change in decided.assessment.changes)
        around.pass_log.ended(report, is_everything=self._scope.is_everything, moved=moved, today=self._today(read.at))
        return report

    def _give_access(self, decided: Decided, tally: Tally, silent: frozenset[PersonId]) -> int:
        """Enrol whoever is due, and count those found done; what went wrong joins the delivery's problems."""
        around = self._around
        due = [one for one in decided.enrolments if one.person_id not in silent]
        given = give_access(due, around.access, around.state, clock=around.clock, stop=around.stop)
        tally.problems.extend(given.problems)
        tally.unanswered |= bool(given.problems)
        if given.refused is not None:
            tally.has_bad_credentials = True
            tally.problems.append(Problem(str(given.refused), "Brightspace", given.refused.hint))
        return given.enrolled + sum(one.is_done_by_us for one in decided.assessment.guarded.enrolments)

    def _spent(self) -> Spent:
        calls = self._around.platform.usage().calls - self._calls_before
        return Spent(self._around.brightspace.usage(), calls, monotonic() - self._began)


def _has_moved(change: Change) -> bool:
    return change.before is None or change.before.state is not change.after.state


def _log_change(change: Change) -> None:
    """Tell of a decision; of one that is sent at once, the log says what became of it."""
    if _has_moved(change):
        log.log(
            logging.DEBUG if change.after.state is State.DUE else logging.INFO,
            "award_decided",
            user_id=change.after.person_id,
            badge=change.after.badge,
            was=change.before.state.value if change.before else None,
            becomes=change.after.state.value,
        )


def _summary(report: PassReport) -> str:
    return json.dumps(report.as_json())
