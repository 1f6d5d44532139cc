"""The guard: more awards at once than allowed are held as one plan, until a person lets exactly this plan go."""

from dataclasses import replace

import pytest

from d2l_sync.domain.access import Access, AccessState
from d2l_sync.domain.award import Holder, Pair, State
from d2l_sync.domain.guard import Limits, described, guard, held_plans, newest_number
from d2l_sync.domain.ledger import applied, newest
from d2l_sync.domain.plan import decide
from d2l_sync.domain.verdict import Truth
from tests.builders import (
    ADA,
    ALAN,
    GRACE,
    LEVEL_2,
    UNIT_2,
    badge_class_of,
    make_award,
    make_badge,
    make_contact,
    make_contacts,
    make_enrolment,
    make_issued,
    make_judgement,
    make_rules,
)

EVERYBODY = (ADA, GRACE, ALAN)
UNKNOWN = Truth.UNKNOWN


def guarded(*rows, earners=EVERYBODY, truth=Truth.MET, truths=None, access=None, contacts=None, badge=None, **limits):
    """Judge everybody, by truth or each by their own, and let the guard weigh what is decided; the cap is 2."""
    judged = dict.fromkeys(earners, truth) | (truths or {})
    badge = badge or make_badge()
    plan = decide(
        [make_judgement(each, person_id, badge) for person_id, each in judged.items()],
        newest(rows),
        contacts=make_contacts() | (contacts or {}),
        approvals={},
        revoked={},
        rules=make_rules(),
    )
    access = access or Access()
    before = held_plans(rows, [*access.new, *access.unsure])
    fresh = tuple(replace(one, state=AccessState.DUE, held_in=None) for one in access.new)
    return guard(
        plan,
        replace(access, new=fresh),
        newest(rows),
        before=before,
        badges=[badge],
        limits=Limits(**({"cap": 2, "number": 7} | limits)),
    )


def after(weighed, *rows):
    return applied(newest(rows), weighed.changes)


def states(weighed, *rows):
    return {award.person_id: award.state for award in after(weighed, *rows).values()}


def numbers(weighed, *rows):
    return {award.held_in for award in after(weighed, *rows).values()}


def held(*people, number=7):
    """Give the rows that an earlier pass left held."""
    mark = {"state": State.HELD, "held_by": Holder.GUARD, "held_in": number}
    due = after(guarded(earners=people, cap=0)).values()
    return tuple(replace(one, reason="the guard: 3 awards at once, 2 allowed", **mark) for one in due)


def all_in(state, *people):
    return dict.fromkeys(people or EVERYBODY, state)


@pytest.mark.parametrize(
    ("cap", "access", "state"),
    [
        pytest.param(3, Access(), State.DUE, id="exactly as many as allowed"),
        pytest.param(2, Access(), State.HELD, id="one more than allowed"),
        pytest.param(3, Access(new=(make_enrolment(),)), State.HELD, id="one more, with an enrolment"),
        pytest.param(3, Access(unsure=(make_enrolment(),)), State.HELD, id="one more, with an enrolment still held"),
        pytest.param(3, Access(older=(make_enrolment(),)), State.DUE, id="as many, besides an enrolment due before"),
        pytest.param(0, Access(), State.DUE, id="no limit"),
    ],
)
def test_over_the_cap_all_are_held(cap, access, state):
    weighed = guarded(cap=cap, access=access)

    assert states(weighed) == all_in(state)
    assert bool(weighed.held) is (state is State.HELD)


def test_a_held_award_says_so():
    award = guarded().changes[0].after

    assert (award.held_by, award.held_in, award.reason) == (Holder.GUARD, 7, "the guard: 3 awards at once, 2 allowed")


def test_a_held_enrolment_says_so():
    weighed = guarded(earners=(ADA,), cap=1, access=Access(new=(make_enrolment(),)))

    reason = "the guard: 1 award and 1 enrolment at once, 1 allowed"
    assert weighed.enrolments == (make_enrolment(state=AccessState.HELD, held_in=7, reason=reason),)


def test_older_due_awards_go_on_and_do_not_count():
    older = make_award(ADA)

    weighed = guarded(older)

    assert states(weighed, older) == all_in(State.DUE)


def test_older_due_awards_and_enrolments_go_on_beside_those_that_are_held():
    older, access = make_award(ADA), Access(older=(make_enrolment(),))

    weighed = guarded(older, cap=1, access=access)

    assert states(weighed, older) == {ADA: State.DUE, GRACE: State.HELD, ALAN: State.HELD}
    assert weighed.enrolments == access.older


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(make_issued(ADA, earned_at=None), id="adopted"),
        pytest.param(make_award(ADA, state=State.DOUBTFUL), id="doubtful"),
        pytest.param(make_award(ADA, state=State.DUE, attempts=1), id="retried"),
        pytest.param(make_award(ADA, state=State.EARNED, is_released=True), id="released"),
    ],
)
def test_what_does_not_count(row):
    weighed = guarded(row)

    assert states(weighed, row) | {ADA: None} == {ADA: None, GRACE: State.DUE, ALAN: State.DUE}


@pytest.mark.parametrize(
    "state",
    [State.EARNED, State.AWAITING_APPROVAL, State.BLOCKED, State.LAPSED],
    ids=lambda state: state.value,
)
def test_a_row_that_was_not_due_counts_when_it_becomes_due(state):
    row = make_award(ADA, state=state)

    assert states(guarded(row), row) == all_in(State.HELD)


def test_what_lapses_is_not_held():
    rows = held(*EVERYBODY)

    weighed = guarded(*rows, truth=Truth.UNMET)

    assert (states(weighed, *rows), numbers(weighed, *rows), weighed.held) == (all_in(State.LAPSED), {None}, set())


def test_what_is_blocked_meanwhile_is_not_held():
    rows = held(*EVERYBODY)
    homeless = {ADA: make_contact(ADA, None, blocked="no address")}

    weighed = guarded(*rows, contacts=homeless, cap=1)

    assert states(weighed, *rows) == {ADA: State.BLOCKED, GRACE: State.HELD, ALAN: State.HELD}


def test_a_held_award_is_prepared_for_the_address_of_now():
    rows = held(*EVERYBODY)
    moved = make_contact(ADA, "lovelace@example.edu")

    weighed = guarded(*rows, contacts={ADA: moved})

    award = after(weighed, *rows)[Pair(ADA, badge_class_of("level-1"))]
    assert (award.state, award.address, award.held_in) == (State.HELD, "lovelace@example.edu", 7)


def test_those_that_the_guard_still_holds_count_again():
    """Two and one more are three, although only one is new."""
    rows = held(ADA, GRACE)

    assert states(guarded(*rows), *rows) == all_in(State.HELD)


def test_those_whose_facts_are_unknown_now_still_count():
    """Else others would pass the cap for as long as an org unit can't be read."""
    rows = held(ADA, GRACE)

    weighed = guarded(*rows, truths={ADA: UNKNOWN, GRACE: UNKNOWN})

    assert states(weighed, *rows) == all_in(State.HELD)
    assert numbers(weighed, *rows) == {7}


def test_a_plan_is_not_another_one_because_its_facts_are_unknown_for_a_while():
    rows = held(*EVERYBODY)

    weighed = guarded(*rows, truths={ADA: UNKNOWN}, number=8)

    assert (weighed.changes, weighed.number, len(weighed.held)) == ((), 7, 3)


def test_what_is_unknown_stays_held_while_the_others_are_few_enough():
    rows = held(*EVERYBODY)

    weighed = guarded(*rows, truths={ADA: UNKNOWN, GRACE: Truth.UNMET})

    assert states(weighed, *rows) == {ADA: State.HELD, GRACE: State.LAPSED, ALAN: State.DUE}
    assert weighed.held == set()


def test_held_awards_become_due_once_they_are_few_enough():
    rows = held(ADA, GRACE)

    assert states(guarded(*rows, earners=(ADA, GRACE)), *rows) == all_in(State.DUE, ADA, GRACE)


def test_a_plan_that_is_still_the_same_keeps_its_number_and_changes_nothing():
    rows = tuple(after(guarded()).values())

    again = guarded(*rows, number=8)

    assert (again.changes, again.number) == ((), 7)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({}, id="one more award"),
        pytest.param({"earners": (ADA, GRACE), "access": Access(new=(make_enrolment(),))}, id="one more enrolment"),
        pytest.param({"earners": (ADA, GRACE), "badge": make_badge(rule_version="v2")}, id="the same by other rules"),
        pytest.param({"truths": {ADA: Truth.UNMET}}, id="another person"),
    ],
)
def test_a_plan_that_changed_gets_a_number_of_its_own(changed):
    rows = held(ADA, GRACE)

    weighed = guarded(*rows, cap=1, number=8, **changed)

    assert (numbers(weighed, *rows) - {None}, weighed.number) == ({8}, 8)


def test_a_plan_of_enrolments_alone_keeps_its_number():
    waiting = tuple(make_enrolment(one, state=AccessState.HELD, held_in=7) for one in EVERYBODY)

    weighed = guarded(earners=(), access=Access(new=waiting), number=8)

    assert {one.held_in for one in weighed.enrolments} == {7}


def test_two_plans_become_one_under_a_new_number():
    """A scoped pass held the second one, and left the first one alone."""
    rows = (*held(ADA, GRACE, number=3), *held(ALAN, number=5))

    weighed = guarded(*rows, number=8)

    assert (numbers(weighed, *rows), weighed.number) == ({8}, 8)


def test_rows_held_before_enrolments_had_a_number_get_one():
    old = make_enrolment(state=AccessState.HELD)

    weighed = guarded(access=Access(new=(old,)), number=8)

    assert (weighed.number, [one.held_in for one in weighed.enrolments]) == (8, [8])


def test_the_plan_that_a_person_released_goes_and_is_not_counted_again():
    rows = held(*EVERYBODY)

    weighed = guarded(*rows, released=7)

    assert (states(weighed, *rows), weighed.has_moved) == (all_in(State.DUE), False)
    assert {(one.held_in, one.is_released) for one in after(weighed, *rows).values()} == {(None, True)}


def test_a_released_plan_goes_with_its_enrolments():
    waiting = tuple(make_enrolment(one, state=AccessState.HELD, held_in=7) for one in EVERYBODY)

    weighed = guarded(earners=(), access=Access(new=waiting), released=7)

    assert ({one.state for one in weighed.enrolments}, weighed.has_moved) == ({AccessState.DUE}, False)


def test_a_released_plan_goes_although_a_higher_cap_would_let_it_go_anyway():
    rows = held(*EVERYBODY)

    assert states(guarded(*rows, cap=9, released=7), *rows) == all_in(State.DUE)


@pytest.mark.parametrize(
    ("people", "changed"),
    [
        pytest.param((ADA, GRACE), {}, id="one more award"),
        pytest.param(
            (ADA, GRACE), {"earners": (ADA, GRACE), "access": Access(new=(make_enrolment(),))}, id="enrolment"
        ),
        pytest.param(EVERYBODY, {"truths": {ADA: Truth.UNMET}}, id="few enough for the cap by now"),
        pytest.param(EVERYBODY, {"cap": 9, "truths": {ADA: Truth.UNMET}}, id="and under a higher cap"),
        pytest.param(EVERYBODY, {"badge": make_badge(rule_version="v2")}, id="the same by other rules"),
    ],
)
def test_of_a_released_plan_that_has_moved_nothing_goes(people, changed):
    rows = held(*people)

    weighed = guarded(*rows, number=8, released=7, **changed)

    assert set(states(weighed, *rows).values()) <= {State.HELD, State.LAPSED}
    assert (weighed.has_moved, weighed.number, numbers(weighed, *rows) - {None}) == (True, 8, {8})
    assert weighed.because == "plan 7 is another one by now"


def test_of_a_released_plan_nothing_goes_while_one_of_its_facts_is_unknown():
    rows = held(*EVERYBODY)

    weighed = guarded(*rows, truths={ADA: UNKNOWN}, number=8, released=7)

    assert (states(weighed, *rows), weighed.has_moved, weighed.number) == (all_in(State.HELD), True, 7)
    assert weighed.because == "plan 7 rests on facts that are unknown by now"


def test_a_released_plan_of_which_nothing_is_left_has_moved():
    rows = held(*EVERYBODY)

    weighed = guarded(*rows, truth=Truth.UNMET, released=7)

    assert (weighed.has_moved, weighed.held, weighed.number) == (True, set(), None)


def test_a_number_under_which_nothing_is_held_releases_nothing():
    weighed = guarded(earners=(ADA,), released=3)

    assert (states(weighed), weighed.has_moved) == ({ADA: State.HELD}, True)


def test_what_lapsed_and_is_met_again_is_as_new_although_it_was_released_once():
    row = make_award(ADA, is_released=True)
    lapsed = tuple(after(guarded(row, earners=(), truths={ADA: Truth.UNMET}), row).values())

    assert states(guarded(*lapsed), *lapsed) == all_in(State.HELD)


def test_the_newest_plan_is_the_one_with_the_highest_number():
    plans = held_plans([*held(ADA, GRACE, number=3)], [make_enrolment(state=AccessState.HELD, held_in=5)])

    assert (newest_number(plans), newest_number({}), newest_number({None: frozenset()})) == (5, None, None)


def test_a_batch_says_what_is_in_it():
    assert (described(frozenset()), described(frozenset([(ADA, UNIT_2)]))) == ("nothing", "1 enrolment")


NEW = make_badge(LEVEL_2, rule_version="v2", requires=("level-1",))
BADGES = (make_badge(), NEW)


def weighed_by_rules(*rows, known=(), badges=BADGES, earned=((ADA, 0), (ADA, 1)), access=None, cap=0, **limits):
    """Let people earn some of the badges, given by their places, while only some rules may award."""
    plan = decide(
        [make_judgement(Truth.MET, person_id, badges[place]) for person_id, place in earned],
        newest(rows),
        contacts=make_contacts(),
        approvals={},
        revoked={},
        rules=make_rules(),
    )
    return guard(
        plan,
        access or Access(),
        newest(rows),
        before=held_plans(rows, ()),
        badges=badges,
        limits=Limits(cap, frozenset(badges[place].rule for place in known), 7, **limits),
    )


def places(weighed, *rows):
    return {(award.person_id, award.badge): award.state for award in after(weighed, *rows).values()}


@pytest.mark.parametrize(
    ("known", "first", "second"),
    [
        pytest.param((0, 1), State.DUE, State.DUE, id="both known"),
        pytest.param((0,), State.DUE, State.HELD, id="one new"),
        pytest.param((1,), State.HELD, State.HELD, id="what it requires is new"),
        pytest.param((), State.HELD, State.HELD, id="both new"),
    ],
)
def test_what_rests_on_a_rule_that_nobody_knows_is_held_whatever_the_cap(known, first, second):
    weighed = weighed_by_rules(known=known)

    assert places(weighed) == {(ADA, "level-1"): first, (ADA, LEVEL_2): second}


def test_the_others_go_on_while_a_new_rule_is_observed():
    weighed = weighed_by_rules(known=(0,), earned=((GRACE, 0), (ADA, 0), (ADA, 1)))

    assert [pair for pair, state in places(weighed).items() if state is State.HELD] == [(ADA, LEVEL_2)]
    assert (len(weighed.held), weighed.because) == (1, "it rests on rules that are new or changed")


def test_over_the_cap_all_are_held_and_each_says_why():
    weighed = weighed_by_rules(known=(0,), cap=1)

    assert [award.reason for award in after(weighed).values()] == [
        "the guard: 2 awards at once, 1 allowed",
        "the guard: it rests on rules that are new or changed",
    ]


@pytest.mark.parametrize("state", [State.DUE, State.DOUBTFUL, State.ISSUED], ids=lambda state: state.value)
def test_what_was_decided_before_goes_on_and_makes_nobody_wait(state):
    row = make_award(ADA, state=state)

    weighed = weighed_by_rules(row, known=(1,))

    assert places(weighed, row) == {(ADA, "level-1"): state, (ADA, LEVEL_2): State.DUE}


def test_enrolments_by_a_new_rule_are_held():
    weighed = weighed_by_rules(known=(0,), earned=(), access=Access(new=(make_enrolment(),)))

    assert [one.state for one in weighed.enrolments] == [AccessState.HELD]


def test_a_release_lets_the_plan_go_and_makes_its_rules_known_with_those_that_it_requires():
    rows = tuple(after(weighed_by_rules(earned=((ADA, 1),))).values())

    weighed = weighed_by_rules(*rows, earned=((ADA, 1), (GRACE, 1)), known=(), released=7)
    same = weighed_by_rules(*rows, earned=((ADA, 1),), released=7)

    assert (weighed.has_moved, weighed.rules) == (True, frozenset())
    assert (places(same, *rows), same.rules) == ({(ADA, LEVEL_2): State.DUE}, frozenset(one.rule for one in BADGES))


def test_the_release_of_a_new_rule_does_not_wait_for_what_known_rules_award():
    rows = tuple(after(weighed_by_rules(known=(0,), earned=((ADA, 1),))).values())

    weighed = weighed_by_rules(*rows, known=(0,), earned=((GRACE, 0), (ADA, 1)), released=7)

    assert set(places(weighed, *rows).values()) == {State.DUE}
    assert {award.person_id for award in after(weighed, *rows).values() if award.is_released} == {ADA}


def test_a_rule_that_changes_again_is_another_plan():
    rows = tuple(after(weighed_by_rules(known=(0,), earned=((ADA, 1),))).values())
    changed = (BADGES[0], replace(NEW, rule_version="v3"))

    weighed = weighed_by_rules(*rows, badges=changed, known=(0,), earned=((ADA, 1),), released=7)

    assert (weighed.has_moved, places(weighed, *rows)) == (True, {(ADA, LEVEL_2): State.HELD})


def test_the_released_enrolments_make_their_badges_rules_known():
    held_one = make_enrolment(state=AccessState.HELD, held_in=7)

    weighed = guard(
        decide([], {}, contacts={}, approvals={}, revoked={}, rules=make_rules()),
        Access(new=(make_enrolment(),)),
        {},
        before=held_plans((), [held_one]),
        badges=BADGES,
        limits=Limits(0, frozenset(), 8, released=7),
    )

    assert weighed.rules == frozenset(one.rule for one in BADGES)
