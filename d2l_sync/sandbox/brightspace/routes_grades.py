"""Grade objects, exemptions and how the gradebook is set up."""

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.gradebook import TYPE_NAMES, GradeObject, GradeType
from d2l_sync.sandbox.brightspace.notation import grown, rich
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("grades")
SCOPE = "grades:gradeobjects:read"


@ROUTES.get("le/{ou}/grades/", scopes=SCOPE)
def grade_objects(call: Call) -> Response:
    return json_response(200, [_block(call, each) for each in call.unit.gradebook.objects.values()])


@ROUTES.get("le/{ou}/grades/{grade}", scopes=SCOPE)
def one_grade_object(call: Call) -> Response:
    return json_response(200, _block(call, named(call)))


@ROUTES.get("le/{ou}/grades/{grade}/exemptions/", scopes=SCOPE)
def exemptions(call: Call) -> Response:
    """List who is exempt from one grade object, as User blocks."""
    grade_object_id = named(call).grade_object_id
    exempt = sorted(user for grade, user in call.unit.gradebook.exemptions if grade == grade_object_id)
    return json_response(200, [user_block(call, user_id) for user_id in exempt])


@ROUTES.get("le/{ou}/grades/exemptions/{user}", scopes=SCOPE)
def exemptions_of_user(call: Call) -> Response:
    """List the grade objects that one learner is exempt from."""
    exempt = sorted(grade for grade, user in call.unit.gradebook.exemptions if user == call.user().user_id)
    return json_response(200, [_block(call, call.unit.gradebook.objects[each]) for each in exempt])


@ROUTES.get("le/{ou}/grades/setup/", scopes="grades:gradesettings:read")
def setup(_call: Call) -> Response:
    block: Block = {"GradingSystem": "Points", "IsNullGradeZero": False, "DefaultGradeSchemeId": 0}
    return json_response(200, grown(block))


@ROUTES.get("le/{ou}/grades/categories/", scopes="grades:gradecategories:read")
def categories(_call: Call) -> Response:
    return json_response(200, [])


@ROUTES.get("le/{ou}/grades/schemes/", scopes="grades:gradeschemes:read")
def schemes(_call: Call) -> Response:
    return json_response(200, [])


def named(call: Call) -> GradeObject:
    found = call.unit.gradebook.objects.get(call.ids["grade"])
    if found is None:
        raise not_found(f"Grade object {call.ids['grade']} not found")
    return found


def user_block(call: Call, user_id: int) -> Block:
    """Write the User block of grade routes."""
    user = call.world.users[user_id]
    return {
        "Identifier": str(user_id),
        "DisplayName": user.display_name,
        "EmailAddress": None if user.hides_email else user.email,
        "OrgDefinedId": user.org_defined_id,
        "ProfileBadgeUrl": None,
        "ProfileIdentifier": user.profile_identifier,
    }


def _block(call: Call, grade: GradeObject) -> Block:
    block: Block = {
        "Id": grade.grade_object_id,
        "Name": grade.name,
        "ShortName": "",
        "GradeType": TYPE_NAMES[grade.grade_type],
        "IsBonus": False,
        "ExcludeFromFinalGradeCalculation": False,
        "CategoryId": 0 if grade.grade_object_id % 2 else None,
        "GradeSchemeId": None,
        "GradeSchemeUrl": f"/d2l/api/le/1.82/{call.unit.org_unit_id}/grades/schemes/0",
        "Weight": 33.333333333,
        "Description": rich(),
    }
    if grade.grade_type is not GradeType.TEXT:
        block["MaxPoints"] = grade.max_points
    if grade.grade_type is GradeType.NUMERIC:
        block["CanExceedMaxPoints"] = grade.can_exceed
    tool = None if grade.tool is None else {"ToolId": grade.tool[0], "ToolItemId": grade.tool[1]}
    return grown(block | {"AssociatedTool": tool, "IsHidden": grade.is_hidden, "ActivityId": None})
