"""What the platform's list means for the ledger: adopted, confirmed, revoked there, missing, doubled or strange."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.adoption import Comparison, Owners, as_issued, compare, joined, oldest
from d2l_sync.domain.award import Holder, Pair, State
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, AssertionId
from d2l_sync.domain.ledger import Change, newest
from tests.builders import (
    ADA,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    NOON,
    PATHWAY,
    YESTERDAY,
    badge_class_of,
    mail_of,
    make_assertion,
    make_award,
    make_badge,
    make_contact,
    make_contacts,
    make_issued,
)

LEVEL_1_BADGE = make_badge(LEVEL_1)
ADA_AND_LEVEL_1 = Pair(ADA, badge_class_of(LEVEL_1))
HOME = Address("ada@home.example")

UNSENT = [
    pytest.param({"state": state}, id=state.value)
    for state in (
        State.EARNED,
        State.AWAITING_APPROVAL,
        State.REJECTED,
        State.BLOCKED,
        State.DUE,
        State.FAILED,
        State.LAPSED,
    )
] + [
    pytest.param({"state": State.HELD, "held_by": holder, "held_in": 7}, id=f"held by the {holder.value}")
    for holder in Holder
]


def compared(*there, rows=(), contacts=None, known=()):
    contacts = make_contacts() if contacts is None else {one.person_id: one for one in contacts}
    owners = Owners(contacts, rows)
    return compare(LEVEL_1_BADGE, there, newest(rows), owners, known=frozenset(map(AssertionId, known)))


def finding(kind, what, user_id=ADA, **fields):
    return Finding(kind, f"Level 1: {what}", pathway=PATHWAY, badge=LEVEL_1, user_id=user_id, **fields)


def test_a_live_assertion_without_a_row_is_adopted_unearned():
    found = compared(make_assertion())

    issued = make_award(
        state=State.ISSUED,
        address=mail_of(ADA),
        assertion_id=AssertionId("a-1"),
        assertion_url="https://badges.example.org/a-1",
        issued_on=YESTERDAY,
        issued_at=NOON,
    )
    assert found == Comparison((Change(None, issued, "adopted from the platform"),), adopted=1)


@pytest.mark.parametrize("fields", UNSENT)
def test_an_unsent_row_whose_assertion_is_there_becomes_issued(fields):
    award = make_award(earned_at=YESTERDAY, issued_on=YESTERDAY, reason="a reason", **fields)

    found = compared(make_assertion(), rows=[award])

    after = as_issued(award, make_assertion())
    assert (after.state, after.held_by, after.held_in, after.reason) == (State.ISSUED, None, None, None)
    assert found == Comparison((Change(award, after, "adopted from the platform"),), adopted=1)


@pytest.mark.parametrize(
    "state", [State.SENDING, State.DOUBTFUL, State.DUE, State.FAILED, State.LAPSED], ids=lambda one: one.value
)
def test_an_award_that_was_ever_sent_is_confirmed_not_adopted(state):
    """Looked up and not there, it was due again; what the platform was slow to show is ours all the same."""
    award = make_award(state=state, sent_to=(mail_of(ADA),), retry_at=NOON, backoff_s=60)

    found = compared(make_assertion(), rows=[award])

    after = as_issued(award, make_assertion())
    assert (after.retry_at, after.backoff_s) == (None, 0)
    assert found == Comparison(
        (Change(award, after, "found on the platform after its answer was lost"),), adopted=0, confirmed=1
    )


def test_an_award_that_went_to_an_earlier_address_is_found_there():
    award = make_award(state=State.DOUBTFUL, sent_to=(HOME, mail_of(ADA)))

    found = compared(make_assertion(address=HOME), rows=[award])

    assert [change.after for change in found.changes] == [as_issued(award, make_assertion(address=HOME))]
    assert found.confirmed == 1


def test_a_revoked_row_is_adopted_anew_when_somebody_awarded_it_again():
    revoked = make_issued(state=State.REVOKED)

    found = compared(make_assertion("a-1", revoked=True), make_assertion("a-2"), rows=[revoked])

    assert [change.after for change in found.changes] == [as_issued(revoked, make_assertion("a-2"))]


@pytest.mark.parametrize(
    ("assertion", "contacts", "expected"),
    [
        pytest.param(
            make_assertion(address=HOME),
            [make_contact(ADA)],
            ("unknown_recipient", HOME, "nobody on our classlists"),
            id="nobody's address",
        ),
        pytest.param(
            make_assertion(address=None),
            [make_contact(ADA)],
            ("unknown_recipient", None, "nobody on our classlists"),
            id="the platform tells no address",
        ),
        pytest.param(
            make_assertion(address=HOME),
            [make_contact(ADA, HOME), make_contact(GRACE, HOME)],
            ("shared_address", HOME, "users 301, 302"),
            id="two people's address",
        ),
    ],
)
def test_an_address_that_is_not_exactly_one_persons_opens_a_review_and_makes_no_row(assertion, contacts, expected):
    kind, address, who = expected

    found = compared(assertion, contacts=contacts)

    what = f"the platform holds assertion a-1 at an address of {who}"
    review = finding(kind, what, None, address=address, assertion_id=AssertionId("a-1"))
    assert found == Comparison(findings=(review,))


def test_a_revoked_assertion_of_a_stranger_is_nobodys_business():
    assert compared(make_assertion(address=HOME, revoked=True)) == Comparison()


def test_of_several_live_assertions_the_oldest_is_adopted_and_a_person_told():
    young, old = make_assertion("a-1"), make_assertion("a-2", created=NOON - timedelta(days=9))

    found = compared(young, old)

    assert [change.after.assertion_id for change in found.changes] == [old.assertion_id]
    what = "2 live assertions for one person: a-2, a-1"
    assert found.findings == (finding("doubled", what, assertion_id=young.assertion_id),)


def test_an_issued_award_that_is_there_changes_nothing():
    assert compared(make_assertion(), rows=[make_issued()]) == Comparison()


def test_an_issued_award_stays_tied_to_its_own_assertion_beside_an_older_one():
    elder = make_assertion("a-2", created=NOON - timedelta(days=9))

    found = compared(make_assertion(), elder, rows=[make_issued()])

    what = "2 live assertions for one person: a-2, a-1"
    assert found == Comparison(findings=(finding("doubled", what, assertion_id=elder.assertion_id),))


def test_an_issued_award_that_is_missing_there_stays_issued_and_opens_a_review():
    found = compared(rows=[make_issued()])

    what = "issued, but not in the platform's complete list"
    assert found == Comparison(findings=(finding("missing_there", what, assertion_id=AssertionId("a-1")),))


def test_an_assertion_that_two_rows_are_tied_to_is_missing_for_neither_and_a_person_is_told():
    """An account was excluded, its assertion went to the person's other account, and now it is excluded no longer."""
    rows = [make_issued(), replace(make_issued(), person_id=GRACE)]

    found = compared(make_assertion("a-1"), rows=rows)

    what = f"the platform holds assertion a-1 at an address of users {ADA}, {GRACE}"
    strange = finding("shared_address", what, user_id=None, address=mail_of(ADA), assertion_id=AssertionId("a-1"))
    assert found == Comparison(findings=(strange,))


def test_of_two_rows_that_are_tied_to_one_assertion_the_other_is_tied_to_its_own():
    """The platform answered an award with the id of somebody else's: to revoke it must not take theirs away."""
    wrong = replace(make_issued(), person_id=GRACE, address=mail_of(GRACE))
    own = make_assertion("a-2", address=mail_of(GRACE))

    found = compared(make_assertion("a-1"), own, rows=[make_issued(), wrong], contacts=[make_contact(GRACE)])

    after = replace(wrong, assertion_id=AssertionId("a-2"), assertion_url="https://badges.example.org/a-2")
    assert found == Comparison((Change(wrong, after, "tied to the live assertion on the platform"),))


@pytest.mark.parametrize(
    "there",
    [
        pytest.param([make_assertion("a-2")], id="its own is gone"),
        pytest.param([make_assertion("a-1", revoked=True), make_assertion("a-2")], id="its own is revoked"),
    ],
)
def test_an_issued_award_is_tied_to_another_live_assertion_of_the_person(there):
    award = make_issued()

    found = compared(*there, rows=[award])

    after = replace(award, assertion_id=AssertionId("a-2"), assertion_url="https://badges.example.org/a-2")
    assert found == Comparison((Change(award, after, "tied to the live assertion on the platform"),))


@pytest.mark.parametrize("fields", [pytest.param({"state": State.ISSUED}, id="issued"), *UNSENT])
def test_a_row_of_which_only_a_revoked_assertion_is_there_becomes_revoked_with_a_review(fields):
    award = make_issued(**fields)

    found = compared(make_assertion(revoked=True), rows=[award])

    after = replace(award, state=State.REVOKED, held_by=None, held_in=None, reason="revoked on the platform")
    what = "was revoked on the platform; release it to award it again"
    review = finding("revoked_there", what, assertion_id=AssertionId("a-1"))
    assert found == Comparison((Change(award, after, "revoked on the platform"),), (review,))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="no row yet"),
        pytest.param([make_award(state=State.DOUBTFUL, sent_to=(mail_of(ADA),))], id="doubtful"),
        pytest.param([make_award(state=State.SENDING, sent_to=(mail_of(ADA),))], id="sending"),
        pytest.param([make_award(state=State.REVOKED)], id="revoked already"),
    ],
)
def test_a_revoked_assertion_alone_is_told_to_whoever_decides_next(rows):
    assertion = make_assertion(revoked=True)

    assert compared(assertion, rows=rows) == Comparison(revoked={ADA_AND_LEVEL_1: assertion})


def test_assertions_of_an_epoch_before_the_release_count_no_longer():
    released = make_award(state=State.DUE, epoch=2)

    assert compared(make_assertion(revoked=True), rows=[released], known=["a-1"]) == Comparison()


def test_an_assertion_that_moved_to_another_address_still_belongs_to_its_row():
    found = compared(make_assertion(address=mail_of(GRACE)), rows=[make_issued()])

    what = "the assertion stands at another address on the platform than the one it went to"
    review = finding("other_recipient", what, address=mail_of(GRACE), assertion_id=AssertionId("a-1"))
    assert found == Comparison(findings=(review,))


def test_an_address_of_before_they_were_composed_is_no_other_one():
    composed, before = Address("am\u00e9lie@example.edu"), Address("ame\u0301lie@example.edu")

    assert compared(make_assertion(address=composed), rows=[make_issued(address=before)]) == Comparison()


def test_rows_of_another_badge_class_are_left_alone():
    found = compared(make_assertion(), rows=[make_award(key=LEVEL_2, state=State.DOUBTFUL)])

    assert [change.after.pair for change in found.changes] == [ADA_AND_LEVEL_1]


@pytest.mark.parametrize(
    ("contacts", "awards", "owners"),
    [
        pytest.param([], [], set(), id="nobody"),
        pytest.param([make_contact(ADA, None)], [], set(), id="somebody without one"),
        pytest.param([make_contact(ADA, HOME)], [], {ADA}, id="on a classlist now"),
        pytest.param([make_contact(ADA, HOME, known=())], [], {ADA}, id="the last one known"),
        pytest.param(
            [make_contact(ADA, HOME, known=()), make_contact(GRACE, HOME)], [], {GRACE}, id="now beats the last"
        ),
        pytest.param([], [make_issued(ADA, address=HOME, sent_to=())], {ADA}, id="an award went there"),
        pytest.param([], [make_award(ADA, address=HOME)], set(), id="an award only would go there"),
        pytest.param([], [make_award(ADA, state=State.FAILED, sent_to=(HOME,))], {ADA}, id="a request went there"),
        pytest.param(
            [make_contact(GRACE, HOME)], [make_issued(ADA, address=HOME)], {ADA, GRACE}, id="one's of now, one's award"
        ),
    ],
)
def test_an_address_belongs_to_its_holders_of_now_and_to_whoever_got_an_award_there(contacts, awards, owners):
    assert Owners({one.person_id: one for one in contacts}, awards).of(HOME) == owners


def test_the_oldest_is_the_first_made_then_the_first_dated_and_undated_ones_are_older_still():
    made, dated = make_assertion("a-1"), make_assertion("a-2", created=None)
    undated = replace(make_assertion("a-3", created=None), issued_at=None)

    assert [oldest([made, dated]), oldest([made, dated, undated])] == [dated, undated]


def test_of_two_that_were_made_at_once_the_one_dated_first_is_the_oldest():
    late, early = make_assertion("a-1"), make_assertion("a-2")
    early = replace(early, issued_at=late.issued_at - timedelta(days=1))

    assert oldest([late, early]) == early


def test_comparisons_of_several_badge_classes_add_up():
    first, second = compared(make_assertion()), compared(rows=[make_issued()])
    third = compared(make_assertion(person_id=GRACE, revoked=True))

    assert joined([first, second, third]) == Comparison(first.changes, second.findings, 1, 0, third.revoked)
