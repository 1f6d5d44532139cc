"""Enrolments: who is where, as what, and enrolling somebody."""

import json

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.notation import grown, stamp
from d2l_sync.sandbox.brightspace.org_units import Enrolment, OrgUnit
from d2l_sync.sandbox.brightspace.paging import items
from d2l_sync.sandbox.brightspace.people import ROLE_NAMES
from d2l_sync.sandbox.error_bodies import Refused, problem
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("enrolments")
READ = "enrollment:orgunit:read"
BODY_MEMBERS = ("OrgUnitId", "UserId", "RoleId")


@ROUTES.get("lp/enrollments/orgUnits/{ou}/users/", scopes=READ)
def users_of_unit(call: Call) -> Response:
    role, is_active = call.number("roleId"), call.flag("isActive")
    found = [
        (user_id, enrolment)
        for user_id, enrolment in sorted(call.unit.enrolments.items(), key=lambda pair: pair[0])
        if role in {None, enrolment.role_id} and is_active in {None, enrolment.is_active}
    ]
    return items(call, found, write=lambda pair: _user_row(call, *pair), name="enrolments")


@ROUTES.get("lp/enrollments/orgUnits/{ou}/users/{user}", scopes=READ)
@ROUTES.get("lp/enrollments/users/{user}/orgUnits/{ou}", scopes=READ)
def one_enrolment(call: Call) -> Response:
    enrolment = call.unit.enrolments.get(call.ids["user"])
    if enrolment is None:
        raise not_found("User is not enrolled")
    return json_response(200, _enrolment_data(call.unit, call.ids["user"], enrolment))


@ROUTES.get("lp/enrollments/users/{user}/orgUnits/", scopes=READ)
def units_of_user(call: Call) -> Response:
    user_id, role = call.user().user_id, call.number("roleId")
    units = [
        unit
        for unit in call.world.org_units.values()
        if user_id in unit.enrolments and role in {None, unit.enrolments[user_id].role_id}
    ]
    return items(call, units, write=lambda unit: _unit_row(unit, unit.enrolments[user_id]), name="enrolments")


@ROUTES.add("POST", "lp/enrollments/", scopes="enrollment:orgunit:create")
def enrol(call: Call) -> Response:
    """Enrol a user, or change the role of one enrolled already. Members of the body match in any case."""
    org_unit_id, user_id, role_id = _enrolment_asked(call)
    unit = call.world.org_units.get(org_unit_id)
    if unit is None or user_id not in call.world.users:
        raise not_found()
    if role_id not in ROLE_NAMES:
        raise Refused(problem(400, "Invalid RoleId", title="Validation Error"))
    if call.world.is_denied(org_unit_id, "enrolments"):
        raise Refused(problem(403, "Not authorized to enroll users"))
    before = unit.enrolments.get(user_id)
    enrolment = Enrolment(role_id, before.at if before else call.world.clock.now())
    unit.enrolments[user_id] = enrolment
    return json_response(200, _enrolment_data(unit, user_id, enrolment))


def _enrolment_asked(call: Call) -> tuple[int, int, int]:
    try:
        body = call.request.json()
        members = {name.lower(): value for name, value in dict(body).items()}  # type: ignore[call-overload]
        org_unit_id, user_id, role_id = (int(members[name.lower()]) for name in BODY_MEMBERS)
    except (json.JSONDecodeError, ValueError, TypeError, KeyError) as error:
        raise Refused(problem(400, "Body does not bind", title="JSON Binding Error")) from error
    return org_unit_id, user_id, role_id


def _enrolment_data(unit: OrgUnit, user_id: int, enrolment: Enrolment) -> Block:
    block: Block = {
        "OrgUnitId": unit.org_unit_id,
        "UserId": user_id,
        "RoleId": enrolment.role_id,
        "IsCascading": False,
    }
    return grown(block)


def _role(role_id: int) -> Block:
    return {"Id": role_id, "Code": None, "Name": ROLE_NAMES[role_id]}


def _user_row(call: Call, user_id: int, enrolment: Enrolment) -> Block:
    user, withheld = call.world.users[user_id], call.world.habits.enrolment_roles_withheld
    person: Block = {
        "Identifier": str(user_id),
        "DisplayName": user.display_name,
        "EmailAddress": None if user.hides_email else user.email,
        "OrgDefinedId": user.org_defined_id,
        "ProfileBadgeUrl": None,
        "ProfileIdentifier": user.profile_identifier,
        "UserName": user.user_name,
    }
    return grown({"User": person, "Role": None if withheld else _role(enrolment.role_id)})


def _unit_row(unit: OrgUnit, enrolment: Enrolment) -> Block:
    place: Block = {
        "Id": unit.org_unit_id,
        "Type": {"Id": 3, "Code": "Course Offering", "Name": "Course Offering"},
        "Name": unit.name,
        "Code": unit.code,
        "HomeUrl": None,
        "ImageUrl": None,
    }
    row: Block = {"OrgUnit": place, "Role": _role(enrolment.role_id), "IsCascading": False}
    return grown(row | {"EnrolledByUserId": None, "EnrolledByUserDate": stamp(enrolment.at)})
