"""The classlist, in one piece and by pages, with members withheld as habits say."""

from d2l_sync.sandbox.brightspace.call import Call, Routes
from d2l_sync.sandbox.brightspace.habits import Habits
from d2l_sync.sandbox.brightspace.notation import grown, stamp
from d2l_sync.sandbox.brightspace.org_units import OrgUnit
from d2l_sync.sandbox.brightspace.paging import objects
from d2l_sync.sandbox.brightspace.people import IN_CLASSLIST, ROLE_NAMES, SHOWN_IN_GRADES, User
from d2l_sync.sandbox.brightspace.world import World
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("classlist")
SCOPE = "enrollment:orgunit:read"


@ROUTES.get("le/{ou}/classlist/", scopes=SCOPE)
def whole_classlist(call: Call) -> Response:
    rows = [_row(user, call.unit, call.world.habits) for user in listed(call.world, call.unit, IN_CLASSLIST)]
    return json_response(200, rows)


@ROUTES.get("le/{ou}/classlist/paged/", scopes=SCOPE)
def classlist_by_pages(call: Call) -> Response:
    role = call.number("roleId")
    roles = SHOWN_IN_GRADES if call.flag("onlyShowShownInGrades") else IN_CLASSLIST
    wanted = roles if role is None else roles & {role}
    term = (call.request.first("searchTerm") or "").lower()
    users = [user for user in listed(call.world, call.unit, wanted) if _is_named(user, term)]
    return objects(call, users, write=lambda user: _row(user, call.unit, call.world.habits), name="classlist")


def listed(world: World, unit: OrgUnit, role_ids: set[int]) -> list[User]:
    """Return the users of an org unit that have one of these roles, by first name, last name and id."""
    users = [world.users[user_id] for user_id in unit.members_with(role_ids)]
    return sorted(users, key=lambda user: (user.first_name or "", user.last_name or "", user.user_id))


def _is_named(user: User, term: str) -> bool:
    parts = (user.user_name, user.org_defined_id, user.first_name, user.last_name)
    return any(term in (part or "").lower() for part in parts)


def _row(user: User, unit: OrgUnit, habits: Habits) -> Block:
    role_id = unit.enrolments[user.user_id].role_id
    block: Block = {
        "Identifier": str(user.user_id),
        "ProfileIdentifier": user.profile_identifier,
        "DisplayName": user.display_name,
        "Username": user.user_name,
        "OrgDefinedId": user.org_defined_id,
        "Email": None if user.hides_email else user.email,
        "FirstName": user.first_name,
        "LastName": user.last_name,
        "RoleId": role_id,
        "LastAccessed": stamp(user.last_accessed),
        "IsOnline": False,
        "ClasslistRoleDisplayName": ROLE_NAMES[role_id],
    }
    return grown(_withheld(block, habits) | {"Pronouns": None})


def _withheld(block: Block, habits: Habits) -> Block:
    for member, how in habits.withheld.items():
        if how == "missing":
            block.pop(member, None)
        else:
            block[member] = None if how == "null" else ""
    return block
