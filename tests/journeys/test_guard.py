"""More awards at once than a person would expect: all are held, and one command lets exactly that plan go."""

import pytest


def allow(desk, awards):
    desk.configure("max_awards_per_pass = 20000", f"max_awards_per_pass = {awards}")


def refused(answer):
    return answer.code, answer.json["exit_code"]


@pytest.mark.timeout(110)
def test_two_hundred_awards_at_once_are_held_until_one_command_releases_them(open_desk):
    desk = open_desk(learners=240)
    desk.sign_in()
    allow(desk, 100)
    before = desk.held()

    plan = desk.run("plan", "--json")
    held = desk.run("sync", "--json")
    during = desk.held()
    released = desk.run("passes", "release", held.json["pass"], "--json")

    assert (plan.code, plan.json["outcome"], plan.json["awards"]["held"]) == (0, "held", 200)
    assert (held.code, held.json["outcome"], held.json["awards"]["held"]) == (75, "held", 200)
    assert (held.json["awards"]["issued"], held.json["enrolled"], during) == (0, 0, before)
    assert (released.code, released.json["awards"]["issued"], released.json["awards"]["held"]) == (0, 200, 0)
    assert released.json["enrolled"] == len(desk.sandbox.expected()["enrolments"])
    assert desk.held() == desk.expected("before_approvals")


def test_only_the_newest_held_plan_can_be_released_and_only_as_it_was_seen(desk):
    allow(desk, 10)
    before = desk.held()
    first = desk.run("sync", "--json").json["pass"]
    finish_level_1(desk, "begins later", 0)
    second = desk.run("sync", "--json").json["pass"]

    too_old = desk.run("passes", "release", first, "--json")
    finish_level_1(desk, "begins later", 1)
    moved = desk.run("passes", "release", second, "--json")
    during = desk.held()
    newest = moved.json["pass"]
    released = desk.run("passes", "release", newest, "--json")

    assert (*refused(too_old), f"release {second}" in too_old.err) == (75, 75, True)
    assert (moved.code, moved.json["outcome"], moved.json["awards"]["issued"], during) == (75, "held", 0, before)
    assert (released.code, sum((desk.held() - desk.expected("before_approvals")).values())) == (0, 2)
    assert desk.expected("before_approvals") - desk.held() == {}


def test_a_plan_that_did_not_change_keeps_its_number(desk):
    allow(desk, 10)
    first = desk.run("sync", "--json").json["pass"]
    desk.run("sync")

    released = desk.run("passes", "release", first, "--json")

    assert (released.code, desk.held()) == (0, desk.expected("before_approvals"))


def test_who_would_be_let_into_a_course_counts_as_well(desk):
    awards = sum((desk.expected("before_approvals") - desk.expected("hand_made")).values())
    allow(desk, awards + 1)

    held = desk.run("sync", "--json")
    waiting = [desk.sandbox.control("user", user=user)["roles"] for user, _ in desk.sandbox.expected()["enrolments"]]
    released = desk.run("passes", "release", held.json["pass"], "--json")

    given = desk.sandbox.expected()["enrolments"]
    assert (held.code, held.json["enrolled"], held.json["awards"]["held"]) == (75, 0, awards)
    assert not any(str(unit) in roles for (_, unit), roles in zip(given, waiting, strict=True))
    assert (released.code, released.json["enrolled"], desk.held()) == (0, len(given), desk.expected("before_approvals"))


def finish_level_1(desk, kind, number):
    user = desk.learners(kind)[number]["user_id"]
    desk.sandbox.control("submit", org_unit=6601, folder=33101, user=user)
    desk.sandbox.control("take_quiz", org_unit=6601, quiz=44101, user=user, score="9")
