"""Nobody gets a badge twice and nobody is forgotten, whatever the platform or the machine does."""

import time

import pytest

from tests.journeys.desk import PATIENCE_S, SETTLED_S
from tests.journeys.service import eventually

TROUBLES = [
    pytest.param({"kind": "lose_answer"}, id="answers lost after storing"),
    pytest.param({"kind": "fail_after"}, id="500 after storing"),
    pytest.param({"kind": "status", "status": 500}, id="500 before storing"),
    pytest.param({"kind": "reset"}, id="reset before storing"),
    pytest.param({"kind": "truncate"}, id="half an answer"),
    pytest.param({"kind": "login_page"}, id="a login page with 200"),
    pytest.param({"kind": "status", "status": 429}, id="429"),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_awards_whose_answers_go_wrong_are_issued_exactly_once_in_the_end(desk, trouble):
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", times=5, **trouble)

    unlucky = desk.run("sync", "--json")
    time.sleep(SETTLED_S)
    desk.run("sync")
    time.sleep(SETTLED_S)
    desk.sync()

    assert unlucky.code == 69
    assert desk.held() == desk.expected("before_approvals")


def test_a_maintenance_redirect_is_never_an_award(desk):
    """Every POST answers 302, the one for a token as well."""
    before = desk.held()
    desk.sandbox.control("set_maintenance", on=True)

    unlucky = desk.run("sync", "--json")
    during = desk.held()
    desk.sandbox.control("set_maintenance", on=False)
    time.sleep(SETTLED_S)
    desk.sync()

    assert (unlucky.code, unlucky.json["awards"]["issued"], during) == (69, 0, before)
    assert desk.held() == desk.expected("before_approvals")


def test_of_four_passes_at_once_on_a_racing_platform_one_runs_and_the_others_refuse_politely(desk):
    """Its check for duplicates and the storing lie apart, and it loses answers to awards that it stored."""
    desk.sandbox.control("set_race_window", seconds=0.05)
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="lose_answer", after=5, times=10)

    answers = []
    for _ in range(3):
        answers.append(four_at_once(desk))
        time.sleep(SETTLED_S)

    assert [[one.code for one in some] for some in answers] == [[69, 75, 75, 75], [0, 75, 75, 75], [0, 75, 75, 75]]
    refused = answers[0][1].json
    assert (refused["pass"], refused["outcome"], refused["problems"][0]["what"]) == (
        None,
        None,
        "another pass is running",
    )
    assert desk.held() == desk.expected("before_approvals")


def four_at_once(desk):
    """Start four passes, and let none read on before all others have ended; return their answers by exit code."""
    stalled = desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=PATIENCE_S)
    started = [desk.start("sync", "--json") for _ in range(4)]
    eventually(lambda: sum(one.child.is_alive for one in started) == 1)
    desk.sandbox.control("clear_trouble", number=stalled)
    return sorted((one.answer() for one in started), key=lambda answer: answer.code)


def test_a_released_revocation_is_the_only_way_to_a_second_assertion(desk):
    desk.sync()
    award = next(one for one in desk.run("awards", "list", "--json").json if one["badge"] == "level-1")
    learner = award["user_id"]
    revoked = desk.run("awards", "revoke", learner, "level-1", "--reason", "awarded in error")
    desk.sync()
    without = desk.held()[award["email"], "level-1"]

    released = desk.run("awards", "release", learner, "level-1")
    desk.sync()

    assert (revoked.code, without, released.code) == (0, 0, 0)
    assert desk.held()[award["email"], "level-1"] == 1
