"""What a judgement means for the ledger: every state by every truth, then approval, blocks, observing and dates."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.award import Holder, Pair, State, award_key
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, AssertionId
from d2l_sync.domain.ledger import Change, applied, newest
from d2l_sync.domain.plan import Plan, decide
from d2l_sync.domain.verdict import Truth
from tests.builders import (
    ADA,
    GRACE,
    ISSUER,
    LAST_WEEK,
    LEVEL_1,
    NOON,
    PATHWAY,
    YESTERDAY,
    badge_class_of,
    mail_of,
    make_approval,
    make_assertion,
    make_award,
    make_badge,
    make_contact,
    make_contacts,
    make_issued,
    make_judgement,
    make_rules,
    make_verdict,
)

MET, UNMET, UNKNOWN = Truth.MET, Truth.UNMET, Truth.UNKNOWN
APPROVED_BADGE = make_badge(approval=True)
HOME = Address("ada@home.example")
ADA_AND_LEVEL_1 = Pair(ADA, badge_class_of(LEVEL_1))


def decided(judgement, *rows, approval=None, contact=None, revoked=None, rules=None):
    contact = contact or make_contact()
    return decide(
        [judgement],
        newest(rows),
        contacts={contact.person_id: contact},
        approvals={(ADA, PATHWAY, LEVEL_1): approval} if approval else {},
        revoked={ADA_AND_LEVEL_1: revoked} if revoked else {},
        rules=rules or make_rules(),
    )


def ada_after(plan, *rows):
    return applied(newest(rows), plan.changes).get(ADA_AND_LEVEL_1)


def state_after(plan, *rows):
    award = ada_after(plan, *rows)
    return award.state if award else None


def kept(state, **fields):
    return [pytest.param(state, fields, truth, state, id=f"{state.value}, {truth.value}") for truth in Truth]


def judged_anew(state, **fields):
    name = state.value
    return [
        pytest.param(state, fields, MET, State.DUE, id=f"{name}, met"),
        pytest.param(state, fields, UNMET, State.LAPSED, id=f"{name}, unmet"),
        pytest.param(state, fields, UNKNOWN, state, id=f"{name}, unknown"),
    ]


@pytest.mark.parametrize(
    ("state", "fields", "truth", "expected"),
    [
        *judged_anew(State.EARNED),
        *judged_anew(State.AWAITING_APPROVAL),
        *judged_anew(State.BLOCKED),
        *judged_anew(State.DUE),
        *judged_anew(State.LAPSED),
        *judged_anew(State.HELD, held_by=Holder.GUARD),
        *kept(State.SENDING),
        *kept(State.DOUBTFUL),
        *kept(State.ISSUED),
        *kept(State.FAILED),
        *kept(State.REJECTED),
        *kept(State.REVOKED),
    ],
)
def test_each_state_by_each_truth(state, fields, truth, expected):
    award = make_award(state=state, **fields)

    assert state_after(decided(make_judgement(truth), award), award) is expected


@pytest.mark.parametrize("truth", list(Truth), ids=lambda truth: truth.value)
def test_what_a_person_holds_stays_held(truth):
    award = make_award(state=State.HELD, held_by=Holder.PERSON)

    assert decided(make_judgement(truth), award) == Plan()


@pytest.mark.parametrize("truth", [UNMET, UNKNOWN], ids=lambda truth: truth.value)
def test_who_has_not_earned_it_gets_no_row(truth):
    assert decided(make_judgement(truth)) == Plan()


def test_an_earned_badge_becomes_due_with_all_that_will_be_sent():
    plan = decided(make_judgement(MET))

    award = make_award(address=mail_of(ADA), earned_at=YESTERDAY, issued_on=YESTERDAY, rule_version="v1")
    award = replace(award, narrative=f"Level 1. Met: Reflection. Ref {award_key(ISSUER, award)}")
    assert plan == Plan((Change(None, award, "everything is met"),))


def test_the_narrative_names_what_is_met_but_neither_enrolment_nor_what_is_not():
    verdicts = (make_verdict(key="enrolment"), make_verdict(key="quiz"), make_verdict(UNMET, key="video"))
    judgement = replace(make_judgement(MET), verdicts=verdicts)

    assert ada_after(decided(judgement)).narrative.startswith("Level 1. Met: Quiz. Ref ")


def test_the_narrative_names_no_team_that_was_not_asked_for():
    told = replace(make_verdict(key="team"), source="teams", is_required=False)
    judgement = replace(make_judgement(MET), verdicts=(told, make_verdict(key="quiz")))

    assert ada_after(decided(judgement)).narrative.startswith("Level 1. Met: Quiz. Ref ")


def test_a_narrative_without_criteria_names_the_badge_alone():
    award = ada_after(decided(replace(make_judgement(MET), verdicts=())))

    assert award.narrative == f"Level 1. Ref {award_key(ISSUER, award)}"


def test_an_award_that_lapses_says_what_fell():
    award = make_award(state=State.HELD, held_by=Holder.GUARD, held_in=7)

    plan = decided(make_judgement(UNMET), award)

    because = "Reflection: so it is"
    after = make_award(state=State.LAPSED, reason=because)
    assert plan == Plan((Change(award, after, f"earned no longer: {because}"),))


@pytest.mark.parametrize(
    ("approval", "expected"),
    [
        pytest.param(None, State.AWAITING_APPROVAL, id="nobody decided"),
        pytest.param(make_approval(), State.DUE, id="approved"),
        pytest.param(make_approval(approved=False), State.REJECTED, id="rejected"),
    ],
)
def test_an_award_that_asks_for_approval_waits_for_it(approval, expected):
    assert state_after(decided(make_judgement(MET, badge=APPROVED_BADGE), approval=approval)) is expected


def test_an_award_met_again_keeps_the_approval_it_had():
    lapsed = make_award(state=State.LAPSED)

    plan = decided(make_judgement(MET, badge=APPROVED_BADGE), lapsed, approval=make_approval())

    assert state_after(plan, lapsed) is State.DUE


def test_a_rejection_says_why():
    plan = decided(make_judgement(MET, badge=APPROVED_BADGE), approval=make_approval(approved=False, reason="copied"))

    assert ada_after(plan).reason == "copied"


@pytest.mark.parametrize(
    ("truth", "expected"),
    [
        pytest.param(MET, State.DUE, id="met"),
        pytest.param(UNMET, State.LAPSED, id="unmet"),
        pytest.param(UNKNOWN, State.REJECTED, id="unknown"),
    ],
)
def test_a_rejected_award_that_was_approved_after_all_is_judged_anew(truth, expected):
    award = make_award(state=State.REJECTED)

    plan = decided(make_judgement(truth, badge=APPROVED_BADGE), award, approval=make_approval())

    assert state_after(plan, award) is expected


@pytest.mark.parametrize(
    ("earned_at", "approval", "issued_on"),
    [
        pytest.param(YESTERDAY, make_approval(at=NOON), NOON, id="approved later"),
        pytest.param(YESTERDAY, make_approval(at=LAST_WEEK), YESTERDAY, id="approved beforehand"),
        pytest.param(None, make_approval(at=LAST_WEEK), NOON, id="undated: first seen now"),
    ],
)
def test_the_date_is_the_later_of_earning_and_approval(earned_at, approval, issued_on):
    plan = decided(make_judgement(MET, badge=APPROVED_BADGE, earned_at=earned_at), approval=approval)

    assert (ada_after(plan).earned_at, ada_after(plan).issued_on) == (earned_at or NOON, issued_on)


def test_an_undated_award_keeps_the_day_on_which_it_was_first_seen():
    first = ada_after(decided(make_judgement(MET, earned_at=None)))

    later = decided(make_judgement(MET, earned_at=None), first, rules=make_rules(now=NOON + timedelta(days=1)))

    assert later == Plan()


def test_a_blocked_person_waits_in_blocked_with_the_reason():
    blocked = make_contact(blocked="shares its address with user 302")

    award = ada_after(decided(make_judgement(MET, badge=APPROVED_BADGE), contact=blocked))

    assert (award.state, award.reason) == (State.BLOCKED, "shares its address with user 302")


def test_somebody_of_whom_nothing_is_known_has_no_address():
    award = ada_after(decided(make_judgement(MET), contact=make_contact(GRACE)))

    assert (award.state, award.reason) == (State.BLOCKED, "no address")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        pytest.param("no address", State.DUE, id="no address"),
        pytest.param("suppressed", State.BLOCKED, id="suppressed"),
    ],
)
def test_what_was_sent_once_goes_there_again_unless_the_person_is_suppressed(reason, expected):
    award = make_award(address=HOME, sent_to=(mail_of(ADA), HOME))

    plan = decided(make_judgement(MET), award, contact=make_contact(address=None, blocked=reason))

    after = ada_after(plan, award)
    assert (after.state, after.address) == (expected, HOME)


def test_what_was_never_sent_goes_to_the_address_of_this_pass():
    award = make_award(address=HOME)

    assert ada_after(decided(make_judgement(MET), award), award).address == mail_of(ADA)


@pytest.mark.parametrize(
    ("badge", "live"),
    [pytest.param(make_badge(), False, id="observe"), pytest.param(make_badge(by_platform=True), True, id="platform")],
)
def test_what_is_never_sent_rests_in_earned(badge, live):
    assert state_after(decided(make_judgement(MET, badge=badge), rules=make_rules(live=live))) is State.EARNED


@pytest.mark.parametrize("truth", [MET, UNKNOWN], ids=lambda truth: truth.value)
def test_a_due_award_returns_to_earned_when_only_observing(truth):
    award = make_award()

    assert state_after(decided(make_judgement(truth), award, rules=make_rules(live=False)), award) is State.EARNED


def test_observing_leaves_an_unknown_earned_award_as_it_is():
    award = make_award(state=State.EARNED)

    assert decided(make_judgement(UNKNOWN), award, rules=make_rules(live=False)) == Plan()


@pytest.mark.parametrize(
    ("truth", "vanished", "waits"),
    [
        pytest.param(UNKNOWN, True, True, id="unknown because it vanished"),
        pytest.param(UNKNOWN, False, False, id="unknown otherwise"),
        pytest.param(MET, True, False, id="met all the same"),
    ],
)
def test_a_due_award_waits_when_one_of_its_facts_vanished(truth, vanished, waits):
    award = make_award()

    plan = decided(make_judgement(truth, vanished=vanished), award)

    assert plan.waiting == (frozenset({award.pair}) if waits else frozenset())


def test_what_vanished_from_something_that_is_not_required_holds_nothing_up():
    judgement = make_judgement(UNKNOWN)
    video = make_verdict(UNKNOWN, key="video", is_vanished=True, is_required=False)

    plan = decided(replace(judgement, verdicts=(*judgement.verdicts, video)), make_award())

    assert plan.waiting == frozenset()


def test_only_a_due_award_can_wait():
    assert decided(make_judgement(UNKNOWN, vanished=True), make_award(state=State.EARNED)).waiting == frozenset()


def test_an_adopted_award_gets_its_date_once_it_is_earned():
    adopted = make_issued(earned_at=None)

    plan = decided(make_judgement(MET), adopted)

    assert plan == Plan((Change(adopted, replace(adopted, earned_at=YESTERDAY), "its criteria are met"),))


def test_an_adopted_award_earned_at_no_known_time_is_earned_now():
    adopted = make_issued(earned_at=None)

    assert ada_after(decided(make_judgement(MET, earned_at=None), adopted), adopted).earned_at == NOON


@pytest.mark.parametrize(
    ("award", "truth", "kinds"),
    [
        pytest.param(make_issued(), UNMET, ["fell"], id="issued, and fell"),
        pytest.param(make_issued(), UNKNOWN, [], id="issued, and unknown"),
        pytest.param(make_issued(), MET, [], id="issued, and met"),
        pytest.param(make_issued(earned_at=None), UNMET, [], id="adopted, and never earned"),
        pytest.param(make_award(), UNMET, [], id="not sent yet"),
    ],
)
def test_a_fall_after_the_award_opens_a_review_and_revokes_nothing(award, truth, kinds):
    plan = decided(make_judgement(truth), award)

    assert [finding.kind for finding in plan.findings] == kinds
    assert state_after(plan, award) is not State.REVOKED


def test_the_review_of_a_fallen_award_says_what_fell():
    plan = decided(make_judgement(UNMET), make_issued())

    what = "Level 1: issued, but Reflection: so it is"
    assert plan == Plan(findings=(Finding("fell", what, pathway=PATHWAY, badge=LEVEL_1, user_id=ADA),))


@pytest.mark.parametrize(
    ("award", "known", "kinds"),
    [
        pytest.param(make_issued(), {HOME}, ["address_changed"], id="another address now"),
        pytest.param(make_issued(), {HOME, mail_of(ADA)}, [], id="one more address"),
        pytest.param(make_issued(), set(), [], id="on no classlist now"),
        pytest.param(make_issued(address=None), {HOME}, [], id="the platform tells no address"),
        pytest.param(make_award(address=mail_of(ADA)), {HOME}, [], id="not sent yet"),
    ],
)
def test_an_address_that_changed_after_the_award_opens_a_review(award, known, kinds):
    plan = decided(make_judgement(UNKNOWN), award, contact=make_contact(address=HOME, known=known))

    assert [finding.kind for finding in plan.findings] == kinds


@pytest.mark.parametrize(
    "rows", [pytest.param([], id="no row"), pytest.param([make_award(state=State.LAPSED)], id="lapsed")]
)
def test_an_earned_award_of_which_only_a_revoked_one_is_there_is_revoked_with_a_review(rows):
    plan = decided(make_judgement(MET), *rows, revoked=make_assertion(revoked=True))

    award = ada_after(plan, *rows)
    assert (award.state, award.reason, award.assertion_id) == (State.REVOKED, "revoked on the platform", "a-1")
    what = "Level 1: earned, but the platform holds only a revoked assertion; release it to award it"
    review = Finding("revoked_there", what, PATHWAY, LEVEL_1, ADA, assertion_id=AssertionId("a-1"))
    assert plan.findings == (review,)


def test_a_revoked_assertion_gives_nobody_a_row_who_has_not_earned_it():
    assert decided(make_judgement(UNMET), revoked=make_assertion(revoked=True)) == Plan()


def test_a_released_award_of_the_next_epoch_becomes_due_under_a_key_of_its_own():
    first, second = make_issued(state=State.REVOKED), make_award(epoch=2, state=State.EARNED)

    after = ada_after(decided(make_judgement(MET), first, second), first, second)

    assert (after.state, after.epoch) == (State.DUE, 2)
    assert after.narrative.endswith(award_key(ISSUER, second))
    assert award_key(ISSUER, first) != award_key(ISSUER, second)


def test_everybody_is_decided_upon():
    judgements = [make_judgement(MET), make_judgement(UNMET, GRACE)]
    graces = make_award(GRACE)

    plan = decide(judgements, newest([graces]), contacts=make_contacts(), approvals={}, revoked={}, rules=make_rules())

    assert [(one.after.person_id, one.after.state) for one in plan.changes] == [(ADA, State.DUE), (GRACE, State.LAPSED)]
