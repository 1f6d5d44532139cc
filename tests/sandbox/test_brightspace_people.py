"""Users, classlists, enrolments, groups: who is who, and what is withheld."""

import pytest

LISTS = "le/1.82/6601/classlist/paged/"


def row_of(brightspace, user):
    return next(row for row in brightspace.objects(LISTS) if row["Identifier"] == str(user))


def test_ids_are_text_here_and_numbers_there(brightspace):
    learner = brightspace.learner("exactly")["user_id"]
    enrolled = brightspace.items("lp/1.49/enrollments/orgUnits/6601/users/")

    assert brightspace.get(f"lp/1.49/users/{learner}")["UserId"] == learner
    assert str(learner) in {row["User"]["Identifier"] for row in enrolled}
    assert {type(row["Role"]["Id"]) for row in enrolled} == {int}
    assert isinstance(brightspace.get("lp/1.49/users/whoami")["Identifier"], str)


def test_an_unknown_user_is_not_found(brightspace):
    assert brightspace.ask("lp/1.49/users/1").status_code == 404


def test_a_user_name_finds_one_and_an_address_finds_several(brightspace):
    shared = brightspace.learner("shares an address")["address"]

    assert brightspace.get("lp/1.49/users/", userName="svc-d2l-sync")["UserId"] == 900
    assert len(brightspace.get("lp/1.49/users/", externalEmail=shared)) == 2


def test_a_look_up_that_finds_nobody_is_not_found(brightspace):
    assert brightspace.ask("lp/1.49/users/", params={"orgDefinedId": "none"}).status_code == 404


def test_all_users_come_by_pages(brightspace):
    assert len(brightspace.items("lp/1.49/users/")) == 60 + 4


@pytest.mark.parametrize(("how", "expected"), [("null", {None}), ("empty", {""}), ("missing", {"-"})])
@pytest.mark.parametrize("member", ["Email", "RoleId", "Username", "OrgDefinedId"])
def test_a_classlist_may_withhold(sandbox, brightspace, member, how, expected):
    sandbox.control("withhold", member=member, how=how)

    assert {row.get(member, "-") for row in brightspace.objects(LISTS)} == expected


def test_a_withheld_member_may_be_shown_again(sandbox, brightspace):
    sandbox.control("withhold", member="RoleId")
    sandbox.control("withhold", member="RoleId", how=None)

    assert None not in {row["RoleId"] for row in brightspace.objects(LISTS)}


def test_roles_may_be_withheld_from_enrolments_as_well(sandbox, brightspace):
    sandbox.control("set_habit", name="enrolment_roles_withheld", value=True)

    assert {row["Role"] for row in brightspace.items("lp/1.49/enrollments/orgUnits/6601/users/")} == {None}


def test_an_address_withheld_by_the_classlist_stands_in_the_record(brightspace):
    learner = brightspace.learner("hides the address")

    assert row_of(brightspace, learner["user_id"])["Email"] is None
    assert brightspace.get(f"lp/1.49/users/{learner['user_id']}")["ExternalEmail"] == learner["address"]


def test_somebody_has_no_address_anywhere(brightspace):
    learner = brightspace.learner("has no address")["user_id"]

    assert row_of(brightspace, learner)["Email"] is None
    assert brightspace.get(f"lp/1.49/users/{learner}")["ExternalEmail"] is None


def test_an_org_defined_id_may_be_null_or_empty(brightspace):
    assert {None, ""} <= {row["OrgDefinedId"] for row in brightspace.objects(LISTS)}


def test_only_learners_are_shown_in_grades(brightspace):
    rows = brightspace.objects(LISTS, onlyShowShownInGrades="true")

    assert {row["RoleId"] for row in rows} == {110}


def test_a_classlist_is_searched_by_name(brightspace):
    assert {row["FirstName"] for row in brightspace.objects(LISTS, searchTerm="zzdemo")} == {"ZZDemo"}


def test_who_withdraws_vanishes_without_a_trace(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]

    sandbox.control("withdraw", user=learner)

    assert str(learner) not in {row["Identifier"] for row in brightspace.objects(LISTS)}
    assert brightspace.ask(f"lp/1.49/enrollments/orgUnits/6601/users/{learner}").status_code == 404


def test_people_change_names_and_addresses(sandbox, brightspace):
    learner = brightspace.learner("exactly")["user_id"]

    sandbox.control("rename", user=learner, first_name=" Ada ", last_name=None)
    sandbox.control("change_address", user=learner, email="new@example.edu")

    row = row_of(brightspace, learner)
    assert (row["FirstName"], row["LastName"], row["Email"]) == (" Ada ", None, "new@example.edu")


def test_enrolments_are_filtered_by_role(brightspace):
    rows = brightspace.items("lp/1.49/enrollments/orgUnits/6601/users/", roleId=109)

    assert [row["Role"]["Name"] for row in rows] == ["Instructor"]


def test_a_user_sees_all_their_courses(brightspace):
    learner = brightspace.learner("finished everything")["user_id"]
    rows = brightspace.items(f"lp/1.49/enrollments/users/{learner}/orgUnits/")

    assert [row["OrgUnit"]["Id"] for row in rows] == [6601, 6602, 6603]


def enrolling(brightspace, **body):
    return brightspace.ask("lp/1.49/enrollments/", method="POST", json=body)


def test_enrolling_takes_members_in_any_case(brightspace):
    learner = brightspace.learner("is due in Level 2")["user_id"]

    answer = enrolling(brightspace, orgUnitId=6602, USERID=learner, RoleId=110)

    assert answer.status_code == 200
    assert brightspace.get(f"lp/1.49/enrollments/users/{learner}/orgUnits/6602")["RoleId"] == 110


def test_enrolling_again_changes_the_role(sandbox, brightspace):
    """An instructor enrolled as a learner is demoted: look first."""
    instructor = brightspace.items("lp/1.49/enrollments/orgUnits/6601/users/", roleId=109)[0]["User"]["Identifier"]

    enrolling(brightspace, OrgUnitId=6601, UserId=int(instructor), RoleId=110)

    assert sandbox.control("user", user=int(instructor))["roles"]["6601"] == "Learner"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"OrgUnitId": 6602, "UserId": 1, "RoleId": 110}, 404, id="unknown user"),
        pytest.param({"OrgUnitId": 1, "UserId": 900, "RoleId": 110}, 404, id="unknown org unit"),
        pytest.param({"OrgUnitId": 6602, "UserId": 900, "RoleId": 1}, 400, id="unknown role"),
        pytest.param({"OrgUnitId": 6602}, 400, id="incomplete"),
    ],
)
def test_enrolling_amiss_is_refused(brightspace, body, status):
    assert enrolling(brightspace, **body).status_code == status


def test_enrolling_without_permission_is_refused(sandbox, brightspace):
    sandbox.control("deny", org_unit=6602, tool="enrolments")

    assert enrolling(brightspace, OrgUnitId=6602, UserId=900, RoleId=110).status_code == 403


def test_groups_list_their_members_as_numbers(sandbox, brightspace):
    learner = brightspace.learner("is doing Level 2")["user_id"]
    groups = brightspace.get("lp/1.49/6602/groupcategories/8201/groups/")
    mine = next(group for group in groups if learner in group["Enrollments"])

    sandbox.control("leave_group", user=learner, org_unit=6602, group=mine["GroupId"])

    after = brightspace.get(f"lp/1.49/6602/groupcategories/8201/groups/{mine['GroupId']}")
    assert after["Enrollments"] == [each for each in mine["Enrollments"] if each != learner]


def test_joining_a_group_leaves_the_other_of_its_category(sandbox, brightspace):
    learner = brightspace.learner("is doing Level 2")["user_id"]
    fresh = sandbox.control("add_group", org_unit=6602, category=8201, name="New")

    sandbox.control("join_group", user=learner, org_unit=6602, group=fresh)

    groups = brightspace.get("lp/1.49/6602/groupcategories/8201/groups/")
    assert [group["GroupId"] for group in groups if learner in group["Enrollments"]] == [fresh]


def test_group_categories_name_their_groups(brightspace):
    first, second = brightspace.get("lp/1.49/6602/groupcategories/")

    assert (first["GroupCategoryId"], second["Groups"]) == (8201, [])
    assert brightspace.get("lp/1.49/6602/groupcategories/8201")["Groups"] == first["Groups"]


def test_sections_were_never_set_up(sandbox, brightspace):
    sandbox.control("set_scope", scope="core:*:*")
    brightspace.tokens = brightspace.refresh(sandbox.control("new_refresh_token")).json()

    assert brightspace.ask("lp/1.49/6601/sections/").status_code == 404


def test_a_course_tells_whether_it_is_active(sandbox, brightspace):
    course = brightspace.get("lp/1.49/courses/6601")

    assert (course["Identifier"], course["IsActive"], course["EndDate"]) == ("6601", True, None)
