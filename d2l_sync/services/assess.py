"""Assess: from what was seen to a plan: teams, what is already held, judgements, decisions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from d2l_sync.domain.access import Access, AccessState, decide_access
from d2l_sync.domain.adoption import REVOKED_THERE, Comparison, as_revoked, compare, joined
from d2l_sync.domain.award import Assertion, Award, Pair, State
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.fixpoint import Bench, Judged
from d2l_sync.domain.guard import Guarded, Limits, guard
from d2l_sync.domain.ids import BadgeClassId, OrgUnitId, PersonId
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Change, Ledger, applied, newest
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.people import Classlist
from d2l_sync.domain.plan import Plan, Rules, decide
from d2l_sync.domain.ports import Snapshot
from d2l_sync.domain.teams import from_groups, from_roster
from d2l_sync.domain.unserved import lapse_unserved, unserved_in_doubt
from d2l_sync.domain.verdict import unknown_facts
from d2l_sync.domain.world import Teams, World
from d2l_sync.services.guarding import held_of
from d2l_sync.services.holdings import Holdings, standing
from d2l_sync.services.known_people import KnownPeople, suppressed
from d2l_sync.services.observe import Observation
from d2l_sync.services.scope import Scope, Scoped

Settle = Callable[[Award], Change | None]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Everything one pass concluded, before anything is written or sent.

    judgements: in scope only. found: what comparing with the platform and looking up doubtful awards showed.
    guarded: the plan as the guard lets it pass; in observe mode (is_live False), as it would. ledger: after `found` and
    the plan. learners: active learners of the scope. addressed: whoever holds an address now, as far as can be seen.
    """

    judgements: tuple[Judgement, ...]
    found: Comparison
    plan: Plan
    guarded: Guarded
    ledger: Ledger
    findings: tuple[Finding, ...]
    learners: int
    unread_contacts: tuple[PersonId, ...]
    is_live: bool = True
    addressed: frozenset[PersonId] = frozenset()

    @property
    def is_held(self) -> bool:
        return self.is_live and bool(self.guarded.held)

    @property
    def changes(self) -> tuple[Change, ...]:
        return (*self.found.changes, *self.plan.changes)

    @property
    def facts_unknown(self) -> int:
        return sum(unknown_facts(one.verdicts) for one in self.judgements)


class Assessor:
    """Turns one observation into an assessment. Pure but for `settle`, which asks the platform about doubtful awards.

    A scoped pass leaves what the guard holds alone; the cap counts in every pass.
    """

    def __init__(
        self, snapshot: Snapshot, observation: Observation, *, people: KnownPeople, scoped: Scoped, today: date
    ) -> None:
        self._snapshot = snapshot
        self._seen = observation
        self._people = people
        self._scoped = scoped
        self._today = today

    def assess(self, holdings: Holdings, scope: Scope, *, rules: Rules, limits: Limits, settle: Settle) -> Assessment:
        """Compare with the platform, settle what is doubtful, judge to the fixpoint, decide, and let the guard weigh.

        In observe mode the guard weighs what a live pass would do, and only reports.
        """
        person_ids = self._people.in_scope(scope)
        found = self._compare(holdings, newest(self._snapshot.awards))
        ledger = applied(newest(self._snapshot.awards), found.changes)
        settled = self._settle(ledger, rules.now, settle, found.revoked, scope=scope)
        ledger = applied(ledger, settled.changes)
        unserved = self._unserved(ledger, scope)
        ledger = applied(ledger, unserved.changes)
        found = joined([found, settled, unserved])
        judgements, findings = self._judge(ledger, person_ids)
        judged = [one for one in judgements if scope.is_everything or not _is_guarded(one, ledger)]
        plan = self._decide(judged, ledger, found, rules)
        as_if_live = plan if rules.is_live else self._decide(judged, ledger, found, replace(rules, is_live=True))
        access = self._access(judgements, rules.now)
        guarded = self._guard(as_if_live, access, ledger, scope=scope, limits=limits)
        after = applied(ledger, guarded.changes if rules.is_live else plan.changes)
        learners = self._people.learners({unit for badge in self._scoped.chosen for unit in badge.org_units})
        waiting = standing(award for award in after.values() if award.badge_class in self._badge_classes())
        return Assessment(
            judgements=tuple(judgements),
            found=found,
            plan=replace(plan, changes=guarded.changes) if rules.is_live else plan,
            guarded=guarded,
            ledger=after,
            findings=(
                *self._seen.findings,
                *holdings.findings,
                *self._of_lists(found),
                *plan.findings,
                *findings,
                *waiting,
            ),
            learners=len(learners if person_ids is None else learners & person_ids),
            unread_contacts=self._unread(plan),
            is_live=rules.is_live,
            addressed=self._people.addressed,
        )

    def _of_lists(self, found: Comparison) -> list[Finding]:
        """Say what is strange in the platform's lists; of a stranger only where everybody who might be it is known."""
        is_gap = any(one.failure is not None and not one.entries for one in self._seen.classlists.values())
        return [one for one in found.findings if not (is_gap and one.kind == "unknown_recipient")]

    def _decide(self, judgements: Iterable[Judgement], ledger: Ledger, found: Comparison, rules: Rules) -> Plan:
        return decide(
            judgements,
            ledger,
            contacts=self._people.contacts,
            approvals={(one.person_id, one.pathway, one.badge): one for one in self._snapshot.approvals},
            revoked=found.revoked,
            rules=rules,
        )

    def _guard(self, plan: Plan, access: Access, ledger: Ledger, *, scope: Scope, limits: Limits) -> Guarded:
        badges = self._scoped.judged
        if not scope.is_everything:
            held = {one.key for one in self._snapshot.enrolments if one.state is AccessState.HELD}
            return guard(plan, access.without(held), ledger, before={}, badges=badges, limits=limits)
        before = held_of(self._snapshot, badges)
        return guard(plan, access, ledger, before=before, badges=badges, limits=limits)

    def _access(self, judgements: Iterable[Judgement], now: datetime) -> Access:
        known = {one.key: one for one in self._snapshot.enrolments}
        lists = self._seen.classlists
        return decide_access(judgements, self._people.persons, lists, known=known, now=now, today=self._today)

    def _compare(self, holdings: Holdings, ledger: Ledger) -> Comparison:
        owners = self._people.owners()
        counting = {pair: award for pair, award in ledger.items() if not self._people.is_left_out(award)}
        current = {award.assertion_id for award in ledger.values()}
        older = frozenset(
            award.assertion_id
            for award in self._snapshot.awards
            if award.assertion_id is not None and award.assertion_id not in current
        )
        return joined(
            compare(badge, holdings.assertions[badge.badge_class], counting, owners, known=older)
            for badge in self._scoped.judged
            if badge.badge_class in holdings.assertions
        )

    def _unserved(self, ledger: Ledger, scope: Scope) -> Comparison:
        """Let go of what is in no pathway file any more; only a pass over everything can tell."""
        if not scope.is_everything:
            return Comparison()
        served = self._badge_classes()
        return Comparison(lapse_unserved(ledger, served), tuple(unserved_in_doubt(ledger, served)))

    def _settle(
        self, ledger: Ledger, now: datetime, settle: Settle, revoked: Mapping[Pair, Assertion], *, scope: Scope
    ) -> Comparison:
        """Look up what is doubtful and has rested, but nothing by a suppressed person's address.

        A pass over everything looks up also what is in no pathway file any more.
        What no look-up finds, and the list shows as revoked under another address, is revoked.
        """
        classes, silent = self._badge_classes(), suppressed(self._snapshot)
        rested = [
            award
            for award in ledger.values()
            if award.is_in_doubt
            and (scope.is_everything or award.badge_class in classes)
            and award.person_id not in silent
            and not award.is_resting(now)
        ]
        changes = []
        for award in rested:
            change = settle(award)
            is_gone = change is not None and change.after.state is not State.ISSUED and award.pair in revoked
            if is_gone:
                change = Change(award, as_revoked(award, revoked[award.pair]), REVOKED_THERE)
            if change is not None:
                changes.append(change)
        return Comparison(tuple(changes), confirmed=sum(one.after.state is State.ISSUED for one in changes))

    def _badge_classes(self) -> set[BadgeClassId]:
        return {badge.badge_class for badge in self._scoped.judged}

    def _judge(self, ledger: Ledger, person_ids: set[PersonId] | None) -> tuple[list[Judgement], list[Finding]]:
        judgements: list[Judgement] = []
        findings: list[Finding] = []
        for part in self._scoped.parts:
            world, strange = self._world(part.pathway)
            findings.extend(strange)
            people = self._people.candidates(part.pathway, part.badges, ledger)
            chosen = people if person_ids is None else people & person_ids
            approvals = {
                (one.person_id, one.badge): one for one in self._snapshot.approvals if one.pathway == part.pathway.key
            }
            judged: Judged = Bench(part.badges, world, ledger, approvals).judge_everyone(sorted(chosen))
            judgements.extend(one for (_, key), one in judged.items() if key in part.keys)
        return judgements, findings

    def _world(self, pathway: Pathway) -> tuple[World, tuple[Finding, ...]]:
        lists = {unit: self._seen.classlists[unit] for unit in pathway.org_units if unit in self._seen.classlists}
        teams, findings = self._teams(pathway, lists)
        world = World(
            today=self._today,
            people=self._people.persons,
            classlists=lists,
            listings=self._seen.listings,
            teams=teams,
            attestations=self._snapshot.attestations,
        )
        return world, findings

    def _teams(self, pathway: Pathway, lists: Mapping[OrgUnitId, Classlist]) -> tuple[Teams, tuple[Finding, ...]]:
        source = pathway.teams
        if source.org_unit_id is not None and source.category_id is not None:
            groups = self._seen.groups.get((source.org_unit_id, source.category_id))
            return from_groups(groups, self._people.persons.values()), ()
        units = list(lists.values())
        teams, findings = from_roster(self._snapshot.roster, pathway.key, self._people.directory(units))
        is_unsure = any(one.failure is not None for one in units)
        return teams, () if is_unsure else findings

    def _unread(self, plan: Plan) -> tuple[PersonId, ...]:
        """Return whose award is blocked, or waits, only because the user record could not be read."""
        rows = [*(change.after for change in plan.changes), *self._snapshot.awards]
        blocked = [one.person_id for one in rows if one.state is State.BLOCKED]
        return self._people.unread([*blocked, *(pair.person_id for pair in plan.waiting)])


def _is_guarded(judgement: Judgement, ledger: Ledger) -> bool:
    award = ledger.get(Pair(judgement.person_id, judgement.badge.badge_class))
    return award is not None and award.state is State.HELD
