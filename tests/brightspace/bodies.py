"""Bodies as Brightspace writes them: ids as string or number as each route has it, and members nobody asked for."""

from d2l_sync.domain.ids import OrgUnitId, UserId
from tests.brightspace.loopback import Answer, says

ADA, GRACE, ALAN = UserId(1), UserId(2), UserId(3)
ORG_UNIT = OrgUnitId(7)
LE = "/d2l/api/le/1.82/7"
LP = "/d2l/api/lp/1.49"


def objects(*rows, following=None) -> Answer:
    return says({"Objects": list(rows), "Next": following, "Unknown": 1})


def items(*rows) -> Answer:
    return says({"PagingInfo": {"Bookmark": "9", "HasMoreItems": False}, "Items": list(rows)})


def listed(user_id, **changes):
    return {
        "Identifier": str(user_id),
        "ProfileIdentifier": "x",
        "DisplayName": "Ada",
        "Username": f"user{user_id}",
        "OrgDefinedId": None,
        "Email": f" User{user_id}@Example.EDU ",
        "FirstName": None,
        "RoleId": 110,
        "IsOnline": False,
        "ClasslistRoleDisplayName": "Student",
        "Pronouns": None,
    } | changes


def enrolled(user_id, role_id=110, name="Learner"):
    return {
        "User": {"Identifier": None if user_id is None else str(user_id), "DisplayName": "Ada", "EmailAddress": None},
        "Role": {"Id": role_id, "Code": None, "Name": name},
    }


def role(role_id, name):
    return {"Identifier": str(role_id), "DisplayName": name, "Code": None, "RoleAlias": "x"}


def group(group_id, *members, name="Red"):
    return {
        "GroupId": group_id,
        "Name": name,
        "Code": "",
        "Description": {"Text": "", "Html": ""},
        "Enrollments": members,
    }


def folder(folder_id=31, **changes):
    return {
        "Id": folder_id,
        "Name": " Reflection ",
        "GroupTypeId": None,
        "Assessment": {"ScoreDenominator": 20.0, "Rubrics": []},
        "TotalUsers": -1,
        "DropboxType": 2,
    } | changes


def submission(date="2026-10-01T09:30:00.123Z", **changes):
    return {"Id": 1, "SubmittedBy": 5, "SubmissionDate": date, "Comment": {"Text": "canary"}, "Files": []} | changes


def entity(user_id, *dates, status=1, feedback=None, kind="User", **changes):
    return {
        "Entity": {"EntityId": user_id, "EntityType": kind, "DisplayName": "Ada"},
        "Status": status,
        "Feedback": feedback,
        "Submissions": [submission(date) for date in dates],
        "CompletionDate": None,
    } | changes


def feedback(score, **changes):
    return {
        "Score": score,
        "Feedback": {"Text": "canary", "Html": ""},
        "IsGraded": True,
        "GradedSymbol": None,
    } | changes


def quiz(quiz_id=44, **changes):
    return {"QuizId": quiz_id, "Name": "Terms", "GradeItemId": 900, "CalcTypeId": 1, "Instructions": None} | changes


def attempt(attempt_id, user_id, number=1, **changes):
    return {
        "AttemptId": attempt_id,
        "QuizId": 44,
        "UserId": user_id,
        "AttemptNumber": number,
        "Score": 8.5,
        "Started": "2026-10-01T09:00:00.000Z",
        "Completed": "2026-10-01T09:30:00Z",
        "AttemptFeedback": {"Text": "canary"},
        "IsPublished": True,
    } | changes


def grade_object(grade_object_id=900, **changes):
    return {"Id": grade_object_id, "Name": "Terms", "GradeType": "Numeric", "MaxPoints": 10, "CategoryId": 0} | changes


def graded(user_id, points=8, max_points=10, **changes):
    value = {
        "DisplayedGrade": "8 / 10",
        "GradeObjectIdentifier": "900",
        "Comments": {"Text": "canary"},
        "LastModified": "2026-10-02T00:00:00.000Z",
        "ReleasedDate": None,
        "PointsNumerator": points,
        "PointsDenominator": max_points,
        "WeightedNumerator": None,
        "WeightedDenominator": None,
    }
    return {"User": {"Identifier": str(user_id), "DisplayName": "Ada"}, "GradeValue": value | changes}
