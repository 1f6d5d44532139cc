"""What folders, quizzes and the gradebook say, read whole or not at all."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from d2l_sync.brightspace.reader import Reader
from d2l_sync.domain.errors import TokenRefused
from d2l_sync.domain.facts import (
    AttemptPolicy,
    GradeValue,
    HandIn,
    Item,
    Listing,
    QuizAttempt,
    QuizAttempts,
    Source,
    SourceKind,
)
from d2l_sync.domain.ids import GroupCategoryId, GroupId
from tests.brightspace.bodies import (
    ADA,
    ALAN,
    GRACE,
    LE,
    LP,
    ORG_UNIT,
    attempt,
    entity,
    feedback,
    folder,
    grade_object,
    graded,
    group,
    items,
    objects,
    quiz,
)
from tests.brightspace.loopback import Answer, says
from tests.brightspace.memory import NOON

FOLDER = Source(SourceKind.FOLDER, ORG_UNIT, 31)
QUIZ = Source(SourceKind.QUIZ, ORG_UNIT, 44)
GRADE = Source(SourceKind.GRADE, ORG_UNIT, 900)
FINAL = Source(SourceKind.FINAL_GRADE, ORG_UNIT)

FOLDERS = f"{LE}/dropbox/folders/"
SUBMISSIONS = f"{FOLDERS}31/submissions/paged/"
GROUPS = f"{LP}/7/groupcategories/5/groups/"
ATTEMPTS = f"{LE}/quizzes/44/attempts/"
QUESTIONS = f"{LE}/quizzes/44/questions/"
VALUES = f"{LE}/grades/900/values/"

EARLY, LATE = "2026-10-01T09:30:00.123Z", "2026-10-05T09:30:00Z"
EARLY_AT = datetime(2026, 10, 1, 9, 30, 0, 123_000, tzinfo=UTC)
LATE_AT = datetime(2026, 10, 5, 9, 30, tzinfo=UTC)
DENIED = Answer(403, b"<html>Not authorized</html>")
DOWN = Answer(502)


class TestFolder:
    @pytest.fixture(autouse=True)
    def _there_is_a_folder(self, server):
        server.on(FOLDERS, says([folder(30), folder(31)]))

    @pytest.fixture
    def read(self, make_reader):
        return lambda: make_reader().listing(FOLDER)

    @pytest.mark.parametrize(
        "envelope", [objects, items, lambda *rows: says(list(rows))], ids=["objects", "items", "list"]
    )
    def test_the_first_submission_dates_a_hand_in(self, server, read, envelope):
        server.on(SUBMISSIONS, envelope(entity(ADA, LATE, EARLY, None), entity(GRACE, status=0)))

        assert read() == Listing(
            FOLDER,
            NOON,
            item=Item("Reflection", Decimal(20)),
            facts={ADA: HandIn(3, EARLY_AT), GRACE: HandIn(0, None)},
            rows=2,
        )

    @pytest.mark.parametrize("status", [3, "3", "Published", "Published feedback"], ids=repr)
    def test_published_feedback_brings_its_score(self, server, read, status):
        server.on(SUBMISSIONS, objects(entity(ADA, EARLY, status=status, feedback=feedback(18.5))))

        assert read().facts == {ADA: HandIn(1, EARLY_AT, score=Decimal("18.5"), is_published=True)}

    @pytest.mark.parametrize(
        ("status", "given"),
        [(2, feedback(18)), ("2", feedback(18)), (1, feedback(18)), (3, feedback(18, IsGraded=False))],
        ids=["draft", "draft as text", "submitted", "not graded"],
    )
    def test_a_draft_is_not_published(self, server, read, status, given):
        server.on(SUBMISSIONS, objects(entity(ADA, EARLY, status=status, feedback=given)))

        assert read().facts[ADA].is_published is False

    @pytest.mark.parametrize("submissions", [[], None], ids=["empty", "null"])
    def test_feedback_without_a_submission_is_no_hand_in(self, server, read, submissions):
        server.on(SUBMISSIONS, objects(entity(ADA, status=3, feedback=feedback(18), Submissions=submissions)))

        assert read().facts[ADA].count == 0

    def test_nothing_of_a_comment_is_kept(self, server, read):
        server.on(SUBMISSIONS, objects(entity(ADA, EARLY, status=3, feedback=feedback(18))))

        assert "canary" not in repr(read())

    def test_a_group_hands_in_for_its_members_of_now(self, server, read):
        server.on(FOLDERS, says([folder(31, GroupTypeId=5, DropboxType=1)]))
        server.on(GROUPS, says([group(50, ADA, GRACE), group(51, ALAN)]))
        server.on(SUBMISSIONS, objects(entity(50, EARLY, kind="Group"), entity(52, LATE, kind="Group")))

        listing = read()

        assert (listing.item.group_category_id, listing.groups) == (GroupCategoryId(5), {GroupId(50), GroupId(52)})
        assert (listing.rows, listing.lists) == (2, {"group category 5 in org unit 7": 3})
        assert listing.facts == {user: HandIn(1, EARLY_AT, group_id=GroupId(50)) for user in (ADA, GRACE)}

    def test_the_better_of_alone_and_by_group_counts(self, server, read):
        server.on(FOLDERS, says([folder(31, GroupTypeId=5)]))
        server.on(GROUPS, says([group(50, ADA, GRACE)]))
        rows = [entity(ADA, EARLY, LATE), entity(GRACE, status=0), entity(50, LATE, kind="Group")]
        server.on(SUBMISSIONS, objects(*rows))

        assert read().facts == {ADA: HandIn(2, EARLY_AT), GRACE: HandIn(1, LATE_AT, group_id=GroupId(50))}

    def test_a_group_category_that_is_gone_takes_no_folder_with_it(self, server, read):
        server.on(FOLDERS, says([folder(31, GroupTypeId=5)]))
        server.on(GROUPS, Answer(404))
        server.on(SUBMISSIONS, objects(entity(ADA, EARLY), entity(50, EARLY, kind="Group")))

        failure = read().failure

        assert (failure.is_refused, failure.is_gone) == (True, False)

    @pytest.mark.parametrize("broken", [DENIED, DOWN], ids=["denied", "down"])
    def test_unreadable_groups_make_the_folder_unreadable(self, server, read, broken):
        server.on(FOLDERS, says([folder(31, GroupTypeId=5)]))
        server.on(GROUPS, broken)
        server.on(SUBMISSIONS, objects(entity(ADA, EARLY), entity(50, EARLY, kind="Group")))

        listing = read()

        assert (listing.facts, listing.rows) == ({}, 0)
        assert listing.failure is not None

    def test_a_folder_that_is_not_in_the_list_is_a_wrong_id(self, server, read):
        server.on(FOLDERS, says([folder(30)]))

        assert "dropbox folder 31 is not in org unit 7" in read().failure.what

    def test_the_unpaged_route_serves_where_the_paged_one_does_not_exist(self, server, read):
        server.on(f"{FOLDERS}31/submissions/", says([entity(ADA, EARLY)]))

        assert read().facts == {ADA: HandIn(1, EARLY_AT)}

    def test_several_threads_read_the_list_of_folders_once(self, server, make_reader):
        server.on(SUBMISSIONS, objects())
        reader = make_reader()

        with ThreadPoolExecutor(8) as pool:
            listings = list(pool.map(lambda _: reader.listing(FOLDER), range(16)))

        assert {listing.failure for listing in listings} == {None}
        assert server.paths().count(FOLDERS) == 1

    @pytest.mark.parametrize(
        "row",
        [
            pytest.param(None, id="null"),
            pytest.param(entity(None, EARLY), id="no id"),
            pytest.param(entity(0, EARLY), id="an id of zero"),
            pytest.param(entity(ADA, EARLY, kind="Robot"), id="neither user nor group"),
            pytest.param(entity(ADA, EARLY, kind="Group"), id="a group without category"),
            pytest.param(entity(ADA, "yesterday"), id="no date"),
            pytest.param(entity(ADA, Entity=None), id="nobody"),
            pytest.param(entity(ADA, Submissions={}), id="no list of submissions"),
            pytest.param(entity(ADA, feedback=feedback("B+")), id="a score that is none"),
            pytest.param(entity(ADA, feedback=feedback(True)), id="a score that is a truth"),
        ],
    )
    def test_one_malformed_row_makes_the_listing_unreadable(self, server, read, row):
        server.on(SUBMISSIONS, objects(entity(GRACE, EARLY), row))

        assert read().failure is not None


class TestQuiz:
    @pytest.fixture(autouse=True)
    def _there_is_a_quiz(self, server):
        server.on(f"{LE}/quizzes/44", says(quiz()))
        server.on(f"{LE}/grades/900", says(grade_object()))
        server.on(QUESTIONS, objects({"Points": 4, "Bonus": False}, {"Points": 6.0}, {"Points": 5, "Bonus": True}))
        server.on(ATTEMPTS, objects())

    @pytest.fixture
    def read(self, make_reader):
        return lambda **changes: make_reader(**changes).listing(QUIZ)

    def test_attempts_are_gathered_by_learner_in_their_order(self, server, read):
        first = objects(attempt(12, ADA, 2, Score=None, IsPublished=False), following="?bookmark=1")
        server.on(ATTEMPTS, first, objects(attempt(11, ADA), attempt(13, GRACE, Completed=None, Score=None)))

        done_at = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
        assert read() == Listing(
            QUIZ,
            NOON,
            item=Item("Terms", Decimal(10), policy=AttemptPolicy.HIGHEST, question_points=Decimal(10)),
            facts={
                ADA: QuizAttempts(
                    (
                        QuizAttempt(11, 1, Decimal("8.5"), done_at, is_published=True),
                        QuizAttempt(12, 2, None, done_at, is_published=False),
                    )
                ),
                GRACE: QuizAttempts((QuizAttempt(13, 1, None, None, is_published=True),)),
            },
            rows=3,
        )

    @pytest.mark.parametrize(
        ("calculation", "policy"),
        [(1, "highest"), (2, "lowest"), (3, "average"), (4, "first"), ("5", "latest"), (9, None), (None, None)],
    )
    def test_the_quiz_says_which_attempt_counts(self, server, read, calculation, policy):
        server.on(f"{LE}/quizzes/44", says(quiz(CalcTypeId=calculation)))

        assert read().item.policy == (policy and AttemptPolicy(policy))

    def test_a_quiz_that_neither_route_shows_is_refused(self, server, read):
        server.on(f"{LE}/quizzes/44", DENIED)
        server.on(f"{LE}/quizzes/", objects(quiz(43)))

        assert read().failure.what == "quiz 44 in org unit 7 could not be read: Brightspace answered 403"

    def test_a_quiz_that_was_deleted_is_gone_and_looked_for_nowhere_else(self, server, read):
        server.on(f"{LE}/quizzes/44", Answer(404))

        assert read().failure.is_gone
        assert server.paths() == [f"{LE}/quizzes/44"]

    def test_an_attempt_that_moved_between_two_pages_is_one_attempt(self, server, read):
        server.on(ATTEMPTS, objects(attempt(11, ADA), following="?bookmark=1"), objects(attempt(11, ADA)))

        assert read().rows == 1

    @pytest.mark.parametrize("link", [None, 0], ids=["null", "zero"])
    def test_a_quiz_without_grade_object_has_no_known_points(self, server, read, link):
        server.on(f"{LE}/quizzes/44", says(quiz(GradeItemId=link)))

        assert read().item.max_points is None

    def test_a_deleted_grade_object_has_no_points(self, server, read):
        server.on(f"{LE}/grades/900", Answer(404))

        assert read().item.max_points is None

    def test_a_forbidden_grade_object_makes_the_quiz_unreadable(self, server, read):
        server.on(f"{LE}/grades/900", DENIED)
        server.on(f"{LE}/grades/", DENIED)

        assert read().failure is not None

    def test_what_may_only_be_listed_is_found_in_the_list(self, server, read):
        server.on(f"{LE}/quizzes/44", DENIED)
        server.on(f"{LE}/quizzes/", objects(quiz(43), quiz(44)))
        server.on(f"{LE}/grades/900", DENIED)
        server.on(f"{LE}/grades/", says([grade_object(899), grade_object(900)]))

        assert read().item.max_points == 10

    @pytest.mark.parametrize(
        "questions",
        [DENIED, Answer(404), objects(), objects({"Points": 4}, {"Points": None})],
        ids=["denied", "not there", "none", "without points"],
    )
    def test_questions_that_tell_nothing_are_no_obstacle(self, server, read, questions):
        server.on(QUESTIONS, questions)

        listing = read()

        assert listing.failure is None
        assert listing.item.question_points is None

    @pytest.mark.parametrize("path", [f"{LE}/quizzes/44", f"{LE}/grades/900", QUESTIONS, ATTEMPTS])
    def test_an_outage_anywhere_makes_the_quiz_unreadable(self, server, read, path):
        server.on(path, DOWN)

        assert read().failure is not None

    def test_where_the_configuration_gives_the_points_none_are_read(self, server, settings, client):
        reader = Reader(settings, client, clock=lambda: NOON, points_given={QUIZ})

        assert reader.listing(QUIZ).item == Item("Terms", policy=AttemptPolicy.HIGHEST)
        assert server.paths() == [f"{LE}/quizzes/44", ATTEMPTS]

    @pytest.mark.parametrize(
        "row",
        [attempt(11, None), attempt(None, ADA), attempt(11, ADA, None), attempt(11, ADA, Completed="soon")],
        ids=["nobody", "no id", "no number", "no date"],
    )
    def test_one_malformed_row_makes_the_listing_unreadable(self, server, read, row):
        server.on(ATTEMPTS, objects(attempt(12, GRACE), row))

        assert read().failure is not None


class TestGrade:
    @pytest.fixture(autouse=True)
    def _there_is_a_grade_object(self, server):
        server.on(f"{LE}/grades/900", says(grade_object()))
        server.on(f"{LE}/grades/900/exemptions/", says([]))

    @pytest.fixture
    def read(self, make_reader):
        return lambda: make_reader().listing(GRADE)

    def test_marks_bring_their_own_maximum(self, server, read):
        server.on(VALUES, objects(graded(ADA, 33.333333333, 40)), objects())

        assert read() == Listing(
            GRADE,
            NOON,
            item=Item("Terms", Decimal(10)),
            facts={ADA: GradeValue(Decimal("33.333333333"), Decimal(40), datetime(2026, 10, 2, tzinfo=UTC))},
            rows=1,
            lists={f"exemptions of {GRADE}": 0},
        )
        assert server.asked[-1].query == {"pageSize": "200"}

    @pytest.mark.parametrize(
        ("row", "points", "max_points"),
        [
            pytest.param({"User": {"Identifier": "1"}, "GradeValue": None}, None, None, id="no value"),
            pytest.param(graded(1, None, 10), None, None, id="no numerator"),
            pytest.param(graded(1, 0, 10), 0, 10, id="a zero is a mark"),
            pytest.param(graded(1, 12, 10), 12, 10, id="over the maximum"),
            pytest.param(graded(1, None, None, WeightedNumerator=3, WeightedDenominator=4), 3, 4, id="weighted only"),
            pytest.param(graded(1, 5, 0, WeightedNumerator=3, WeightedDenominator=4), 3, 4, id="zero, but weighted"),
            pytest.param(graded(1, 5, 0, WeightedNumerator=3, WeightedDenominator=0), 5, 0, id="zero and zero"),
            pytest.param(graded(1, None, 10, WeightedNumerator=3, WeightedDenominator=4), None, None, id="unmarked"),
        ],
    )
    def test_a_mark_is_one_pair_of_numbers(self, server, read, row, points, max_points):
        server.on(VALUES, objects(row))

        fact = read().facts[ADA]

        assert (fact.points, fact.max_points) == (points, max_points)

    def test_a_text_mark_is_no_number(self, server, read):
        row = {"User": {"Identifier": "1"}, "GradeValue": {"DisplayedGrade": "B+", "LastModified": None}}
        server.on(VALUES, objects(row))

        assert read().facts == {ADA: GradeValue(None, None, None)}

    @pytest.mark.parametrize(
        "row",
        [{"UserId": 1}, {"Identifier": "1"}, {"User": {"Identifier": "1"}}, {"User": 1}],
        ids=["number", "text", "nested", "plain"],
    )
    def test_whoever_is_exempt_is_marked_so(self, server, read, row):
        server.on(f"{LE}/grades/900/exemptions/", says([row, {"Reason": "odd"}, 5]))
        server.on(VALUES, objects(graded(ADA), graded(GRACE)))

        assert {int(user): fact.is_exempt for user, fact in read().facts.items()} == {1: True, 2: False}

    def test_refused_exemptions_are_no_obstacle(self, server, read):
        server.on(f"{LE}/grades/900/exemptions/", DENIED)
        server.on(VALUES, objects(graded(ADA)))

        assert read().facts[ADA].is_exempt is False

    def test_a_forbidden_grade_object_is_no_obstacle_to_its_values(self, server, read):
        server.on(f"{LE}/grades/900", DENIED)
        server.on(f"{LE}/grades/", DENIED)
        server.on(VALUES, objects(graded(ADA)))

        listing = read()

        assert listing.item == Item()
        assert listing.facts[ADA].max_points == 10

    def test_marks_are_read_where_their_grade_object_is_denied_and_in_no_list(self, server, read):
        server.on(f"{LE}/grades/900", DENIED)
        server.on(f"{LE}/grades/", says([grade_object(899)]))
        server.on(VALUES, objects(graded(ADA)))

        assert (read().failure, read().item) == (None, Item())

    @pytest.mark.parametrize("path", [f"{LE}/grades/900", f"{LE}/grades/900/exemptions/", VALUES])
    def test_an_outage_anywhere_makes_the_marks_unreadable(self, server, read, path):
        server.on(VALUES, objects(graded(ADA)))
        server.on(path, DOWN)

        assert read().failure is not None

    def test_a_wrong_id_is_a_failure_that_a_person_must_look_at(self, server, read):
        server.on(f"{LE}/grades/900", Answer(404))

        failure = read().failure

        assert failure.what == "grade object 900 in org unit 7 could not be read: Brightspace answered 404"
        assert "d2l-sync check" in failure.hint
        assert (failure.is_refused, failure.is_gone) == (True, True)

    @pytest.mark.parametrize(("answer", "is_refused"), [(DENIED, True), (DOWN, False)], ids=["denied", "down"])
    def test_what_is_denied_or_down_is_not_gone(self, server, read, answer, is_refused):
        server.on(VALUES, answer)

        failure = read().failure

        assert (failure.is_refused, failure.is_gone) == (is_refused, False)

    def test_a_missing_scope_is_named(self, server, read):
        server.on(VALUES, Answer(403, b'{"Errors": [{"Message": "Insufficient scope to call"}]}'))

        assert "grades:gradevalues:read" in read().failure.hint

    def test_final_grades_are_read_likewise(self, server, make_reader):
        server.on(f"{LE}/grades/final/values/", objects(graded(ADA, 95.5, 100), {"User": {"Identifier": "2"}}))

        listing = make_reader().listing(FINAL)

        assert listing.rows == 2
        assert listing.facts[ADA].points == Decimal("95.5")
        assert listing.facts[GRACE] == GradeValue(None, None, None)

    def test_a_refused_token_is_no_mere_failure(self, server, read):
        server.on(VALUES, Answer(401))

        with pytest.raises(TokenRefused):
            read()
