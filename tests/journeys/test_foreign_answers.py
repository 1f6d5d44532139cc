"""An answer that is not the platform's own is never an award, whatever its status says."""

import time

import pytest

from tests.journeys.desk import SETTLED_S

HTML = {"Content-Type": "text/html"}
PORTAL = "<html><head><title>Welcome to our network</title></head><body>Accept the terms to go on.</body></html>"
ELSEWHERE = {"status": {"success": True, "description": "ok"}, "result": [{"entityId": "elsewhere"}]}
ANSWERS = [
    pytest.param({"kind": "answer", "status": 201, "body": PORTAL, "headers": HTML}, id="201 of a captive portal"),
    pytest.param({"kind": "answer", "status": 200, "body": {"ok": True}}, id="200 from somewhere else"),
    pytest.param({"kind": "answer", "status": 201, "body": ELSEWHERE}, id="201 with another system's award"),
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_what_is_not_the_platforms_own_answer_is_never_an_award(desk, answer):
    before = desk.held()
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", **answer)

    fooled = desk.run("sync", "--json")
    states = {one["state"] for one in desk.listed("awards", "list") if one["attempts"]}
    during = desk.held()
    desk.sandbox.clear_trouble()
    time.sleep(SETTLED_S)
    desk.sync()

    assert (fooled.code, fooled.json["awards"]["issued"], states, during) == (69, 0, {"doubtful"}, before)
    assert desk.held() == desk.expected("before_approvals")


@pytest.mark.parametrize("status", [200, 404])
def test_a_portal_in_front_of_everything_concludes_nothing(desk, status):
    """Its pages stand where lists were: nobody has left a course, and nobody has lost a badge."""
    desk.sync()
    before, known = desk.held(), desk.listed("awards", "list")
    for server in ("brightspace", "badgr"):
        desk.sandbox.trouble(server, "/", kind="answer", status=status, body=PORTAL, headers=HTML)

    answer = desk.run("sync", "--json")

    assert (answer.code, answer.json["outcome"]) == (69, "blind")
    assert (desk.held(), desk.listed("awards", "list")) == (before, known)
