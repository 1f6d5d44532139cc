"""What a report counts: what the pass did, what holds now, and where the rows of its scope stand at its end."""

import pytest

from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.ids import UserId
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    CLASS_2,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    NOON,
    SETTLE,
    UNIT_1,
    UNIT_2,
    Programme,
    mail_of,
)

HELD_BACK, LOST, LEFT = UserId(311), UserId(312), UserId(313)


def a_busy_day():
    """Return a pathway in which awards are issued, lost, found, held and adopted; the next that is sent is refused."""
    programme = Programme()
    programme.sets(delivery={"connections": 1})
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2))
    programme.finishes(GRACE, ALAN, HELD_BACK, LOST)
    programme.enrol(LEFT)
    programme.put(ADA, State.ISSUED, sent_to=(mail_of(ADA),), assertion_id="assertion-1")
    programme.platform.hold(CLASS_1, mail_of(ADA))
    programme.put(GRACE, State.DOUBTFUL, sent_to=(mail_of(GRACE),), retry_at=NOON, attempts=1)
    programme.platform.hold(CLASS_1, mail_of(GRACE))
    programme.put(HELD_BACK, State.HELD, held_by=Holder.PERSON)
    programme.put(LOST, State.DOUBTFUL, sent_to=(mail_of(LOST),), retry_at=NOON + SETTLE, attempts=1)
    programme.platform.hold(CLASS_1, mail_of(LEFT))
    programme.platform.hold(CLASS_2, mail_of(LEFT))
    programme.platform.faults = [Fault.DECLINES]
    return programme


EVERYTHING = AwardCounts(earned=6, issued=2, adopted=2, failed=1, doubtful=1, held=1)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param({}, EVERYTHING, id="everything"),
        pytest.param(
            {"badge": LEVEL_1}, AwardCounts(earned=5, issued=1, adopted=1, failed=1, doubtful=1, held=1), id="one badge"
        ),
        pytest.param({"org_unit_id": UNIT_2}, AwardCounts(earned=1, issued=1, adopted=2, failed=1), id="one org unit"),
        pytest.param({"learner": str(LOST)}, AwardCounts(earned=1, issued=1, adopted=2, doubtful=1), id="one learner"),
        pytest.param({"learner": str(HELD_BACK)}, AwardCounts(earned=1, issued=1, adopted=2, held=1), id="one held"),
    ],
)
def test_a_pass_counts_what_it_did_and_where_the_rows_of_its_scope_stand(scope, expected):
    """A list is read whole, so what it shows is settled and adopted for everybody, whoever the scope names."""
    assert a_busy_day().sync(**scope).awards == expected


def test_the_next_pass_did_nothing_and_counts_the_same_rows():
    programme = a_busy_day()
    programme.sync()

    report = programme.sync()

    assert report.awards == AwardCounts(earned=6, failed=1, doubtful=1, held=1)


def test_an_award_that_nobody_earned_counts_as_adopted_and_not_as_earned(one_badge):
    one_badge.enrol(ADA)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))

    report = one_badge.sync()

    assert report.awards == AwardCounts(adopted=1)
    assert one_badge.award(ADA).earned_at is None


def test_an_issued_award_that_is_earned_no_longer_is_not_counted_as_earned(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, ADA)

    assert one_badge.sync().awards == AwardCounts()


def test_what_waits_for_approval_or_an_address_is_counted_until_it_does_no_longer(programme):
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2, LEVEL_3))
    programme.finishes(GRACE)
    programme.suppresses(GRACE)

    first = programme.sync().awards
    programme.approves(ADA, MACRO)
    second = programme.sync().awards

    assert first == AwardCounts(earned=5, issued=3, awaiting_approval=1, blocked=1)
    assert second == AwardCounts(earned=5, issued=1, blocked=1)
