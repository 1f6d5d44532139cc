"""What a person does to one award: what acts on which state, on the real state database."""

import pytest

from d2l_sync.domain.award import Award, Holder, State
from d2l_sync.domain.errors import SourceUnavailable, UsageError
from d2l_sync.domain.ids import AssertionId, UserId
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.services.desk import Desk
from d2l_sync.services.repair import Repair
from d2l_sync.store.state import StateStore
from tests.fakes import FakePlatform, TurnedClock
from tests.services.programme import ADA, FIRST, LEVEL_1, NOON, PATHWAY, SETTLE, WHOLE, mail_of, person

UNSENT = [State.EARNED, State.AWAITING_APPROVAL, State.BLOCKED, State.DUE, State.DOUBTFUL, State.FAILED, State.LAPSED]


class Office:
    """A ledger with one award of Ada's, a platform, and a person at the keyboard."""

    def __init__(self, folder):
        self.clock = TurnedClock(NOON)
        self.state = StateStore.open(f"sqlite:///{folder}/state.db")
        self.platform = FakePlatform(self.clock)
        self.repair = Repair(self.state, self.platform, clock=self.clock)
        self.desk = Desk(self.state, (WHOLE,), clock=self.clock)

    def has(self, state, **fields):
        held_by = Holder.PERSON if state is State.HELD else None
        award = Award(
            person(ADA), FIRST.badge_class, PATHWAY, LEVEL_1, state, held_by=held_by, address=mail_of(ADA), **fields
        )
        self.state.change(Change(None, award, "given"), at=NOON, pass_id=None)
        return award

    @property
    def award(self):
        return self.state.awards()[0]


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.state.close()


@pytest.mark.parametrize("state", UNSENT, ids=lambda one: one.value)
def test_an_unsent_award_can_be_held_and_released(office, state):
    office.has(state)

    office.repair.hold(person(ADA), FIRST, reason="wait", by="hopper")
    held = office.award
    office.repair.release(person(ADA), FIRST, reason="", by="hopper")

    assert (held.state, held.held_by, held.reason) == (State.HELD, Holder.PERSON, "wait")
    assert (office.award.state, office.award.is_released) == (State.EARNED, True)


@pytest.mark.parametrize("state", [State.SENDING, State.ISSUED, State.REVOKED], ids=lambda one: one.value)
def test_what_is_sent_can_not_be_held(office, state):
    before = office.has(state)

    with pytest.raises(UsageError, match=state.value):
        office.repair.hold(person(ADA), FIRST, reason="", by="hopper")

    assert office.award == before


def test_releasing_a_revoked_award_opens_the_next_epoch_and_asks_for_approval_anew(office):
    office.has(State.REVOKED, assertion_id=AssertionId("a-1"))
    office.state.decide(Approval(person(ADA), PATHWAY, LEVEL_1, is_approved=True, by="hopper", at=NOON))

    office.repair.release(person(ADA), FIRST, reason="awarded in error after all", by="hopper")

    assert (office.award.epoch, office.award.state, office.award.assertion_id) == (2, State.EARNED, None)
    assert office.state.approvals() == ()


def test_an_issued_award_is_revoked_on_the_platform_first(office):
    made = office.platform.hold(FIRST.badge_class, mail_of(ADA))
    office.has(State.ISSUED, assertion_id=made.assertion_id)

    office.repair.revoke(person(ADA), FIRST, reason="in error", by="hopper")

    assert (office.award.state, office.award.reason) == (State.REVOKED, "in error")
    assert not office.platform.live()


def test_a_revocation_whose_answer_is_lost_leaves_the_award_issued(office, monkeypatch):
    before = office.has(State.ISSUED, assertion_id=AssertionId("a-1"))

    def no_answer(*_):
        raise SourceUnavailable("no answer")

    monkeypatch.setattr(office.platform, "revoke", no_answer)

    with pytest.raises(SourceUnavailable):
        office.repair.revoke(person(ADA), FIRST, reason="in error", by="hopper")

    assert office.award == before


def test_a_hand_made_assertion_at_another_address_is_tied_by_its_id(office):
    made = office.platform.hold(FIRST.badge_class, "ada@home.example")

    office.repair.adopt(person(ADA), FIRST, made.assertion_id, by="hopper")

    assert (office.award.state, office.award.assertion_id) == (State.ISSUED, made.assertion_id)


def test_an_assertion_that_is_not_there_is_not_adopted(office):
    with pytest.raises(UsageError, match="not there"):
        office.repair.adopt(person(ADA), FIRST, AssertionId("a-9"), by="hopper")

    assert office.state.awards() == []


def test_a_refused_award_goes_again_at_a_persons_word_and_an_issued_one_does_not(office):
    office.has(State.FAILED, reason="400")

    moved = office.desk.retry(None, settle=SETTLE, by="hopper")

    assert [one.state for one in moved] == [State.DUE]
    assert office.desk.retry([str(ADA)], settle=SETTLE, by="hopper") != []


def test_a_retry_never_shortens_the_rest_of_a_doubtful_award(office):
    office.has(State.DOUBTFUL, retry_at=NOON + SETTLE, backoff_s=3600)

    office.desk.retry(None, settle=SETTLE, by="hopper")

    assert office.award.retry_at == NOON + SETTLE


def test_a_learner_who_fits_nobody_is_named_as_such(office):
    with pytest.raises(UsageError, match="no learner fits"):
        office.desk.find(str(UserId(999)))
