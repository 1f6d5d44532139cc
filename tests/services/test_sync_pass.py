"""A pass ends in the same place however often it is made, and issues each earned badge once."""

import pytest

from d2l_sync.domain.award import State
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    REFLECTION,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    hand_in,
    issued,
    mail_of,
    person,
)

ALL_LEVELS = (LEVEL_1, LEVEL_2, LEVEL_3)


def test_a_first_pass_issues_everything_that_is_earned(programme):
    programme.finishes(ADA, GRACE)
    programme.enrol(ALAN)

    report = programme.sync()

    assert (report.outcome, report.exit_code, report.learners) == ("complete", 0, 3)
    assert report.awards == AwardCounts(earned=2, issued=2)
    assert programme.platform.live() == {(CLASS_1, mail_of(ADA)): 1, (CLASS_1, mail_of(GRACE)): 1}


def test_a_second_pass_changes_nothing(programme):
    programme.finishes(ADA, GRACE, keys=ALL_LEVELS)
    programme.sync()
    before = (programme.state.snapshot().awards, list(programme.state.history), list(programme.platform.held))

    report = programme.later()

    assert (programme.state.snapshot().awards, programme.state.history, programme.platform.held) == before
    assert (report.outcome, report.awards.issued, report.facts_changed) == ("complete", 0, 0)


def test_a_third_pass_issues_exactly_the_difference(programme):
    programme.finishes(ADA)
    programme.enrol(GRACE)
    programme.sync()
    programme.later()
    orders = len(programme.platform.orders)

    programme.earns(GRACE, LEVEL_1)
    report = programme.later()

    assert [order.address for order in programme.platform.orders[orders:]] == [mail_of(GRACE)]
    assert report.awards == AwardCounts(earned=2, issued=1)


def test_everything_from_level_1_to_the_macro_badge_may_be_earned_in_one_pass(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.approves(ADA)

    report = programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1), (ADA, LEVEL_2), (ADA, LEVEL_3), (ADA, MACRO))
    assert report.awards == AwardCounts(earned=4, issued=4)


def test_the_macro_badge_waits_for_an_administrator(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)

    report = programme.sync()

    assert programme.award(ADA, MACRO).state is State.AWAITING_APPROVAL
    assert report.awards == AwardCounts(earned=4, issued=3, awaiting_approval=1)
    assert report.exit_code == 0


def test_a_learner_approved_after_leaving_still_gets_the_macro_badge(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.sync()
    for unit in (UNIT_1, UNIT_2, UNIT_3):
        programme.brightspace.withdraw(unit, ADA)

    programme.later()
    programme.approves(ADA)
    programme.later()

    assert programme.award(ADA, MACRO).state is State.ISSUED
    assert programme.platform.orders[-1].address == mail_of(ADA)


def test_without_its_prerequisite_a_level_is_not_awarded(programme):
    programme.finishes(ADA, keys=(LEVEL_2, LEVEL_3))

    report = programme.sync()

    assert programme.states() == {}
    assert report.awards == AwardCounts()


def test_an_unreadable_org_unit_concludes_nothing(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.finishes(GRACE)
    programme.brightspace.fail(UNIT_2, why="answered 403", hint="grant enrollment:orgunit:read")

    report = programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1), (GRACE, LEVEL_1))
    assert (report.outcome, report.exit_code) == ("partial", 69)
    assert [one.hint for one in report.problems] == ["grant enrollment:orgunit:read"]


def test_an_unreadable_org_unit_takes_nothing_away(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.sync()
    before = programme.state.awards
    programme.brightspace.fail(UNIT_1, UNIT_3)

    programme.later()

    assert programme.state.awards == before
    assert programme.state.open_reviews == []


def test_when_no_org_unit_can_be_read_the_pass_is_blind(programme):
    programme.finishes(ADA)
    programme.brightspace.fail(UNIT_1, UNIT_2, UNIT_3)

    report = programme.sync()

    assert (report.outcome, report.exit_code, report.awards) == ("blind", 69, AwardCounts())
    assert programme.platform.orders == []


def test_a_fallen_criterion_opens_a_review_and_revokes_nothing(programme):
    programme.finishes(ADA)
    programme.sync()
    programme.brightspace.withdraw(UNIT_1, ADA)

    programme.later()

    assert programme.award(ADA).state is State.ISSUED
    assert [(one.kind, one.user_id) for one in programme.state.open_reviews] == [("fell", person(ADA))]


def test_an_award_that_is_earned_no_longer_lapses_before_it_is_sent(programme):
    programme.finishes(ADA)
    programme.platform.faults.append(Fault.NO_CONNECTION)
    programme.sync()
    programme.brightspace.withdraw(UNIT_1, ADA)

    programme.later()

    assert programme.award(ADA).state is State.LAPSED
    assert programme.platform.held == []


def test_what_vanished_awards_nothing_and_opens_a_review(programme):
    programme.enrol(ADA)
    programme.brightspace.show(REFLECTION, ADA, hand_in())
    programme.sync()
    programme.brightspace.facts[REFLECTION].clear()

    programme.later()
    programme.later()

    assert [(one.kind, one.user_id) for one in programme.state.open_reviews] == [("vanished", person(ADA))]
    assert programme.states() == {}


@pytest.mark.parametrize("who", ["301", mail_of(ADA), " U301 "], ids=["user id", "address", "OrgDefinedId"])
def test_a_pass_over_one_learner_leaves_the_others_alone(programme, who):
    programme.finishes(ADA, GRACE)

    report = programme.sync(learner=who)

    assert programme.states() == issued((ADA, LEVEL_1))
    assert (report.learners, report.awards) == (1, AwardCounts(earned=1, issued=1))
