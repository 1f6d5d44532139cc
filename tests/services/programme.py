"""A small university: one pathway of four badges, its people, and the three systems in memory."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

from d2l_sync.domain.award import Award, State
from d2l_sync.domain.criterion import Criterion, Grade, Quiz, Submission
from d2l_sync.domain.facts import (
    AttemptPolicy,
    Failure,
    GradeValue,
    HandIn,
    Item,
    QuizAttempt,
    QuizAttempts,
    Source,
    SourceKind,
)
from d2l_sync.domain.guard import held_plans, newest_number
from d2l_sync.domain.ids import Address, BadgeClassId, BadgeKey, CriterionKey, OrgUnitId, PathwayKey, PersonId, UserId
from d2l_sync.domain.ledger import Approval, newest
from d2l_sync.domain.pathway import Badge, Offering, Pathway
from d2l_sync.domain.people import ClasslistEntry, Person
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.settings import BadgingSettings, BrightspaceSettings, DeliverySettings, Settings
from d2l_sync.services.half_sent import doubt_half_sent
from d2l_sync.services.pass_log import PassLog
from d2l_sync.services.report import PassReport
from d2l_sync.services.scope import Scope
from d2l_sync.services.sync_pass import Surroundings, SyncPass
from d2l_sync.services.unasked import Unasked
from tests.fakes import FakeAccess, FakeBrightspace, FakePlatform, TurnedClock
from tests.fuse import Fuse
from tests.memory_state import MemoryState

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
YESTERDAY = NOON - timedelta(days=1)
SETTLE = timedelta(minutes=2)
QUARTER = timedelta(minutes=15)

ADA, GRACE, ALAN = UserId(301), UserId(302), UserId(303)
UNIT_1, UNIT_2, UNIT_3 = OrgUnitId(6601), OrgUnitId(6602), OrgUnitId(6603)
PATHWAY = PathwayKey("ums-mcd")
LEVEL_1, LEVEL_2, LEVEL_3, MACRO = map(BadgeKey, ["level-1", "level-2", "level-3", "macro"])
CLASS_1, CLASS_2, CLASS_3, CLASS_M = map(BadgeClassId, ["bc-1", "bc-2", "bc-3", "bc-m"])
CLASSES = {LEVEL_1: CLASS_1, LEVEL_2: CLASS_2, LEVEL_3: CLASS_3, MACRO: CLASS_M}
REFLECTION = Source(SourceKind.FOLDER, UNIT_1, 33101)
QUIZ = Source(SourceKind.QUIZ, UNIT_1, 44101)
PROJECT = Source(SourceKind.FOLDER, UNIT_2, 33201)
PORTFOLIO = Source(SourceKind.GRADE, UNIT_3, 55301)


def person(user_id):
    return PersonId(int(user_id))


def mail_of(user_id):
    return Address({ADA: "ada", GRACE: "grace", ALAN: "alan"}.get(user_id, f"user{user_id}") + "@example.edu")


def entry(user_id, **fields):
    plain = ClasslistEntry(user_id, is_learner=True, address=mail_of(user_id), org_defined_id=f"U{user_id}")
    return replace(plain, **fields)


def hand_in(at=YESTERDAY):
    return HandIn(1, at)


def attempts(*points, at=YESTERDAY):
    made = [
        QuizAttempt(number, number, Decimal(score), at, is_published=True) for number, score in enumerate(points, 1)
    ]
    return QuizAttempts(tuple(made))


def mark(points, at=YESTERDAY):
    return GradeValue(Decimal(points), Decimal(20), at)


def criterion(key, kind, rule, source, **fields):
    return Criterion(CriterionKey(key), key.capitalize(), kind, rule, (source,), **fields)


def make_badge(key, *criteria, unit=None, **fields):
    plain = Badge(
        BadgeKey(key),
        key.capitalize(),
        CLASSES.get(BadgeKey(key), BadgeClassId(f"bc-{key}")),
        PATHWAY,
        criteria=criteria,
        offerings=(Offering(unit),) if unit else (),
        rule_version="v1",
    )
    return replace(plain, **fields)


FIRST = make_badge(
    LEVEL_1,
    criterion("reflection", "submission", Submission(), REFLECTION),
    criterion("quiz", "quiz", Quiz(Decimal(80)), QUIZ),
    unit=UNIT_1,
)
SECOND = make_badge(
    LEVEL_2, criterion("project", "submission", Submission(), PROJECT), unit=UNIT_2, requires=(LEVEL_1,), team=True
)
THIRD = make_badge(
    LEVEL_3,
    criterion("portfolio", "grade", Grade(Decimal(70)), PORTFOLIO),
    unit=UNIT_3,
    requires=(LEVEL_2,),
)
LAST = make_badge(MACRO, requires=(LEVEL_1, LEVEL_2, LEVEL_3), approval=True)
WHOLE = Pathway(PATHWAY, "UMS Micro-Credential Development", (FIRST, SECOND, THIRD, LAST))
ONE_BADGE = Pathway(PATHWAY, "One badge", (FIRST,))

LIVE = DeliverySettings(mode="issue", settle=SETTLE, connections=2)
SETTINGS = Settings(
    Path("d2l-sync.toml"),
    BrightspaceSettings("https://courses.example.edu", "client", connections=2),
    BadgingSettings("badgr", "https://badges.example", "issuer-1"),
    "sqlite://",
    (),
    delivery=LIVE,
)


class Programme:
    """The program on fakes. `clock` is turned by tests; everything else is as the last pass left it."""

    def __init__(self, *pathways, settings=SETTINGS):
        self.pathways = pathways or (WHOLE,)
        self.settings = settings
        self.clock = TurnedClock(NOON)
        self.brightspace = FakeBrightspace(self.clock)
        self.brightspace.items[QUIZ] = Item("Terms", Decimal(20), AttemptPolicy.HIGHEST)
        self.platform = FakePlatform(self.clock)
        self.access = FakeAccess(self.brightspace)
        self.state = MemoryState()
        self.stop = Event()
        self.fuse = Fuse()
        self.progress = None
        self.pass_log = PassLog()
        for unit in (UNIT_1, UNIT_2, UNIT_3):
            self.brightspace.enrol(unit)

    def enrol(self, *user_ids, units=(UNIT_1, UNIT_2, UNIT_3)):
        for unit in units:
            self.brightspace.enrol(unit, *map(entry, user_ids))

    def earns(self, user_id, *keys):
        """Do everything that the badges ask for, besides approval."""
        if LEVEL_1 in keys:
            self.brightspace.show(REFLECTION, user_id, hand_in())
            self.brightspace.show(QUIZ, user_id, attempts("18"))
        if LEVEL_2 in keys:
            self.brightspace.show(PROJECT, user_id, hand_in())
            self.state.roster.append(RosterRow("Owls", user_id=user_id, confirmed_on=date(2026, 1, 5)))
        if LEVEL_3 in keys:
            self.brightspace.show(PORTFOLIO, user_id, mark("15"))

    def finishes(self, *user_ids, keys=(LEVEL_1,)):
        """Enrol people who have done all that the badges ask for."""
        self.enrol(*user_ids)
        for user_id in user_ids:
            self.earns(user_id, *keys)

    def approves(self, user_id, key=MACRO, **fields):
        plain = Approval(person(user_id), PATHWAY, key, is_approved=True, by="hopper", at=self.clock())
        self.state.approvals.append(replace(plain, **fields))

    def suppresses(self, *user_ids):
        for user_id in user_ids:
            self.state.people[person(user_id)] = Person(person(user_id), (user_id,), is_suppressed=True)

    def sets(self, **sections):
        """Change settings, a mapping for each section."""
        changed = {name: replace(getattr(self.settings, name), **fields) for name, fields in sections.items()}
        self.settings = replace(self.settings, **changed)

    def takes_the_lock(self):
        doubt_half_sent(self.fuse.wire(self.state), now=self.clock(), settle=self.settings.delivery.settle)

    def a_pass(self, *, released=None, **scope) -> SyncPass:
        return SyncPass(self._surroundings(self.brightspace, self.access), Scope(**scope), released=released)

    def held_plan(self):
        """Return the number of the newest plan that the guard holds."""
        return newest_number(held_plans(newest(self.state.awards).values(), self.state.enrolments.values()))

    def release(self, number) -> PassReport:
        """Let the guard's plan of that number go, as `passes release` does."""
        self.takes_the_lock()
        return self.a_pass(released=number).run()

    def _surroundings(self, brightspace, access):
        return Surroundings(
            self.settings,
            self.pathways,
            self.fuse.wire(brightspace),
            self.fuse.wire(self.platform),
            self.fuse.wire(access),
            self.fuse.wire(self.state),
            self.clock,
            self.stop,
            progress=self.progress,
            pass_log=self.pass_log,
        )

    def sync(self, **scope) -> PassReport:
        self.takes_the_lock()
        return self.a_pass(**scope).run()

    def deliver_due(self) -> PassReport:
        """Do what the daemon does while nobody is signed in at Brightspace."""
        self.takes_the_lock()
        unasked = Unasked(Failure("not asked", "run: d2l-sync auth login"), self.clock)
        return SyncPass(self._surroundings(unasked, unasked), Scope()).run()

    def plan(self, **scope) -> PassReport:
        return self.a_pass(**scope).plan()

    def later(self, step=QUARTER):
        """Let time go by, then make a pass."""
        self.clock.turn(step)
        return self.sync()

    def award(self, user_id, key=LEVEL_1) -> Award:
        """Return the newest row of a person and badge."""
        rows = [one for one in self.state.awards if (one.person_id, one.badge) == (person(user_id), key)]
        return max(rows, key=lambda one: one.epoch)

    def states(self):
        """Return the state of every pair that has a row."""
        return {(one.person_id, one.badge): one.state for one in self.state.awards}

    def put(self, user_id, state, key=LEVEL_1, **fields):
        """Put a row into the ledger as an earlier pass would have left it."""
        plain = Award(person(user_id), CLASSES[key], PATHWAY, key, state, address=mail_of(user_id), earned_at=YESTERDAY)
        award = replace(plain, issued_on=YESTERDAY, rule_version="v1", **fields)
        self.state.add(award)
        return award


def issued(*pairs):
    return {(person(user_id), key): State.ISSUED for user_id, key in pairs}
