"""Tokens: asked for when needed, one at a time, and never hammered for."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest

from d2l_sync.badging.badgr_tokens import SERVICE, BadgrTokens, grant_of, granted, margin
from d2l_sync.badging.platform import Base, Limits, Reply, Transport
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ports import Token, TokenState
from tests.badging.doubles import NOON, SECRET, make_settings, make_store
from tests.badging.loopback import resets, says
from tests.fakes import TurnedClock
from tests.memory_tokens import MemoryTokenStore

HTML = "<html>We're sorry</html>"
DAY = timedelta(days=1)
REFUSED = says(401, {"error": "invalid_client"})
THROTTLED = {"error_description": "Too many login attempts.", "error": "login attempts throttled", "expires": 4}


def a_token(name: str = "stored", *, obtained_at=NOON, life=DAY, generation: int = 7) -> Token:
    return Token(name, obtained_at + life, obtained_at=obtained_at, generation=generation)


def make_tokens(server, store=None, *, clock=None, **settings) -> BadgrTokens:
    transport = Transport(Base(server.url), limits=Limits())
    return BadgrTokens(
        make_settings(server.url, **settings),
        store or make_store(),
        transport=transport,
        clock=clock or TurnedClock(NOON),
    )


def test_client_credentials_go_into_the_body(server):
    make_tokens(server).current()

    [request] = server.token_requests
    assert (request.method, request.target, request.token) == ("POST", "/o/token", None)
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.form == {
        "grant_type": "client_credentials",
        "client_id": "d2l-sync",
        "client_secret": SECRET,
        "scope": "rw:issuer",
    }


def test_a_user_name_means_the_password_grant():
    settings = make_settings("https://badges.example.edu", client_id="", username="service", password="p+w ä")

    assert grant_of(settings) == {
        "grant_type": "password",
        "client_id": "public",
        "scope": "rw:issuer",
        "username": "service",
        "password": "p+w ä",
    }


def test_a_token_is_stored_before_it_is_used_and_kept(server):
    store = make_store()
    tokens = make_tokens(server, store)

    assert [tokens.current(), tokens.current()] == ["token-1", "token-1"]
    assert store.state.token == Token("token-1", NOON + DAY, obtained_at=NOON, generation=1)
    assert len(server.token_requests) == 1


def test_a_stored_token_that_is_still_good_is_used(server):
    assert make_tokens(server, make_store(a_token())).current() == "stored"
    assert server.token_requests == []


@pytest.mark.parametrize(
    ("life", "left", "is_renewed"),
    [
        pytest.param(DAY, timedelta(hours=3), False, id="day, an eighth left"),
        pytest.param(DAY, timedelta(hours=2), True, id="day, a twelfth left"),
        pytest.param(timedelta(minutes=20), timedelta(seconds=301), False, id="short, over five minutes left"),
        pytest.param(timedelta(minutes=20), timedelta(seconds=299), True, id="short, under five minutes left"),
        pytest.param(timedelta(seconds=60), timedelta(seconds=40), False, id="a minute, most of it left"),
        pytest.param(timedelta(seconds=60), timedelta(seconds=20), True, id="a minute, a third left"),
        pytest.param(DAY, timedelta(seconds=-1), True, id="expired"),
    ],
)
def test_a_token_is_renewed_before_it_ends(server, life, left, is_renewed):
    tokens = make_tokens(server, make_store(a_token(life=life)), clock=TurnedClock(NOON + life - left))

    assert tokens.current() == ("token-1" if is_renewed else "stored")


def test_a_token_that_is_said_to_live_a_second_is_used_for_ten(server):
    clock = TurnedClock(NOON)
    tokens = make_tokens(server, make_store(a_token(life=timedelta(seconds=1))), clock=clock)

    clock.turn(timedelta(seconds=9))
    assert tokens.current() == "stored"
    clock.turn(timedelta(seconds=1))
    assert tokens.current() == "token-1"


def test_a_token_of_unknown_age_is_renewed_five_minutes_before_its_end():
    assert margin(Token("stored", NOON)) == timedelta(minutes=5)


def test_a_rejected_token_is_replaced_though_it_looks_good(server):
    store = make_store(a_token())

    assert make_tokens(server, store).current(reject="stored") == "token-1"
    assert store.read("badging").token == Token("token-1", NOON + DAY, obtained_at=NOON, generation=8)


def test_a_check_has_new_credentials_taken_though_the_stored_token_is_still_good(server):
    """A secret with a slip of the pen would show days later, when the old one is revoked."""
    store = make_store(a_token())
    tokens = make_tokens(server, store)

    tokens.anew()

    assert (tokens.current(), len(server.token_requests)) == ("token-1", 1)
    assert store.read("badging").token == Token("token-1", NOON + DAY, obtained_at=NOON, generation=8)


@pytest.mark.parametrize(("act", "error"), [(REFUSED, TokenRefused), (says(503), SourceUnavailable)])
def test_credentials_that_are_not_taken_are_no_good_however_good_the_stored_token_is(server, act, error):
    server.token_acts = [act]

    with pytest.raises(error):
        make_tokens(server, make_store(a_token())).anew()


def test_a_check_with_a_wrong_secret_of_its_own_takes_no_token_from_a_daemon_that_works(server):
    """They share the store, and the daemon is not ready while a person has to give it other credentials."""
    store = make_store(a_token())
    server.token_acts = [REFUSED]

    with pytest.raises(TokenRefused):
        make_tokens(server, store).anew()

    assert store.read("badging") == TokenState(a_token())
    assert make_tokens(server, store).current() == "stored"


def test_what_another_process_renewed_meanwhile_is_used(server):
    store = make_store(a_token())
    tokens = make_tokens(server, store)
    tokens.current()
    store.save("badging", a_token("theirs", generation=8))

    assert tokens.current(reject="stored") == "theirs"
    assert server.token_requests == []


def test_many_threads_ask_once(server):
    tokens = make_tokens(server)

    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(lambda _: tokens.current(), range(40)))

    assert given == {"token-1"}
    assert len(server.token_requests) == 1


def test_who_waited_for_a_refusal_takes_it_and_does_not_ask_again(server):
    """Each refused request doubles the time for which the platform answers nobody here."""
    store = CountedStore()
    tokens = make_tokens(server, store)

    def refuses_late(client):
        while store.arrived < 4:
            Event().wait(0.01)
        REFUSED(client)

    server.token_acts = [refuses_late]
    with ThreadPoolExecutor(4) as pool:
        errors = [pool.submit(tokens.current).exception for _ in range(4)]

    assert [type(error()) for error in errors] == [TokenRefused] * 4
    assert len(server.token_requests) == 1


def test_a_later_call_asks_again(server):
    tokens = make_tokens(server)
    server.token_acts = [REFUSED]

    with pytest.raises(TokenRefused):
        tokens.current()

    assert tokens.current() == "token-1"


def test_a_refusal_is_noted_and_a_token_ends_the_note(server):
    store = make_store()
    tokens = make_tokens(server, store)
    server.token_acts = [REFUSED]

    with pytest.raises(TokenRefused):
        tokens.current()
    noted = store.state.lost_because
    tokens.current()

    assert (noted, store.state.lost_because) == ("The badging platform refuses our credentials.", None)


def test_an_outage_is_not_noted_as_a_refusal(server):
    store = make_store()
    server.token_acts = [says(500, HTML)]

    with pytest.raises(SourceUnavailable):
        make_tokens(server, store).current()

    assert store.state.lost_because is None


def test_an_early_renewal_that_fails_costs_nothing_while_the_old_token_lives(server):
    clock = TurnedClock(NOON + DAY - timedelta(minutes=10))
    tokens = make_tokens(server, make_store(a_token()), clock=clock)
    server.token_acts = [says(503, HTML), says(503, HTML)]

    assert [tokens.current(), tokens.current()] == ["stored", "stored"]
    assert len(server.token_requests) == 1

    clock.turn(timedelta(seconds=61))
    assert tokens.current() == "stored"
    assert len(server.token_requests) == 2

    clock.turn(timedelta(seconds=61))
    assert tokens.current() == "token-1"


def test_a_rejected_token_is_not_used_however_alive(server):
    tokens = make_tokens(server, make_store(a_token()))
    server.token_acts = [says(503, HTML)]

    with pytest.raises(SourceUnavailable):
        tokens.current(reject="stored")


class CountedStore(MemoryTokenStore):
    """Counts who has come to renew."""

    def __init__(self) -> None:
        super().__init__(SERVICE)
        self.arrived = 0

    def renewing(self, service):
        self.arrived += 1
        return super().renewing(service)


def reply(status: int, body: str | bytes, **headers: str) -> Reply:
    return Reply(status, headers, body if isinstance(body, bytes) else body.encode())


@pytest.mark.parametrize(
    ("status", "body", "secret"),
    [
        pytest.param(401, '{"error": "invalid_client"}', "badging_client_secret", id="wrong secret in the body"),
        pytest.param(400, '{"error": "invalid client_secret"}', "badging_client_secret", id="wrong secret"),
        pytest.param(400, '{"error": "invalid client_id"}', "badging.client_id", id="unknown client"),
        pytest.param(400, '{"error": "invalid_grant"}', "badging_password", id="wrong password"),
        pytest.param(401, '{"error": "invalid_grant"}', "badging_password", id="wrong password, older"),
        pytest.param(400, '{"error": "invalid scope requested"}', "rw:issuer", id="scope not allowed"),
        pytest.param(400, '{"error": "invalid_request"}', "[badging]", id="fell back to password"),
    ],
)
def test_refused_credentials_name_what_to_check(status, body, secret):
    """As JSON, whatever its type says: Badgr sends some of them as text/html."""
    with pytest.raises(TokenRefused) as caught:
        granted(reply(status, body, **{"Content-Type": "text/html"}), now=NOON)

    assert secret in caught.value.hint


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(429, HTML, id="throttled"),
        pytest.param(500, HTML, id="500"),
        pytest.param(503, '{"error": "invalid_client"}', id="503 that says something"),
        pytest.param(302, "", id="maintenance"),
        pytest.param(400, HTML, id="400 without meaning"),
        pytest.param(401, "", id="401 without meaning"),
        pytest.param(403, HTML, id="403 of a firewall"),
        pytest.param(400, '{"error": {"code": 1}}', id="400 in another form"),
        pytest.param(400, '{"error": "temporarily_unavailable"}', id="400 of an outage"),
        pytest.param(200, HTML, id="200 of a portal"),
        pytest.param(200, "{}", id="200 without a token"),
        pytest.param(200, '{"access_token": ""}', id="200 with an empty token"),
        pytest.param(200, '{"access_token": "a\\r\\nX: y"}', id="200 with a token that would break a header"),
        pytest.param(200, '{"access_token": "é"}', id="200 with a token that is not ASCII"),
        pytest.param(200, '{"access_token": "a", "token_type": "mac"}', id="200 with another kind of token"),
    ],
)
def test_anything_else_is_an_outage(status, body):
    with pytest.raises(SourceUnavailable):
        granted(reply(status, body), now=NOON)


@pytest.mark.parametrize("status", [404, 405])
def test_no_token_endpoint_means_a_wrong_address(status):
    with pytest.raises(SourceRefused) as caught:
        granted(reply(status, HTML), now=NOON)

    assert "badging.url" in caught.value.hint


@pytest.mark.parametrize(
    ("expires", "headers", "expected"),
    [
        pytest.param(4, {}, 4.0, id="by the body"),
        pytest.param(4, {"Retry-After": "9"}, 9.0, id="by the header"),
        pytest.param(10**400, {}, 1e8, id="longer than a number tells"),
    ],
)
def test_a_throttled_request_says_how_long(server, expires, headers, expected):
    server.token_acts = [says(429, THROTTLED | {"expires": expires}, **headers)]

    with pytest.raises(SourceUnavailable) as caught:
        make_tokens(server).current()

    assert caught.value.retry_after_s == expected


@pytest.mark.parametrize(
    ("body", "life_s"),
    [
        pytest.param('{"access_token": "a", "expires_in": 60}', 60, id="told"),
        pytest.param('{"access_token": "a"}', 3600, id="not told"),
        pytest.param('{"access_token": "a", "expires_in": "soon"}', 3600, id="told badly"),
        pytest.param('{"access_token": "a", "expires_in": true}', 3600, id="told as a boolean"),
        pytest.param('{"access_token": "a", "expires_in": 99999999999999}', 10**8, id="for ever"),
    ],
)
def test_a_tokens_life_is_believed_within_reason(body, life_s):
    assert granted(reply(200, body), now=NOON).life_s == life_s


def test_a_broken_token_answer_is_asked_for_once(server):
    server.token_acts = [resets]

    with pytest.raises(SourceUnavailable):
        make_tokens(server).current()

    assert len(server.token_requests) == 1


def test_no_repr_shows_a_token():
    assert "canary" not in repr(granted(reply(200, '{"access_token": "canary"}'), now=NOON))
    assert "canary" not in repr(reply(200, '{"access_token": "canary"}', Link="canary"))
