"""A small university in which anything may happen next: the acts of learners, administrators and other systems.

Every pass on the way is watched, killed ones too. In the end all systems answer, time goes by, and whoever has earned
a badge must have it.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import takewhile
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from d2l_sync.domain.errors import SourceUnavailable, UsageError
from d2l_sync.domain.people import Person
from d2l_sync.domain.roster import RosterRow
from d2l_sync.services.desk import Desk
from d2l_sync.services.repair import Repair
from tests.fakes import Fault
from tests.fuse import Fuse
from tests.services.clerk import Clerk
from tests.services.programme import (
    ADA,
    CLASSES,
    FIRST,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    PORTFOLIO,
    PROJECT,
    QUIZ,
    REFLECTION,
    WHOLE,
    attempts,
    criterion,
    entry,
    hand_in,
    mail_of,
    mark,
    person,
)
from tests.services.watched import A_WHILE, ESSAY, KEYS, PEOPLE, SOURCES, UNITS, Watched

users = st.sampled_from(PEOPLE)
keys = st.sampled_from(KEYS)
lags = st.integers(0, 2)
stumbles = st.sampled_from([one for one in Fault if one is not Fault.DENIES_DUPLICATE] + 2 * [Fault.LOSES_ITS_ANSWER])
faults: st.SearchStrategy[list[Fault]] = st.one_of(st.just([]), st.lists(stumbles, min_size=1, max_size=3))
steps = st.sampled_from([timedelta(minutes=1), timedelta(minutes=15), timedelta(days=3), timedelta(hours=-1)])


def act(name, **arguments):
    """Draw one act of a University, by its name."""
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


ACTS = st.one_of(
    act("hands_in", user=users, source=st.sampled_from([REFLECTION, ESSAY, PROJECT])),
    act("takes_the_quiz", user=users, points=st.integers(10, 20)),
    act("is_marked", user=users, points=st.integers(8, 20)),
    act("does_everything", user=users),
    act("something_vanishes", user=users, source=st.sampled_from(SOURCES)),
    act("withdraws", user=users, key=st.sampled_from(list(UNITS))),
    act("enrols", user=users, key=st.sampled_from(list(UNITS))),
    act("joins_a_team", user=users),
    act("leaves_the_team", user=users),
    act("is_approved", user=users),
    act("is_rejected", user=users),
    act("is_held", user=users, key=keys),
    act("is_released", user=users, key=keys),
    act("is_retried", someone=st.one_of(st.none(), users)),
    act("is_suppressed_or_resumed", user=users, is_suppressed=st.booleans()),
    act("the_threshold_changes", min_percent=st.sampled_from([60, 80, 95])),
    act("a_criterion_comes_or_goes"),
    act("the_cap_changes", cap=st.integers(0, 4)),
    act("the_mode_changes", mode=st.sampled_from(["issue", "issue", "observe"])),
    act("brightspace_breaks", subject=st.sampled_from([*UNITS.values(), *SOURCES])),
    act("brightspace_goes_blind"),
    act("a_list_breaks", key=keys),
    act("look_ups_break"),
    act("everything_recovers"),
    act("is_revoked_on_the_platform", user=users, key=keys),
    act("is_awarded_by_hand", user=users, key=keys),
)


class University(Watched, RuleBasedStateMachine):
    """In the beginning everybody has done everything, and no pass was made."""

    def __init__(self):
        super().__init__()
        self.clerk: Any = Clerk(self.programme.state)
        self.has_essay = False
        self._edit()

    @initialize(cap=st.sampled_from([0, 0, 1, 3, 8]), is_live=st.sampled_from([True, True, True, False]), user=users)
    def begins(self, cap, is_live, user):
        self.the_cap_changes(cap)
        self.the_mode_changes("issue" if is_live else "observe")
        self.is_approved(user)

    # What learners do.

    def hands_in(self, user, source):
        self.programme.brightspace.show(source, user, hand_in(self.programme.clock() - timedelta(minutes=5)))

    def takes_the_quiz(self, user, points):
        before: Any = self.programme.brightspace.facts.get(QUIZ, {}).get(user)
        scores = [*(one.score for one in (before.attempts if before else ())), points]
        self.programme.brightspace.show(QUIZ, user, attempts(*map(str, scores)))

    def is_marked(self, user, points):
        self.programme.brightspace.show(PORTFOLIO, user, mark(str(points)))

    def does_everything(self, user):
        self.programme.earns(user, LEVEL_1, LEVEL_2, LEVEL_3)

    def something_vanishes(self, user, source):
        self.programme.brightspace.facts.get(source, {}).pop(user, None)

    def withdraws(self, user, key):
        self.programme.brightspace.entries[UNITS[key]].pop(user, None)

    def enrols(self, user, key):
        self.programme.brightspace.enrol(UNITS[key], entry(user))

    # What administrators do.

    def joins_a_team(self, user):
        self.programme.state.roster.append(RosterRow("Owls", user_id=user, confirmed_on=date(2026, 1, 5)))

    def leaves_the_team(self, user):
        self.programme.state.roster = [one for one in self.programme.state.roster if one.user_id != user]

    def is_approved(self, user):
        self.desk.approve([str(user)], badge=None, by="hopper")

    def is_rejected(self, user):
        self._if_it_fits(lambda: self.desk.reject(str(user), badge=MACRO, by="hopper", reason="not yet"))

    def is_held(self, user, key):
        self._if_it_fits(lambda: self.repair.hold(person(user), self.badge(key), reason="wait", by="hopper"))

    def is_released(self, user, key):
        self._if_it_fits(lambda: self.repair.release(person(user), self.badge(key), reason="", by="hopper"))

    def is_retried(self, someone):
        settle = self.programme.settings.delivery.settle
        self.was_retried |= someone is not None
        self.desk.retry(None if someone is None else [str(someone)], settle=settle, by="hopper")

    def is_suppressed_or_resumed(self, user, is_suppressed):
        self.programme.state.people[person(user)] = Person(person(user), (user,), is_suppressed=is_suppressed)

    def the_threshold_changes(self, min_percent):
        self.min_percent = min_percent
        self._edit()

    def a_criterion_comes_or_goes(self):
        self.has_essay = not self.has_essay
        self._edit()

    def the_cap_changes(self, cap):
        self.programme.sets(guard={"max_awards_per_pass": cap})

    def the_mode_changes(self, mode):
        self.programme.sets(delivery={"mode": mode})

    # What other systems do.

    def brightspace_breaks(self, subject):
        self.programme.brightspace.fail(subject)

    def brightspace_goes_blind(self):
        self.programme.brightspace.fail(*UNITS.values())

    def a_list_breaks(self, key):
        self.programme.platform.failing[CLASSES[key]] = SourceUnavailable("503")

    def look_ups_break(self):
        self.programme.platform.failing_look_ups = SourceUnavailable("503")

    def everything_recovers(self):
        self.programme.brightspace.recover()
        self.programme.platform.failing.clear()
        self.programme.platform.failing_look_ups = None

    def is_revoked_on_the_platform(self, user, key):
        held = self.programme.platform.held
        for place, one in enumerate(held):
            if (one.badge_class, one.address) == (CLASSES[key], mail_of(user)):
                held[place] = replace(one, is_revoked=True)
                self.revoked_by_people.add(one.assertion_id)

    def is_awarded_by_hand(self, user, key):
        if not self.programme.platform.live()[CLASSES[key], mail_of(user)]:
            self.by_hand.add(self.programme.platform.hold(CLASSES[key], mail_of(user)).assertion_id)

    # What the program does.

    def _stumble(self, step, stumbles, lag):
        """Let time go by; let the platform do this to the next orders, and its lists hide its newest of ours."""
        platform = self.programme.platform
        ours = list(takewhile(lambda one: one.assertion_id not in self.by_hand, reversed(platform.held)))
        self.programme.clock.turn(step)
        platform.faults[:], platform.lag = stumbles, min(lag, len(ours))

    @rule(what=ACTS)
    def somebody_acts(self, what):
        name, arguments = what
        getattr(self, name)(**arguments)

    @rule(
        step=steps,
        scope=st.sampled_from([{}, {}, {}, {"learner": str(ADA)}, {"badge": LEVEL_2}]),
        stumbles=faults,
        lag=lags,
    )
    def a_pass_is_made(self, step, scope, stumbles, lag):
        self._stumble(step, stumbles, lag)
        self.watch(lambda: self.programme.sync(**scope), is_whole=not scope)

    @rule(step=steps, call=st.integers(16, 45), after_the_call=st.booleans(), stumbles=faults, lag=lags)
    def a_pass_is_killed(self, step, call, after_the_call, stumbles, lag):
        self._stumble(step, stumbles, lag)
        self.programme.fuse = Fuse(call, after_the_call=after_the_call)
        try:
            self.watch(self.programme.sync, is_whole=True)
        finally:
            self.programme.fuse = Fuse()

    @precondition(lambda self: self.programme.held_plan() is not None)
    @rule()
    def the_held_plan_is_released(self):
        plan = self.programme.held_plan()
        self.watch(lambda: self.programme.release(plan), is_whole=True, released=plan)

    def teardown(self):
        """In the end all systems answer, nothing is held by the guard, and time goes by."""
        self._heal()
        for _ in range(4):
            self.programme.clock.turn(A_WHILE)
            self.watch(self.programme.sync, is_whole=True)
        self.check_who_has_it()
        self.check_that_a_quiet_pass_changes_nothing()

    def _heal(self):
        self.everything_recovers()
        self.programme.platform.faults.clear()
        self.programme.platform.lag = 0
        self.programme.sets(guard={"max_awards_per_pass": 0}, delivery={"mode": "issue"})

    # Short ways.

    @property
    def desk(self):
        return Desk(self.clerk, self.programme.pathways, clock=self.programme.clock)

    @property
    def repair(self):
        return Repair(self.clerk, self.programme.platform, clock=self.programme.clock)

    def _if_it_fits(self, act):
        with suppress(UsageError):
            act()

    def _edit(self):
        """Write the pathway file anew; the badge classes stay."""
        quiz = replace(FIRST.criteria[1], rule=replace(FIRST.criteria[1].rule, min_percent=Decimal(self.min_percent)))
        essay = (criterion("essay", "submission", FIRST.criteria[0].rule, ESSAY),) if self.has_essay else ()
        version = f"{self.min_percent} {self.has_essay}"
        first = replace(FIRST, criteria=(FIRST.criteria[0], quiz, *essay), rule_version=version)
        self.programme.pathways = (replace(WHOLE, badges=(first, *WHOLE.badges[1:])),)
