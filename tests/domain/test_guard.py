"""The guard: more awards at once than allowed are held as one plan, until a person lets exactly this plan go."""

import pytest

from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.ledger import applied, newest
from d2l_sync.domain.plan import decide, guarded_pairs
from d2l_sync.domain.verdict import Truth
from tests.builders import (
    ADA,
    ALAN,
    GRACE,
    make_award,
    make_contacts,
    make_issued,
    make_judgement,
    make_rules,
)

EVERYBODY = (ADA, GRACE, ALAN)


def decided(*rows, earners=EVERYBODY, truth=Truth.MET, **rules):
    judgements = [make_judgement(truth, person_id) for person_id in earners]
    limits = make_rules(**({"cap": 2, "number": 7} | rules))
    return decide(judgements, newest(rows), contacts=make_contacts(), approvals={}, revoked={}, rules=limits)


def after(plan, *rows):
    return applied(newest(rows), plan.changes)


def states(plan, *rows):
    return {award.person_id: award.state for award in after(plan, *rows).values()}


def held(*people, number=7):
    """Give the rows that an earlier pass left held."""
    plan = decided(earners=people, cap=1, number=number)
    return tuple(after(plan).values())


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        pytest.param({"cap": 3}, State.DUE, id="exactly as many as allowed"),
        pytest.param({"cap": 2}, State.HELD, id="one more than allowed"),
        pytest.param({"cap": 3, "enrolments": 1}, State.HELD, id="one more, with an enrolment"),
        pytest.param({"cap": 0}, State.DUE, id="no limit"),
        pytest.param({"cap": 2, "live": False}, State.EARNED, id="observing"),
    ],
)
def test_over_the_cap_all_are_held(rules, state):
    plan = decided(**rules)

    assert states(plan) == dict.fromkeys(EVERYBODY, state)
    assert plan.is_held is (state is State.HELD)


def test_a_held_award_says_so():
    award = decided().changes[0].after

    assert (award.held_by, award.held_in, award.reason) == (Holder.GUARD, 7, "the guard: 3 awards at once, 2 allowed")


def test_older_due_awards_go_on_and_do_not_count():
    older = make_award(ADA)

    plan = decided(older)

    assert states(plan, older) == dict.fromkeys(EVERYBODY, State.DUE)


def test_older_due_awards_go_on_beside_those_that_are_held():
    older = make_award(ADA)

    plan = decided(older, cap=1)

    assert states(plan, older) == {ADA: State.DUE, GRACE: State.HELD, ALAN: State.HELD}


def test_adopted_and_released_awards_do_not_count():
    rows = (make_issued(ADA, earned_at=None), make_award(GRACE, state=State.EARNED, is_released=True))

    plan = decided(*rows, cap=1)

    assert states(plan, *rows) == {ADA: State.ISSUED, GRACE: State.DUE, ALAN: State.DUE}


def test_what_lapses_is_not_held():
    rows = held(*EVERYBODY)

    plan = decided(*rows, truth=Truth.UNMET)

    assert states(plan, *rows) == dict.fromkeys(EVERYBODY, State.LAPSED)


def test_those_that_the_guard_still_holds_count_again():
    """Two and one more are three, although only one is new."""
    rows = held(ADA, GRACE)

    assert states(decided(*rows), *rows) == dict.fromkeys(EVERYBODY, State.HELD)


def test_held_awards_become_due_once_they_are_few_enough():
    rows = held(ADA, GRACE)

    assert states(decided(*rows, earners=(ADA, GRACE)), *rows) == {ADA: State.DUE, GRACE: State.DUE}


def test_a_plan_that_is_still_the_same_keeps_its_number_and_changes_nothing():
    first = decided()
    rows = tuple(after(first).values())

    again = decided(*rows, number=8)

    assert (again.changes, again.is_held) == ((), True)


def test_a_plan_that_grew_gets_a_number_of_its_own():
    rows = held(ADA, GRACE)

    plan = decided(*rows, number=8)

    assert {award.held_in for award in after(plan, *rows).values()} == {8}


def test_the_plan_that_a_person_released_goes():
    rows = held(*EVERYBODY)

    plan = decided(*rows, released=guarded_pairs(newest(rows)))

    assert states(plan, *rows) == dict.fromkeys(EVERYBODY, State.DUE)
    assert {award.held_in for award in after(plan, *rows).values()} == {None}


def test_a_released_plan_that_has_moved_is_held_again():
    rows = held(ADA, GRACE)

    plan = decided(*rows, released=guarded_pairs(newest(rows)))

    assert (states(plan, *rows), plan.is_held) == (dict.fromkeys(EVERYBODY, State.HELD), True)
