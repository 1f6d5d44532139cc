"""The pathway file is edited between two passes: what that does to awards before and after they are sent."""

from dataclasses import replace
from decimal import Decimal

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.criterion import Quiz, Submission
from d2l_sync.domain.ids import BadgeKey
from d2l_sync.domain.pathway import Offering
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    FIRST,
    GRACE,
    LEVEL_1,
    MACRO,
    ONE_BADGE,
    PROJECT,
    QUARTER,
    QUIZ,
    SECOND,
    SETTLE,
    UNIT_1,
    UNIT_2,
    WHOLE,
    Programme,
    attempts,
    criterion,
    issued,
    person,
)

ALL_LEVELS = tuple(badge.key for badge in WHOLE.badges if badge.key != MACRO)


def with_first(**fields):
    """Return the one badge's pathway with its badge changed; its rules are another version then."""
    return replace(ONE_BADGE, badges=(replace(FIRST, rule_version="v2", **fields),))


STRICTER = with_first(criteria=(FIRST.criteria[0], criterion("quiz", "quiz", Quiz(Decimal(95)), QUIZ)))
MORE = with_first(criteria=(*FIRST.criteria, criterion("project", "submission", Submission(), PROJECT)))
ELSEWHERE = with_first(offerings=(Offering(UNIT_2),))
EDITS = [
    pytest.param(STRICTER, "Quiz: has 18 of 20 (90 %)", id="a higher threshold"),
    pytest.param(MORE, "Project: nothing there", id="another criterion"),
    pytest.param(ELSEWHERE, "Learner of org unit 6602: is not on the classlist as a learner", id="another org unit"),
]


def edited(programme, pathway):
    """Put the changed file in place; where it asks for work in 6602, whoever learns in 6601 learns there as well."""
    programme.pathways = (pathway,)
    if pathway is MORE:
        programme.brightspace.enrol(UNIT_2, *programme.brightspace.entries[UNIT_1].values())


def a_due_award():
    programme = Programme(ONE_BADGE)
    programme.enrol(ADA, units=(UNIT_1,))
    programme.earns(ADA, LEVEL_1)
    programme.platform.faults.append(Fault.NO_CONNECTION)
    programme.sync()
    return programme


def an_issued_award():
    programme = a_due_award()
    programme.later()
    return programme


@pytest.mark.parametrize(("pathway", "because"), EDITS)
def test_what_was_not_sent_lapses_when_the_changed_rules_are_not_met(pathway, because):
    programme = a_due_award()
    edited(programme, pathway)

    programme.later()

    assert (programme.award(ADA).state, programme.award(ADA).reason) == (State.LAPSED, because)
    assert programme.platform.orders == []


@pytest.mark.parametrize(("pathway", "because"), EDITS)
def test_what_was_issued_gets_a_review_that_says_what_changed(pathway, because):
    programme = an_issued_award()
    edited(programme, pathway)

    programme.later()

    (review,) = programme.state.open_reviews
    assert (review.kind, review.user_id) == ("fell", person(ADA))
    assert review.what == f"Level-1: issued, but {because}; the rules were changed since"
    assert programme.states() == issued((ADA, LEVEL_1))


def test_rules_that_are_changed_back_award_nothing_twice_and_end_the_review():
    programme = an_issued_award()
    edited(programme, STRICTER)
    programme.later()
    programme.pathways = (ONE_BADGE,)

    programme.later()

    assert (len(programme.platform.orders), programme.state.open_reviews) == (1, [])


def test_what_lapsed_under_stricter_rules_is_sent_once_they_are_changed_back():
    programme = a_due_award()
    edited(programme, STRICTER)
    programme.later()
    programme.pathways = (ONE_BADGE,)

    programme.later()

    assert programme.award(ADA).state is State.ISSUED


def test_nothing_moves_while_a_new_org_unit_can_not_be_read():
    """What is due already is a decision, and goes on; nothing new is decided."""
    programme = a_due_award()
    programme.finishes(GRACE)
    programme.put(GRACE, State.BLOCKED)
    edited(programme, ELSEWHERE)
    programme.brightspace.fail(UNIT_2)

    programme.later()

    assert (programme.award(ADA).state, programme.award(GRACE).state) == (State.ISSUED, State.BLOCKED)


@pytest.mark.parametrize(
    "pathways",
    [(replace(WHOLE, badges=(SECOND_ALONE := replace(SECOND, requires=()),)),), ()],
    ids=["the badge is gone", "the pathway is gone"],
)
@pytest.mark.parametrize(
    ("state", "becomes"),
    [
        (State.DUE, State.LAPSED),
        (State.DOUBTFUL, State.LAPSED),
        (State.EARNED, State.LAPSED),
        (State.AWAITING_APPROVAL, State.LAPSED),
        (State.HELD, State.HELD),
    ],
    ids=str,
)
def test_rows_of_a_badge_that_is_in_no_file_any_more_are_never_sent(pathways, state, becomes):
    """A doubtful one is looked up first, and is not there; what a person holds stays held."""
    programme = Programme(ONE_BADGE)
    programme.finishes(ADA)
    programme.put(ADA, state)
    programme.pathways = pathways

    planned, report = programme.plan(), programme.later(SETTLE + QUARTER)

    assert (programme.award(ADA).state, programme.platform.orders) == (becomes, [])
    assert (planned.would_issue, report.outcome, report.exit_code) == ((), "complete", 0)


def test_the_review_of_a_fallen_award_outlives_its_badge():
    programme = an_issued_award()
    programme.brightspace.withdraw(UNIT_1, ADA)
    programme.later()
    programme.pathways = (replace(WHOLE, badges=(SECOND_ALONE,)),)

    programme.later()

    assert [one.kind for one in programme.state.open_reviews] == ["fell"]


def test_a_badge_that_gets_another_key_is_the_same_badge():
    programme = an_issued_award()
    programme.pathways = (with_first(key=BadgeKey("first")),)

    programme.later()

    assert (len(programme.platform.orders), programme.award(ADA).state) == (1, State.ISSUED)


def test_a_fallen_awards_review_stays_open_while_its_fact_is_unknown_and_ends_when_it_is_met():
    """It is one review from the fall until the criterion is met again, not a new one after each doubt."""
    programme = an_issued_award()
    opened = []
    for shown in (attempts("3"), replace(attempts("3"), attempts=()), attempts("3"), attempts("3", "18")):
        programme.brightspace.show(QUIZ, ADA, shown)
        programme.later()
        opened.append([one.review_id for one in programme.state.reviews if one.is_open and one.finding.kind == "fell"])

    assert opened == [[1], [1], [1], []]
