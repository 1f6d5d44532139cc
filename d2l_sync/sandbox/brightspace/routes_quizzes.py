"""Quizzes, their questions, and attempts in no promised order."""

from decimal import Decimal

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.notation import grown, quiz_text, rich, stamp
from d2l_sync.sandbox.brightspace.paging import objects
from d2l_sync.sandbox.brightspace.quizzing import Attempt, Quiz
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("quizzes")
QUIZZES = "quizzing:quizzes:read"
ATTEMPTS = "quizzing:attempts:read"


@ROUTES.get("le/{ou}/quizzes/", scopes=QUIZZES)
def quizzes(call: Call) -> Response:
    return objects(call, list(call.unit.quizzing.quizzes.values()), write=_quiz, name="quizzes")


@ROUTES.get("le/{ou}/quizzes/{quiz}", scopes=QUIZZES)
def one_quiz(call: Call) -> Response:
    return json_response(200, _quiz(_named(call)))


@ROUTES.get("le/{ou}/quizzes/{quiz}/questions/", scopes=QUIZZES)
def questions(call: Call) -> Response:
    quiz = _named(call)
    numbered = list(enumerate(quiz.question_points, start=quiz.quiz_id * 100))
    return objects(call, numbered, write=lambda pair: _question(*pair), name="questions")


@ROUTES.get("le/{ou}/quizzes/{quiz}/attempts/", scopes=ATTEMPTS, tool="attempts")
def attempts(call: Call) -> Response:
    found = call.unit.quizzing.attempts_at(_named(call).quiz_id, call.number("userId"))
    shuffled = sorted(found, key=lambda each: (each.attempt_id * 7919 % 1009, each.attempt_id))
    return objects(call, shuffled, write=_attempt, name="attempts")


@ROUTES.get("le/{ou}/quizzes/{quiz}/attempts/{attempt}", scopes=ATTEMPTS, tool="attempts")
def one_attempt(call: Call) -> Response:
    attempt = call.unit.quizzing.attempts.get(call.ids["attempt"])
    if attempt is None or attempt.quiz_id != _named(call).quiz_id:
        raise not_found()
    return json_response(200, _attempt(attempt))


def _named(call: Call) -> Quiz:
    quiz = call.unit.quizzing.quizzes.get(call.ids["quiz"])
    if quiz is None:
        raise not_found(f"Quiz {call.ids['quiz']} not found")
    return quiz


def _quiz(quiz: Quiz) -> Block:
    identity: Block = {
        "QuizId": quiz.quiz_id,
        "Name": quiz.name,
        "IsActive": quiz.is_active,
        "SortOrder": 1,
        "AutoExportToGrades": None if quiz.grade_object_id is None else True,
        "GradeItemId": quiz.grade_object_id,
        "IsAutoSetGraded": True,
        "CalcTypeId": int(quiz.policy),
        "ActivityId": f"https://ids.brightspace.com/activities/quiz/{quiz.quiz_id}",
    }
    texts: Block = {name: quiz_text() for name in ("Instructions", "Description", "Header", "Footer")}
    dates: Block = dict.fromkeys(("StartDate", "EndDate", "DueDate"))
    limits: Block = {
        "DisplayInCalendar": False,
        "AttemptsAllowed": {"IsUnlimited": True, "NumberOfAttemptsAllowed": None},
        "LateSubmissionInfo": {"LateSubmissionOption": 0, "LateLimitMinutes": None},
        "SubmissionTimeLimit": {"IsEnforced": False, "ShowClock": False, "TimeLimitValue": 120},
        "SubmissionGracePeriod": None,
        "Password": None,
        "RestrictIPAddressRange": [],
        "CategoryId": None,
        "IsRetakeIncorrectOnly": False,
        "PagingTypeId": None,
        "DeductionPercentage": None,
    }
    return grown(identity | texts | dates | limits)


def _question(question_id: int, points: Decimal) -> Block:
    block: Block = {
        "QuestionId": question_id,
        "QuestionTypeId": 1,
        "Name": "",
        "QuestionText": rich("What is a micro-credential?"),
        "Points": float(points),
        "Difficulty": 1,
        "Bonus": False,
        "Mandatory": False,
        "Hint": None,
        "Feedback": None,
        "LastModifiedBy": None,
        "SectionId": 0,
    }
    return grown(block)


def _attempt(attempt: Attempt) -> Block:
    block: Block = {
        "AttemptId": attempt.attempt_id,
        "QuizId": attempt.quiz_id,
        "UserId": attempt.user_id,
        "AttemptNumber": attempt.number,
        "Score": attempt.score,
        "Started": stamp(attempt.started),
        "Completed": stamp(attempt.completed),
        "AttemptFeedback": rich(),
        "FeedbackLastModified": None,
        "IsPublished": attempt.is_published,
        "IsRetakeIncorrectOnly": False,
    }
    late: Block = dict.fromkeys(("AttemptDueDate", "AttemptSubmissionGraceLimit", "DeductionPercentage"))
    return grown(block | late)
