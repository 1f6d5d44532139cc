"""Who is on a classlist, who of them is a learner, and what can't be told."""

import pytest

from d2l_sync.brightspace.reader import Reader
from d2l_sync.domain.errors import TokenRefused
from d2l_sync.domain.ids import Address, GroupCategoryId, GroupId
from d2l_sync.domain.people import Classlist, ClasslistEntry, GroupSet, UserRecord
from d2l_sync.domain.ports import Brightspace, Usage
from tests.brightspace.bodies import ADA, GRACE, LE, LP, ORG_UNIT, enrolled, group, items, listed, objects, role
from tests.brightspace.loopback import Answer, says
from tests.brightspace.memory import NOON

CLASSLIST = f"{LE}/classlist/paged/"
ROLES = f"{LP}/roles/"
ENROLMENTS = f"{LP}/enrollments/orgUnits/7/users/"
TENANT_ROLES = says([role(110, "Learner"), role(109, "Instructor")])
DENIED = Answer(403, b'{ Errors: [ {Message: "Forbidden"} ] }')
DOWN = Answer(503)


def roles_told(reader):
    return {int(user_id): entry.is_learner for user_id, entry in reader.classlist(7).entries.items()}


def test_everybody_is_listed_staff_included(server, make_reader):
    server.on(ROLES, TENANT_ROLES)
    server.on(CLASSLIST, objects(listed(1), following="?bookmark=1"), objects(listed(2, RoleId="109", Email="")))

    assert make_reader().classlist(7) == Classlist(
        ORG_UNIT,
        NOON,
        entries={
            ADA: ClasslistEntry(ADA, is_learner=True, address=Address("user1@example.edu"), username="user1"),
            GRACE: ClasslistEntry(GRACE, is_learner=False, address=None, username="user2"),
        },
        lists={"list of roles": 2},
    )


def test_the_old_route_serves_where_the_paged_one_does_not_exist(server, make_reader):
    server.on(ROLES, TENANT_ROLES)
    server.on(f"{LE}/classlist/", says([listed(1, UserName="old", Username=None, OrgDefinedId=" 100 ")]))

    assert make_reader().classlist(7).entries[1].org_defined_id == "100"


def test_a_denied_classlist_is_not_tried_another_way(server, make_reader):
    server.on(CLASSLIST, DENIED)

    classlist = make_reader().classlist(7)

    assert classlist.entries == {}
    assert classlist.failure.what == "classlist of org unit 7 could not be read: Brightspace answered 403"
    assert server.paths() == [CLASSLIST]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(DOWN, id="an outage"),
        pytest.param(objects(listed(1), listed(None)), id="a row without id"),
        pytest.param(objects(listed(1), None), id="a row that is null"),
        pytest.param(objects(listed(1, RoleId="learner")), id="a role id that is none"),
        pytest.param(objects(listed(1), following="//elsewhere.example/d2l/api/"), id="a link elsewhere"),
    ],
)
def test_a_classlist_that_breaks_is_a_failure_as_a_whole(server, make_reader, broken):
    server.on(ROLES, TENANT_ROLES)
    server.on(CLASSLIST, broken)

    classlist = make_reader().classlist(7)

    assert classlist.entries == {}
    assert classlist.failure is not None


def test_a_refused_token_ends_the_reading(server, make_reader):
    server.on(CLASSLIST, Answer(401))

    with pytest.raises(TokenRefused):
        make_reader().classlist(7)


def test_role_ids_need_no_list_of_roles(server, make_reader):
    server.on(CLASSLIST, objects(listed(1), listed(2, RoleId=109)))

    assert roles_told(make_reader(learner_roles=("110",))) == {1: True, 2: False}
    assert server.paths() == [CLASSLIST]


@pytest.mark.parametrize("withheld", [None, ""], ids=["null", "empty"])
def test_a_withheld_role_is_taken_from_the_enrolment_list(server, make_reader, withheld):
    server.on(ROLES, TENANT_ROLES)
    server.on(CLASSLIST, objects(*(listed(user_id, RoleId=withheld) for user_id in (1, 2))))
    server.on(ENROLMENTS, items(enrolled(None), enrolled(1), enrolled(2, 109, "Instructor")))

    assert roles_told(make_reader()) == {1: True, 2: False}


def test_the_enrolment_list_is_read_once_and_only_where_it_is_needed(server, make_reader):
    server.on(ROLES, TENANT_ROLES)
    server.on(CLASSLIST, objects(*(listed(user_id, RoleId=None) for user_id in range(1, 20))))
    server.on(ENROLMENTS, items(*(enrolled(user_id) for user_id in range(1, 20))))

    make_reader().classlist(7)

    assert server.paths().count(ENROLMENTS) == 1
    assert server.paths().count(ROLES) == 1


def test_where_that_is_withheld_too_the_label_tells_exactly(server, make_reader):
    server.on(ROLES, DENIED)
    server.on(ENROLMENTS, DENIED)
    labels = {1: "Learner", 2: "learner", 3: "Instructor"}
    rows = [listed(key, RoleId=None, ClasslistRoleDisplayName=label) for key, label in labels.items()]
    server.on(CLASSLIST, objects(*rows))

    assert roles_told(make_reader()) == {1: True, 2: False, 3: False}


@pytest.mark.parametrize(
    ("roles", "enrolment"),
    [
        (TENANT_ROLES, {"Role": None}),
        (TENANT_ROLES, {"Role": {"Id": None, "Name": ""}}),
        (DENIED, {"Role": {"Id": 111, "Name": None}}),
    ],
    ids=["no role", "an empty one", "an id that nothing names"],
)
def test_a_role_that_its_enrolment_withholds_is_told_by_the_label(server, make_reader, roles, enrolment):
    server.on(ROLES, roles)
    server.on(ENROLMENTS, items(*(enrolled(user_id) | enrolment for user_id in (1, 2))))
    labels = {1: "Learner", 2: "learner"}
    rows = [listed(key, RoleId=None, ClasslistRoleDisplayName=label) for key, label in labels.items()]
    server.on(CLASSLIST, objects(*rows))

    assert roles_told(make_reader()) == {1: True, 2: False}


@pytest.mark.parametrize("label", [None, ""], ids=["null", "empty"])
def test_a_role_told_nowhere_is_not_guessed(server, make_reader, label):
    server.on(ROLES, DENIED)
    server.on(ENROLMENTS, DENIED)
    server.on(CLASSLIST, objects(listed(1, RoleId=None, ClasslistRoleDisplayName=label)))

    assert roles_told(make_reader()) == {1: None}


def test_a_role_that_the_list_of_roles_lacks_is_named_by_the_enrolment_list_or_not_at_all(server, make_reader):
    """A list of all roles that lacks one is not all of it: its holders are not said to be no learners."""
    server.on(ROLES, says([role(110, "Learner"), role(109, "Instructor")]))
    server.on(ENROLMENTS, items(enrolled(1, 111, "Learner"), enrolled(2, 112, "")))
    server.on(CLASSLIST, objects(listed(1, RoleId=111), listed(2, RoleId=112)))

    assert roles_told(make_reader()) == {1: True, 2: None}


def test_who_is_missing_on_a_whole_enrolment_list_has_no_role_by_label_either(server, make_reader):
    """A list that came back short says nothing about those whom it leaves out."""
    server.on(ROLES, TENANT_ROLES)
    server.on(ENROLMENTS, items(enrolled(1)))
    server.on(CLASSLIST, objects(listed(1, RoleId=None), listed(2, RoleId=None), listed(3, RoleId=None)))

    classlist = make_reader().classlist(7)

    assert [entry.is_learner for entry in classlist.entries.values()] == [True, None, None]
    assert classlist.lists == {"list of roles": 2, "enrolments of org unit 7": 1}


def test_without_the_list_of_roles_the_enrolment_list_names_an_id(server, make_reader):
    server.on(ROLES, DENIED)
    server.on(CLASSLIST, objects(listed(1), listed(2, RoleId=109), listed(3)))
    server.on(ENROLMENTS, items(enrolled(1), enrolled(2, 109, "Instructor")))

    assert roles_told(make_reader()) == {1: True, 2: False, 3: True}


@pytest.mark.parametrize(("roles", "enrolments"), [(DOWN, DENIED), (DENIED, DOWN)], ids=["roles", "enrolments"])
def test_an_outage_is_not_taken_for_a_withheld_role(server, make_reader, roles, enrolments):
    """The label could differ from the role's name, and a learner would seem to have left."""
    server.on(ROLES, roles)
    server.on(ENROLMENTS, enrolments)
    server.on(CLASSLIST, objects(listed(1)))

    assert roles_told(make_reader()) == {1: None}


def test_where_no_configured_role_exists_nobody_is_said_to_be_no_learner(server, make_reader):
    server.on(ROLES, says([role(110, "Pupil")]))
    server.on(CLASSLIST, objects(listed(1)))

    assert roles_told(make_reader()) == {1: None}


def test_users_are_excluded_by_id_or_by_pattern(server, make_reader):
    server.on(ROLES, TENANT_ROLES)
    rows = [listed(1), listed(2, Username="Ada.DEMO"), listed(3, Username="demolition"), listed(4, Username=None)]
    server.on(CLASSLIST, objects(*rows))

    entries = make_reader(exclude_users=("1", "*.demo")).classlist(7).entries

    assert {int(key) for key, entry in entries.items() if entry.is_excluded} == {1, 2}


def test_groups_are_read_with_their_members_of_now(server, make_reader):
    server.on(f"{LP}/7/groupcategories/5/groups/", says([group(50, 1, 2), group(51, name="Blue")]))

    red, blue = GroupId(50), GroupId(51)
    assert make_reader().groups(7, 5) == GroupSet(
        ORG_UNIT,
        GroupCategoryId(5),
        NOON,
        groups={red: frozenset({ADA, GRACE}), blue: frozenset()},
        names={red: "Red", blue: "Blue"},
    )


@pytest.mark.parametrize(
    "broken",
    [DENIED, DOWN, says([group(50) | {"Enrollments": None}]), says([group(None)]), says([group(50, "x")])],
    ids=["denied", "down", "members null", "no id", "no user id"],
)
def test_groups_that_can_not_be_read_are_a_failure(server, make_reader, broken):
    server.on(f"{LP}/7/groupcategories/5/groups/", broken)

    found = make_reader().groups(7, 5)

    assert found.groups == {}
    assert found.failure is not None


@pytest.mark.parametrize(
    ("answer", "address"),
    [
        (says({"UserId": 5, "ExternalEmail": "Ada@Example.edu"}), "ada@example.edu"),
        (says({"UserId": 5, "ExternalEmail": None}), None),
        (says({"UserId": 5}), None),
        (Answer(404), None),
    ],
    ids=["told", "null", "missing", "unknown user"],
)
def test_a_user_record_gives_an_address_or_none(server, make_reader, answer, address):
    server.on(f"{LP}/users/1", answer)

    assert make_reader().user_record(1) == UserRecord(ADA, address)


@pytest.mark.parametrize("answer", [DENIED, DOWN, says([])], ids=["denied", "down", "no record"])
def test_a_user_record_that_can_not_be_read_is_a_failure(server, make_reader, answer):
    server.on(f"{LP}/users/5", answer)

    record = make_reader().user_record(5)

    assert record.address is None
    assert record.failure is not None


def test_the_reader_is_what_the_services_ask_for(settings, client):
    reader: Brightspace = Reader(settings, client, clock=lambda: NOON)

    assert reader.usage() == Usage()


def test_a_reading_tells_its_own_cost_only(server, client, make_reader):
    server.on(f"{LP}/users/5", Answer(404))
    make_reader().user_record(5)

    reader = make_reader()
    reader.user_record(5)

    assert (reader.usage().calls, reader.usage().credits) == (1, 10)


def test_the_token_tells_whose_it_is(server, make_reader):
    server.on(f"{LP}/users/whoami", says({"Identifier": "169", "FirstName": "Service"}))

    assert make_reader().whoami() == 169


def test_the_tenants_roles_are_told_by_id(server, make_reader):
    server.on(ROLES, TENANT_ROLES)

    assert make_reader().roles() == {109: "Instructor", 110: "Learner"}


def test_pinned_versions_are_compared_as_two_numbers(server, make_reader):
    products = [
        {"ProductCode": "lp", "LatestVersion": "1.63", "SupportedVersions": ["1.0", "1.49", "1.63"]},
        {"ProductCode": "LE", "LatestVersion": "1.99", "SupportedVersions": ["1.9", "1.99", "unstable"]},
        {"ProductCode": "bas", "LatestVersion": "1.4", "SupportedVersions": ["1.4"]},
    ]
    server.on("/d2l/api/versions/", says(products))

    (failure,) = make_reader().unsupported_versions()

    assert failure.what == "Brightspace does not list le 1.82 as supported"
    assert "1.99" in failure.hint
