"""What can't be read concludes nothing: the pass says so, the others are served, nobody loses anything."""

import pytest

from d2l_sync.sandbox.error_bodies import SHAPES


@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_forbidden_org_unit_leaves_its_learners_as_they_are_and_serves_the_others(desk, shape):
    desk.sandbox.control("deny", org_unit=6602, shape=shape)

    answer = desk.run("sync", "--json")

    badges = {badge for _, badge in desk.held() - desk.expected("hand_made")}
    assert (answer.code, answer.json["outcome"], badges) == (69, "partial", {"level-1"})
    assert [one["where"] for one in answer.json["problems"]] == ["org unit 6602"]
    desk.sandbox.control("allow", org_unit=6602)
    desk.sync()
    assert desk.held() == desk.expected("before_approvals")


def test_an_org_unit_that_turns_forbidden_takes_nothing_away(desk):
    desk.sync()
    before = desk.run("awards", "list", "--json").json
    desk.sandbox.control("deny", org_unit=6601)

    answer = desk.run("sync", "--json")

    assert (answer.code, desk.run("awards", "list", "--json").json) == (69, before)


def test_where_nothing_can_be_read_the_pass_is_blind_and_issues_nothing(desk):
    before = desk.held()
    desk.sandbox.control("deny")

    answer = desk.run("sync", "--json")

    assert (answer.code, answer.json["outcome"], desk.held()) == (69, "blind", before)


@pytest.mark.parametrize("how", ["null", "empty", "missing"])
def test_an_address_that_the_classlist_withholds_is_found_in_the_user_record(desk, how):
    desk.sandbox.control("withhold", member="Email", how=how)

    desk.sync()

    assert desk.held() == desk.expected("before_approvals")


def test_a_role_that_the_classlist_withholds_is_found_in_the_enrolments(desk):
    desk.sandbox.control("withhold", member="RoleId", how="null")

    desk.sync()

    assert desk.held() == desk.expected("before_approvals")


def test_with_no_address_anywhere_awards_are_blocked_and_the_pass_is_partial(desk):
    desk.sandbox.control("withhold", member="Email", how="null")
    desk.sandbox.control("deny", tool="users")

    answer = desk.run("sync", "--json")

    assert (answer.code, answer.json["outcome"], answer.json["awards"]["issued"]) == (69, "partial", 0)
    assert answer.json["awards"]["blocked"] > 0


def test_an_unread_list_of_the_platform_stops_its_badge_class_only(desk):
    badge_class = desk.sandbox.control("badge_classes")["level-1"]
    desk.sandbox.trouble("badgr", rf"badgeclasses/{badge_class}/assertions", kind="status", method="GET", status=500)

    answer = desk.run("sync", "--json")

    issued = desk.held() - desk.expected("hand_made")
    assert (answer.code, answer.json["outcome"]) == (69, "partial")
    assert {badge for _, badge in issued} == {"level-2", "level-3"}


def test_a_foreign_next_link_gets_no_token(desk):
    desk.sandbox.trouble("brightspace", r"/grades/55102/values/|/classlist/", kind="hostile_next")

    answer = desk.run("sync", "--json")

    assert answer.json["outcome"] in {"partial", "blind"}
    assert desk.sandbox.journal(server="elsewhere") == []


@pytest.mark.parametrize(("server", "path"), [("brightspace", r"/classlist/"), ("badgr", r"/assertions")])
def test_a_foreign_redirect_gets_no_token(desk, server, path):
    desk.sandbox.trouble(server, path, kind="redirect", location=f"{desk.sandbox.addresses.elsewhere}/d2l/api/")

    answer = desk.run("sync", "--json")

    assert answer.code == 69
    assert desk.sandbox.journal(server="elsewhere") == []
