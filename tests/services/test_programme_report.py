"""The programme report counts people by stage, and agrees with the ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ports import PassRecord
from d2l_sync.domain.stored import StoredJudgement
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.services.desk import Waiting
from d2l_sync.services.programme_report import CriterionFigures, badge_figures, by_age, programme_report
from d2l_sync.store.state import StateStore
from tests.services.programme import (
    ADA,
    ALAN,
    FIRST,
    GRACE,
    LAST,
    LEVEL_1,
    MACRO,
    NOON,
    PATHWAY,
    SECOND,
    WHOLE,
    criterion,
    person,
)
from tests.store.values import make_award

YES, NO, OPEN = Truth.MET, Truth.UNMET, Truth.UNKNOWN
OPTIONAL = replace(
    FIRST, criteria=(*FIRST.criteria, replace(criterion("videos", "content", None, None), is_required=False))
)


def judged(user_id, badge, /, **truths):
    """Make the last judgement of a person, its verdicts by key."""
    verdicts = tuple(
        Verdict(truth, "", key=key.replace("_", "-"), is_required=key != "videos") for key, truth in truths.items()
    )
    required = [one.truth for one in verdicts if one.is_required]
    whole = YES if all(one is YES for one in required) else NO
    return StoredJudgement(person(user_id), badge.pathway, badge.key, whole, NOON, verdicts=verdicts)


def figures(badge, judgements=(), awards=(), waiting=()):
    return badge_figures(badge, judgements, awards, waiting=waiting, now=NOON)


def row(user_id, state=State.ISSUED, **fields):
    return replace(make_award(), person_id=person(user_id), state=state, **fields)


def stages(one):
    return (one.learners, one.may_earn, one.earned, one.issued)


def test_a_badge_of_a_course_counts_its_learners_and_those_who_have_it():
    found = figures(
        FIRST,
        [
            judged(ADA, FIRST, enrolment=YES, reflection=YES, quiz=YES),
            judged(GRACE, FIRST, enrolment=YES, reflection=YES, quiz=NO),
            judged(ALAN, FIRST, enrolment=NO, reflection=YES, quiz=YES),
        ],
        [row(ADA)],
    )

    assert stages(found) == (2, 2, 1, 1)
    assert found.states == {"issued": 1}


def test_who_is_in_a_later_stage_is_in_every_earlier_one():
    """An adopted award of somebody who left, or never was, in the course."""
    gone = judged(ADA, FIRST, enrolment=NO, reflection=NO, quiz=NO)

    assert stages(figures(FIRST, [gone], [row(ADA), row(GRACE)])) == (2, 2, 2, 2)


def test_what_keeps_learners_from_beginning_is_counted_apart():
    found = figures(
        SECOND,
        [
            judged(ADA, SECOND, enrolment=YES, level_1=NO, team=YES, project=YES),
            judged(GRACE, SECOND, enrolment=YES, level_1=YES, team=NO, project=NO),
            judged(ALAN, SECOND, enrolment=YES, level_1=YES, team=YES, project=NO),
        ],
    )

    assert stages(found) == (3, 1, 0, 0)
    assert (found.lacks_prerequisite, found.lacks_team) == (1, 1)
    (project,) = found.criteria
    assert project == CriterionFigures("project", "Project", is_required=True, met=1, unmet=2, stuck=1, last=1)


def test_a_badge_without_a_course_is_for_those_who_hold_all_it_requires():
    held = {"level_1": YES, "level_2": YES, "level_3": YES}
    some = judged(GRACE, LAST, **(held | {"level_3": NO}))

    assert stages(figures(LAST, [judged(ADA, LAST, **held), some])) == (1, 1, 1, 0)


def test_criteria_say_where_learners_are_stuck_and_what_is_all_that_they_lack():
    found = figures(
        OPTIONAL,
        [
            judged(ADA, FIRST, enrolment=YES, reflection=NO, quiz=NO, videos=YES),
            judged(GRACE, FIRST, enrolment=YES, reflection=YES, quiz=OPEN, videos=NO),
            judged(ALAN, FIRST, enrolment=YES, reflection=YES, quiz=YES, videos=NO),
        ],
    )

    assert found.criteria == (
        CriterionFigures("reflection", "Reflection", is_required=True, met=2, unmet=1, stuck=1),
        CriterionFigures("quiz", "Quiz", is_required=True, met=1, unmet=1, unknown=1, stuck=2, last=1),
        CriterionFigures("videos", "Videos", is_required=False, met=1, unmet=2),
    )


def test_the_time_to_an_award_is_from_earned_to_issued_where_both_are_known():
    awards = [
        row(ADA, earned_at=NOON - timedelta(days=3), issued_at=NOON),
        row(GRACE, earned_at=None, issued_at=NOON),
        row(ALAN, earned_at=NOON, issued_at=NOON - timedelta(minutes=1)),
    ]

    found = figures(FIRST, awards=awards)

    assert (found.days_to_award, found.median_days) == ((0.0, 3.0), 1.5)
    assert figures(FIRST).median_days is None


def test_waiting_approvals_are_counted_by_their_age():
    waiting = [
        Waiting(PATHWAY, MACRO, person(ADA), None, NOON - timedelta(hours=1), None),
        Waiting(PATHWAY, MACRO, person(GRACE), None, NOON - timedelta(days=30), None),
    ]

    found = figures(LAST, waiting=waiting)

    assert (found.waiting, by_age(found.waiting_days)) == (
        2,
        {"less than a day": 1, "1 to 7 days": 0, "1 to 4 weeks": 0, "longer": 1},
    )


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (0, "less than a day"),
        (1, "1 to 7 days"),
        (7, "1 to 4 weeks"),
        (27.9, "1 to 4 weeks"),
        (28, "longer"),
        (9e5, "longer"),
    ],
)
def test_an_age_falls_into_one_interval(days, name):
    assert [one for one, count in by_age([days]).items() if count] == [name]


def test_the_report_takes_all_pathways_from_the_records(tmp_path):
    store = StateStore.open(f"sqlite:///{tmp_path / 'd2l-sync.db'}")
    before = programme_report(store, [WHOLE], now=NOON)
    store.open_pass(at=NOON, scope="everything")
    earned = Judgement(person(ADA), FIRST, YES, (Verdict(YES, "done", key="quiz", name="Quiz"),))
    store.record(1, PassRecord(at=NOON, judgements=(earned,)))

    made = programme_report(store, [WHOLE], now=NOON)
    store.close()

    assert (before.read_at, made.read_at, made.reviews) == (None, NOON, 0)
    ((key, name, badges),) = made.pathways
    assert (key, name, [(one.badge, one.earned) for one in badges]) == (
        PATHWAY,
        WHOLE.name,
        [(LEVEL_1, 1), ("level-2", 0), ("level-3", 0), ("macro", 0)],
    )
