"""Control and journal: the way of a test into the servers, and what it may see there."""

import pytest
import requests

from d2l_sync.sandbox.handle import BADGR_SECRET
from d2l_sync.sandbox.in_process import Sandbox


def control(address, verb, **arguments):
    return requests.post(f"{address}/_control/{verb}", json=arguments, timeout=60)


def test_every_server_takes_every_verb(sandbox):
    addresses = sandbox.addresses

    for address in (addresses.brightspace, addresses.auth, addresses.badgr):
        assert control(address, "expected").json() == {"result": sandbox.expected()}


def test_verbs_describe_themselves(sandbox):
    verbs = requests.get(f"{sandbox.addresses.badgr}/_control/", timeout=60).json()

    assert {"enrol", "trouble", "journal", "assertions", "set_clock"} <= {each["verb"] for each in verbs}
    assert all(each["does"].endswith(".") for each in verbs)


@pytest.mark.parametrize(
    ("verb", "arguments", "status"),
    [
        pytest.param("conjure", {}, 404, id="unknown verb"),
        pytest.param("__init__", {}, 404, id="no verb at all"),
        pytest.param("withdraw", {}, 400, id="argument missing"),
        pytest.param("enrol", {"user": 1, "org_unit": 6601}, 400, id="unknown user"),
        pytest.param("enrol", {"user": 900, "org_unit": 6601, "role": "King"}, 400, id="unknown role"),
        pytest.param("take_quiz", {"org_unit": 6601, "quiz": 44101, "user": 900, "score": "x"}, 400, id="no score"),
    ],
)
def test_a_wrong_word_is_answered_and_not_a_crash(sandbox, verb, arguments, status):
    refused = control(sandbox.addresses.brightspace, verb, **arguments)

    assert refused.status_code == status
    assert refused.json()["error"]


def test_what_is_no_object_is_refused(sandbox):
    url = f"{sandbox.addresses.brightspace}/_control/expected"

    assert requests.post(url, data="[1]", timeout=60).status_code == 400
    assert requests.post(url, data="{", timeout=60).status_code == 400


def test_the_journal_shows_requests_in_order_and_whether_a_token_came_along(sandbox, brightspace, http):
    sandbox.control("clear_journal")
    brightspace.get("lp/1.49/roles/")
    http.get(f"{sandbox.addresses.brightspace}/d2l/api/versions/?x=1", timeout=60)

    first, second = sandbox.journal(server="brightspace")

    assert (first["path"], first["authorized"], first["status"]) == ("/d2l/api/lp/1.49/roles/", True, 200)
    assert (second["query"], second["authorized"]) == ({"x": ["1"]}, False)


def test_the_journal_keeps_the_bodies_of_awards_and_no_secret(sandbox, badgr):
    badgr.award(narrative="Ref 1")
    entries = sandbox.journal(server="badgr", method="POST")

    assert [entry["body"] and entry["body"].get("narrative") for entry in entries] == [None, "Ref 1"]
    assert BADGR_SECRET not in str(entries)
    assert badgr.token not in str(sandbox.journal())


def test_the_journal_can_be_read_from_where_one_left_off(sandbox, brightspace):
    last = sandbox.journal()[-1]["number"]
    brightspace.get("lp/1.49/roles/")

    assert [entry["path"] for entry in sandbox.journal(since=last)] == ["/d2l/api/lp/1.49/roles/"]


def test_an_answer_that_never_left_has_status_0(sandbox, badgr):
    sandbox.trouble("badgr", "/assertions", kind="lose_answer")
    with pytest.raises(requests.ConnectionError):
        badgr.award()

    assert sandbox.journal(path="/assertions")[-1]["status"] == 0


def test_control_itself_is_in_no_journal(sandbox):
    control(sandbox.addresses.brightspace, "expected")

    assert sandbox.journal() == []


def test_the_clocks_can_be_set_apart(sandbox):
    sandbox.control("set_clock", offset_s=0)
    sandbox.control("set_clock", offset_s=3600, server="badgr")
    shown = sandbox.control("time")

    assert shown["brightspace"] < shown["badgr"]


def test_new_people_can_be_made(sandbox, brightspace):
    user = sandbox.control("add_user", first_name="Ada", last_name="New", email="ada.new@example.edu")
    sandbox.control("enrol", user=user, org_unit=6601)

    rows = brightspace.objects("le/1.82/6601/classlist/paged/", searchTerm="new")
    assert [(row["Identifier"], row["Email"]) for row in rows] == [(str(user), "ada.new@example.edu")]


def test_assertions_are_listed_with_their_addresses(sandbox, badgr):
    badgr.award("level-2", "Ada@example.edu")

    (award,) = sandbox.assertions(badge="level-2", email="ada@example.edu", live=True)
    assert (award["badge_key"], award["by_hand"], award["live"]) == ("level-2", False, True)
    assert ["ada@example.edu", "level-2"] in sandbox.live_pairs()


def test_a_stopped_sandbox_leaves_nothing_listening(http):
    with Sandbox(learners=1) as sandbox:
        address = sandbox.addresses.brightspace

    with pytest.raises(requests.ConnectionError):
        http.get(address, timeout=60)
