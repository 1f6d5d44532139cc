"""Troubles to order: each does to a request what it says, as often as it was told to."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from d2l_sync.sandbox.handle import ControlRefused

CLASSLIST = "le/1.82/6601/classlist/paged/"
WHO_AM_I = "lp/1.49/users/whoami"
FOR_EVER_S = 60


def in_the_end(count):
    """Return what counts at last, or nothing after a minute."""
    patience = time.monotonic() + FOR_EVER_S
    while not count() and time.monotonic() < patience:
        time.sleep(0.05)
    return count()


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        pytest.param("problem", '{"type": "about:blank", "title": "Forbidden"', id="problem"),
        pytest.param("errors", '{"Errors": [{"Message": "Not authorized"}]}', id="errors"),
        pytest.param("broken_json", '{ Errors: [ {Message: "Not authorized"} ] }', id="broken"),
        pytest.param("text", "Not authorized", id="text"),
        pytest.param("html", "<!DOCTYPE html>", id="html"),
        pytest.param("empty", "", id="empty"),
        pytest.param("scope", '{"Errors": [{"Message": "Insufficient scope to call', id="scope"),
    ],
)
def test_a_403_comes_in_any_shape(sandbox, brightspace, shape, body):
    sandbox.trouble("brightspace", "/whoami", kind="status", status=403, shape=shape)

    refused = brightspace.ask(WHO_AM_I)

    assert refused.status_code == 403
    assert refused.text.startswith(body)


@pytest.mark.parametrize("status", [404, 500, 502, 503, 504])
def test_any_status_can_be_ordered_on_any_server(sandbox, badgr, status):
    sandbox.trouble("badgr", "/assertions", kind="status", status=status, method="POST")

    assert badgr.award().status_code == status
    assert badgr.held(recipient="ada@example.edu") == []


def test_a_429_says_when_to_come_back(sandbox, brightspace):
    sandbox.trouble("brightspace", "/whoami", kind="status", status=429, shape="empty", retry_after=7, times=1)

    assert brightspace.ask(WHO_AM_I).headers["Retry-After"] == "7"
    assert brightspace.ask(WHO_AM_I).status_code == 200


def test_a_trouble_may_spare_the_first_and_end_after_a_few(sandbox, brightspace):
    sandbox.trouble("brightspace", "/whoami", kind="status", times=2, after=1)

    assert [brightspace.ask(WHO_AM_I).status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_trouble_concerns_one_path_query_and_method(sandbox, brightspace):
    sandbox.trouble("brightspace", r"classlist/paged/\?bookmark=", kind="status", method="GET")
    first = brightspace.get(CLASSLIST)

    assert brightspace.ask(first["Next"]).status_code == 500


def test_the_first_trouble_ordered_counts_until_it_is_used_up(sandbox, brightspace):
    sandbox.trouble("brightspace", "/whoami", kind="status", status=502, times=1)
    sandbox.trouble("brightspace", "/whoami", kind="status", status=503)

    assert [brightspace.ask(WHO_AM_I).status_code for _ in range(2)] == [502, 503]


def test_troubles_can_be_cleared_one_by_one_or_together(sandbox, brightspace):
    first = sandbox.trouble("brightspace", "/whoami", kind="status")
    sandbox.trouble("brightspace", "/roles", kind="status")

    sandbox.control("clear_trouble", number=first)
    one_left = [each["path"] for each in sandbox.control("troubles")]
    sandbox.clear_trouble()

    assert one_left == ["/roles"]
    assert brightspace.ask("lp/1.49/roles/").status_code == 200


def test_a_trouble_counts_whom_it_met(sandbox, brightspace):
    sandbox.trouble("brightspace", "/whoami", kind="status", times=3)
    brightspace.ask(WHO_AM_I)

    assert [(each["met"], each["left"]) for each in sandbox.control("troubles")] == [(1, 2)]


def test_a_reset_connection_processed_nothing(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="reset", method="POST", times=1)

    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        badgr.award()

    assert sandbox.assertions(email="ada@example.edu") == []


def test_a_lost_answer_leaves_an_award_behind(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="lose_answer", method="POST", times=1)

    with pytest.raises(requests.ConnectionError):
        badgr.award()

    assert len(sandbox.assertions(email="ada@example.edu")) == 1


def test_a_failure_after_storing_leaves_an_award_behind(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="fail_after", method="POST", times=1)

    assert badgr.award().status_code == 500
    assert len(sandbox.assertions(email="ada@example.edu")) == 1


def test_a_stalled_answer_comes_late_for_what_was_done_at_once(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="stall", method="POST", seconds=0.3)
    begun = time.monotonic()

    assert badgr.award().status_code == 201
    assert time.monotonic() - begun >= 0.3


def test_a_stalled_answer_comes_when_the_trouble_is_cleared(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="stall", method="POST", seconds=FOR_EVER_S)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(badgr.award)
        assert in_the_end(lambda: len(sandbox.assertions(email="ada@example.edu"))) == 1
        was_there = answer.done()
        sandbox.clear_trouble()

        assert (was_there, answer.result().status_code) == (False, 201)


def test_a_late_commit_happens_when_the_trouble_is_cleared(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="late", method="POST", seconds=FOR_EVER_S)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(badgr.award)
        in_the_end(lambda: sandbox.control("troubles")[0]["met"])
        before = sandbox.assertions(email="ada@example.edu")
        sandbox.clear_trouble()

        assert (before, answer.result().status_code) == ([], 201)


def test_a_late_commit_happens_after_the_client_has_left(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="late", method="POST", times=1, seconds=2, hang_up=True)

    with pytest.raises(requests.ConnectionError):
        badgr.award()

    assert sandbox.assertions(email="ada@example.edu") == []
    assert in_the_end(lambda: len(sandbox.assertions(email="ada@example.edu"))) == 1


def test_a_slow_server_commits_though_the_client_timed_out(sandbox, badgr, http):
    sandbox.trouble("badgr", "/assertions", kind="late", method="POST", times=1, seconds=FOR_EVER_S)
    url = f"{sandbox.addresses.badgr}/v2/badgeclasses/{badgr.badge_classes['level-1']}/assertions"
    headers = {"Authorization": f"Bearer {badgr.token}"}

    with pytest.raises(requests.Timeout):
        http.post(url, json={"recipient": {"identity": "ada@example.edu"}}, headers=headers, timeout=(FOR_EVER_S, 0.1))
    before = sandbox.assertions(email="ada@example.edu")
    sandbox.clear_trouble()

    assert before == []
    assert in_the_end(lambda: len(sandbox.assertions(email="ada@example.edu"))) == 1


def test_a_truncated_body_is_shorter_than_announced(sandbox, brightspace):
    sandbox.trouble("brightspace", "/classlist", kind="truncate", times=1)

    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        brightspace.ask(CLASSLIST)


def test_a_login_page_comes_with_200(sandbox, brightspace):
    sandbox.trouble("brightspace", "/classlist", kind="login_page")
    page = brightspace.ask(CLASSLIST)

    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(CLASSLIST, {"Objects": [], "Next": None}, id="Objects"),
        pytest.param("le/1.82/6601/classlist/", [], id="array"),
        pytest.param(
            "lp/1.49/enrollments/orgUnits/6601/users/",
            {"PagingInfo": {"Bookmark": None, "HasMoreItems": False}, "Items": []},
            id="Items",
        ),
    ],
)
def test_a_list_may_suddenly_be_empty(sandbox, brightspace, path, expected):
    sandbox.trouble("brightspace", path, kind="shorten")

    assert brightspace.get(path) == expected


def test_a_list_may_suddenly_be_short(sandbox, badgr):
    whole = badgr.held()
    sandbox.trouble("badgr", "/assertions", kind="shorten", keep=1)

    assert len(whole) > 1
    assert badgr.held() == whole[:1]
    assert "Link" not in badgr.list(num=1).headers


def test_a_redirect_leads_elsewhere(sandbox, brightspace):
    sandbox.trouble(
        "brightspace", "/classlist", kind="redirect", location=f"{sandbox.addresses.elsewhere}/x", status=307
    )

    answer = brightspace.ask(CLASSLIST)

    assert (answer.status_code, answer.headers["Location"]) == (307, f"{sandbox.addresses.elsewhere}/x")


def test_the_next_page_may_be_on_a_foreign_host(sandbox, brightspace):
    """The stranger's journal shows whether a token came along."""
    sandbox.trouble("brightspace", "/classlist", kind="hostile_next", url=f"{sandbox.addresses.elsewhere}/d2l/api/x")

    followed = brightspace.get(brightspace.get(CLASSLIST)["Next"])

    assert followed == {"Objects": [], "Next": None}
    assert [entry["authorized"] for entry in sandbox.journal(server="elsewhere")] == [True]


def test_the_next_page_may_be_the_same_for_ever(sandbox, brightspace, badgr):
    sandbox.trouble("brightspace", "/classlist", kind="hostile_next")
    sandbox.trouble("badgr", "/assertions", kind="hostile_next")

    page = brightspace.get(CLASSLIST)

    assert brightspace.get(page["Next"]) == page
    first = badgr.list(num=1)
    assert badgr.ask(first.links["next"]["url"]).links == first.links


def test_headers_may_be_wiped(sandbox, brightspace):
    sandbox.trouble("brightspace", "/whoami", kind="wipe_headers")
    sandbox.trouble("brightspace", "/roles", kind="wipe_headers", names=["Content-Type"])

    assert "X-Request-Cost" not in brightspace.ask(WHO_AM_I).headers
    assert "Content-Type" not in brightspace.ask("lp/1.49/roles/").headers


def test_any_answer_can_be_put_in_place_of_the_right_one(sandbox, brightspace):
    sandbox.trouble("brightspace", "/whoami", kind="answer", body={"Identifier": None}, headers={"X-Odd": "1"})
    answer = brightspace.ask(WHO_AM_I)

    assert (answer.json(), answer.headers["X-Odd"]) == ({"Identifier": None}, "1")


@pytest.mark.parametrize(
    ("order", "complaint"),
    [
        pytest.param({"kind": "quake"}, "no trouble 'quake'", id="unknown kind"),
        pytest.param({"kind": "stall"}, "missing a required", id="option missing"),
        pytest.param({"kind": "reset", "seconds": 1}, "unexpected keyword", id="option too many"),
        pytest.param({"kind": "status", "shape": "cube"}, "no shape 'cube'", id="unknown shape"),
    ],
)
def test_a_trouble_that_does_not_exist_is_refused_when_ordered(sandbox, order, complaint):
    with pytest.raises(ControlRefused, match=complaint):
        sandbox.trouble("brightspace", "/", **order)


def test_a_server_that_does_not_exist_has_no_troubles(sandbox):
    with pytest.raises(ControlRefused, match="no server 'moodle'"):
        sandbox.trouble("moodle", "/", kind="reset")
