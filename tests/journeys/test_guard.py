"""A flood of awards is held; one command, and no other, lets it go."""

import json

from tests.journeys.service import eventually, is_met, stop


def flooded(desk):
    """Hold everything that the first pass would issue; return the number of the plan."""
    desk.configure("max_awards_per_pass = 20000", "max_awards_per_pass = 3")
    answer = desk.run("sync", "--json")
    assert (answer.code, answer.json["outcome"], answer.json["awards"]["issued"]) == (75, "held", 0)
    return answer.json["pass"]


def test_a_flood_is_held_and_one_command_issues_exactly_it(desk):
    before = desk.held()
    plan = flooded(desk)
    planned = desk.run("plan", "--json")

    answer = desk.run("passes", "release", plan, "--json")

    assert (planned.code, planned.json["outcome"], planned.json["would_issue"]) == (0, "held", [])
    assert (answer.code, answer.json["awards"]["held"]) == (0, 0)
    assert answer.json["awards"]["issued"] == planned.json["awards"]["held"]
    assert desk.held() - before
    assert desk.held() == desk.expected("before_approvals")


def test_the_newest_pass_that_held_the_plan_names_it_as_the_first_did(desk):
    """`passes list` shows many that held the same; whoever takes the newest of them means this plan."""
    plan = flooded(desk)
    again = desk.run("sync", "--json").json["pass"]

    answer = desk.run("passes", "release", again, "--json")

    assert (again > plan, answer.code, answer.json["outcome"]) == (True, 0, "complete")
    assert desk.held() == desk.expected("before_approvals")


def test_a_plan_that_is_not_the_newest_is_refused_and_the_newest_named(desk):
    plan = flooded(desk)
    before = desk.held()

    answer, spoken = desk.run("passes", "release", plan + 1, "--json"), desk.run("passes", "release", plan + 1)

    assert (answer.code, json.loads(answer.out)["pass"], desk.held()) == (75, None, before)
    assert f"d2l-sync passes release {plan}" in answer.json["problems"][0]["hint"]
    assert (spoken.code, f"d2l-sync passes release {plan}" in spoken.out) == (75, True)


def test_where_nothing_is_held_nothing_is_released(desk):
    answer = desk.run("passes", "release", "1", "--json")

    assert (answer.code, answer.json["problems"][0]["what"]) == (75, "the guard holds nothing")


def test_a_held_award_is_a_persons_to_hold_and_not_to_release(desk):
    plan = flooded(desk)
    award = next(one for one in desk.listed("awards", "list", "--state", "held") if one["badge"] == "level-1")

    refused = desk.run("awards", "release", award["user_id"], "level-1")
    held = desk.run("awards", "hold", award["user_id"], "level-1", "--reason", "ask first")
    desk.run("passes", "release", plan)
    desk.run("passes", "release", desk.run("sync", "--json").json["pass"])

    assert (refused.code, held.code) == (2, 0)
    assert desk.held()[award["email"], "level-1"] == 0


def test_a_plan_is_released_through_the_service_while_it_makes_a_pass(desk):
    number = flooded(desk)
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=2, times=1)
    running = desk.start("run")
    eventually(lambda: is_met(desk))

    released = desk.run("passes", "release", number, "--json")
    again = desk.run("passes", "release", number, "--json")
    stop(running)

    assert (released.code, again.code) == (0, 75)
    assert (released.json["outcome"], desk.held()) == ("complete", desk.expected("before_approvals"))
