"""Without a usable Brightspace token nothing is decided, and what was decided before still goes out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.errors import SourceUnavailable, TokenRefused
from d2l_sync.domain.facts import Failure, Listing
from d2l_sync.domain.ids import GroupCategoryId
from d2l_sync.domain.people import Classlist, GroupSet, UserRecord
from d2l_sync.domain.ports import Usage
from d2l_sync.services.report import AwardCounts
from d2l_sync.services.unasked import Unasked
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    MACRO,
    NOON,
    PATHWAY,
    REFLECTION,
    SETTLE,
    UNIT_2,
    mail_of,
    person,
)


def has_an_award_left_due(programme, *user_ids):
    """Let a pass decide for people while the platform refuses everything."""
    programme.finishes(*user_ids)
    programme.platform.faults = [Fault.TOO_MANY] * len(user_ids)
    programme.sync()
    programme.platform.faults.clear()
    programme.brightspace.has_token = False


def test_a_pass_without_a_token_sends_nothing_and_what_is_due_is_delivered_all_the_same(one_badge):
    has_an_award_left_due(one_badge, ADA, GRACE)
    asked = len(one_badge.brightspace.asked)

    refused = one_badge.sync()
    waiting = list(one_badge.platform.orders)
    report = one_badge.deliver_due()

    assert (refused.pass_id, refused.exit_code, waiting) == (None, 77, [])
    assert (report.outcome, report.awards) == ("blind", AwardCounts(issued=2))
    assert one_badge.platform.live() == {(CLASS_1, mail_of(ADA)): 1, (CLASS_1, mail_of(GRACE)): 1}
    assert len(one_badge.brightspace.asked) == asked + 1  # by the pass that was refused


def test_a_doubtful_award_is_settled_without_a_token(one_badge):
    one_badge.finishes(ADA, GRACE)
    one_badge.platform.faults = [Fault.LOSES_ITS_ANSWER, Fault.BREAKS]
    one_badge.sync()
    one_badge.brightspace.has_token = False
    one_badge.clock.turn(SETTLE)

    one_badge.deliver_due()

    assert one_badge.states() == {(person(ADA), LEVEL_1): State.ISSUED, (person(GRACE), LEVEL_1): State.ISSUED}
    assert set(one_badge.platform.live().values()) == {1}


def test_nothing_new_is_concluded_without_a_token(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.finishes(GRACE)
    one_badge.brightspace.has_token = False
    before = one_badge.state.awards, one_badge.state.open_reviews

    one_badge.deliver_due()

    assert (one_badge.state.awards, one_badge.state.open_reviews) == before


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"state": State.HELD, "held_by": Holder.PERSON}, id="held by a person"),
        pytest.param({"state": State.HELD, "held_by": Holder.GUARD, "held_in": 1}, id="held by the guard"),
        pytest.param({"state": State.FAILED}, id="refused"),
        pytest.param({"state": State.REJECTED}, id="rejected"),
        pytest.param({"state": State.EARNED}, id="earned"),
    ],
)
def test_only_what_is_due_goes_out(one_badge, fields):
    one_badge.put(ADA, **fields)

    one_badge.deliver_due()

    assert one_badge.platform.orders == []


def test_nothing_goes_out_to_the_suppressed_the_rejected_or_while_the_list_is_unread(programme):
    programme.finishes(ADA, GRACE, ALAN)
    programme.put(ADA, State.DUE)
    programme.put(GRACE, State.DUE, key=MACRO)
    programme.put(ALAN, State.DUE, key=LEVEL_2)
    programme.suppresses(ADA)
    programme.approves(GRACE, MACRO, is_approved=False, reason="not yet")
    programme.platform.failing["bc-2"] = SourceUnavailable("no answer")

    report = programme.deliver_due()

    assert (programme.platform.orders, report.awards.issued) == ([], 0)


@pytest.mark.parametrize("is_read_again", [True, False], ids=["unread folder", "not asked at all"])
def test_a_due_award_whose_fact_vanished_waits_also_while_that_can_not_be_seen(one_badge, is_read_again):
    """A failing list says nothing about what vanished; what the last good one said still holds."""
    one_badge.finishes(ADA, GRACE)
    one_badge.sync()
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE, sent_to=(), assertion_id=None))
    one_badge.platform.held.clear()
    one_badge.platform.orders.clear()
    del one_badge.brightspace.facts[REFLECTION][ADA]
    one_badge.later()
    one_badge.clock.turn(timedelta(hours=1))

    if is_read_again:
        one_badge.brightspace.fail(REFLECTION)
        one_badge.sync()
    else:
        one_badge.deliver_due()

    assert (one_badge.award(ADA).state, one_badge.platform.orders) == (State.DUE, [])


def test_whatever_is_asked_of_a_brightspace_that_can_not_be_asked_is_unread():
    failure = Failure("not asked")
    unasked = Unasked(failure, lambda: NOON)

    answers: list[Classlist | Listing | GroupSet | UserRecord] = [
        unasked.classlist(UNIT_2),
        unasked.listing(REFLECTION),
        unasked.groups(UNIT_2, GroupCategoryId(77)),
        unasked.user_record(ADA),
    ]

    assert [one.failure for one in answers] == [failure] * 4
    assert unasked.usage() == Usage()
    for ask in (unasked.has_role, unasked.enrol):
        with pytest.raises(TokenRefused, match="not asked"):
            ask(UNIT_2, ADA)


def test_nobody_is_let_into_a_course_without_a_token(programme):
    programme.put(ADA, State.DUE)
    due = Enrolment(person(ADA), UNIT_2, ADA, PATHWAY, LEVEL_2, AccessState.DUE, decided_at=NOON)
    programme.state.save_enrolment(due)

    report = programme.deliver_due()

    assert (programme.access.posts, report.enrolled) == ([], 0)
    assert report.awards.issued == 1
