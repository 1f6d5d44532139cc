"""Group categories, groups and their members; sections were never set up."""

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.notation import grown, rich
from d2l_sync.sandbox.brightspace.org_units import Group, GroupCategory, OrgUnit
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("groups")
SCOPE = "groups:group:read"


@ROUTES.get("lp/{ou}/groupcategories/", scopes=SCOPE)
def categories(call: Call) -> Response:
    return json_response(200, [_category(call.unit, each) for each in call.unit.categories.values()])


@ROUTES.get("lp/{ou}/groupcategories/{category}", scopes=SCOPE)
def one_category(call: Call) -> Response:
    return json_response(200, _category(call.unit, _named(call)))


@ROUTES.get("lp/{ou}/groupcategories/{category}/groups/", scopes=SCOPE)
def groups(call: Call) -> Response:
    return json_response(200, [_group(each) for each in _groups_in(call.unit, _named(call))])


@ROUTES.get("lp/{ou}/groupcategories/{category}/groups/{group}", scopes=SCOPE)
def one_group(call: Call) -> Response:
    for each in _groups_in(call.unit, _named(call)):
        if each.group_id == call.ids["group"]:
            return json_response(200, _group(each))
    raise not_found()


@ROUTES.get("lp/{ou}/sections/", scopes="sections:section:read")
def sections(_call: Call) -> Response:
    raise not_found("Sections have not been set up")


def _named(call: Call) -> GroupCategory:
    category = call.unit.categories.get(call.ids["category"])
    if category is None:
        raise not_found()
    return category


def _groups_in(unit: OrgUnit, category: GroupCategory) -> list[Group]:
    return [each for each in unit.groups.values() if each.category_id == category.category_id]


def _category(unit: OrgUnit, category: GroupCategory) -> Block:
    block: Block = {
        "GroupCategoryId": category.category_id,
        "Name": category.name,
        "Description": rich(),
        "EnrollmentStyle": 0,
        "EnrollmentQuantity": None,
        "MaxUsersPerGroup": None,
        "AutoEnroll": False,
        "RandomizeEnrollments": False,
        "Groups": [each.group_id for each in _groups_in(unit, category)],
        "AllocateAfterExpiry": False,
        "SelfEnrollmentExpiryDate": None,
    }
    return grown(block | {"RestrictedByOrgUnitId": None, "DescriptionsVisibleToEnrolees": False})


def _group(group: Group) -> Block:
    block: Block = {"GroupId": group.group_id, "Name": group.name, "Code": "", "Description": rich()}
    return grown(block | {"Enrollments": list(group.members)})
