"""Each rule against each awkward thing that Brightspace may say about one learner."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from d2l_sync.domain.criterion import Grade, GradedSubmission, Quiz, Submission
from d2l_sync.domain.facts import AttemptPolicy, GradeValue, HandIn, Item, QuizAttempt, QuizAttempts, Read
from d2l_sync.domain.ids import GroupId
from d2l_sync.domain.points import plain, reaches
from d2l_sync.domain.verdict import Truth

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MET, UNMET, UNKNOWN = Truth.MET, Truth.UNMET, Truth.UNKNOWN
TWENTY = Item("Quiz", Decimal(20), AttemptPolicy.HIGHEST)


def attempt(score, number=1, *, completed_at=NOON, is_published=True):
    return QuizAttempt(number, number, None if score is None else Decimal(score), completed_at, is_published)


def read(fact, item=TWENTY, *, is_vanished=False):
    return Read(fact, item, NOON, is_vanished)


def judge_quiz(*attempts, policy=None, item=TWENTY, max_points=None, is_vanished=False):
    rule = Quiz(Decimal(80), policy, max_points)
    return rule.judge(read(QuizAttempts(attempts), item, is_vanished=is_vanished)).truth


@pytest.mark.parametrize(
    ("points", "truth"),
    [
        pytest.param("16", MET, id="exactly 80 %"),
        pytest.param("16.000000000", MET, id="exactly, with nine places"),
        pytest.param("15.999999999", UNMET, id="a billionth less"),
        pytest.param("15.998", UNMET, id="79.99 %"),
        pytest.param("25", MET, id="more than everything"),
        pytest.param("-1", UNMET, id="less than nothing"),
    ],
)
def test_a_quiz_score_is_compared_exactly(points, truth):
    assert judge_quiz(attempt(points)) is truth


@pytest.mark.parametrize(
    ("attempts", "truth"),
    [
        pytest.param((), UNMET, id="no attempt"),
        pytest.param((attempt("20", completed_at=None),), UNMET, id="in progress with a running score"),
        pytest.param((attempt(None),), UNKNOWN, id="completed and not marked"),
        pytest.param((attempt("20", is_published=False),), UNKNOWN, id="marked and not published"),
        pytest.param((attempt("10"), attempt(None, 2)), UNKNOWN, id="too low, and a better one may be marked yet"),
        pytest.param((attempt("18"), attempt(None, 2)), MET, id="high enough, whatever the other becomes"),
        pytest.param((attempt("10"), attempt("20", 2, completed_at=None)), UNMET, id="too low, another in progress"),
    ],
)
def test_only_completed_marked_and_published_attempts_count(attempts, truth):
    assert judge_quiz(*attempts) is truth


@pytest.mark.parametrize(
    ("policy", "truth"),
    [
        pytest.param(AttemptPolicy.HIGHEST, MET, id="highest"),
        pytest.param(AttemptPolicy.LOWEST, UNMET, id="lowest"),
        pytest.param(AttemptPolicy.FIRST, UNMET, id="first"),
        pytest.param(AttemptPolicy.LATEST, MET, id="latest"),
        pytest.param(AttemptPolicy.AVERAGE, UNMET, id="average"),
    ],
)
def test_the_policy_says_which_of_several_attempts_counts(policy, truth):
    attempts = (attempt("16", 3), attempt("10", 1), attempt("20", 2))

    assert judge_quiz(*attempts, policy=policy) is truth
    assert judge_quiz(*attempts, item=Item("Quiz", Decimal(20), policy)) is truth


def test_an_average_that_is_exactly_the_minimum_is_enough():
    assert judge_quiz(attempt("15", 1), attempt("17", 2), policy=AttemptPolicy.AVERAGE) is MET


@pytest.mark.parametrize(
    ("item", "max_points", "truth"),
    [
        pytest.param(Item(policy=AttemptPolicy.HIGHEST), None, UNKNOWN, id="no points known"),
        pytest.param(Item(policy=AttemptPolicy.HIGHEST), Decimal(20), MET, id="points from the rule"),
        pytest.param(Item(max_points=Decimal(0), policy=AttemptPolicy.HIGHEST), None, UNKNOWN, id="zero points"),
        pytest.param(Item(max_points=Decimal(20)), None, UNKNOWN, id="no policy known"),
        pytest.param(
            Item("", Decimal(20), AttemptPolicy.HIGHEST, Decimal(25)), None, UNKNOWN, id="question points differ"
        ),
        pytest.param(
            Item("", Decimal(20), AttemptPolicy.HIGHEST, Decimal(25)),
            Decimal(20),
            MET,
            id="differ, and the rule decides",
        ),
        pytest.param(Item("", Decimal(20), AttemptPolicy.HIGHEST, Decimal(20)), None, MET, id="question points agree"),
    ],
)
def test_points_possible_come_from_the_rule_or_the_grade_object_and_are_never_guessed(item, max_points, truth):
    assert judge_quiz(attempt("18"), item=item, max_points=max_points) is truth


def test_an_attempt_that_vanished_leaves_a_low_score_open_and_a_high_one_as_it_is():
    assert judge_quiz(attempt("10"), is_vanished=True) is UNKNOWN
    assert judge_quiz(attempt("18"), is_vanished=True) is MET
    assert judge_quiz(is_vanished=True) is UNKNOWN


@pytest.mark.parametrize("policy", sorted(set(AttemptPolicy) - {AttemptPolicy.HIGHEST}, key=str))
def test_under_another_policy_than_the_highest_the_attempt_that_vanished_may_have_been_the_one(policy):
    assert judge_quiz(attempt("18"), policy=policy, is_vanished=True) is UNKNOWN


@pytest.mark.parametrize(
    ("fact", "is_vanished", "truth"),
    [
        pytest.param(HandIn(1, NOON), False, MET, id="handed in"),
        pytest.param(HandIn(1, None), False, MET, id="handed in, undated"),
        pytest.param(HandIn(2, NOON, group_id=GroupId(7)), False, MET, id="the group handed in"),
        pytest.param(HandIn(0, None, Decimal(9), is_published=True), False, UNMET, id="feedback and no submission"),
        pytest.param(HandIn(0, None), True, UNKNOWN, id="a submission that vanished"),
    ],
)
def test_a_submission_is_a_hand_in_and_nothing_else(fact, is_vanished, truth):
    assert Submission().judge(read(fact, is_vanished=is_vanished)).truth is truth


@pytest.mark.parametrize(
    ("fact", "min_percent", "item", "truth"),
    [
        pytest.param(HandIn(1, NOON, Decimal(8), is_published=True), "80", Item("", Decimal(10)), MET, id="reaches"),
        pytest.param(HandIn(1, NOON, Decimal(7), is_published=True), "80", Item("", Decimal(10)), UNMET, id="too low"),
        pytest.param(HandIn(1, NOON, Decimal(8)), "80", Item("", Decimal(10)), UNKNOWN, id="a draft"),
        pytest.param(HandIn(1, NOON, is_published=True), "80", Item("", Decimal(10)), UNKNOWN, id="no score"),
        pytest.param(
            HandIn(1, NOON, Decimal(8), is_published=True), "80", Item(), UNKNOWN, id="a folder without points"
        ),
        pytest.param(HandIn(1, NOON, Decimal(0), is_published=True), None, Item(), MET, id="any score will do"),
        pytest.param(
            HandIn(0, None, Decimal(9), is_published=True), "80", Item("", Decimal(10)), UNMET, id="no hand-in"
        ),
    ],
)
def test_a_graded_submission_needs_a_published_score(fact, min_percent, item, truth):
    rule = GradedSubmission(Decimal(min_percent) if min_percent else None)

    assert rule.judge(read(fact, item)).truth is truth


@pytest.mark.parametrize(
    ("value", "rule", "truth"),
    [
        pytest.param(GradeValue(Decimal(8), Decimal(10), NOON), Grade(Decimal(80)), MET, id="per cent reached"),
        pytest.param(GradeValue(Decimal("7.999"), Decimal(10), NOON), Grade(Decimal(80)), UNMET, id="per cent missed"),
        pytest.param(GradeValue(Decimal(12), Decimal(10), NOON), Grade(Decimal(110)), MET, id="a bonus counts"),
        pytest.param(GradeValue(Decimal(8), None, NOON), Grade(min_points=Decimal(8)), MET, id="points reached"),
        pytest.param(GradeValue(Decimal(7), None, NOON), Grade(min_points=Decimal(8)), UNMET, id="points missed"),
        pytest.param(GradeValue(None, None, None), Grade(Decimal(80)), UNKNOWN, id="no mark"),
        pytest.param(GradeValue(Decimal(8), Decimal(0), NOON), Grade(Decimal(80)), UNKNOWN, id="out of nothing"),
        pytest.param(
            GradeValue(Decimal(1), Decimal(10), NOON, is_exempt=True), Grade(Decimal(80)), UNKNOWN, id="exempt"
        ),
    ],
)
def test_a_grade_decides_nothing_from_a_gap(value, rule, truth):
    assert rule.judge(read(value)).truth is truth


@pytest.mark.parametrize(
    ("rule", "fact"),
    [
        pytest.param(Grade(Decimal(80)), GradeValue(None, None, None), id="a mark that was cleared"),
        pytest.param(Quiz(Decimal(80)), QuizAttempts((attempt(None, 2),)), id="an attempt gone, another unmarked"),
        pytest.param(Quiz(Decimal(80)), QuizAttempts(()), id="every attempt gone"),
        pytest.param(Quiz(Decimal(80), AttemptPolicy.FIRST), QuizAttempts((attempt("18", 2),)), id="the first gone"),
        pytest.param(GradedSubmission(), HandIn(1, NOON), id="a published score that was taken back"),
    ],
)
def test_a_verdict_remembers_that_it_rests_on_something_gone(rule, fact):
    """A due award then waits for a person instead of being sent."""
    verdict = rule.judge(read(fact, is_vanished=True))

    assert (verdict.truth, verdict.is_vanished) == (UNKNOWN, True)


def test_a_verdict_says_value_threshold_and_when_it_happened():
    verdict = Quiz(Decimal(80)).judge(read(QuizAttempts((attempt("15.8"),))))

    assert (verdict.because, verdict.value, verdict.threshold) == (
        "has 15.8 of 20 (79 %)",
        "15.8 of 20 (79 %)",
        "at least 80 %",
    )


def test_a_percentage_is_shown_rounded_down_so_that_it_never_looks_reached():
    assert Quiz(Decimal(80)).judge(read(QuizAttempts((attempt("15.9999"),)))).value == "15.9999 of 20 (79.99 %)"


@pytest.mark.parametrize(("number", "text"), [("80.00", "80"), ("0", "0"), ("1E+2", "100"), ("7.50", "7.5")])
def test_numbers_are_written_as_people_do(number, text):
    assert plain(Decimal(number)) == text


def test_comparing_multiplies_and_so_is_exact_for_thirds():
    assert reaches(Decimal(1), max_points=Decimal(3), min_percent=Decimal("33.333333333"))
    assert not reaches(Decimal(1), max_points=Decimal(3), min_percent=Decimal("33.333333334"))


def test_numbers_as_large_as_brightspace_may_send_are_judged():
    assert Grade(Decimal(80)).judge(read(GradeValue(Decimal(10) ** 29, Decimal("1E-29"), NOON))).truth is MET
