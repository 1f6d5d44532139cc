"""Grade values: of one object, of one learner, in bulk, and final."""

from collections.abc import Iterable

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.gradebook import FINAL, GradeObject, GradeType, GradeValue
from d2l_sync.sandbox.brightspace.notation import grown, read_stamp, rich, stamp
from d2l_sync.sandbox.brightspace.org_units import OrgUnit
from d2l_sync.sandbox.brightspace.paging import objects
from d2l_sync.sandbox.brightspace.people import SHOWN_IN_GRADES
from d2l_sync.sandbox.brightspace.routes_classlist import listed
from d2l_sync.sandbox.brightspace.routes_grades import named, user_block
from d2l_sync.sandbox.error_bodies import Refused, problem
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("grades")
SCOPE = "grades:gradevalues:read"
FINAL_GRADE = GradeObject(FINAL, "Final Calculated Grade", GradeType.FINAL_CALCULATED, None)


@ROUTES.get("le/{ou}/grades/{grade}/values/", scopes=SCOPE)
def values_of_object(call: Call) -> Response:
    return _per_learner(call, named(call))


@ROUTES.get("le/{ou}/grades/final/values/", scopes=SCOPE)
def final_values(call: Call) -> Response:
    return _per_learner(call, FINAL_GRADE)


@ROUTES.get("le/{ou}/grades/{grade}/values/{user}", scopes=SCOPE)
def one_value(call: Call) -> Response:
    return _single(call, named(call))


@ROUTES.get("le/{ou}/grades/final/values/{user}", scopes=SCOPE)
def one_final_value(call: Call) -> Response:
    return _single(call, FINAL_GRADE)


@ROUTES.get("le/{ou}/grades/values/{user}/", scopes=SCOPE)
def values_of_user(call: Call) -> Response:
    user_id = call.user().user_id
    return json_response(200, [block(grade, value) for grade, user, value in _all(call.unit) if user == user_id])


@ROUTES.get("le/{ou}/grades/values/", scopes=SCOPE)
def values_in_bulk(call: Call) -> Response:
    """List the values of a whole course, those changed since a moment when asked; cleared ones never show."""
    wanted = call.number("gradeObjectTypeId")
    found = [
        (grade, user_id, value)
        for grade, user_id, value in _all(call.unit)
        if wanted in {None, int(grade.grade_type)} and _is_since(call, value)
    ]
    return objects(call, found, write=lambda row: _bulk_row(call, *row), name="grade_values", sized=True)


def block(grade: GradeObject, value: GradeValue) -> Block:
    """Write a GradeValue block; of a text object it has no numbers."""
    written: Block = {
        "DisplayedGrade": _displayed(value),
        "GradeObjectIdentifier": str(grade.grade_object_id),
        "GradeObjectName": grade.name,
        "GradeObjectType": int(grade.grade_type),
        "GradeObjectTypeName": None,
        "Comments": rich(),
        "PrivateComments": rich(),
        "LastModified": stamp(value.modified),
        "LastModifiedBy": "169",
        "ReleasedDate": None,
    }
    if grade.grade_type is not GradeType.TEXT:
        numbers: Block = {"PointsNumerator": value.points, "PointsDenominator": value.max_points}
        written |= numbers | {"WeightedNumerator": None, "WeightedDenominator": None}
    return grown(written)


def _per_learner(call: Call, grade: GradeObject) -> Response:
    """List every gradable learner, those without a value with null."""
    is_graded, search = call.flag("isGraded"), (call.request.first("searchText") or "").lower()
    rows: list[tuple[int, GradeValue | None]] = []
    for user in listed(call.world, call.unit, SHOWN_IN_GRADES):
        value = call.unit.gradebook.values.get((grade.grade_object_id, user.user_id))
        if is_graded in {None, value is not None} and search in user.display_name.lower():
            rows.append((user.user_id, value))
    return objects(call, rows, write=lambda row: _learner_row(call, grade, *row), name="grade_values", sized=True)


def _learner_row(call: Call, grade: GradeObject, user_id: int, value: GradeValue | None) -> Block:
    written = None if value is None else block(grade, value)
    return grown({"User": user_block(call, user_id), "GradeValue": written})


def _bulk_row(call: Call, grade: GradeObject, user_id: int, value: GradeValue) -> Block:
    return {"UserId": str(user_id), "OrgUnitId": str(call.unit.org_unit_id)} | block(grade, value)


def _single(call: Call, grade: GradeObject) -> Response:
    value = call.unit.gradebook.values.get((grade.grade_object_id, call.user().user_id))
    if value is None:
        raise not_found("Grade value not found")
    return json_response(200, block(grade, value))


def _all(unit: OrgUnit) -> Iterable[tuple[GradeObject, int, GradeValue]]:
    for (grade_id, user_id), value in sorted(unit.gradebook.values.items(), key=lambda item: item[0]):
        grade = FINAL_GRADE if grade_id == FINAL else unit.gradebook.objects.get(grade_id)
        if grade is not None:
            yield grade, user_id, value


def _is_since(call: Call, value: GradeValue) -> bool:
    text = call.request.first("modifiedSince")
    if text is None:
        return True
    try:
        since = read_stamp(text)
    except ValueError as error:
        raise Refused(problem(400, "modifiedSince is no UTCDateTime", title="Validation Error")) from error
    return value.modified > since or (value.modified == since and call.world.habits.modified_since_inclusive)


def _displayed(value: GradeValue) -> str:
    if value.text is not None:
        return value.text
    return "-" if value.points is None else f"{value.points.normalize():f} / {value.max_points}".replace(".", ",")
