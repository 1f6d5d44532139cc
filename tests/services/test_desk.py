"""What a person sees and does at the desk: who is meant, what waits, what was looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.award import Award, State
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.facts import Listing
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import AssertionId, BadgeClassId, BadgeKey, PathwayKey
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.people import Classlist
from d2l_sync.domain.ports import PassRecord
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.services.desk import Desk, Waiting
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    CLASS_M,
    FIRST,
    GRACE,
    LAST,
    LEVEL_1,
    MACRO,
    NOON,
    PATHWAY,
    REFLECTION,
    SETTLE,
    UNIT_1,
    entry,
    hand_in,
    mail_of,
    person,
)

HOUR = timedelta(hours=1)


def waits(office, user_id, *, since=NOON, teams=""):
    """Let a learner's macro-badge wait for approval, as a pass found it."""
    award = Award(person(user_id), CLASS_M, PATHWAY, MACRO, State.AWAITING_APPROVAL, address=mail_of(user_id))
    team = Verdict(Truth.MET, "on a confirmed team", key="team", name="Team", value=teams, source="teams")
    judgements = (
        Judgement(person(user_id), FIRST, Truth.MET, (Verdict(Truth.MET, "done", key="quiz", name="Quiz"),)),
        Judgement(person(user_id), LAST, Truth.MET, (team,) if teams else ()),
    )
    office.state.record(1, PassRecord(at=since, judgements=judgements, changes=(Change(None, award, "earned"),)))


def approved(office):
    return {one.person_id for one in office.state.approvals() if one.is_approved}


def test_what_waits_longest_stands_first_and_names_its_teams(office):
    waits(office, GRACE, since=NOON + HOUR, teams="Lovelace, Owls")
    waits(office, ADA)

    assert office.desk.waiting() == [
        Waiting(PATHWAY, MACRO, person(ADA), mail_of(ADA), NOON, None),
        Waiting(PATHWAY, MACRO, person(GRACE), mail_of(GRACE), NOON + HOUR, "Lovelace, Owls"),
    ]


def test_what_was_decided_waits_no_longer_although_no_pass_was_made_yet(office):
    waits(office, ADA)
    waits(office, GRACE)

    office.desk.approve([str(ADA)], badge=MACRO, by="hopper")
    office.desk.reject(str(GRACE), badge=None, by="hopper", reason="not yet")

    assert office.desk.waiting() == []


def test_a_criterion_that_is_called_team_names_none(office):
    waits(office, ADA)
    done = Verdict(Truth.MET, "handed in", key="team", name="Plan of the team", value="handed in")
    office.state.record(2, PassRecord(at=NOON, judgements=(Judgement(person(ADA), FIRST, Truth.MET, (done,)),)))

    assert [one.team for one in office.desk.waiting()] == [None]


def test_a_team_that_counts_in_another_pathway_is_not_named_beside_what_waits(office):
    waits(office, ADA)
    elsewhere = replace(FIRST, pathway=PathwayKey("another"))
    team = Verdict(Truth.MET, "on a confirmed team", key="team", name="Team", value="Owls", source="teams")
    judgement = Judgement(person(ADA), elsewhere, Truth.MET, (team,))
    office.state.record(2, PassRecord(at=NOON, judgements=(judgement,)))

    assert [one.team for one in office.desk.waiting()] == [None]


@pytest.mark.parametrize(
    ("team", "people"),
    [(None, {ADA, GRACE, ALAN}), ("Owls", {GRACE}), ("Owl", set()), ("Arts, Letters", {ALAN})],
    ids=["everybody", "a team", "no such team", "a team with a comma"],
)
def test_all_who_wait_or_a_team_of_them_are_approved_at_once(office, team, people):
    waits(office, ADA, teams="Lovelace")
    waits(office, GRACE, teams="Lovelace, Owls")
    waits(office, ALAN, teams="Arts, Letters")

    made = office.desk.approve_waiting(team=team, badge=None, by="hopper")

    assert {one.person_id for one in made} == approved(office) == {person(one) for one in people}


def test_of_those_who_wait_only_a_named_badges_are_listed_before_they_are_approved(office):
    """The question before it says how many: as many as the answer then approves."""
    both = Pathway(PATHWAY, "Two that ask", (replace(FIRST, approval=True), LAST))
    desk = Desk(office.state, (both,), clock=office.clock)
    waits(office, GRACE)
    award = Award(person(ADA), CLASS_1, PATHWAY, LEVEL_1, State.AWAITING_APPROVAL)
    office.state.change(Change(None, award, "earned"), at=NOON, pass_id=None)

    listed = desk.waiting_for(team=None, badge=LEVEL_1)
    made = desk.approve_waiting(team=None, badge=LEVEL_1, by="hopper")

    assert [one.user_id for one in listed] == [one.person_id for one in made] == [person(ADA)]
    assert [one.user_id for one in desk.waiting_for(team=None, badge=None)] == [person(GRACE)]


def test_an_approval_given_twice_is_recorded_once(office):
    waits(office, ADA)

    first = office.desk.approve([str(ADA), str(ADA)], badge=None, by="hopper")
    again = office.desk.approve([str(ADA)], badge=None, by="turing")

    assert ([one.by for one in first], again) == (["hopper"], [])


def test_only_a_badge_that_asks_for_approval_is_approved(office):
    waits(office, ADA)

    with pytest.raises(UsageError, match="asks for no approval"):
        office.desk.approve([str(ADA)], badge=LEVEL_1, by="hopper")


def test_a_learner_of_whom_nothing_is_stored_is_looked_for_on_the_classlists_of_now(office):
    assert office.desk.find(str(ADA)) == person(ADA)

    with pytest.raises(UsageError, match="no learner fits"):
        office.desk.find(str(GRACE))


def test_the_ledger_is_listed_by_state_or_badge_in_order(office):
    for number, (user_id, badge_class, key, state) in enumerate(
        [
            (GRACE, CLASS_M, MACRO, State.DUE),
            (GRACE, CLASS_1, LEVEL_1, State.ISSUED),
            (ADA, CLASS_1, LEVEL_1, State.DUE),
        ]
    ):
        award = Award(person(user_id), badge_class, PATHWAY, key, state, attempts=number)
        office.state.change(Change(None, award, "given"), at=NOON, pass_id=None)

    def listed(**wanted):
        return [(one.badge, one.person_id) for one in office.desk.awards(**wanted)]

    assert listed() == [(LEVEL_1, person(ADA)), (LEVEL_1, person(GRACE)), (MACRO, person(GRACE))]
    assert listed(badge=LEVEL_1) == [(LEVEL_1, person(ADA)), (LEVEL_1, person(GRACE))]
    assert listed(state=State.DUE, badge=f"{PATHWAY}/{MACRO}") == [(MACRO, person(GRACE))]


def test_a_retry_by_name_leaves_what_others_wait_for_alone(office):
    for user_id in (ADA, GRACE):
        award = Award(person(user_id), CLASS_1, PATHWAY, LEVEL_1, State.FAILED, reason="400")
        office.state.change(Change(None, award, "refused"), at=NOON, pass_id=None)

    office.desk.retry([str(ADA)], settle=SETTLE, by="hopper")

    assert [one.state for one in office.desk.awards()] == [State.DUE, State.FAILED]


def test_an_award_that_a_pass_moves_meanwhile_is_not_retried(office, monkeypatch):
    office.has("failed")
    seen = office.state.awards()
    office.desk.retry(None, settle=SETTLE, by="turing")
    monkeypatch.setattr(office.state, "awards", lambda *_: seen)

    assert office.desk.retry(None, settle=SETTLE, by="hopper") == []


def test_closing_a_review_is_an_end_to_it_and_says_who_looked(office):
    office.reviews("doubled")

    office.desk.close_review(1, accept=False, by="hopper")

    [review] = office.state.reviews(open_only=False)
    assert (office.state.reviews(), review.closed_by, review.closed_at) == ([], "hopper", NOON)


def test_a_review_that_is_not_open_can_not_be_closed(office):
    with pytest.raises(UsageError, match="no open review 7"):
        office.desk.close_review(7, accept=False, by="hopper")


def test_only_what_is_not_believed_can_be_accepted(office):
    office.reviews("doubled")

    with pytest.raises(UsageError, match="nothing to accept"):
        office.desk.close_review(1, accept=True, by="hopper")

    assert len(office.state.reviews()) == 1


def test_accepting_a_list_that_shrank_believes_its_next_size(office):
    shrunk = Finding("shrunk", "it shrank", subject="list of badge class bc-1")
    office.state.record(1, PassRecord(at=NOON, findings=(shrunk,), sizes={"list of badge class bc-1": 50}))

    office.desk.close_review(1, accept=True, by="hopper")

    assert office.state.snapshot().sizes == {}


def test_accepting_that_something_vanished_believes_the_next_listing_without_it(office):
    gone = Finding("vanished", "it is gone", user_id=person(ADA), org_unit_id=UNIT_1, subject=str(REFLECTION))
    before = Listing(REFLECTION, NOON, facts={ADA: hand_in(), GRACE: hand_in()}, rows=2)
    now = Listing(REFLECTION, NOON, facts={GRACE: hand_in()}, rows=1)
    lists = (Classlist(UNIT_1, NOON, {ADA: entry(ADA), GRACE: entry(GRACE)}),)
    office.state.record(1, PassRecord(at=NOON, classlists=lists, listings=(before,), findings=(gone,)))

    office.desk.close_review(1, accept=True, by="hopper")
    office.state.record(2, PassRecord(at=NOON, classlists=lists, listings=(now,)))

    stored = office.state.snapshot().listings[REFLECTION]
    assert (set(stored.facts), stored.vanished) == ({GRACE}, frozenset())


def test_a_badge_that_is_in_no_file_any_more_is_known_as_long_as_the_ledger_does(office):
    """A doubtful award of it can be held; it is looked up all the same."""
    award = Award(person(ADA), BadgeClassId("bc-0"), PATHWAY, BadgeKey("level-0"), State.DOUBTFUL, retry_at=NOON)
    office.state.change(Change(None, award, "given"), at=NOON, pass_id=None)

    office.repair.hold(person(ADA), office.desk.badge("level-0"), reason="ask them", by="hopper")

    held = office.desk.awards(badge="level-0")
    assert [(one.state, one.badge_class, one.is_in_doubt) for one in held] == [(State.HELD, "bc-0", True)]
    with pytest.raises(UsageError, match="there is no badge level-9"):
        office.desk.badge("level-9")


OTHER_CLASS = BadgeClassId("bc-0")


def earlier(office, state=State.ISSUED, **fields):
    """Give Ada the macro-badge of a badge class that it led to before the file was changed."""
    award = Award(person(ADA), OTHER_CLASS, PATHWAY, MACRO, state, address=mail_of(ADA), **fields)
    office.state.change(Change(None, award, "given"), at=NOON, pass_id=None)
    return award


def test_an_award_of_the_badge_class_before_does_not_keep_a_rejection_from_this_one(office):
    before = earlier(office)

    made = office.desk.reject("301", badge=MACRO, by="hopper", reason="of another year")

    assert [(one.badge, one.is_approved) for one in made] == [(MACRO, False)]
    assert office.state.awards() == [before]


def test_a_rejection_is_of_the_badge_class_of_now(office):
    before = earlier(office, State.FAILED)
    office.has("awaiting_approval")

    office.desk.reject("301", badge=MACRO, by="hopper", reason="not yet")

    assert {one.badge_class: one.state for one in office.state.awards()} == {
        OTHER_CLASS: before.state,
        CLASS_M: State.REJECTED,
    }


def test_what_is_missing_of_one_badge_class_is_not_sent_of_the_one_before(office):
    before = earlier(office, assertion_id=AssertionId("a-0"))
    office.has("issued")
    of_now = next(one.assertion_id for one in office.state.awards() if one.badge_class == CLASS_M)
    missing = Finding("missing_there", "look", PATHWAY, MACRO, person(ADA), assertion_id=of_now)
    office.state.record(1, PassRecord(at=NOON, findings=(missing,)))

    moved = office.desk.retry(["301"], settle=SETTLE, by="hopper")

    assert [(one.badge_class, one.state) for one in moved] == [(CLASS_M, State.DUE)]
    assert before in office.state.awards()


def test_a_badge_class_of_before_goes_by_its_id_and_is_named_where_it_is_all_there_is(office):
    before = earlier(office, State.DUE)
    with pytest.raises(UsageError, match="has no award") as refused:
        office.repair.hold(person(ADA), office.desk.badge(MACRO), reason="", by="hopper")

    held = office.repair.hold(person(ADA), office.desk.badge(OTHER_CLASS), reason="", by="hopper")

    assert OTHER_CLASS in refused.value.hint
    assert (held.badge_class, held.state) == (before.badge_class, State.HELD)
