"""Grades, quizzes, dropbox folders: what learners did, in all its awkward forms."""

from datetime import UTC, datetime, timedelta

import pytest

VALUES = "le/1.82/6601/grades/55101/values/"
ATTEMPTS = "le/1.82/6601/quizzes/44101/attempts/"
SUBMISSIONS = "le/1.82/6601/dropbox/folders/33101/submissions/"


def value_of(brightspace, user):
    return next(row["GradeValue"] for row in brightspace.objects(VALUES) if row["User"]["Identifier"] == str(user))


def entity_of(brightspace, user, folder=SUBMISSIONS):
    return next(row for row in brightspace.get(folder) if row["Entity"]["EntityId"] == user)


def test_grade_objects_are_a_bare_array_of_all_kinds(brightspace):
    objects = brightspace.get("le/1.82/6601/grades/")

    assert [each["GradeType"] for each in objects] == ["Numeric", "Numeric", "Text", "Calculated"]
    assert "MaxPoints" not in objects[2]
    assert {each["CategoryId"] for each in objects} == {0, None}


def test_every_gradable_learner_is_listed_and_the_ungraded_with_null(brightspace):
    rows = brightspace.objects(VALUES)

    assert len(rows) > 50
    assert any(row["GradeValue"] is None for row in rows)


def test_a_single_value_of_an_ungraded_learner_is_not_found(brightspace):
    learner = brightspace.learner("did nothing")["user_id"]

    assert brightspace.ask(f"{VALUES}{learner}").status_code == 404


def test_grade_values_are_paged_as_asked_up_to_200(brightspace):
    assert len(brightspace.get(VALUES, pageSize=7)["Objects"]) == 7
    assert [brightspace.ask(VALUES, params={"pageSize": size}).status_code for size in (0, 200, 201, "x")] == [
        400, 200, 400, 400,
    ]  # fmt: skip


def test_marks_go_from_the_quiz_to_the_gradebook(brightspace):
    learner = brightspace.learner("passed first, then failed")["user_id"]
    value = value_of(brightspace, learner)

    assert (value["PointsNumerator"], value["PointsDenominator"], value["WeightedNumerator"]) == (9, 10, None)
    assert value["GradeObjectIdentifier"] == "55101"


def test_a_displayed_grade_is_no_number(brightspace):
    learner = brightspace.learner("nine places above")["user_id"]

    assert value_of(brightspace, learner)["DisplayedGrade"] == "8,000000001 / 10"


def test_numbers_come_whole_or_with_a_point(sandbox, brightspace):
    learner = brightspace.learner("did nothing")["user_id"]
    spellings = []
    for points in ("8", "8.0", "33.333333333"):
        sandbox.control("set_grade", org_unit=6601, user=learner, grade_object=55101, points=points)
        body = brightspace.ask(f"{VALUES}{learner}").text
        spellings.append(body.partition('"PointsNumerator": ')[2].partition(",")[0])

    assert spellings == ["8", "8.0", "33.333333333"]


def test_the_bulk_list_tells_what_changed_since_and_never_what_was_cleared(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    since = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    bulk = "le/1.82/6601/grades/values/"
    before = brightspace.objects(bulk, modifiedSince=since)

    sandbox.control("set_grade", org_unit=6601, user=learner, grade_object=55101, points=5)
    changed = brightspace.objects(bulk, modifiedSince=since)
    sandbox.control("clear_grade", org_unit=6601, user=learner, grade_object=55101)
    cleared = brightspace.objects(bulk, modifiedSince=since)

    assert (before, cleared) == ([], [])
    assert [(row["UserId"], row["OrgUnitId"], row["PointsNumerator"]) for row in changed] == [(str(learner), "6601", 5)]


def test_a_moment_without_milliseconds_is_refused(brightspace):
    refused = brightspace.ask("le/1.82/6601/grades/values/", params={"modifiedSince": "2026-01-01T00:00:00Z"})

    assert refused.status_code == 400


def test_one_learners_values_are_a_bare_array(brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    values = brightspace.get(f"le/1.82/6601/grades/values/{learner}/")

    assert "55101" in {each["GradeObjectIdentifier"] for each in values}


def test_final_grades_have_routes_of_their_own(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    path = f"le/1.82/6601/grades/final/values/{learner}"
    before = brightspace.ask(path).status_code

    sandbox.control("set_grade", org_unit=6601, user=learner, points="81.5")

    assert before == 404
    assert brightspace.get(path)["PointsNumerator"] == 81.5
    graded = [row for row in brightspace.objects("le/1.82/6601/grades/final/values/") if row["GradeValue"]]
    assert [row["User"]["Identifier"] for row in graded] == [str(learner)]


def test_an_exemption_is_no_value(brightspace):
    learner = brightspace.learner("is exempt")["user_id"]
    exempt = brightspace.get("le/1.82/6601/grades/55101/exemptions/")

    assert [row["Identifier"] for row in exempt] == [str(learner)]
    assert [row["Id"] for row in brightspace.get(f"le/1.82/6601/grades/exemptions/{learner}")] == [55101]
    assert value_of(brightspace, learner) is None


def test_the_gradebook_tells_how_it_is_set_up(brightspace):
    assert brightspace.get("le/1.82/6601/grades/setup/")["GradingSystem"] == "Points"


def test_a_quiz_states_no_maximum_but_its_questions_do(brightspace):
    quiz = brightspace.get("le/1.82/6601/quizzes/44101")
    points = [row["Points"] for row in brightspace.objects("le/1.82/6601/quizzes/44101/questions/")]

    assert not [name for name in quiz if "Point" in name or "Max" in name]
    assert (quiz["GradeItemId"], quiz["CalcTypeId"], sum(points)) == (55101, 1, 10)


def test_quizzes_are_few_to_a_page(brightspace):
    assert len(brightspace.get("le/1.82/6601/quizzes/")["Objects"]) == 2
    assert [each["GradeItemId"] for each in brightspace.objects("le/1.82/6601/quizzes/")] == [None, 55101, None]


def test_attempts_come_in_no_order_and_several_to_a_learner(brightspace):
    rows = brightspace.objects(ATTEMPTS)
    ids = [row["AttemptId"] for row in rows]

    assert ids != sorted(ids)
    assert max(row["AttemptNumber"] for row in rows) == 2


@pytest.mark.parametrize(
    ("kind", "completed", "score", "published"),
    [
        pytest.param("middle of an attempt", False, 9, False, id="in progress, with a running score"),
        pytest.param("nobody marked", True, None, False, id="unmarked"),
        pytest.param("not published", True, 9, False, id="unpublished"),
        pytest.param("79.99", True, 7.999, True, id="marked"),
        pytest.param("105", True, 10.5, True, id="over the maximum"),
    ],
)
def test_an_attempt_shows_how_far_it_is(brightspace, kind, completed, score, published):
    rows = brightspace.objects(ATTEMPTS, userId=brightspace.learner(kind)["user_id"])

    assert [(row["Completed"] is not None, row["Score"], row["IsPublished"]) for row in rows] == [
        (completed, score, published)
    ]


@pytest.mark.parametrize(
    ("policy", "points"), [("highest", 9), ("lowest", 5), ("average", 7), ("first", 9), ("last", 5)]
)
def test_the_gradebook_follows_the_quizs_policy(sandbox, brightspace, policy, points):
    learner = brightspace.learner("did nothing")["user_id"]
    sandbox.control("change_policy", org_unit=6601, quiz=44101, policy=policy)

    for score in (9, 5):
        sandbox.control("take_quiz", org_unit=6601, quiz=44101, user=learner, score=score)

    assert value_of(brightspace, learner)["PointsNumerator"] == points


def test_a_deleted_attempt_leaves_its_grade_value_behind(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    (attempt,) = sandbox.control("attempts", org_unit=6601, quiz=44101, user=learner)

    sandbox.control("delete_attempt", org_unit=6601, attempt=attempt["attempt_id"])

    assert brightspace.objects(ATTEMPTS, userId=learner) == []
    assert value_of(brightspace, learner)["PointsNumerator"] == 8


def test_a_deleted_quiz_comes_back_with_its_attempts(sandbox, brightspace):
    before = brightspace.objects(ATTEMPTS)
    sandbox.control("delete_quiz", org_unit=6601, quiz=44101)
    gone = brightspace.ask(ATTEMPTS).status_code
    sandbox.control("restore_quiz", org_unit=6601, quiz=44101)

    assert gone == 404
    assert brightspace.objects(ATTEMPTS) == before


def test_who_touched_nothing_is_listed_or_not(sandbox, brightspace):
    learner = brightspace.learner("did nothing")["user_id"]
    untouched = entity_of(brightspace, learner)
    sandbox.control("set_habit", name="lists_untouched", value=False)

    assert (untouched["Status"], untouched["Submissions"]) == (0, [])
    assert learner not in {row["Entity"]["EntityId"] for row in brightspace.get(SUBMISSIONS)}


def test_feedback_needs_no_submission(brightspace):
    row = entity_of(brightspace, brightspace.learner("feedback but handed nothing in")["user_id"])

    assert (row["Status"], row["Submissions"], row["Feedback"]["IsGraded"]) == (3, [], True)


def test_feedback_is_a_draft_until_it_is_published(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    sandbox.control("give_feedback", org_unit=6601, folder=33101, user=learner, score="7.5", published=False)
    draft = entity_of(brightspace, learner)
    sandbox.control("publish_feedback", org_unit=6601, folder=33101, user=learner)
    published = entity_of(brightspace, learner)

    assert (draft["Status"], draft["Feedback"]["IsGraded"], draft["Feedback"]["Score"]) == (2, False, 7.5)
    assert (published["Status"], published["Feedback"]["IsGraded"]) == (3, True)


def test_who_left_is_still_listed_unless_only_the_active_are_asked_for(brightspace):
    gone = brightspace.learner("withdrew before the award")["user_id"]
    active = brightspace.get(SUBMISSIONS, activeOnly="true")

    assert entity_of(brightspace, gone)["Submissions"]
    assert gone not in {row["Entity"]["EntityId"] for row in active}


@pytest.mark.parametrize("envelope", ["Objects", "Items"])
def test_paged_submissions_come_in_either_envelope(sandbox, brightspace, envelope):
    sandbox.control("set_habit", name="submissions_envelope", value=envelope)
    whole = brightspace.get(SUBMISSIONS)

    pages = getattr(brightspace, envelope.lower())(f"{SUBMISSIONS}paged/")

    assert pages == whole


@pytest.mark.parametrize("spelling", ["Id", "Identifier"])
def test_the_one_who_handed_in_is_spelt_in_two_ways(sandbox, brightspace, spelling):
    sandbox.control("set_habit", name="submitted_by", value=spelling)
    learner = brightspace.learner("exactly")["user_id"]

    (submission,) = entity_of(brightspace, learner)["Submissions"]

    assert submission["SubmittedBy"][spelling] == str(learner)


def test_a_group_hands_in_once_and_one_member_clicked(brightspace):
    learner = brightspace.learner("finished everything")["user_id"]
    groups = brightspace.get("lp/1.49/6602/groupcategories/8201/groups/")
    mine = next(group for group in groups if learner in group["Enrollments"])
    row = entity_of(brightspace, mine["GroupId"], "le/1.82/6602/dropbox/folders/33202/submissions/")

    assert row["Entity"] == {"EntityId": mine["GroupId"], "EntityType": "Group", "Name": mine["Name"]}
    assert int(row["Submissions"][0]["SubmittedBy"]["Identifier"]) in mine["Enrollments"]
    assert brightspace.get(f"le/1.82/6602/dropbox/folders/33202/submissions/group/{mine['GroupId']}") == row


def test_a_group_folder_names_its_category(brightspace):
    folder = brightspace.get("le/1.82/6602/dropbox/folders/33202")

    assert (folder["DropboxType"], folder["GroupTypeId"], folder["Assessment"]) == (1, 8201, None)


def test_points_possible_of_a_folder_stand_in_its_assessment(brightspace):
    folder = brightspace.get("le/1.82/6602/dropbox/folders/33204")

    assert folder["Assessment"]["ScoreDenominator"] == 20
    assert folder["TotalUsers"] == -1


def test_work_can_be_taken_back(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    sandbox.control("remove_submission", org_unit=6601, folder=33101, user=learner)

    row = brightspace.get(f"{SUBMISSIONS}user/{learner}")
    assert (row["Status"], row["Submissions"]) == (0, [])


def test_dates_come_with_milliseconds_and_without(brightspace):
    dates = [each["SubmissionDate"] for row in brightspace.get(SUBMISSIONS) for each in row["Submissions"]]

    assert {len(date) for date in dates} == {len("2026-01-01T00:00:00Z"), len("2026-01-01T00:00:00.000Z")}
    assert all(date.endswith("Z") for date in dates)


def test_a_folder_may_be_deleted(sandbox, brightspace):
    sandbox.control("delete_folder", org_unit=6601, folder=33101)

    assert brightspace.ask(SUBMISSIONS).status_code == 404


def test_a_grade_object_may_be_deleted(sandbox, brightspace):
    sandbox.control("delete_grade_object", org_unit=6601, grade_object=55101)

    assert brightspace.ask(VALUES).status_code == 404
