"""Prerequisites count in the same sweep, and only when they are issued, or earned and approved."""

import pytest

from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.fixpoint import Bench
from d2l_sync.domain.judgement import Judgement, judge, prerequisite
from d2l_sync.domain.ledger import newest
from d2l_sync.domain.verdict import Truth, Verdict
from tests.builders import (
    ADA,
    FOLDER,
    FOLDER_2,
    GRACE,
    LAST_WEEK,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    NOON,
    UNIT_1,
    UNIT_2,
    YESTERDAY,
    make_approval,
    make_award,
    make_badge,
    make_classlist,
    make_combination,
    make_criterion,
    make_entry,
    make_hand_in,
    make_issued,
    make_judgement,
    make_listing,
    make_team,
    make_verdict,
    make_world,
)

MET, UNMET, UNKNOWN = Truth.MET, Truth.UNMET, Truth.UNKNOWN
REFLECTION = make_criterion(FOLDER)
DRAFT = make_criterion(FOLDER_2, key="draft")
FIRST = make_badge(LEVEL_1, REFLECTION, unit=UNIT_1)
SECOND = make_badge(LEVEL_2, DRAFT, unit=UNIT_2, requires=(LEVEL_1,))
THIRD = make_badge(LEVEL_3, REFLECTION, unit=UNIT_1, requires=(LEVEL_2,))
WHOLE = make_badge(MACRO, requires=(LEVEL_1, LEVEL_2, LEVEL_3))
ALL_DONE = make_world(make_listing(FOLDER, {ADA: make_hand_in()}), make_listing(FOLDER_2, {ADA: make_hand_in()}))


def truths(badges, world=ALL_DONE, *, rows=(), approvals=()):
    said = {(one.person_id, one.badge): one for one in approvals}
    judged = Bench(badges, world, newest(rows), said).judge_everyone([ADA])
    return {key: judgement.truth for (_, key), judgement in judged.items()}


def test_everything_from_level_1_to_the_macro_badge_may_be_earned_at_once():
    assert truths((FIRST, SECOND, THIRD, WHOLE)) == dict.fromkeys([LEVEL_1, LEVEL_2, LEVEL_3, MACRO], MET)


def test_a_missing_first_level_stops_everything_above_it():
    world = make_world(make_listing(FOLDER), make_listing(FOLDER_2, {ADA: make_hand_in()}))

    assert set(truths((FIRST, SECOND, THIRD, WHOLE), world).values()) == {UNMET}


def test_an_unread_first_level_leaves_everything_above_it_open():
    world = make_world(make_listing(FOLDER, failure="403"), make_listing(FOLDER_2, {ADA: make_hand_in()}))

    assert set(truths((FIRST, SECOND, THIRD, WHOLE), world).values()) == {UNKNOWN}


NOTHING_DONE = make_world(make_listing(FOLDER))
EARNED = make_world(make_listing(FOLDER, {ADA: make_hand_in()}))
NEEDS_LEVEL_1 = make_badge(MACRO, requires=(LEVEL_1,))


@pytest.mark.parametrize(
    ("award", "world", "truth"),
    [
        pytest.param(None, EARNED, MET, id="earned, no row yet"),
        pytest.param(make_issued(), EARNED, MET, id="issued"),
        pytest.param(make_issued(), NOTHING_DONE, MET, id="issued, and fell"),
        pytest.param(make_issued(earned_at=None), NOTHING_DONE, MET, id="adopted, never earned"),
        pytest.param(make_award(state=State.DUE), EARNED, MET, id="due"),
        pytest.param(make_award(state=State.DUE), NOTHING_DONE, UNMET, id="due, and fell"),
        pytest.param(make_award(state=State.FAILED), EARNED, MET, id="earned, delivery failed"),
        pytest.param(make_award(state=State.BLOCKED), EARNED, MET, id="earned, blocked"),
        pytest.param(make_award(state=State.HELD, held_by=Holder.GUARD), EARNED, MET, id="held by the guard"),
        pytest.param(make_award(state=State.HELD, held_by=Holder.PERSON), EARNED, UNMET, id="held by a person"),
        pytest.param(make_issued(state=State.REVOKED), EARNED, UNMET, id="revoked"),
        pytest.param(make_award(state=State.LAPSED), EARNED, MET, id="lapsed, and earned again"),
    ],
)
def test_a_prerequisite_counts_when_issued_or_earned_delivered_or_not(award, world, truth):
    found = truths((FIRST, NEEDS_LEVEL_1), world, rows=[award] if award else [])

    assert found[MACRO] is truth


@pytest.mark.parametrize(
    ("approvals", "award", "truth"),
    [
        pytest.param([], None, UNMET, id="nobody decided"),
        pytest.param([make_approval()], None, MET, id="approved, also beforehand"),
        pytest.param([make_approval(approved=False)], None, UNMET, id="rejected"),
        pytest.param([make_approval(approved=False)], make_issued(), MET, id="rejected, yet issued"),
        pytest.param([], make_issued(), MET, id="adopted without approval"),
    ],
)
def test_a_prerequisite_that_asks_for_approval_counts_once_it_has_it(approvals, award, truth):
    first = make_badge(LEVEL_1, REFLECTION, unit=UNIT_1, approval=True)

    found = truths((first, NEEDS_LEVEL_1), EARNED, rows=[award] if award else [], approvals=approvals)

    assert found[MACRO] is truth


def test_an_approval_of_something_not_earned_makes_nothing_count():
    first = make_badge(LEVEL_1, REFLECTION, unit=UNIT_1, approval=True)

    assert truths((first, NEEDS_LEVEL_1), NOTHING_DONE, approvals=[make_approval()])[MACRO] is UNMET


def test_what_one_person_did_counts_for_nobody_else():
    world = make_world(make_listing(FOLDER, {ADA: make_hand_in()}), learners=(ADA, GRACE))

    judged = Bench((FIRST,), world).judge_everyone([ADA, GRACE])

    assert [judged[ADA, LEVEL_1].truth, judged[GRACE, LEVEL_1].truth] == [MET, UNMET]


def judge_ada(badge, world, *prerequisites):
    return judge(ADA, badge, world, prerequisites)


@pytest.mark.parametrize(
    "team", [make_team(ADA), make_team(ADA, confirmed_on=None)], ids=["confirmed", "not confirmed"]
)
def test_a_badge_that_a_person_approves_names_the_teams_although_it_asks_for_none(team):
    """A team is approved at once by its name, also where its members need not be on one."""
    badge = make_badge(LEVEL_2, REFLECTION, unit=UNIT_1, approval=True)
    world = make_world(make_listing(FOLDER, {}), learners=(ADA, GRACE), teams=[team])

    told = [
        [one for one in judge(person, badge, world, ()).verdicts if one.source == "teams"] for person in (ADA, GRACE)
    ]

    named = Verdict(
        MET,
        "on Lovelace",
        key="team",
        name="Development team",
        value="Lovelace",
        source="teams",
        is_required=False,
    )
    assert told == [[named], []]


def test_a_judgement_holds_everything_that_it_rests_on():
    badge = make_badge(LEVEL_2, REFLECTION, unit=UNIT_1, requires=(LEVEL_1,), team=True)
    world = make_world(make_listing(FOLDER, {ADA: make_hand_in(YESTERDAY)}), teams=[make_team(ADA)])
    held = prerequisite(FIRST, MET, "issued", LAST_WEEK)

    judgement = judge_ada(badge, world, held)

    enrolment = Verdict(
        MET,
        "is on the classlist as a learner",
        key="enrolment",
        name="Learner of org unit 6601",
        source="classlist",
    )
    team = Verdict(
        MET,
        "on a confirmed team since 2026-03-02",
        key="team",
        name="Confirmed development team",
        value="Lovelace",
        source="teams",
        dated_at=NOON.replace(hour=0),
    )
    reflection = REFLECTION.judge(ADA, world)
    assert judgement == Judgement(ADA, badge, MET, (enrolment, held, team, reflection), NOON.replace(hour=0))


@pytest.mark.parametrize(
    ("classlists", "truth"),
    [
        pytest.param([make_classlist(ADA)], MET, id="a learner"),
        pytest.param([make_classlist()], UNMET, id="not on the classlist"),
        pytest.param([make_classlist(make_entry(ADA, learner=False))], UNMET, id="a teacher"),
        pytest.param([make_classlist(make_entry(ADA, learner=None))], UNKNOWN, id="a role that can't be told"),
        pytest.param([make_classlist(make_entry(ADA, excluded=True))], UNMET, id="excluded"),
        pytest.param([make_classlist(ADA, failure="403")], UNKNOWN, id="a classlist that can't be read"),
        pytest.param([make_classlist(ADA, ended=True)], MET, id="an offering that is over"),
        pytest.param([make_classlist(), make_classlist(ADA, org_unit_id=UNIT_2)], MET, id="a learner elsewhere"),
        pytest.param(
            [make_classlist(), make_classlist(ADA, org_unit_id=UNIT_2, failure="403")], UNKNOWN, id="perhaps elsewhere"
        ),
    ],
)
def test_a_badge_with_criteria_is_for_the_active_learners_of_its_offerings(classlists, truth):
    units = [one.org_unit_id for one in classlists]
    never_decides = make_combination(count=0)
    offerings = [offering for unit in units for offering in make_badge(unit=unit).offerings]

    judgement = judge_ada(make_badge(LEVEL_1, never_decides, offerings=offerings), make_world(classlists=classlists))

    assert judgement.truth is truth


def test_a_badge_without_criteria_asks_for_no_enrolment():
    assert judge_ada(NEEDS_LEVEL_1, make_world(classlists=[make_classlist()]), make_verdict(MET)).truth is MET


@pytest.mark.parametrize(
    ("teams", "unread", "truth"),
    [
        pytest.param([make_team(ADA)], None, MET, id="confirmed"),
        pytest.param([make_team(ADA, confirmed_on=None)], None, UNMET, id="not confirmed"),
        pytest.param([make_team(GRACE)], None, UNMET, id="on no team"),
        pytest.param([], "403", UNKNOWN, id="teams unread"),
    ],
)
def test_a_badge_for_teams_asks_for_a_confirmed_one(teams, unread, truth):
    badge = make_badge(LEVEL_2, team=True)

    assert judge_ada(badge, make_world(teams=teams, unread_teams=unread)).truth is truth


def test_a_criterion_that_is_not_required_never_decides():
    video = make_criterion(FOLDER_2, key="video", required=False)
    world = make_world(make_listing(FOLDER, {ADA: make_hand_in()}), make_listing(FOLDER_2, failure="403"))

    judgement = judge_ada(make_badge(LEVEL_1, REFLECTION, video, unit=UNIT_1), world)

    assert (judgement.truth, judgement.verdicts[-1].truth) == (MET, UNKNOWN)


def test_an_undated_badge_is_earned_at_no_known_time():
    world = make_world(make_listing(FOLDER, {ADA: make_hand_in(None)}))

    assert judge_ada(FIRST, world).earned_at is None


@pytest.mark.parametrize(
    ("verdicts", "because"),
    [
        pytest.param([make_verdict(MET)], "everything is met", id="nothing"),
        pytest.param([make_verdict(UNKNOWN), make_verdict(UNMET, key="quiz")], "Quiz: so it is", id="unmet first"),
        pytest.param([make_verdict(MET), make_verdict(UNKNOWN, key="quiz")], "Quiz: so it is", id="then unknown"),
        pytest.param([make_verdict(UNMET, is_required=False)], "everything is met", id="nothing required"),
    ],
)
def test_a_judgement_names_the_first_thing_that_stands_in_the_way(verdicts, because):
    badge = make_judgement().badge

    assert Judgement(ADA, badge, MET, tuple(verdicts)).because == because
