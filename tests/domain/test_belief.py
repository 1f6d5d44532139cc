"""What is believed of a reading: what counts as vanished, and what is remembered of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from d2l_sync.domain.belief import compare_with_stored, count_changes, dated, members_of, without_vanished
from d2l_sync.domain.facts import Failure, GradeValue, HandIn, QuizAttempt, QuizAttempts, nothing_like
from d2l_sync.domain.ids import GroupId
from tests.builders import (
    ADA,
    ALAN,
    GRACE,
    LAST_WEEK,
    NOON,
    YESTERDAY,
    make_attempts,
    make_classlist,
    make_entry,
    make_grade,
    make_groups,
    make_hand_in,
    make_listing,
    user_of,
)

RED, BLUE = GroupId(7), GroupId(8)
SCORED = HandIn(1, YESTERDAY, Decimal(8), is_published=True)
GONE = Failure("there is no such thing", is_gone=True)
BY_RED = HandIn(2, YESTERDAY, group_id=RED)


def compared(before, now, classlist=None, *, groups=()):
    """Compare what Ada had with what she has; None for nothing."""
    stored = make_listing(facts={ADA: before} if before else {})
    listing = make_listing(facts={ADA: now} if now else {})
    return compare_with_stored(replace(listing, groups=frozenset(groups)), stored, classlist or make_classlist(ADA))


def attempt(number, score, **fields):
    points = None if score is None else Decimal(score)
    return replace(QuizAttempt(number, number, points, YESTERDAY, is_published=True), **fields)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(make_hand_in(), None, id="a submission, its row too"),
        pytest.param(make_hand_in(), HandIn(0, None), id="a submission"),
        pytest.param(make_hand_in(count=2), make_hand_in(), id="one of two submissions"),
        pytest.param(SCORED, replace(SCORED, score=None), id="a published score"),
        pytest.param(SCORED, replace(SCORED, is_published=False), id="the publication of a score"),
        pytest.param(SCORED, replace(SCORED, count=2, score=None), id="a published score, beside a new submission"),
        pytest.param(make_grade(), None, id="a grade, its row too"),
        pytest.param(make_grade(), make_grade(None), id="a grade"),
        pytest.param(make_attempts("18"), None, id="every attempt"),
        pytest.param(make_attempts("18", "19"), make_attempts("18"), id="one attempt"),
        pytest.param(make_attempts(None), None, id="an attempt that was not marked yet"),
        pytest.param(make_attempts("18"), make_attempts(None), id="the score of an attempt"),
        pytest.param(
            make_attempts("18"), make_attempts(attempt(1, "18", is_published=False)), id="the publication of an attempt"
        ),
    ],
)
def test_what_a_listed_learner_had_and_has_no_longer_has_vanished(before, now):
    """It is remembered as it was, so that the next pass notices it again."""
    judged, stored = compared(before, now)

    assert (judged.vanished, stored.vanished) == ({user_of(ADA)}, {user_of(ADA)})
    assert judged.facts.get(user_of(ADA)) == now
    assert stored.facts == {user_of(ADA): before}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(None, make_hand_in(), id="something new"),
        pytest.param(make_hand_in(), make_hand_in(count=2), id="another submission"),
        pytest.param(HandIn(1, YESTERDAY, Decimal(8)), make_hand_in(), id="a score that was a draft"),
        pytest.param(HandIn(0, None, Decimal(8), is_published=True), SCORED, id="a submission after the feedback"),
        pytest.param(SCORED, replace(SCORED, score=Decimal(1)), id="a lower score"),
        pytest.param(make_grade("18"), make_grade("3"), id="a lower grade"),
        pytest.param(make_grade(None), None, id="an empty row of the gradebook"),
        pytest.param(make_attempts("18"), make_attempts("3"), id="an attempt marked lower"),
        pytest.param(make_attempts(attempt(1, None, completed_at=None)), None, id="an attempt that was in progress"),
    ],
)
def test_what_changes_or_never_counted_has_not_vanished(before, now):
    judged, stored = compared(before, now)

    assert (judged.vanished, stored) == (frozenset(), judged)


@pytest.mark.parametrize(
    ("now", "still_there", "has_vanished"),
    [
        pytest.param(None, {RED}, False, id="left the group"),
        pytest.param(HandIn(1, NOON, group_id=BLUE), {RED, BLUE}, False, id="is in another group"),
        pytest.param(None, set(), True, id="the group's submission is gone"),
        pytest.param(HandIn(1, NOON, group_id=RED), {RED}, True, id="one of the group's two is gone"),
    ],
)
def test_a_group_that_a_learner_left_takes_its_submission_along(now, still_there, has_vanished):
    """The learner's group of now hands in; the submission of an earlier one counts no longer, and is still there."""
    judged, _ = compared(BY_RED, now, groups=still_there)

    assert (user_of(ADA) in judged.vanished) is has_vanished


@pytest.mark.parametrize(
    "classlist",
    [make_classlist(GRACE), make_classlist(make_entry(ADA, learner=False)), make_classlist(make_entry(excluded=True))],
    ids=["left", "is no learner now", "is excluded"],
)
def test_nothing_vanishes_for_somebody_who_is_no_learner_there(classlist):
    judged, _ = compared(make_hand_in(), None, classlist)

    assert judged.vanished == frozenset()


def test_of_several_attempts_the_one_that_is_gone_is_remembered_beside_the_others():
    now = QuizAttempts((attempt(2, "11"), attempt(3, "12")))

    judged, stored = compared(make_attempts("18", "10"), now)

    assert judged.facts == {user_of(ADA): now}
    assert stored.facts == {user_of(ADA): QuizAttempts((attempt(1, "18"), attempt(2, "11"), attempt(3, "12")))}


def test_what_is_back_has_not_vanished_any_more():
    gone, stored = compared(SCORED, replace(SCORED, score=None))
    back, _ = compare_with_stored(make_listing(facts={ADA: SCORED}), stored, make_classlist(ADA))

    assert (gone.vanished, back.vanished) == ({user_of(ADA)}, frozenset())


@pytest.mark.parametrize(
    "gone",
    [make_hand_in(), make_grade(), make_attempts("18")],
    ids=["a submission", "a grade", "an attempt"],
)
def test_what_a_person_gave_up_has_not_vanished_once_it_is_read_anew(gone):
    judged, _ = compared(nothing_like(gone), None)

    assert judged.vanished == frozenset()


UNDATED = HandIn(1, None)


@pytest.mark.parametrize(
    ("before", "now", "seen_at"),
    [
        pytest.param(None, UNDATED, NOON, id="a submission, new"),
        pytest.param(HandIn(0, None), UNDATED, NOON, id="a submission, its row known"),
        pytest.param(replace(UNDATED, first_seen_at=LAST_WEEK), UNDATED, LAST_WEEK, id="a submission, known"),
        pytest.param(replace(UNDATED, first_seen_at=LAST_WEEK), HandIn(2, None), LAST_WEEK, id="a second submission"),
        pytest.param(UNDATED, UNDATED, NOON, id="a submission stored without that time"),
        pytest.param(make_hand_in(), UNDATED, NOON, id="a submission that lost its date"),
        pytest.param(None, HandIn(0, None), None, id="no submission"),
        pytest.param(replace(UNDATED, first_seen_at=LAST_WEEK), make_hand_in(), None, id="a dated submission"),
        pytest.param(None, make_grade(at=None), NOON, id="a mark, new"),
        pytest.param(make_grade(None), make_grade(at=None), NOON, id="a mark, its row known"),
        pytest.param(
            replace(make_grade(at=None), first_seen_at=LAST_WEEK), make_grade(at=None), LAST_WEEK, id="a mark, known"
        ),
        pytest.param(
            replace(make_grade("3", at=None), first_seen_at=LAST_WEEK), make_grade(at=None), NOON, id="another mark"
        ),
        pytest.param(None, make_grade(None, at=None), None, id="no mark"),
        pytest.param(None, make_grade(), None, id="a dated mark"),
    ],
)
def test_what_is_undated_is_dated_by_when_it_was_first_seen(before, now, seen_at):
    judged, stored = compared(before, now)

    assert (judged.facts[user_of(ADA)].first_seen_at, stored.facts) == (seen_at, judged.facts)


def test_a_member_of_a_group_is_dated_by_when_that_was_first_seen():
    """Changing the group is no break; leaving them all is."""
    stored = members_of(replace(make_groups([ADA, GRACE]), read_at=LAST_WEEK), None)

    moved = make_groups([], [ADA, ALAN])
    known = members_of(moved, stored)

    assert dated(moved, known).since == {user_of(ADA): LAST_WEEK, user_of(ALAN): NOON}
    assert (known.source, known.rows) == (moved.source, 2)
    assert {nothing_like(one) for one in known.facts.values()} == set(known.facts.values())


def test_what_can_not_be_read_is_compared_with_nothing():
    broken = make_listing(failure="broke off")

    assert compare_with_stored(broken, None, make_classlist(ADA)) == (broken, broken)
    assert compare_with_stored(broken, make_listing(facts={ADA: SCORED}), make_classlist(ADA)) == (broken, broken)


def test_what_had_vanished_still_has_while_its_listing_can_not_be_read():
    stored = make_listing(facts={ADA: SCORED, GRACE: SCORED}, vanished=[ADA])

    judged, _ = compare_with_stored(make_listing(failure="broke off"), stored, make_classlist(ADA, GRACE))

    assert not judged.facts
    assert judged.vanished == {user_of(ADA)}


def test_with_a_thing_that_is_gone_all_that_it_showed_of_listed_learners_has_vanished():
    """Somebody deleted the quiz: nobody lost anything by that, and a person should look."""
    empty = make_grade(None)
    stored = make_listing(facts={ADA: make_grade(), GRACE: make_grade(), ALAN: empty}, vanished=[GRACE])
    broken = replace(make_listing(), failure=GONE)

    judged, kept = compare_with_stored(broken, stored, make_classlist(ADA, ALAN))

    assert judged == replace(broken, vanished=frozenset({user_of(ADA)}))
    assert kept == replace(stored, item=replace(stored.item, is_gone=True), vanished=frozenset())


def test_a_thing_that_was_gone_stays_so_while_it_can_not_be_read_and_not_when_it_is_back():
    stored = make_listing(facts={ADA: SCORED})
    _, gone = compare_with_stored(replace(make_listing(), failure=GONE), stored, make_classlist(ADA))

    unread, _ = compare_with_stored(make_listing(failure="broke off"), gone, make_classlist(ADA))
    back, kept = compare_with_stored(stored, gone, make_classlist(ADA))

    assert unread.vanished == {user_of(ADA)}
    assert (back.vanished, kept) == (frozenset(), stored)


def test_a_thing_that_is_gone_takes_nothing_from_whoever_left():
    stored = make_listing(facts={ADA: SCORED})
    _, gone = compare_with_stored(replace(make_listing(), failure=GONE), stored, make_classlist(ADA))

    unread, _ = compare_with_stored(make_listing(failure="broke off"), gone, make_classlist())

    assert unread.vanished == frozenset()


def test_what_a_person_accepted_as_gone_has_vanished_until_the_thing_itself_can_be_read():
    accepted = make_listing(facts={ADA: make_grade(None)}, vanished=[ADA])
    broken = replace(make_listing(), failure=GONE)

    judged, _ = compare_with_stored(broken, accepted, make_classlist(ADA))

    assert judged.vanished == {user_of(ADA)}


def test_a_thing_that_never_was_there_has_lost_nobody_anything():
    broken = replace(make_listing(), failure=GONE)

    assert compare_with_stored(broken, None, make_classlist(ADA)) == (broken, broken)


def test_what_is_remembered_of_a_fact_that_vanished_is_no_fact():
    stored = make_listing(facts={ADA: SCORED, GRACE: SCORED}, vanished=[ADA])

    assert without_vanished(stored).facts == {user_of(GRACE): SCORED}


def test_what_a_thing_showed_before_it_was_gone_stays_when_its_offering_is_over():
    """The end of a term takes folders and quizzes with it; nobody can read them again, and nobody has lost anything."""
    stored = make_listing(facts={ADA: SCORED, GRACE: SCORED}, vanished=[ADA])
    broken = replace(make_listing(), failure=GONE)

    _, kept = compare_with_stored(broken, stored, make_classlist(ADA, GRACE))

    assert without_vanished(kept).facts == {user_of(GRACE): SCORED}


@pytest.mark.parametrize(
    ("now", "count"),
    [
        ({ADA: make_hand_in(LAST_WEEK)}, 0),
        ({ADA: make_hand_in(NOON)}, 1),
        ({}, 1),
        ({ADA: make_hand_in(LAST_WEEK), GRACE: GradeValue(None, None, None)}, 1),
    ],
    ids=["the same", "different", "gone", "new"],
)
def test_changes_are_counted_by_learner(now, count):
    stored = make_listing(facts={ADA: make_hand_in(LAST_WEEK)})

    assert count_changes(make_listing(facts=now), stored) == count


def test_everything_is_new_at_first():
    assert count_changes(make_listing(facts={ADA: SCORED}), None) == 1
