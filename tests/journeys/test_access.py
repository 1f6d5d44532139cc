"""Access: who may begin the next level is let into its course, once, and what a person set up is never touched."""

import pytest


def given(desk):
    return desk.sandbox.expected()["enrolments"]


def role_of(desk, user, unit):
    return desk.sandbox.control("user", user=user)["roles"].get(str(unit))


def requests_for(desk, user):
    posts = desk.sandbox.journal(server="brightspace", method="POST", path="/enrollments/")
    return [one["body"] for one in posts if one["body"]["UserId"] == user]


def test_who_is_eligible_is_let_in_once_and_not_again_after_leaving(desk):
    first = desk.sync()
    user, unit = given(desk)[0]
    let_in = [role_of(desk, *one) for one in given(desk)]
    explained = desk.run("explain", user, "--json").json
    said = desk.run("explain", user).out
    second = desk.sync()
    desk.sandbox.control("withdraw", user=user, org_unit=unit)
    third = desk.sync()

    assert (first["enrolled"], let_in) == (len(given(desk)), ["Learner"] * len(given(desk)))
    assert (second["enrolled"], third["enrolled"], role_of(desk, user, unit)) == (0, 0, None)
    assert len(requests_for(desk, user)) == 1
    access = [each for one in explained for each in one["access"]]
    assert [(one["org_unit"], one["state"], one["reason"]) for one in access] == [(unit, "done", None)]
    assert f"Access to org unit {unit} was given on " in said


def test_an_existing_role_ends_it_and_is_never_touched(desk):
    """Even one that the classlist does not show: the enrolment itself is read before anything is asked for."""
    user, unit = given(desk)[0]
    desk.sandbox.control("enrol", user=user, org_unit=unit, role="Teaching Assistant")
    desk.sandbox.trouble("brightspace", f"/{unit}/classlist/", kind="shorten", keep=1)

    desk.sync()

    assert (role_of(desk, user, unit), requests_for(desk, user)) == ("Teaching Assistant", [])
    assert f"Access to org unit {unit} was given" in (said := desk.run("explain", user).out)
    assert "had a role there already" in said


@pytest.mark.parametrize("kind", ["lose_answer", "reset"])
def test_an_enrolment_whose_answer_is_lost_is_read_before_it_is_asked_for_again(desk, kind):
    desk.sandbox.trouble("brightspace", "/enrollments/$", method="POST", kind=kind, times=1)

    lost = desk.run("sync", "--json")
    again = desk.sync()

    asked = sum(len(requests_for(desk, each)) for each, _ in given(desk))
    assert (lost.code, lost.json["enrolled"]) == (69, len(given(desk)) - 1)
    assert [role_of(desk, *one) for one in given(desk)] == ["Learner"] * len(given(desk))
    assert asked == len(given(desk)) + {"lose_answer": 0, "reset": 1}[kind]
    assert again["outcome"] == "complete"


def test_in_observe_mode_nobody_is_let_in_and_the_plan_names_everybody(desk):
    desk.configure('mode = "issue"', 'mode = "observe"')

    report = desk.sync()

    would = [(one["user_id"], one["org_unit"]) for one in desk.listed("plan")["would_enrol"]]
    assert (report["enrolled"], [role_of(desk, *one) for one in given(desk)]) == (0, [None] * len(given(desk)))
    assert sorted(would) == sorted(map(tuple, given(desk)))
