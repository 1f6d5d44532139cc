"""The learning environment's routes of the stranger's Brightspace: classlist, dropbox, quizzes, grades."""

from typing import Any

from tests.strangers.courses import ROLES, Folder, GradeObject, OrgUnit, Quiz, stamp
from tests.strangers.served import Asked, Said
from tests.strangers.tenant import Tenant

NOTHING = Said(404, {"Errors": [{"Message": "Resource Not Found"}]})


def route(tenant: Tenant, asked: Asked, unit: OrgUnit, rest: list[str]) -> Said:
    match rest:
        case ["classlist", ""]:
            return Said(200, _classlist(tenant, unit))
        case ["classlist", "paged", ""]:
            return tenant.objects(asked, _classlist(tenant, unit))
        case ["dropbox", "folders", *more]:
            return _dropbox(tenant, asked, unit, more)
        case ["quizzes", ""]:
            return tenant.objects(asked, [_quiz(one) for one in unit.quizzes.values()])
        case ["quizzes", quiz] if int(quiz) in unit.quizzes:
            return Said(200, _quiz(unit.quizzes[int(quiz)]))
        case ["quizzes", quiz, "attempts", ""] if int(quiz) in unit.quizzes:
            return tenant.objects(asked, _attempts(unit.quizzes[int(quiz)], asked.query.get("userId")))
        case ["quizzes", quiz, "questions", ""] if int(quiz) in unit.quizzes:
            return Said(403, '{ Errors: [ {Message: "Forbidden"} ] }', "text/html")
        case ["grades", *more]:
            return _grades(tenant, asked, unit, more)
    return NOTHING


def _classlist(tenant: Tenant, unit: OrgUnit) -> list[dict[str, Any]]:
    manners = tenant.manners
    rows = []
    for user_id, role in sorted(unit.members.items(), key=lambda one: str(one[0])[::-1]):
        user = tenant.university.users[user_id]
        rows.append(
            {
                "Identifier": str(user_id), "DisplayName": user.name, "Username": f"u{user_id}",
                "OrgDefinedId": user.code or "", "Email": None if manners.email_withheld else user.email,
                "FirstName": user.name, "LastName": None, "RoleId": None if manners.role_withheld else role,
                "LastAccessed": None, "IsOnline": False, "ClasslistRoleDisplayName": ROLES[role], "Pronouns": None,
                "SomethingNew": {"a": [1]},
            }
        )  # fmt: skip
    return rows


def _dropbox(tenant: Tenant, asked: Asked, unit: OrgUnit, more: list[str]) -> Said:
    match more:
        case [""]:
            return Said(200, [_folder(one) for one in unit.folders.values()])
        case [folder] if int(folder) in unit.folders:
            return Said(200, _folder(unit.folders[int(folder)]))
        case [folder, "submissions", ""] if int(folder) in unit.folders:
            return Said(200, _entities(tenant, unit, unit.folders[int(folder)]))
        case [folder, "submissions", "paged", ""] if int(folder) in unit.folders:
            entities = _entities(tenant, unit, unit.folders[int(folder)])
            paged = tenant.items if tenant.manners.submissions_as_items else tenant.objects
            return paged(asked, entities)
    return NOTHING


def _folder(folder: Folder) -> dict[str, Any]:
    return {
        "Id": folder.folder_id, "CategoryId": None, "Name": folder.name, "GroupTypeId": folder.group_category,
        "Assessment": {"ScoreDenominator": folder.points, "Rubrics": []} if folder.points else None, "IsHidden": False,
        "DropboxType": 1 if folder.group_category else 2, "SubmissionType": 0, "CompletionType": 0, "GradeItemId": None,
    }  # fmt: skip


def _entities(tenant: Tenant, unit: OrgUnit, folder: Folder) -> list[dict[str, Any]]:
    """List those who handed in, those with feedback, and half of all others, with nothing."""
    if folder.group_category:
        every = [one.group_id for one in unit.categories[folder.group_category]]
    else:
        every = [user_id for user_id in unit.members if user_id % 2 or user_id in folder.entities]
    shown = [*every, *(set(folder.entities) - set(every))]
    return [_entity(folder, one) for one in shown]


def _entity(folder: Folder, entity_id: int) -> dict[str, Any]:
    handed_in = folder.entities.get(entity_id, [])
    feedback = folder.feedback.get(entity_id)
    kind = "Group" if folder.group_category else "User"
    named = {"Name": f"Group {entity_id}"} if folder.group_category else {"DisplayName": "x"}
    status = (3 if feedback[1] else 2) if feedback else int(bool(handed_in))
    return {
        "Entity": {"EntityId": entity_id, "EntityType": kind, **named},
        "Status": status,
        "Feedback": {"Score": feedback[0], "Feedback": None, "IsGraded": feedback[1]} if feedback else None,
        "Submissions": [
            {"Id": 1000 * entity_id + number, "SubmittedBy": {"Id": str(entity_id), "DisplayName": "x"},
             "SubmissionDate": stamp(moment), "Comment": {"Text": "private words", "Html": None}, "Files": []}
            for number, moment in enumerate(handed_in)
        ],
        "CompletionDate": stamp(handed_in[-1]) if handed_in else None,
    }  # fmt: skip


def _quiz(quiz: Quiz) -> dict[str, Any]:
    return {
        "QuizId": quiz.quiz_id, "Name": quiz.name, "GradeItemId": quiz.grade_id, "CalcTypeId": quiz.policy,
        "AttemptsAllowed": {"IsUnlimited": True, "NumberOfAttemptsAllowed": None}, "DueDate": None,
    }  # fmt: skip


def _attempts(quiz: Quiz, user_id: str | None) -> list[dict[str, Any]]:
    return [
        {
            "AttemptId": one.attempt_id, "QuizId": quiz.quiz_id, "UserId": one.user_id, "AttemptNumber": one.number,
            "Score": one.score, "Started": "2026-01-01T00:00:00.000Z", "IsPublished": one.published,
            "Completed": stamp(one.completed) if one.completed else None, "IsRetakeIncorrectOnly": False,
        }
        for one in sorted(quiz.attempts, key=lambda one: one.attempt_id * 7919 % 101)
        if user_id in {None, str(one.user_id)}
    ]  # fmt: skip


def _grades(tenant: Tenant, asked: Asked, unit: OrgUnit, more: list[str]) -> Said:
    match more:
        case [""]:
            return Said(200, [_grade(one) for one in unit.grades.values()])
        case [grade] if grade.isdecimal() and int(grade) in unit.grades:
            return Said(200, _grade(unit.grades[int(grade)]))
        case [grade, "values", ""] if grade.isdecimal() and int(grade) in unit.grades:
            found = unit.grades[int(grade)]
            learners = [key for key, role in unit.members.items() if ROLES[role] == "Learner"]
            return tenant.objects(asked, [_value(found, key) for key in learners])
        case [grade, "exemptions", ""]:
            return Said(200, [])
    return NOTHING


def _grade(grade: GradeObject) -> dict[str, Any]:
    return {
        "Id": grade.grade_id, "Name": grade.name, "ShortName": "", "GradeType": "Numeric", "MaxPoints": grade.points,
        "CanExceedMaxPoints": False, "CategoryId": 0, "GradeSchemeId": None, "Weight": 33.333333333,
    }  # fmt: skip


def _value(grade: GradeObject, user_id: int) -> dict[str, Any]:
    given = grade.values.get(user_id)
    value = None
    if given:
        value = {
            "DisplayedGrade": "x", "GradeObjectIdentifier": str(grade.grade_id), "GradeObjectName": grade.name,
            "GradeObjectType": 1, "PointsNumerator": given[0], "PointsDenominator": given[1], "WeightedNumerator": None,
            "WeightedDenominator": None, "LastModified": stamp(given[2]), "LastModifiedBy": "5", "ReleasedDate": None,
        }  # fmt: skip
    return {"User": {"Identifier": str(user_id), "DisplayName": "x", "EmailAddress": None}, "GradeValue": value}
