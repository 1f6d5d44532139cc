"""What acts on what: each act of a person on an award in each state is done, or is refused and changes nothing."""

import pytest

from d2l_sync.domain.award import Award, State
from d2l_sync.domain.errors import SourceUnavailable, UsageError
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import Address, AssertionId, PathwayKey
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.domain.ports import PassRecord
from tests.services.office import BY_GUARD, BY_PERSON
from tests.services.programme import ADA, CLASS_M, GRACE, LAST, MACRO, NOON, PATHWAY, SETTLE, mail_of, person

ROWS = [*(state.value for state in State if state is not State.HELD), BY_PERSON, BY_GUARD]
SENT = {"sending", "issued", "revoked"}
UNSENT = set(ROWS) - SENT

ACTS = {
    "hold": lambda office: office.repair.hold(person(ADA), LAST, reason="wait", by="hopper"),
    "release": lambda office: office.repair.release(person(ADA), LAST, reason="", by="hopper"),
    "revoke": lambda office: office.repair.revoke(person(ADA), LAST, reason="in error", by="hopper"),
    "adopt": lambda office: office.repair.adopt(person(ADA), LAST, office.by_hand.assertion_id, by="hopper"),
    "reject": lambda office: office.desk.reject(str(ADA), badge=MACRO, by="hopper", reason="not yet"),
}
BECOMES: dict[str, dict[str, list[tuple[int, State]]]] = {
    "hold": {row: [(1, State.HELD)] for row in UNSENT},
    "release": {BY_PERSON: [(1, State.EARNED)], "revoked": [(2, State.EARNED)]},
    "revoke": {"issued": [(1, State.REVOKED)]},
    "adopt": {row: [(1, State.ISSUED)] for row in {*ROWS, "none"} - {"issued", "sending"}},
    "reject": {row: [(1, State.REJECTED)] for row in UNSENT - {"doubtful"}} | {"none": []},
}
CASES = [pytest.param(act, row, id=f"{act} {row}") for act in ACTS for row in [*ROWS, "none"]]


@pytest.mark.parametrize(("act", "row"), CASES)
def test_an_act_is_done_in_the_states_it_applies_to_and_refused_in_all_others(office, act, row):
    office.has(row)
    before = office.everything

    if row in BECOMES[act]:
        ACTS[act](office)
        rows = [(one.epoch, one.state) for one in office.state.awards()]
        assert rows == BECOMES[act][row]
        assert office.everything != before
    else:
        named = "has no award" if row == "none" else row.split()[0]
        with pytest.raises(UsageError, match=named):
            ACTS[act](office)
        assert office.everything == before


@pytest.mark.parametrize("row", [*ROWS, "none"])
def test_a_retry_moves_what_waits_to_be_sent_and_finds_nothing_to_do_for_the_rest(office, row):
    office.has(row)

    moved = office.desk.retry([str(ADA)], settle=SETTLE, by="hopper")

    expected = {"due": State.DUE, "failed": State.DUE}
    assert [one.state for one in moved] == [expected[row] for _ in moved]
    assert bool(moved) == (row in expected)


def test_a_retry_ends_the_back_off_of_a_doubtful_award_and_not_its_rest(office):
    office.has("doubtful", retry_at=NOON + 20 * SETTLE, backoff_s=2400)

    office.desk.retry(None, settle=SETTLE, by="hopper")

    award = office.award
    assert (award.state, award.retry_at, award.backoff_s) == (State.DOUBTFUL, NOON + SETTLE, 0)


@pytest.mark.parametrize("is_closed", [False, True], ids=["open review", "review closed by a person"])
def test_what_is_missing_there_is_sent_again_by_name_only_to_where_it_went(office, is_closed):
    elsewhere = Address("ada@home.example")
    office.has("issued", sent_to=(mail_of(ADA), elsewhere))
    office.reviews("missing_there")
    if is_closed:
        [review] = office.state.reviews()
        office.state.close_review(review.review_id, by="hopper", at=NOON)

    for_all = office.desk.retry(None, settle=SETTLE, by="hopper")
    by_name = office.desk.retry([str(ADA)], settle=SETTLE, by="hopper")

    assert for_all == []
    assert [(one.state, one.sent_to) for one in by_name] == [(State.DUE, (elsewhere, mail_of(ADA)))]


def test_what_another_pathway_misses_is_not_sent_again(office):
    office.has("issued")
    found = Finding("missing_there", "look at it", PathwayKey("another"), MACRO, person(ADA))
    office.state.record(1, PassRecord(at=NOON, findings=(found,)))

    assert office.desk.retry([str(ADA)], settle=SETTLE, by="hopper") == []


def test_a_release_needs_the_platforms_list_and_changes_nothing_without_it(office):
    office.has("revoked")
    office.state.decide(Approval(person(ADA), PATHWAY, MACRO, is_approved=True, by="hopper", at=NOON))
    before = office.everything
    office.platform.failing[None] = SourceUnavailable("no answer")

    with pytest.raises(SourceUnavailable):
        ACTS["release"](office)

    assert office.everything == before


def test_a_release_remembers_what_was_revoked_by_then(office):
    earlier = office.platform.hold(CLASS_M, mail_of(ADA), is_revoked=True)
    office.has("revoked", passed_over=(AssertionId("before"),))
    own = office.award.assertion_id

    ACTS["release"](office)

    assert set(office.award.passed_over) == {"before", own, earlier.assertion_id}


@pytest.mark.parametrize("moved_to", [State.SENDING, State.DUE], ids=lambda one: one.value)
def test_what_a_pass_takes_up_meanwhile_is_not_rejected_behind_its_back(office, monkeypatch, moved_to):
    office.has("awaiting_approval")
    seen = office.state.awards()
    office.state.change(
        Change(seen[0], Award(person(ADA), CLASS_M, PATHWAY, MACRO, moved_to), "a pass"), at=NOON, pass_id=1
    )
    monkeypatch.setattr(office.state, "awards", lambda *_: seen)

    with pytest.raises(UsageError, match="meanwhile"):
        ACTS["reject"](office)

    assert office.state.approvals() == ()


def test_an_award_that_a_pass_makes_meanwhile_is_not_rejected_behind_its_back(office, monkeypatch):
    office.has("due")
    monkeypatch.setattr(office.state, "awards", lambda *_: [])

    with pytest.raises(UsageError, match="meanwhile"):
        ACTS["reject"](office)

    assert office.state.approvals() == ()


@pytest.mark.parametrize(
    ("row", "act"),
    [
        ("issued", lambda office: office.repair.revoke(person(ADA), LAST, reason=" ", by="hopper")),
        ("due", lambda office: office.desk.reject(str(ADA), badge=MACRO, by="hopper", reason="")),
    ],
    ids=["revoke", "reject"],
)
def test_what_takes_a_badge_away_needs_a_reason(office, row, act):
    office.has(row)
    before = office.everything

    with pytest.raises(UsageError, match="needs a reason"):
        act(office)

    assert office.everything == before


def test_nobody_is_approved_when_one_of_them_is_not_known(office):
    with pytest.raises(UsageError, match="no learner fits"):
        office.desk.approve([str(ADA), str(GRACE)], badge=None, by="hopper")

    assert office.state.approvals() == ()


def test_nobody_is_retried_when_one_of_them_is_not_known(office):
    office.has("failed")
    before = office.everything

    with pytest.raises(UsageError, match="no learner fits"):
        office.desk.retry([str(ADA), str(GRACE)], settle=SETTLE, by="hopper")

    assert office.everything == before
