"""What must hold of any history of facts, approvals, platform lists and clocks."""

from datetime import UTC, timedelta

from hypothesis import given
from hypothesis import strategies as st

from d2l_sync.domain.adoption import Owners, compare
from d2l_sync.domain.award import Assertion, Holder, Pair, State, award_key, issue_date
from d2l_sync.domain.ids import Address, AssertionId, PersonId
from d2l_sync.domain.ledger import applied, newest
from d2l_sync.domain.plan import decide
from d2l_sync.domain.verdict import Truth
from tests.builders import (
    ADA,
    LEVEL_1,
    NOON,
    PATHWAY,
    badge_class_of,
    mail_of,
    make_approval,
    make_award,
    make_badge,
    make_contact,
    make_judgement,
    make_rules,
)

MAIL = mail_of(ADA)
PAIR = Pair(ADA, badge_class_of(LEVEL_1))
SENT = {State.SENDING, State.DOUBTFUL, State.ISSUED, State.REVOKED}

truths = st.sampled_from(list(Truth))
states = st.sampled_from(list(State))
approvals = st.sampled_from([None, True, False])


def standing(state, **fields):
    """Make Ada's award as it is known in that state."""
    holder = Holder.PERSON if state is State.HELD else None
    known = {"assertion_id": AssertionId("a-1"), "earned_at": NOON} if state in {State.ISSUED, State.REVOKED} else {}
    return make_award(state=state, held_by=holder, address=MAIL, **{**known, **fields})


def plan_for(truth, award, *, approved=None, badge=None, is_live=True, blocked=None, now=NOON):
    return decide(
        [make_judgement(truth, badge=badge, earned_at=NOON)],
        {} if award is None else {PAIR: award},
        contacts={ADA: make_contact(ADA, None if blocked else MAIL, blocked=blocked, known={MAIL})},
        approvals={} if approved is None else {(ADA, PATHWAY, LEVEL_1): make_approval(approved=approved, at=NOON)},
        revoked={},
        rules=make_rules(now=now, live=is_live),
    )


@given(award=st.one_of(st.none(), st.builds(standing, states)), approved=approvals, needs=st.booleans())
def test_unknown_never_awards_and_never_takes_away(award, approved, needs):
    plan = plan_for(Truth.UNKNOWN, award, approved=approved, badge=make_badge(approval=needs))

    assert plan.changes == ()


@given(truth=truths, award=st.builds(standing, states), approved=approvals, is_live=st.booleans())
def test_what_was_sent_is_never_sent_again_by_judging(truth, award, approved, is_live):
    plan = plan_for(truth, award, approved=approved, is_live=is_live)

    if award.state in SENT:
        assert [one.after.state for one in plan.changes if one.after.state is not award.state] == []


@given(truth=truths, award=st.one_of(st.none(), st.builds(standing, states)), approved=approvals, needs=st.booleans())
def test_deciding_a_second_time_changes_nothing(truth, award, approved, needs):
    badge = make_badge(approval=needs)
    before = {} if award is None else {PAIR: award}
    ledger = applied(before, plan_for(truth, award, approved=approved, badge=badge).changes)

    again = plan_for(truth, ledger.get(PAIR), approved=approved, badge=badge, now=NOON + timedelta(hours=1))

    assert applied(ledger, again.changes).get(PAIR) == ledger.get(PAIR)


@given(truth=truths, award=st.one_of(st.none(), st.builds(standing, states)))
def test_without_the_approval_that_is_asked_for_nothing_becomes_due(truth, award):
    plan = plan_for(truth, award, badge=make_badge(approval=True))

    assert [one for one in plan.changes if one.after.state is State.DUE] == []


@given(truth=truths, award=st.one_of(st.none(), st.builds(standing, states)))
def test_nothing_becomes_due_for_somebody_who_is_blocked(truth, award):
    plan = plan_for(truth, award, blocked="no address")

    assert [one for one in plan.changes if one.after.state is State.DUE] == []


assertions = st.lists(
    st.builds(
        Assertion,
        assertion_id=st.sampled_from([AssertionId(f"a-{number}") for number in range(4)]),
        badge_class=st.just(badge_class_of(LEVEL_1)),
        address=st.sampled_from([MAIL, Address("stranger@example.net"), None]),
        url=st.none(),
        is_revoked=st.booleans(),
        issued_at=st.just(NOON),
        created_at=st.just(NOON),
    ),
    max_size=4,
    unique_by=lambda one: one.assertion_id,
)


@given(there=assertions, award=st.one_of(st.none(), st.builds(standing, states)))
def test_comparing_with_the_platform_a_second_time_changes_nothing(there, award):
    ledger = {} if award is None else {PAIR: award}
    contacts = {ADA: make_contact()}

    def changes(rows):
        owners = Owners(contacts, rows.values())
        return compare(make_badge(), there, rows, owners, known=frozenset()).changes

    after = applied(ledger, changes(ledger))

    assert changes(after) == ()
    assert len(after) <= 1


@given(there=assertions)
def test_a_live_assertion_at_the_learners_address_is_always_adopted(there):
    contacts = {ADA: make_contact()}

    found = compare(make_badge(), there, {}, Owners(contacts, ()), known=frozenset())

    is_there = any(one.address == MAIL and not one.is_revoked for one in there)
    assert [one.after.state for one in found.changes] == ([State.ISSUED] if is_there else [])
    assert found.adopted == int(is_there)


@given(epoch=st.integers(1, 9), person=st.integers(1, 10**9), address=st.emails())
def test_an_awards_key_is_for_ever_and_does_not_depend_on_the_address(epoch, person, address):
    plain = standing(State.DUE, epoch=epoch)
    moved = make_award(PersonId(person), address=Address(address))

    assert award_key("issuer", plain) == award_key("issuer", standing(State.ISSUED, epoch=epoch))
    assert award_key("issuer", moved) == award_key("issuer", make_award(PersonId(person)))


@given(earned=st.datetimes(timezones=st.just(UTC)), approved=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))))
def test_the_date_sent_is_never_in_the_platforms_future(earned, approved):
    assert issue_date(earned, approved, NOON) <= NOON - timedelta(minutes=1)


def test_the_newest_epoch_stands_for_the_pair():
    first, second = standing(State.REVOKED), standing(State.DUE, epoch=2)

    assert newest([second, first]) == {PAIR: second}
