"""Awards of a badge that was taken out of the pathway file: settled, then let go; a person hears of those in doubt."""

import pytest

from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.pathway import Pathway
from tests.services.programme import (
    ADA,
    CLASS_2,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    ONE_BADGE,
    PATHWAY,
    SETTLE,
    Programme,
    mail_of,
    person,
)


@pytest.fixture
def programme():
    """Serve Level 1 alone; Ada's and Grace's awards of Level 2 are from before."""
    made = Programme(ONE_BADGE)
    made.enrol(ADA, GRACE)
    return made


def in_doubt(programme, user_id=ADA):
    return programme.put(user_id, State.DOUBTFUL, LEVEL_2, sent_to=(mail_of(user_id),), retry_at=programme.clock())


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (State.DUE, {}),
        (State.EARNED, {}),
        (State.AWAITING_APPROVAL, {}),
        (State.BLOCKED, {}),
        (State.HELD, {"held_by": Holder.GUARD, "held_in": 1}),
    ],
)
def test_what_was_not_sent_lapses(programme, state, fields):
    programme.put(ADA, state, LEVEL_2, **fields)

    report = programme.sync()

    assert (report.outcome, report.exit_code, programme.award(ADA, LEVEL_2).state) == ("complete", 0, State.LAPSED)
    assert programme.award(ADA, LEVEL_2).reason == "its badge is in no pathway file any more"
    assert programme.platform.orders == []


@pytest.mark.parametrize("state", [State.FAILED, State.REJECTED, State.ISSUED, State.REVOKED])
def test_what_a_person_or_the_platform_said_stays(programme, state):
    programme.put(ADA, state, LEVEL_2)

    programme.sync()

    assert programme.award(ADA, LEVEL_2).state is state


def test_a_doubtful_one_that_is_there_is_issued(programme):
    in_doubt(programme)
    programme.platform.hold(CLASS_2, mail_of(ADA))

    programme.sync()

    assert programme.award(ADA, LEVEL_2).state is State.ISSUED


def test_a_doubtful_one_that_is_not_there_lapses_and_is_not_sent_again(programme):
    in_doubt(programme)

    report = programme.sync()

    assert (programme.award(ADA, LEVEL_2).state, report.exit_code) == (State.LAPSED, 0)
    assert programme.platform.orders == []


def test_while_nobody_knows_a_person_is_told_and_the_pass_says_that_it_is_left(programme):
    programme.put(ADA, State.DOUBTFUL, LEVEL_2, sent_to=(mail_of(ADA),), retry_at=programme.clock() + SETTLE)

    report = programme.sync()

    assert [(one.kind, one.badge, one.user_id) for one in programme.state.open_reviews] == [
        ("unserved", LEVEL_2, person(ADA))
    ]
    assert (report.awards.doubtful, report.exit_code) == (1, 69)

    programme.later()

    assert programme.state.open_reviews == []


def test_a_pass_over_one_badge_leaves_it_alone(programme):
    in_doubt(programme)

    programme.sync(badge=str(LEVEL_1))

    assert programme.award(ADA, LEVEL_2).state is State.DOUBTFUL


def test_back_in_the_file_it_is_judged_as_any_other(programme):
    programme.put(ADA, State.DUE, LEVEL_1)
    programme.earns(ADA, LEVEL_1)
    programme.pathways = (Pathway(PATHWAY, "Nothing", ()),)
    programme.sync()
    lapsed = programme.award(ADA).state

    programme.pathways = (ONE_BADGE,)
    programme.later()

    assert (lapsed, programme.award(ADA).state) == (State.LAPSED, State.ISSUED)
