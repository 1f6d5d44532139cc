"""A pass killed at any call to the world around it is followed by passes that end in the same place.

Killed before the call (it never happened) and after it (it happened, and nobody heard of it).
"""

import pytest

from d2l_sync.domain.award import State
from tests.fakes import Fault
from tests.fuse import Fuse, Killed
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    CLASS_2,
    CLASS_3,
    CLASS_M,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    SETTLE,
    Programme,
    issued,
    mail_of,
    person,
)

EVERYTHING = {
    **issued((ADA, LEVEL_1), (ADA, LEVEL_2), (ADA, LEVEL_3), (ADA, MACRO)),
    **issued((GRACE, LEVEL_1), (ALAN, LEVEL_1)),
}
ONE_EACH = {
    (CLASS_1, mail_of(ADA)): 1,
    (CLASS_2, mail_of(ADA)): 1,
    (CLASS_3, mail_of(ADA)): 1,
    (CLASS_M, mail_of(ADA)): 1,
    (CLASS_1, mail_of(GRACE)): 1,
    (CLASS_1, mail_of(ALAN)): 1,
}


def everybody_at_every_stage():
    """Ada has earned all, the answer about Grace was a 500, and somebody awarded Alan by hand."""
    programme = Programme()
    programme.sets(delivery={"connections": 1})
    programme.finishes(GRACE)
    programme.platform.faults.append(Fault.BREAKS)
    programme.sync()
    programme.clock.turn(SETTLE)
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2, LEVEL_3))
    programme.approves(ADA)
    programme.finishes(ALAN)
    programme.platform.hold(CLASS_1, mail_of(ALAN))
    return programme


def calls_of_a_quiet_pass():
    programme = everybody_at_every_stage()
    programme.fuse = Fuse()
    programme.sync()
    return programme.fuse.calls


CALLS = list(enumerate(calls_of_a_quiet_pass(), 1))


@pytest.mark.parametrize("after_the_call", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", [pytest.param(place, id=f"{place}-{name}") for place, name in CALLS])
def test_a_pass_killed_at_any_call_leads_to_one_assertion_for_each_pair(place, after_the_call):
    programme = everybody_at_every_stage()
    programme.fuse = Fuse(place, after_the_call=after_the_call)
    with pytest.raises(Killed):
        programme.sync()

    programme.fuse = Fuse()
    programme.sync()
    programme.later(SETTLE)

    assert programme.states() == EVERYTHING
    assert programme.platform.live() == ONE_EACH


@pytest.mark.parametrize("place", [pytest.param(place, id=f"{place}-{name}") for place, name in CALLS])
def test_lists_that_lag_behind_a_kill_do_not_lead_to_two(place):
    """The platform's list does not show its newest assertion yet; a look-up by address does."""
    programme = everybody_at_every_stage()
    programme.fuse = Fuse(place, after_the_call=True)
    with pytest.raises(Killed):
        programme.sync()
    programme.fuse = Fuse()
    programme.platform.lag = 1

    programme.sync()
    programme.later(SETTLE)

    assert programme.platform.live() == ONE_EACH


def test_a_pass_that_was_killed_stays_unended():
    programme = everybody_at_every_stage()
    programme.fuse = Fuse(len(CALLS) - 1)

    with pytest.raises(Killed):
        programme.sync()

    assert [one.outcome for one in programme.state.passes.values()] == ["complete", None]


def test_an_award_killed_while_sending_is_looked_up_before_it_is_sent_again():
    programme = everybody_at_every_stage()
    first_order = next(place for place, name in CALLS if name == "FakePlatform.issue")
    programme.fuse = Fuse(first_order)
    with pytest.raises(Killed):
        programme.sync()
    was = programme.award(ADA).state
    programme.fuse = Fuse()

    programme.sync()
    resting = programme.award(ADA).state
    programme.later(SETTLE)

    assert (was, resting, programme.award(ADA).state) == (State.SENDING, State.DOUBTFUL, State.ISSUED)
    assert (CLASS_1, mail_of(ADA)) in programme.platform.looked_up
    assert [award.person_id for award in programme.state.awards].count(person(ADA)) == 4
