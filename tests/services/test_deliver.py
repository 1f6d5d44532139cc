"""Every answer of the platform has its state, and nothing is sent again without a look-up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from d2l_sync.domain.award import State, award_key
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ids import Address
from d2l_sync.domain.ports import Order
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault, addresses_of
from tests.fuse import after_call, before_call
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    CLASS_M,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    NOON,
    REFLECTION,
    SETTLE,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    YESTERDAY,
    entry,
    mail_of,
    person,
)

ANSWERS = [
    pytest.param(Fault.BREAKS, State.DOUBTFUL, 69, id="500"),
    pytest.param(Fault.LOSES_ITS_ANSWER, State.DOUBTFUL, 69, id="answer lost"),
    pytest.param(Fault.REDIRECTS, State.DOUBTFUL, 69, id="302"),
    pytest.param(Fault.DECLINES, State.FAILED, 0, id="400"),
    pytest.param(Fault.DENIES_DUPLICATE, State.FAILED, 0, id="a duplicate that is not there"),
    pytest.param(Fault.UNAUTHORIZED, State.DUE, 77, id="401"),
    pytest.param(Fault.TOO_MANY, State.DUE, 69, id="429"),
    pytest.param(Fault.NOT_FOUND, State.DUE, 69, id="404"),
    pytest.param(Fault.NO_CONNECTION, State.DUE, 69, id="no connection"),
]


@pytest.mark.parametrize(("fault", "state", "exit_code"), ANSWERS)
def test_every_answer_has_its_state_and_exit_code(one_badge, fault, state, exit_code):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(fault)

    report = one_badge.sync()

    award = one_badge.award(ADA)
    assert (award.state, award.attempts, report.exit_code) == (state, 1, exit_code)
    assert report.outcome == "complete"


def test_what_is_sent_is_the_address_the_badge_class_the_date_and_a_narrative_without_scores(one_badge):
    one_badge.sets(badging={"evidence_url": "https://example.edu/badges"}, delivery={"notify": False})
    one_badge.finishes(ADA)

    one_badge.sync()

    reference = award_key("issuer-1", one_badge.award(ADA))
    assert one_badge.platform.orders == [
        Order(
            CLASS_1,
            mail_of(ADA),
            YESTERDAY,
            f"Level-1. Met: Reflection; Quiz. Ref {reference}",
            evidence_url="https://example.edu/badges",
            notify=False,
        )
    ]


def test_an_issued_award_remembers_its_assertion(one_badge):
    one_badge.finishes(ADA)

    one_badge.sync()

    made = one_badge.platform.held[0]
    award = one_badge.award(ADA)
    assert (award.assertion_id, award.assertion_url, award.sent_to) == (made.assertion_id, made.url, (mail_of(ADA),))
    assert (award.earned_at, award.issued_on, award.issued_at) == (YESTERDAY, YESTERDAY, NOON)


@pytest.mark.parametrize("fault", [Fault.LOSES_ITS_ANSWER, Fault.BREAKS], ids=["made", "not made"])
def test_an_award_whose_answer_was_lost_is_not_issued_twice(one_badge, fault):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(fault)
    one_badge.sync()

    report = one_badge.later(SETTLE)

    assert one_badge.award(ADA).state is State.ISSUED
    assert one_badge.platform.live() == {(CLASS_1, mail_of(ADA)): 1}
    assert (report.awards, report.exit_code) == (AwardCounts(earned=1, issued=1), 0)


def test_a_doubtful_award_rests_before_it_is_looked_up(one_badge):
    """A platform that was slow to make the assertion needs time to show it."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.BREAKS)
    one_badge.sync()

    report = one_badge.later(SETTLE - timedelta(seconds=1))

    assert one_badge.platform.looked_up == []
    assert one_badge.award(ADA).state is State.DOUBTFUL
    assert (report.awards, report.exit_code) == (AwardCounts(earned=1, doubtful=1), 69)


def test_a_doubtful_award_that_was_held_and_released_rests_all_the_same(one_badge):
    """The platform took it and does not show it yet; a look-up now would find nothing, and it would be sent again."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.LOSES_ITS_ANSWER)
    one_badge.platform.lag = 1
    one_badge.sync()
    released = replace(one_badge.award(ADA), state=State.EARNED, is_released=True)
    one_badge.state.add(released)

    one_badge.later(SETTLE - timedelta(seconds=1))
    waiting = one_badge.award(ADA).state
    one_badge.platform.lag = 0
    one_badge.later(SETTLE)

    assert (waiting, one_badge.award(ADA).state) == (State.DUE, State.ISSUED)
    assert one_badge.platform.live() == {(CLASS_1, mail_of(ADA)): 1}


def test_a_look_up_finds_what_the_list_does_not_show_yet(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.LOSES_ITS_ANSWER)
    one_badge.platform.lag = 1
    one_badge.sync()

    report = one_badge.later(SETTLE)

    assert one_badge.award(ADA).state is State.ISSUED
    assert report.awards == AwardCounts(earned=1, issued=1)
    assert len(one_badge.platform.orders) == 1


def test_a_doubtful_award_is_resent_only_to_the_address_it_last_went_to(one_badge):
    """Were it sent to a new address, the platform could not know that it is the same award."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.BREAKS)
    one_badge.sync()
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=Address("countess@example.edu")))

    one_badge.later(SETTLE)

    assert addresses_of(one_badge.platform.orders) == [mail_of(ADA), mail_of(ADA)]


def test_what_was_not_sent_goes_to_the_address_of_the_day(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=Address("countess@example.edu")))

    one_badge.later()

    assert addresses_of(one_badge.platform.orders) == [Address("countess@example.edu")]


def test_a_look_up_asks_under_every_address_ever_sent_to(one_badge):
    one_badge.finishes(ADA)
    addresses = (Address("a.lovelace@example.edu"), mail_of(ADA))
    one_badge.put(ADA, State.DOUBTFUL, sent_to=addresses, retry_at=NOON)

    one_badge.sync()

    assert one_badge.platform.looked_up[:2] == [(CLASS_1, address) for address in addresses]


def test_an_assertion_at_an_earlier_address_ends_the_doubt(one_badge):
    one_badge.finishes(ADA)
    earlier = Address("a.lovelace@example.edu")
    one_badge.put(ADA, State.DUE, sent_to=(earlier, mail_of(ADA)))
    one_badge.platform.hold(CLASS_1, earlier)
    one_badge.platform.lag = 1

    report = one_badge.sync()

    assert one_badge.award(ADA).state is State.ISSUED
    assert (one_badge.platform.orders, report.awards.issued) == ([], 1)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [(SourceUnavailable("no answer"), 69), (SourceRefused("403"), 69), (TokenRefused("the password is wrong"), 77)],
    ids=["no answer", "403", "401"],
)
def test_without_a_look_up_nothing_doubtful_is_sent(one_badge, error, exit_code):
    one_badge.finishes(ADA, GRACE)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=NOON)
    one_badge.put(GRACE, State.DUE, sent_to=(mail_of(GRACE),))
    one_badge.platform.failing_look_ups = error

    report = one_badge.sync()

    assert one_badge.platform.orders == []
    assert (one_badge.award(ADA).state, one_badge.award(GRACE).state) == (State.DOUBTFUL, State.DUE)
    badge = f"badge class of {one_badge.pathways[0].key}/{LEVEL_1}"
    assert [(problem.where, problem.what) for problem in report.problems] == [(badge, str(error))]
    assert report.exit_code == exit_code


def test_each_lost_answer_doubles_the_rest_up_to_an_hour(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults = [Fault.BREAKS] * 7
    rests = []

    one_badge.sync()
    for _ in range(6):
        rests.append((one_badge.award(ADA).retry_at - one_badge.clock()).total_seconds() / 60)
        one_badge.later(timedelta(minutes=rests[-1]))

    assert rests == [2, 4, 8, 16, 32, 60]


@pytest.mark.parametrize("is_retried", [True, False], ids=["a person says retry", "the platform takes another"])
def test_the_back_off_ends_but_the_rest_does_not(one_badge, is_retried):
    """Ada's award rests for an hour; from now on it rests for `settle`, and so does its next lost answer."""
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=NOON + timedelta(hours=1), backoff_s=3600)
    if not is_retried:
        one_badge.finishes(GRACE)
    else:
        one_badge.state.add(replace(one_badge.award(ADA), retry_at=NOON + SETTLE, backoff_s=0))

    one_badge.sync()
    resting = one_badge.award(ADA)
    one_badge.platform.faults.append(Fault.BREAKS)
    one_badge.later(SETTLE)

    again = one_badge.award(ADA)
    assert (resting.state, resting.retry_at, resting.backoff_s) == (State.DOUBTFUL, NOON + SETTLE, 0)
    assert (again.state, again.retry_at, again.backoff_s) == (State.DOUBTFUL, NOON + 2 * SETTLE, 120)


def test_a_rest_that_is_nearly_over_gets_no_longer_when_the_back_off_ends(one_badge):
    one_badge.finishes(ADA, GRACE)
    soon = NOON + timedelta(seconds=5)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=soon, backoff_s=3600)

    one_badge.sync()

    assert (one_badge.award(ADA).retry_at, one_badge.award(ADA).backoff_s) == (soon, 0)


def test_a_released_award_that_still_rests_is_something_left(one_badge):
    """Its answer was lost, so the pass that leaves it is no clean one."""
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DUE, sent_to=(mail_of(ADA),), retry_at=NOON + SETTLE)

    report = one_badge.sync()

    assert (report.outcome, report.exit_code, one_badge.platform.orders) == ("complete", 69, [])


def test_a_duplicate_is_looked_up_and_tied(one_badge):
    one_badge.finishes(ADA)
    made = one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.platform.lag = 1

    report = one_badge.sync()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).assertion_id) == (State.ISSUED, made.assertion_id)
    assert report.awards == AwardCounts(earned=1, adopted=1)


def test_a_duplicate_of_an_earlier_request_of_ours_counts_as_issued(one_badge):
    """Its answer was lost, no look-up showed it yet, and so it was sent again."""
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DUE, sent_to=(mail_of(ADA),), attempts=1)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.platform.lag = 1
    one_badge.platform.look_up_lag = 1

    report = one_badge.sync()

    assert report.awards == AwardCounts(earned=1, issued=1)
    assert one_badge.platform.live() == {(CLASS_1, mail_of(ADA)): 1}


def test_a_duplicate_that_the_platform_does_not_show_is_for_a_person(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.DENIES_DUPLICATE)

    one_badge.sync()
    one_badge.later()

    assert one_badge.award(ADA).state is State.FAILED
    assert [(one.kind, one.user_id) for one in one_badge.state.open_reviews] == [("refused_blind", person(ADA))]
    assert len(one_badge.platform.orders) == 1


def test_a_refused_duplicate_was_not_taken_so_a_retry_goes_to_the_address_of_the_day(one_badge):
    """And its review ends as soon as somebody has it retried."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.DENIES_DUPLICATE)
    one_badge.sync()
    sent_to = one_badge.award(ADA).sent_to
    countess = Address("countess@example.edu")
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=countess))
    one_badge.brightspace.enrol(UNIT_2, entry(ADA, address=countess))
    one_badge.brightspace.enrol(UNIT_3, entry(ADA, address=countess))
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE, reason=None))

    one_badge.later()

    assert (sent_to, one_badge.state.open_reviews) == ((), [])
    assert one_badge.platform.live() == {(CLASS_1, countess): 1}


def test_a_due_award_that_is_found_revoked_while_it_is_sent_stays_revoked(one_badge):
    """The platform refuses a duplicate, and shows a revoked one only."""
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DUE)
    one_badge.platform.faults.append(Fault.DENIES_DUPLICATE)
    gone = one_badge.platform.hold(CLASS_1, mail_of(ADA), is_revoked=True)
    one_badge.platform.lag = 1

    report = one_badge.sync()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).assertion_id) == (State.REVOKED, gone.assertion_id)
    assert (report.awards, [one.kind for one in one_badge.state.open_reviews]) == (
        AwardCounts(earned=1),
        ["revoked_there"],
    )


@pytest.mark.parametrize(
    "fault",
    [Fault.DECLINES, Fault.NO_CONNECTION, Fault.NOT_FOUND, Fault.UNAUTHORIZED, Fault.TOO_MANY],
    ids=lambda one: one.name.lower(),
)
def test_what_was_refused_goes_to_the_address_of_the_day_also_while_its_facts_are_unread(one_badge, fault):
    """Only what the platform may have taken is bound to where it went."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(fault)
    one_badge.sync()
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE))
    one_badge.brightspace.fail(REFLECTION)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=Address("countess@example.edu")))

    one_badge.later()

    assert one_badge.platform.live() == {(CLASS_1, Address("countess@example.edu")): 1}


def test_an_award_is_never_posted_twice_without_a_look_up(one_badge):
    """Not even one that was refused: somebody may have made it by hand since the list was read."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.DECLINES)
    one_badge.sync()
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE))
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.platform.lag = 1

    report = one_badge.later()

    assert (len(one_badge.platform.orders), report.awards) == (1, AwardCounts(earned=1, adopted=1))


def test_a_duplicate_that_can_not_be_looked_up_is_doubtful(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.platform.lag = 1
    one_badge.platform.failing_look_ups = SourceUnavailable("no answer")

    one_badge.sync()

    assert one_badge.award(ADA).state is State.DOUBTFUL


def test_a_refused_award_is_sent_again_only_when_a_person_says_so(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.DECLINES)
    one_badge.sync()

    one_badge.later()
    before = len(one_badge.platform.orders)
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE))
    one_badge.later()

    assert (before, len(one_badge.platform.orders)) == (1, 2)
    assert one_badge.award(ADA).state is State.ISSUED


@pytest.mark.parametrize("fault", [Fault.NOT_FOUND, Fault.NO_CONNECTION], ids=["404", "no connection"])
def test_what_concerns_one_badge_class_pauses_that_one_only(programme, fault):
    programme.sets(delivery={"connections": 1})
    programme.finishes(GRACE)
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2))
    programme.platform.faults.append(fault)

    programme.sync()

    assert programme.states() == {
        (person(ADA), LEVEL_1): State.DUE,
        (person(ADA), LEVEL_2): State.ISSUED,
        (person(GRACE), LEVEL_1): State.DUE,
    }


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.TOO_MANY], ids=["401", "429"])
def test_what_concerns_every_badge_class_pauses_all(programme, fault):
    programme.sets(delivery={"connections": 1})
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2, LEVEL_3))
    programme.platform.faults.append(fault)

    programme.sync()

    assert programme.platform.orders == []
    assert [award.attempts for award in programme.state.awards] == [1, 0, 0, 0]


def test_a_process_that_must_end_sends_nothing_more(one_badge):
    one_badge.finishes(ADA)
    one_badge.stop.set()

    report = one_badge.sync()

    assert one_badge.award(ADA).state is State.DUE
    assert (one_badge.platform.orders, report.exit_code) == ([], 0)


def test_an_award_that_somebody_else_took_is_left_to_them(one_badge):
    """Held by a person between the plan and the sending."""
    one_badge.finishes(ADA)
    one_badge.state.claim = lambda award, **_: False

    report = one_badge.sync()

    assert (one_badge.platform.orders, report.awards.issued) == ([], 0)


def test_a_due_award_without_an_address_waits(one_badge):
    one_badge.brightspace.fail(UNIT_1)
    one_badge.put(ADA, State.DUE, address=None)

    one_badge.sync()

    assert one_badge.platform.orders == []


def test_after_a_release_older_revoked_assertions_count_no_longer(one_badge):
    one_badge.finishes(ADA)
    gone = one_badge.platform.hold(CLASS_1, mail_of(ADA), is_revoked=True)
    one_badge.put(ADA, State.REVOKED, assertion_id=gone.assertion_id, sent_to=(mail_of(ADA),))
    older = (gone.assertion_id,)
    one_badge.put(ADA, State.DOUBTFUL, epoch=2, sent_to=(mail_of(ADA),), retry_at=NOON, passed_over=older)

    one_badge.sync()

    assert (one_badge.award(ADA).epoch, one_badge.award(ADA).state) == (2, State.ISSUED)
    assert one_badge.platform.live() == {(CLASS_1, mail_of(ADA)): 1}


def test_every_line_about_an_award_names_its_pass(one_badge):
    one_badge.finishes(ADA)

    with capture_logs([merge_contextvars]) as lines:
        one_badge.sync()

    assert [(line["user_id"], line["pass_id"]) for line in lines if line["event"] == "award_issued"] == [
        (person(ADA), 1)
    ]


def test_an_award_that_is_found_while_it_is_sent_has_its_line_as_well(one_badge):
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DUE, sent_to=(mail_of(ADA),), attempts=1)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.platform.lag = 1

    with capture_logs() as lines:
        one_badge.sync()

    assert [line["user_id"] for line in lines if line["event"] == "award_issued"] == [person(ADA)]
    assert one_badge.platform.orders == []


@pytest.mark.parametrize("state", [State.DOUBTFUL, State.DUE], ids=["looked up in planning", "looked up in sending"])
def test_a_lost_award_that_was_revoked_there_is_revoked_here_and_reviewed(one_badge, state):
    one_badge.finishes(ADA)
    gone = one_badge.platform.hold(CLASS_1, mail_of(ADA), is_revoked=True)
    one_badge.platform.lag = 1
    one_badge.put(ADA, state, sent_to=(mail_of(ADA),), retry_at=None)

    one_badge.sync()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).assertion_id) == (State.REVOKED, gone.assertion_id)
    assert [(one.kind, one.user_id) for one in one_badge.state.open_reviews] == [("revoked_there", person(ADA))]
    assert one_badge.platform.orders == []


def test_the_review_of_a_revoked_assertion_stays_until_the_award_is_released(one_badge):
    """It used to end by itself in the next pass, before anybody could have seen it."""
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.platform.revoke(one_badge.award(ADA).assertion_id, "by hand")
    one_badge.later()

    one_badge.later()
    before = [one.kind for one in one_badge.state.open_reviews]
    one_badge.put(ADA, State.EARNED, epoch=2, passed_over=(one_badge.award(ADA).assertion_id,))
    one_badge.later()

    assert (before, one_badge.state.open_reviews) == (["revoked_there"], [])
    assert one_badge.award(ADA).state is State.ISSUED


def test_nothing_leaves_for_a_suppressed_person(one_badge):
    """Not even a look-up of what was doubtful, or a second try of what was sent before."""
    one_badge.finishes(ADA, GRACE, ALAN)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=NOON)
    one_badge.put(GRACE, State.DUE, sent_to=(mail_of(GRACE),))
    one_badge.suppresses(ADA, GRACE, ALAN)

    report = one_badge.sync()

    assert (one_badge.platform.orders, one_badge.platform.looked_up) == ([], [])
    assert one_badge.award(ALAN).state is State.BLOCKED
    assert one_badge.plan().would_issue == ()
    assert report.awards.issued == 0


@pytest.mark.parametrize("sent_to", [(), (mail_of(ADA),)], ids=["never sent", "sent before"])
def test_a_person_suppressed_while_others_are_sent_theirs_is_sent_nothing(one_badge, sent_to):
    """Not even looked up: the suppression is read again before each award."""
    one_badge.sets(delivery={"connections": 1})
    one_badge.finishes(ADA, GRACE)
    one_badge.put(GRACE, State.DUE, sent_to=sent_to and (mail_of(GRACE),))
    before_call(one_badge.platform, "issue", lambda: one_badge.suppresses(GRACE))

    one_badge.sync()

    assert addresses_of(one_badge.platform.orders) == [mail_of(ADA)]
    assert (one_badge.award(GRACE).state, one_badge.platform.looked_up) == (State.DUE, [])


def test_a_person_suppressed_while_brightspace_was_read_is_not_looked_up(one_badge):
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=NOON)
    before_call(one_badge.platform, "assertions", lambda: one_badge.suppresses(ADA))

    one_badge.sync()

    assert (one_badge.award(ADA).state, one_badge.platform.looked_up) == (State.DOUBTFUL, [])


def test_a_person_suppressed_during_the_pass_is_sent_nothing(one_badge):
    one_badge.finishes(ADA)
    after_call(one_badge.state, "record", lambda: one_badge.suppresses(ADA))

    one_badge.sync()

    assert one_badge.platform.orders == []


def test_an_award_rejected_during_the_pass_is_not_sent(programme):
    """The rejection came before there was a row, and the pass had read the approval of yesterday."""
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2, LEVEL_3))
    programme.approves(ADA)

    def reject():
        programme.state.approvals.clear()
        programme.approves(ADA, is_approved=False, reason="not yet")

    after_call(programme.state, "record", reject)
    programme.sync()
    programme.later()

    assert programme.award(ADA, MACRO).state is State.REJECTED
    assert CLASS_M not in {order.badge_class for order in programme.platform.orders}


def test_a_clock_that_is_set_back_a_day_holds_no_doubtful_award_up_for_a_day(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.BREAKS)
    one_badge.sync()

    one_badge.later(timedelta(days=-1))
    rests = one_badge.award(ADA).state
    one_badge.later(SETTLE)

    assert (rests, one_badge.award(ADA).state) == (State.DOUBTFUL, State.ISSUED)
    assert one_badge.platform.live() == {(CLASS_1, mail_of(ADA)): 1}


def test_the_first_award_that_the_platform_takes_ends_the_back_off(one_badge):
    """The platform is back: what backed off while it was down rests no longer than `settle` from now."""
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=NOON + timedelta(hours=1), backoff_s=3600)
    one_badge.finishes(GRACE)

    one_badge.sync()

    award = one_badge.award(ADA)
    assert (award.state, award.retry_at, award.backoff_s) == (State.DOUBTFUL, NOON + SETTLE, 0)


def test_a_doubt_that_rests_already_is_not_made_to_rest_longer(one_badge):
    one_badge.finishes(ADA, GRACE)
    soon = NOON + timedelta(seconds=30)
    one_badge.put(ADA, State.DOUBTFUL, sent_to=(mail_of(ADA),), retry_at=soon, backoff_s=120)

    one_badge.sync()

    assert one_badge.award(ADA).retry_at == soon


def test_what_a_look_up_found_counts_for_whoever_records_it_first(one_badge):
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.DUE, sent_to=(mail_of(ADA),))
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.platform.lag = 1
    one_badge.state.change = lambda *_, **__: False

    report = one_badge.sync()

    assert (report.awards.issued, one_badge.platform.orders) == (0, [])
