"""A refresh token works once: who renews when, what is saved first, and when a person is needed."""

import base64
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from d2l_sync.brightspace.routes import SCOPES
from d2l_sync.brightspace.tokens import SERVICE, BrightspaceTokens
from d2l_sync.domain.errors import SourceUnavailable, StateError, TokenRefused
from d2l_sync.domain.ports import Token, TokenState
from d2l_sync.domain.settings import BrightspaceSettings
from tests.brightspace.loopback import Answer, resets, says
from tests.brightspace.memory import NOON
from tests.fakes import TurnedClock
from tests.memory_tokens import MemoryTokenStore

HOUR = timedelta(hours=1)


def make_token(*, left=HOUR, life=HOUR, access="access-1", refresh="refresh-1", generation=1):
    return Token(access, NOON + left, refresh, obtained_at=NOON + left - life, generation=generation)


ASKED_FOR = replace(make_token(refresh=None), scopes=frozenset(SCOPES))
EXPIRED = make_token(left=timedelta(0))
INVALID_GRANT = says({"error": "invalid_grant", "error_description": "canary"}, 400)


def grant(access="access-2", refresh="refresh-2", expires_in=3600):
    return says(
        {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": expires_in,
            "token_type": "Bearer",
            "scope": "x",
        }
    )


class Rotating:
    """A token endpoint whose refresh tokens die on use."""

    def __init__(self) -> None:
        self.valid = "refresh-1"
        self.count = 1

    def __call__(self, asked):
        if asked.form.get("refresh_token") != self.valid:
            return INVALID_GRANT
        self.count += 1
        self.valid = f"refresh-{self.count}"
        return grant(f"access-{self.count}", self.valid)


@pytest.fixture
def clock():
    return TurnedClock(NOON)


@pytest.fixture
def settings(server):
    return BrightspaceSettings(
        url=server.url, client_id="app-1", client_secret="secret-1", token_url=f"{server.url}/token"
    )


@pytest.fixture
def sign_in(settings, clock):
    def sign_in(token=EXPIRED, **changes):
        store = MemoryTokenStore(SERVICE, token)
        return BrightspaceTokens(replace(settings, **changes), store, clock), store

    return sign_in


def test_a_good_token_is_used_without_asking(server, sign_in):
    tokens, _ = sign_in(make_token())

    assert tokens.access_token() == "access-1"
    assert server.asked == []


def test_an_expired_token_is_renewed_and_saved_before_it_is_used(server, sign_in):
    server.on("/token", grant())
    tokens, store = sign_in()

    assert tokens.access_token() == "access-2"
    assert store.events == ["begun", "saved"]
    assert store.state == TokenState(Token("access-2", NOON + HOUR, "refresh-2", obtained_at=NOON, generation=2))


def test_whoever_counts_calls_is_told_of_those_to_the_token_endpoint(settings, server, clock):
    told: list[tuple[str, int]] = []
    server.on("/token", resets(), grant())
    tokens = BrightspaceTokens(
        settings, MemoryTokenStore(SERVICE, EXPIRED), clock, on_call=lambda *call: told.append(call)
    )

    with pytest.raises(SourceUnavailable):
        tokens.access_token()
    clock.turn(timedelta(hours=1))
    tokens.access_token()

    assert told == [("brightspace", 0), ("brightspace", 200)]


def test_a_renewal_names_no_scope_and_signs_with_the_secret(server, sign_in):
    server.on("/token", grant())

    sign_in()[0].access_token()

    asked = server.asked[0]
    assert asked.form == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"app-1:secret-1").decode()


def test_a_token_is_renewed_when_a_fifth_of_its_life_is_left(server, sign_in):
    server.on("/token", grant())

    assert sign_in(make_token(left=timedelta(minutes=13)))[0].access_token() == "access-1"
    assert sign_in(make_token(left=timedelta(minutes=11)))[0].access_token() == "access-2"


LIVES: dict[str, tuple[object, float]] = {
    "a millisecond": (0.001, 10),
    "a second": (1, 10),
    "five": (5, 10),
    "ten": (10, 10),
    "twelve": (12, 10),
    "thirty": (30, 24),
    "a minute": (60, 48),
    "an hour": (3600, 2880),
    "an hour as text": ("3600", 2880),
    "nothing": (0, 2880),
    "less": (-1, 2880),
    "words": ("soon", 2880),
    "an empty text": ("", 2880),
    "null": (None, 2880),
    "true": (True, 2880),
    "a list": ([60], 2880),
    "decades": (10**9, 8 * 86400),
    "no float": (10**400, 2880),
    "no time": ("1e300", 8 * 86400),
}


@pytest.mark.parametrize(("life_s", "used_s"), LIVES.values(), ids=LIVES)
def test_a_token_is_used_for_most_of_its_life_and_ten_seconds_at_least(server, sign_in, clock, life_s, used_s):
    """What can't be a life counts as an hour; one of weeks as ten days."""
    server.on("/token", grant(expires_in=life_s), grant("access-3", "refresh-3"))
    tokens, _ = sign_in()
    tokens.access_token()

    clock.turn(timedelta(seconds=used_s - 0.5))
    assert tokens.access_token() == "access-2"
    clock.turn(timedelta(seconds=1))
    assert tokens.access_token() == "access-3"


def test_tokens_that_live_a_second_are_renewed_once_in_some_seconds(server, sign_in, clock):
    """Each call finds its token refused: the second one in a row is told how long to wait."""
    server.on("/token", Rotating())
    tokens, _ = sign_in(make_token())
    assert tokens.access_token(reject="access-1") == "access-2"
    clock.turn(timedelta(seconds=1))
    with pytest.raises(SourceUnavailable) as unavailable:
        tokens.access_token(reject="access-2")
    assert (unavailable.value.retry_after_s, len(server.asked)) == (4, 1)

    clock.turn(timedelta(seconds=4))

    assert tokens.access_token(reject="access-2") == "access-3"


def test_a_refused_token_that_could_not_be_replaced_is_told_as_that_to_every_call(server, sign_in):
    """The calls of a pass go at once, and each finds its token refused: what is to be mended is the endpoint."""
    server.on("/token", Answer(503))
    tokens, _ = sign_in(make_token())

    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="the token endpoint answered 503"):
            tokens.access_token(reject="access-1")


@pytest.mark.parametrize(
    "trouble",
    [
        Answer(503),
        Answer(500, b"<html>"),
        Answer(429),
        resets(),
        Answer(200, b"<html>Log in"),
        Answer(302),
        Answer(302, b"", {"Location": "http://[::1"}),
        says({}),
        says({"access_token": "two\r\nlines", "refresh_token": "half \ud800"}),
    ],
    ids=["503", "500", "429", "reset", "page", "redirect", "redirect to no address", "no token", "no usable one"],
)
class TestOutage:
    def test_a_good_token_is_used_while_the_endpoint_is_away(self, server, sign_in, trouble):
        server.on("/token", trouble)
        tokens, store = sign_in(make_token(left=timedelta(minutes=5)))

        assert tokens.access_token() == "access-1"
        assert store.state.lost_because is None

    def test_an_expired_token_makes_an_outage_and_no_loss(self, server, sign_in, trouble):
        server.on("/token", trouble)
        tokens, store = sign_in()

        with pytest.raises(SourceUnavailable):
            tokens.access_token()

        assert store.state == TokenState(EXPIRED, refreshing_since=NOON)

    def test_one_request_is_sent_however_often_it_is_asked_for(self, server, sign_in, trouble, clock):
        server.on("/token", trouble)
        tokens, _ = sign_in()
        for _ in range(5):
            with pytest.raises(SourceUnavailable):
                tokens.access_token()
        assert len(server.asked) == 1

        clock.turn(timedelta(seconds=31))
        with pytest.raises(SourceUnavailable):
            tokens.access_token()
        assert len(server.asked) == 2


def test_a_clock_that_is_set_back_does_not_lengthen_the_rest(server, sign_in, clock):
    server.on("/token", Answer(503), Rotating())
    tokens, _ = sign_in(make_token(left=timedelta(hours=-5)))
    with pytest.raises(SourceUnavailable):
        tokens.access_token()

    clock.turn(timedelta(hours=-1))

    assert tokens.access_token() == "access-2"


def test_after_a_lost_answer_the_old_token_is_tried_again(server, sign_in, clock):
    """The request may never have arrived."""
    server.on("/token", resets(), Rotating())
    tokens, _ = sign_in()
    with pytest.raises(SourceUnavailable):
        tokens.access_token()

    clock.turn(timedelta(seconds=31))

    assert tokens.access_token() == "access-2"


def test_when_the_answer_was_lost_after_the_rotation_a_person_is_needed(server, sign_in, clock):
    server.on("/token", resets(), INVALID_GRANT)
    tokens, store = sign_in()
    with pytest.raises(SourceUnavailable):
        tokens.access_token()
    clock.turn(timedelta(seconds=31))

    with pytest.raises(TokenRefused) as refused:
        tokens.access_token()

    assert "d2l-sync auth login" in refused.value.hint
    assert "canary" not in str(refused.value)
    assert "never arrived" in store.state.lost_because


def test_a_lost_token_is_not_sent_again(server, sign_in):
    server.on("/token", INVALID_GRANT)
    tokens, _ = sign_in()
    for _ in range(3):
        with pytest.raises(TokenRefused):
            tokens.access_token()

    assert len(server.asked) == 1


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_scope", "canary"])
@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_faulty_registration_is_refused_but_the_token_is_not_lost(server, sign_in, error, status):
    server.on("/token", says({"error": error}, status))
    tokens, store = sign_in()

    with pytest.raises(TokenRefused) as refused:
        tokens.access_token()

    assert refused.value.hint
    assert "canary" not in str(refused.value)
    assert (store.state.lost_because, store.state.refused_because) == (None, str(refused.value))


def test_a_refusal_ends_with_the_first_token_that_is_given(server, sign_in):
    """Somebody wrote the right secret, and started the service anew."""
    server.on("/token", says({"error": "invalid_client"}, 401), grant())
    tokens, store = sign_in()

    with pytest.raises(TokenRefused):
        tokens.access_token()
    tokens.access_token()

    assert store.state.refused_because is None


def test_without_a_token_a_person_must_sign_in(server, sign_in):
    with pytest.raises(TokenRefused, match="not signed in"):
        sign_in(None)[0].access_token()

    assert server.asked == []


def test_a_rejected_token_is_renewed_though_it_is_not_expired(server, sign_in):
    server.on("/token", grant())

    assert sign_in(make_token())[0].access_token(reject="access-1") == "access-2"


def test_a_rejected_token_that_somebody_replaced_costs_no_request(server, sign_in):
    tokens, store = sign_in(make_token())
    tokens.access_token()
    store.save("brightspace", make_token(access="access-2", refresh="refresh-2", generation=2))

    assert tokens.access_token(reject="access-1") == "access-2"
    assert server.asked == []


def test_a_sign_in_by_another_process_is_taken_up_with_the_next_reading(server, sign_in):
    """The service holds a token that is good for long; a person has signed in again, for more scopes or as another."""
    tokens, store = sign_in(make_token())
    assert tokens.access_token() == "access-1"
    store.save("brightspace", make_token(access="access-of-now", generation=2))
    before = tokens.access_token()

    tokens.look_again()

    assert (before, tokens.access_token()) == ("access-1", "access-of-now")
    assert server.asked == []


def test_a_reading_begins_with_the_token_in_hand_where_the_store_has_an_older_one(server, sign_in):
    """What could not be stored yet is the newest there is."""
    tokens, store = sign_in(EXPIRED)
    server.on("/token", grant())
    assert tokens.access_token() == "access-2"
    store.save("brightspace", EXPIRED)

    tokens.look_again()

    assert tokens.access_token() == "access-2"


def test_many_threads_of_many_processes_send_one_request(server, settings, clock):
    endpoint = Rotating()
    server.on("/token", endpoint)
    store = MemoryTokenStore(SERVICE, EXPIRED)
    processes = [BrightspaceTokens(settings, store, clock) for _ in range(4)]
    together = threading.Barrier(16)

    def ask(number):
        together.wait(60)
        return processes[number % 4].access_token()

    with ThreadPoolExecutor(16) as pool:
        got = set(pool.map(ask, range(16)))

    assert got == {"access-2"}
    assert len(server.asked) == 1


def test_a_store_that_is_full_loses_no_token(server, sign_in):
    """The rotated token is in memory only; it is saved before anything else once there is room."""
    server.on("/token", Rotating())
    tokens, store = sign_in()
    store.is_full = True
    with pytest.raises(StateError):
        tokens.access_token()

    store.is_full = False

    assert tokens.access_token() == "access-2"
    assert store.state.token.refresh_token == "refresh-2"
    assert len(server.asked) == 1


def test_an_answer_without_a_new_refresh_token_keeps_the_old_one(server, sign_in):
    server.on("/token", says({"access_token": "access-2"}))
    tokens, store = sign_in()

    tokens.access_token()

    assert store.state.token == Token("access-2", NOON + HOUR, "refresh-1", obtained_at=NOON, generation=2)


ODD_TOKENS: list[object] = ["", None, 7, True, ["access-2"], {}, "two words", "two\r\nlines", "\ud800"]
UNUSABLE: list[dict[str, object]] = [{}, *({"access_token": token} for token in ODD_TOKENS)]


@pytest.mark.parametrize("unusable", UNUSABLE, ids=lambda unusable: json.dumps(list(unusable.values())))
class TestRefreshTokenAlone:
    """The old refresh token is dead once the answer is made: to lose the new one breaks the chain."""

    def test_it_is_kept_and_used_a_little_later(self, server, sign_in, clock, unusable):
        server.on("/token", says({"refresh_token": "refresh-2"} | unusable), grant("access-3", "refresh-3"))
        tokens, store = sign_in()
        with pytest.raises(SourceUnavailable, match="no usable access token"):
            tokens.access_token()
        assert store.state == TokenState(Token("", NOON, "refresh-2", obtained_at=NOON, generation=2))

        clock.turn(timedelta(seconds=31))

        assert tokens.access_token() == "access-3"
        assert [asked.form["refresh_token"] for asked in server.asked] == ["refresh-1", "refresh-2"]

    def test_a_good_access_token_is_used_on(self, server, sign_in, unusable):
        server.on("/token", says({"refresh_token": "refresh-2"} | unusable))
        tokens, store = sign_in(make_token(left=timedelta(minutes=5)))

        assert (tokens.access_token(), tokens.access_token()) == ("access-1", "access-1")
        assert store.state.token.refresh_token == "refresh-2"
        assert len(server.asked) == 1

    def test_a_store_that_is_full_does_not_lose_it(self, server, sign_in, unusable):
        server.on("/token", says({"refresh_token": "refresh-2"} | unusable), grant("access-3", "refresh-3"))
        tokens, store = sign_in()
        store.is_full = True
        with pytest.raises(StateError):
            tokens.access_token()

        store.is_full = False

        assert tokens.access_token() == "access-3"
        assert server.asked[1].form["refresh_token"] == "refresh-2"

    def test_a_sign_in_that_brings_no_more_is_one_all_the_same(self, server, sign_in, unusable):
        server.on("/token", says({"refresh_token": "refresh-2"} | unusable))
        tokens, store = sign_in(make_token())

        with pytest.raises(SourceUnavailable) as unavailable:
            tokens.exchange("code-1")

        assert "the sign-in is kept" in unavailable.value.hint
        assert store.state.token == Token("", NOON, "refresh-2", obtained_at=NOON, generation=2)


def test_a_refresh_token_that_came_alone_replaces_no_refused_access_token(server, sign_in):
    server.on("/token", says({"refresh_token": "refresh-2"}))
    tokens, store = sign_in(make_token())

    with pytest.raises(SourceUnavailable):
        tokens.access_token(reject="access-1")

    assert store.state.token == Token("", NOON, "refresh-2", obtained_at=NOON, generation=2)


@pytest.mark.parametrize(
    "odd",
    ['"expires_in": NaN', '"expires_in": 1e999', f'"expires_in": {"9" * 5000}', '"scope": "x", "scope": "x"'],
    ids=["not a number", "infinite", "too long to count", "twice"],
)
def test_what_is_odd_beside_the_tokens_loses_none_of_them(server, sign_in, odd):
    server.on("/token", Answer(200, f'{{"access_token": "access-2", "refresh_token": "refresh-2", {odd}}}'.encode()))
    tokens, store = sign_in()

    assert tokens.access_token() == "access-2"
    assert store.state.token == Token("access-2", NOON + HOUR, "refresh-2", obtained_at=NOON, generation=2)


def test_a_service_user_is_given_no_refresh_token_to_keep(server, sign_in):
    server.on("/token", says({"refresh_token": "refresh-2"}))
    tokens, store = sign_in(None, auth="client_credentials", private_key=EC_PEM)

    with pytest.raises(SourceUnavailable):
        tokens.access_token()

    assert store.state.token is None


def test_the_login_address_asks_for_reading_and_nothing_else(sign_in):
    tokens, _ = sign_in(None, redirect_uri="https://here.example/back", authorize_url="https://auth.example/auth")

    address = urlsplit(tokens.login_url("state-1"))

    assert address.netloc == "auth.example"
    assert parse_qs(address.query) == {
        "response_type": ["code"],
        "client_id": ["app-1"],
        "redirect_uri": ["https://here.example/back"],
        "scope": [" ".join(SCOPES)],
        "state": ["state-1"],
    }
    assert all(scope.endswith(":read") for scope in SCOPES)


def test_a_code_becomes_stored_tokens(server, sign_in):
    server.on("/token", grant())
    tokens, store = sign_in(None, redirect_uri="https://here.example/back")
    store.lose("brightspace", "gone")

    tokens.exchange("code-1")

    assert server.asked[0].form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://here.example/back",
    }
    assert store.state.token.refresh_token == "refresh-2"
    assert tokens.access_token() == "access-2"


def test_a_used_code_is_refused_and_nothing_is_lost(server, sign_in):
    server.on("/token", INVALID_GRANT)
    tokens, store = sign_in(make_token())

    with pytest.raises(TokenRefused, match="code"):
        tokens.exchange("code-1")

    assert store.state == TokenState(make_token())


def test_a_consent_without_refresh_token_is_of_no_use(server, sign_in):
    server.on("/token", says({"access_token": "access-2"}))

    with pytest.raises(TokenRefused) as refused:
        sign_in(None)[0].exchange("code-1")

    assert "enable refresh tokens" in refused.value.hint


def test_an_imported_token_is_renewed_at_its_first_use(server, sign_in):
    server.on("/token", Rotating())
    tokens, store = sign_in(make_token(refresh="refresh-0", generation=7))
    store.lose("brightspace", "gone")

    tokens.import_refresh_token("  refresh-1\n")

    assert store.state.lost_because is None
    assert tokens.access_token() == "access-2"
    assert store.state.token.generation == 9


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
EC_PEM = EC_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.mark.parametrize(("key", "algorithm"), [(RSA_KEY, "RS256"), (EC_KEY, "ES256")], ids=["RSA", "EC"])
def test_a_service_user_asks_with_a_signed_assertion(server, sign_in, clock, key, algorithm):
    server.on("/token", says({"access_token": "access-2", "expires_in": 3600}))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    tokens, store = sign_in(None, auth="client_credentials", key_id="key-1", private_key=pem)

    assert tokens.access_token() == "access-2"

    asked = server.asked[0]
    assertion = asked.form.pop("client_assertion")
    claims = jwt.decode(assertion, options={"verify_signature": False})
    jwt.decode(
        assertion,
        key.public_key(),
        [algorithm],
        audience=f"{server.url}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert "Authorization" not in asked.headers
    assert asked.form == {
        "grant_type": "client_credentials",
        "scope": " ".join(SCOPES),
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert jwt.get_unverified_header(assertion) == {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("app-1", "app-1", f"{server.url}/token")
    assert (claims["iat"], claims["exp"]) == (NOON.timestamp(), NOON.timestamp() + 60)
    assert store.state.token.refresh_token is None


def test_each_assertion_is_used_once(server, sign_in, clock):
    server.on("/token", says({"access_token": "access-2", "expires_in": 3600}))
    tokens, _ = sign_in(None, auth="client_credentials", private_key=EC_PEM)
    tokens.access_token()
    clock.turn(timedelta(hours=2))
    tokens.access_token()

    first, second = (
        jwt.decode(one.form["client_assertion"], options={"verify_signature": False}) for one in server.asked
    )
    assert first["jti"] != second["jti"]


def test_an_assertion_that_is_not_taken_is_a_refusal_and_no_loss(server, sign_in):
    server.on("/token", INVALID_GRANT)
    tokens, store = sign_in(None, auth="client_credentials", private_key=EC_PEM)

    with pytest.raises(TokenRefused, match="assertion"):
        tokens.access_token()

    assert store.state.lost_because is None


def test_an_assertion_that_a_wrong_clock_dates_is_refused_with_a_word_about_the_clock(server, sign_in):
    """Servers answer a dated one as they do an unknown client (RFC 7523, 3.2)."""
    server.on("/token", says({"error": "invalid_client"}, 401))
    tokens, _ = sign_in(None, auth="client_credentials", private_key=EC_PEM)

    with pytest.raises(TokenRefused) as refused:
        tokens.access_token()

    assert "clock" in refused.value.hint


def test_a_key_that_is_none_is_refused_without_being_shown(server, sign_in):
    tokens, _ = sign_in(None, auth="client_credentials", private_key="canary-key")

    with pytest.raises(TokenRefused) as refused:
        tokens.access_token()

    assert "canary" not in f"{refused.value!r}{refused.value.hint}"
    assert server.asked == []


def test_a_secret_is_proved_by_a_renewal_and_no_refresh_token_is_spent_for_it(server, sign_in, clock):
    server.on("/token", grant())
    tokens, _ = sign_in(make_token(life=HOUR))
    tokens.access_token()
    assert tokens.proof_due() == NOON + timedelta(minutes=48)
    assert server.asked == []

    clock.turn(timedelta(minutes=49))
    tokens.access_token()

    assert (tokens.proof_due(), len(server.asked)) == (None, 1)


def test_a_private_key_is_proved_at_once_and_once(server, sign_in):
    server.on("/token", says({"access_token": "access-2"}))
    tokens, store = sign_in(ASKED_FOR, auth="client_credentials", private_key=EC_PEM)
    tokens.access_token()
    assert server.asked == []

    assert (tokens.proof_due(), tokens.proof_due()) == (None, None)

    assert (store.state.token.access_token, tokens.access_token(), len(server.asked)) == ("access-2", "access-2", 1)


def test_a_private_key_that_is_not_taken_leaves_the_token_that_others_use(server, sign_in):
    server.on("/token", INVALID_GRANT)
    tokens, store = sign_in(ASKED_FOR, auth="client_credentials", private_key=EC_PEM)

    with pytest.raises(TokenRefused):
        tokens.proof_due()

    assert (store.state.token, store.state.lost_because) == (ASKED_FOR, None)
    assert tokens.access_token() == "access-1"


@pytest.mark.parametrize("before", [None, SCOPES[1:]], ids=["unknown", "narrower"])
class TestTokenForLess:
    """A pathway file that reads more came after the token; without a new one it would be an hour of refusals."""

    def test_a_service_user_asks_anew_and_once(self, server, sign_in, before):
        server.on("/token", says({"access_token": "access-2"}))
        stored = replace(ASKED_FOR, scopes=before and frozenset(before))
        tokens, store = sign_in(stored, auth="client_credentials", private_key=EC_PEM)

        assert (tokens.access_token(), tokens.access_token()) == ("access-2", "access-2")

        assert (store.state.token.scopes, len(server.asked)) == (frozenset(SCOPES), 1)

    def test_it_is_better_than_none_while_the_endpoint_is_away(self, server, sign_in, before):
        server.on("/token", Answer(503))
        stored = replace(ASKED_FOR, scopes=before and frozenset(before))
        tokens, _ = sign_in(stored, auth="client_credentials", private_key=EC_PEM)

        assert tokens.access_token() == "access-1"

    def test_a_consent_is_not_widened_by_a_renewal(self, server, sign_in, before):
        tokens, _ = sign_in(replace(make_token(), scopes=before and frozenset(before)))

        assert tokens.access_token() == "access-1"
        assert server.asked == []


def test_a_token_for_more_than_is_needed_is_used(server, settings, clock):
    user = replace(settings, auth="client_credentials", private_key=EC_PEM)
    tokens = BrightspaceTokens(user, MemoryTokenStore(SERVICE, ASKED_FOR), clock, scopes=SCOPES[1:])

    assert tokens.access_token() == "access-1"
    assert server.asked == []
