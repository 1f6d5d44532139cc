"""The platform's token endpoint, whose errors look like anything."""

import json
from datetime import UTC, datetime

import pytest

from d2l_sync.sandbox import clock
from d2l_sync.sandbox.handle import BADGR_CLIENT, BADGR_PASSWORD, BADGR_SECRET, BADGR_USER

GOOD = {"grant_type": "client_credentials", "client_id": BADGR_CLIENT, "client_secret": BADGR_SECRET}
PERSON = {"username": BADGR_USER, "password": BADGR_PASSWORD}


@pytest.fixture
def _time_stands_still(monkeypatch):
    """Let no time pass but what a test orders: a wait of two seconds may be over before a busy machine asks again."""

    class Still(datetime):
        @classmethod
        def now(cls, tz=None):
            return began

    began = datetime.now(UTC)
    monkeypatch.setattr(clock, "datetime", Still)


@pytest.fixture
def unthrottled(sandbox, badgr):
    sandbox.control("set_throttle", on=False)
    return badgr


def test_a_token_lasts_a_day_and_is_never_cached(badgr):
    answer = badgr.ask_token(**GOOD, scope="rw:issuer")

    assert answer.json() | {"access_token": ""} == {
        "access_token": "", "expires_in": 86400, "token_type": "Bearer", "scope": "rw:issuer",
    }  # fmt: skip
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_that_names_no_scope_gets_next_to_none(badgr):
    assert badgr.ask_token(**GOOD).json()["scope"] == "r:profile"


def test_the_password_grant_is_the_default(badgr):
    answer = badgr.ask_token(**PERSON).json()

    assert answer["scope"] == "rw:profile rw:issuer rw:backpack"
    assert "refresh_token" in answer


@pytest.mark.parametrize(
    ("form", "status", "error", "media_type"),
    [
        pytest.param(GOOD | {"scope": "all"}, 400, "invalid scope requested", "text/html", id="scope"),
        pytest.param(GOOD | {"client_secret": "x"}, 401, "invalid_client", "application/json", id="secret"),
        pytest.param(GOOD | {"client_id": "x"}, 400, "invalid client_id", "text/html", id="client"),
        pytest.param(PERSON | {"password": "x"}, 400, "invalid_grant", "application/json", id="password"),
        pytest.param({"grant_type": "magic"}, 400, "invalid_request", "application/json", id="grant type"),
    ],
)
def test_a_refusal_has_its_own_type(unthrottled, form, status, error, media_type):
    refused = unthrottled.ask_token(**form)

    assert (refused.status_code, json.loads(refused.text)["error"]) == (status, error)
    assert refused.headers["Content-Type"].startswith(media_type)


def test_parameters_in_the_address_are_refused(sandbox, unthrottled, http):
    refused = http.post(f"{sandbox.addresses.badgr}/o/token?grant_type=password", data=GOOD, timeout=60)

    assert refused.status_code == 400
    assert "not query parameters" in refused.text


def test_a_wrong_secret_by_basic_is_another_refusal(sandbox, unthrottled, http):
    form = {"grant_type": "client_credentials"}
    refused = http.post(f"{sandbox.addresses.badgr}/o/token", data=form, auth=(BADGR_CLIENT, "x"), timeout=60)

    assert (refused.status_code, json.loads(refused.text)["error"]) == (400, "invalid client_secret")


@pytest.mark.usefixtures("_time_stands_still")
def test_one_failure_locks_everybody_at_that_address_out(sandbox, badgr):
    badgr.ask_token(**GOOD | {"client_secret": "x"})

    locked = badgr.ask_token(**GOOD)
    sandbox.control("advance_clock", seconds=3)

    assert locked.status_code == 429
    assert json.loads(locked.text)["expires"] == 2
    assert "Retry-After" not in locked.headers
    assert badgr.ask_token(**GOOD).status_code == 200


@pytest.mark.usefixtures("_time_stands_still")
def test_each_failure_doubles_the_wait_and_asking_meanwhile_does_not(sandbox, badgr):
    waits = []
    for _ in range(3):
        badgr.ask_token(**GOOD | {"client_secret": "x"})
        waits += [json.loads(badgr.ask_token(**GOOD).text)["expires"] for _ in range(2)]
        sandbox.control("advance_clock", seconds=10)

    assert waits == [2, 2, 4, 4, 8, 8]


@pytest.mark.usefixtures("_time_stands_still")
def test_the_throttle_goes_by_user_name_where_there_is_one(badgr):
    badgr.ask_token(**PERSON | {"password": "x"})

    assert badgr.ask_token(**PERSON).status_code == 429
    assert badgr.ask_token(**GOOD).status_code == 200


def test_a_refresh_kills_the_access_token_before(badgr):
    first = badgr.ask_token(**PERSON).json()
    fresh = badgr.ask_token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()

    assert use(badgr, first) == 401
    assert use(badgr, fresh) == 200
    assert badgr.ask_token(grant_type="refresh_token", refresh_token=first["refresh_token"]).status_code == 400


def test_an_expired_token_cannot_be_told_from_a_wrong_one(sandbox, badgr):
    wrong = badgr.ask("/v2/issuers", headers={"Authorization": "Bearer x"})
    sandbox.control("advance_clock", seconds=86_401)

    expired = badgr.ask("/v2/issuers")

    assert expired.status_code == wrong.status_code == 401
    assert expired.json() == wrong.json()
    assert expired.json()["status"]["description"] == "no valid auth token found"


def test_a_token_slides_while_it_is_used(sandbox, badgr):
    for _ in range(4):
        sandbox.control("advance_clock", seconds=50_000)
        assert badgr.ask("/v2/issuers").status_code == 200


def test_tokens_are_counted(sandbox, badgr):
    badgr.ask_token(**GOOD | {"client_secret": "x"})

    assert sandbox.control("platform_token_counts") == {"client_credentials": 1, "refused": 1}


def use(badgr, tokens):
    return badgr.ask("/v2/issuers", headers={"Authorization": f"Bearer {tokens['access_token']}"}).status_code
