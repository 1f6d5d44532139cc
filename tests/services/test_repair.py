"""What a person does to one award, beyond what acts on what: in which order, and when it can't be done."""

import pytest

from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.errors import SourceUnavailable, UsageError
from d2l_sync.domain.ids import AssertionId
from d2l_sync.domain.ledger import Approval
from tests.services.office import BY_PERSON
from tests.services.programme import ADA, CLASS_M, GRACE, LAST, MACRO, NOON, PATHWAY, WHOLE, mail_of, person


def test_a_held_award_says_why_and_a_released_one_is_not_counted_by_the_guard(office):
    office.has("held by the guard", held_in=7)

    office.repair.hold(person(ADA), LAST, reason="wait", by="hopper")
    held = office.award
    office.repair.release(person(ADA), LAST, reason="well", by="hopper")

    assert (held.state, held.held_by, held.reason, held.held_in) == (State.HELD, Holder.PERSON, "wait", None)
    assert (office.award.state, office.award.is_released) == (State.EARNED, True)
    assert [(one.why, one.by) for one in office.state.history(person(ADA))[1:]] == [
        ("held: wait", "hopper"),
        ("released: well", "hopper"),
    ]


def test_releasing_a_revoked_award_asks_for_approval_anew(office):
    office.has("revoked")
    office.state.decide(Approval(person(ADA), PATHWAY, MACRO, is_approved=True, by="hopper", at=NOON))

    office.repair.release(person(ADA), LAST, reason="awarded in error after all", by="hopper")

    assert (office.award.epoch, office.award.state, office.award.assertion_id) == (2, State.EARNED, None)
    assert office.state.approvals() == ()


def test_an_issued_award_is_revoked_on_the_platform_first(office):
    office.has("issued")

    office.repair.revoke(person(ADA), LAST, reason="in error", by="hopper")

    assert (office.award.state, office.award.reason) == (State.REVOKED, "in error")
    assert office.platform.live() == {(CLASS_M, "ada@home.example"): 1}


def test_a_revocation_whose_answer_is_lost_leaves_the_award_issued(office, monkeypatch):
    office.has("issued")
    before = office.everything

    def no_answer(*_):
        raise SourceUnavailable("no answer")

    monkeypatch.setattr(office.platform, "revoke", no_answer)

    with pytest.raises(SourceUnavailable):
        office.repair.revoke(person(ADA), LAST, reason="in error", by="hopper")

    assert office.everything == before


def test_a_hand_made_assertion_at_another_address_is_tied_by_its_id(office):
    office.repair.adopt(person(ADA), LAST, office.by_hand.assertion_id, by="hopper")

    assert (office.award.state, office.award.assertion_id) == (State.ISSUED, office.by_hand.assertion_id)
    assert (office.award.address, office.award.earned_at) == ("ada@home.example", None)


@pytest.mark.parametrize("is_there", [False, True], ids=["not there", "revoked"])
def test_an_assertion_that_is_not_live_is_not_adopted(office, is_there):
    gone = office.platform.hold(CLASS_M, mail_of(ADA), is_revoked=True).assertion_id if is_there else AssertionId("a-9")

    with pytest.raises(UsageError, match="revoked" if is_there else "not there"):
        office.repair.adopt(person(ADA), LAST, gone, by="hopper")

    assert office.state.awards() == []


def test_an_assertion_that_is_somebody_elses_already_is_not_adopted(office):
    office.repair.adopt(person(GRACE), LAST, office.by_hand.assertion_id, by="hopper")

    with pytest.raises(UsageError, match="belongs to user 302"):
        office.repair.adopt(person(ADA), LAST, office.by_hand.assertion_id, by="hopper")

    assert [one.person_id for one in office.state.awards()] == [person(GRACE)]


@pytest.mark.parametrize(("act", "row"), [("hold", "due"), ("release", BY_PERSON), ("release", "revoked")])
def test_an_award_that_a_pass_moves_meanwhile_is_left_to_the_pass(office, monkeypatch, act, row):
    office.has(row)
    seen = office.award
    office.repair.adopt(person(ADA), LAST, office.by_hand.assertion_id, by="a pass")
    before = office.everything
    monkeypatch.setattr(office.state, "awards", lambda *_: [seen])

    with pytest.raises(UsageError, match="meanwhile"):
        getattr(office.repair, act)(person(ADA), LAST, reason="", by="hopper")

    monkeypatch.undo()
    assert office.everything == before


def test_no_badge_of_the_pathway_but_the_macro_badge_can_be_rejected(office):
    assert [one.key for one in WHOLE.badges if one.approval] == [MACRO]

    with pytest.raises(UsageError, match="asks for no approval"):
        office.desk.reject(str(ADA), badge="level-1", by="hopper", reason="no")
