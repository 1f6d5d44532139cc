"""Routes about users, roles, the organisation and courses."""

from collections.abc import Callable

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.notation import grown, rich, stamp
from d2l_sync.sandbox.brightspace.paging import items
from d2l_sync.sandbox.brightspace.people import IN_CLASSLIST, ROLE_NAMES, SHOWN_IN_GRADES, User
from d2l_sync.sandbox.brightspace.world import ORGANISATION_ID
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("users")
WHO_AM_I = "users:profile:read users:own_profile:read"


@ROUTES.get("lp/users/whoami", scopes=WHO_AM_I)
def who_am_i(call: Call) -> Response:
    user = call.world.users[call.caller]
    block: Block = {
        "Identifier": str(user.user_id),
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "UniqueName": user.user_name,
        "ProfileIdentifier": user.profile_identifier,
        "Pronouns": None,
    }
    return json_response(200, grown(block))


@ROUTES.get("lp/users/{user}", scopes="users:userdata:read")
def one_user(call: Call) -> Response:
    return json_response(200, user_data(call.user()))


@ROUTES.get("lp/users/", scopes="users:userdata:read")
def some_users(call: Call) -> Response:
    """Look up by one filter, in Brightspace's order of precedence; without one, list everybody by pages."""
    everybody = sorted(call.world.users.values(), key=lambda user: user.user_id)
    filters: dict[str, Callable[[User], str | None]] = {
        "orgDefinedId": lambda user: user.org_defined_id,
        "userName": lambda user: user.user_name,
        "externalEmail": lambda user: user.external_email,
    }
    for name, read in filters.items():
        wanted = call.request.first(name)
        if wanted:
            found = [user_data(user) for user in everybody if (read(user) or "").lower() == wanted.lower()]
            if not found:
                raise not_found(f"No user with this {name}")
            return json_response(200, found[0] if name == "userName" else found)
    return items(call, everybody, write=user_data, name="users")


@ROUTES.get("lp/roles/", scopes="role:detail:read", tool="roles")
@ROUTES.get("lp/{ou}/roles/", scopes="role:detail:read", tool="roles")
def roles(_call: Call) -> Response:
    return json_response(200, [_role(role_id, name) for role_id, name in ROLE_NAMES.items()])


@ROUTES.get("lp/organization/info", tool="organization")
def organization(_call: Call) -> Response:
    block: Block = {"Identifier": str(ORGANISATION_ID), "Name": "Example System", "TimeZone": "America/New_York"}
    return json_response(200, grown(block))


@ROUTES.get("lp/courses/{ou}", scopes="orgunits:course:read", tool="courses")
def course(call: Call) -> Response:
    unit = call.unit
    block: Block = {
        "Identifier": str(unit.org_unit_id),
        "Name": f"{unit.name} ",
        "Code": unit.code,
        "IsActive": unit.is_active,
        "CanSelfRegister": False,
        "Description": rich(),
        "Path": f"/content/{unit.code}/",
        "StartDate": stamp(unit.start),
        "EndDate": stamp(unit.end),
        "CourseTemplate": {"Identifier": "6609", "Name": "Micro-credentials", "Code": "UMS-MC"},
    }
    return json_response(200, grown(block | {"Semester": None, "Department": None, "LocaleId": None}))


def user_data(user: User) -> Block:
    """Write the UserData block; the record's address stands in ExternalEmail."""
    block: Block = {
        "OrgId": ORGANISATION_ID,
        "UserId": user.user_id,
        "FirstName": user.first_name,
        "MiddleName": None,
        "LastName": user.last_name,
        "UserName": user.user_name,
        "ExternalEmail": user.external_email,
        "OrgDefinedId": user.org_defined_id,
        "UniqueIdentifier": user.user_name,
        "Activation": {"IsActive": user.is_active},
        "DisplayName": user.display_name,
        "LastAccessedDate": stamp(user.last_accessed),
    }
    return grown(block | {"Pronouns": None})


def _role(role_id: int, name: str) -> Block:
    block: Block = {
        "Identifier": str(role_id),
        "DisplayName": name,
        "Code": None,
        "Description": "",
        "RoleAlias": name,
        "IsCascading": False,
        "AccessFutureCourses": False,
        "AccessInactiveCourses": False,
        "AccessPastCourses": False,
        "InClassList": role_id in IN_CLASSLIST,
        "ShowInGrades": role_id in SHOWN_IN_GRADES,
    }
    return grown(block)
