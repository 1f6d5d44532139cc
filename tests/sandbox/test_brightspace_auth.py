"""The auth server: rotation, consent, client credentials, expiry, scopes."""

import base64
import hashlib
import time
import uuid
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from d2l_sync.sandbox.handle import BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET, REDIRECT_URI

WHO_AM_I = "lp/1.49/users/whoami"


def test_a_refresh_token_works_once(brightspace):
    used = brightspace.tokens["refresh_token"]
    brightspace.refresh(used)

    again = brightspace.refresh(used)

    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"


def test_each_refresh_brings_a_new_pair(brightspace):
    fresh = brightspace.refresh(brightspace.tokens["refresh_token"]).json()

    assert fresh["refresh_token"] != brightspace.tokens["refresh_token"]
    assert fresh["access_token"] != brightspace.tokens["access_token"]
    assert fresh["expires_in"] == 3600


def test_a_client_may_say_who_it_is_in_the_body(sandbox, http):
    form = {
        "grant_type": "refresh_token",
        "refresh_token": sandbox.control("new_refresh_token"),
        "client_id": BRIGHTSPACE_CLIENT,
        "client_secret": BRIGHTSPACE_SECRET,
    }

    assert http.post(sandbox.addresses.token_url, data=form, timeout=60).status_code == 200


def test_a_wrong_secret_leaves_the_refresh_token_alive(sandbox, http, brightspace):
    token = sandbox.control("new_refresh_token")
    form = {"grant_type": "refresh_token", "refresh_token": token}

    refused = http.post(sandbox.addresses.token_url, data=form, auth=(BRIGHTSPACE_CLIENT, "wrong"), timeout=60)

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert brightspace.refresh(token).status_code == 200


def test_refreshes_are_counted(sandbox, brightspace):
    brightspace.refresh(brightspace.tokens["refresh_token"])
    brightspace.refresh("never given")

    assert sandbox.control("token_counts") == {"refresh_token": 2, "refused": 1}


def test_a_lost_answer_breaks_the_chain(sandbox, brightspace):
    """The server rotated; the client never heard the new token, and its old one is dead."""
    token = brightspace.tokens["refresh_token"]
    sandbox.trouble("auth", "/core/connect/token", kind="lose_answer", times=1)

    with pytest.raises(OSError, match="Connection"):
        brightspace.refresh(token)

    assert brightspace.refresh(token).json()["error"] == "invalid_grant"


def test_an_access_token_ends_when_it_said_it_would(sandbox, brightspace):
    assert brightspace.ask(WHO_AM_I).status_code == 200

    sandbox.control("advance_clock", seconds=3601)

    refused = brightspace.ask(WHO_AM_I)
    assert refused.status_code == 401
    assert refused.json() | {"detail": ""} == {
        "type": "http://docs.valence.desire2learn.com/res/apiprop.html#invalid-token",
        "title": "Unauthorized",
        "status": 401,
        "detail": "",
    }


def test_no_token_is_a_401_as_well(sandbox, http):
    assert http.get(f"{sandbox.addresses.brightspace}/d2l/api/{WHO_AM_I}", timeout=60).status_code == 401


def test_a_removed_application_loses_both_kinds_of_token(sandbox, brightspace):
    sandbox.control("revoke_all_tokens")

    assert brightspace.ask(WHO_AM_I).status_code == 401
    assert brightspace.refresh(brightspace.tokens["refresh_token"]).json()["error"] == "invalid_grant"


def consent(sandbox, http, **changed):
    query = {
        "response_type": "code",
        "client_id": BRIGHTSPACE_CLIENT,
        "redirect_uri": REDIRECT_URI,
        "scope": "users:own_profile:read",
        "state": "s/1",
        "accept": "1",
    }
    return http.get(sandbox.addresses.authorize_url, params=query | changed, timeout=60, allow_redirects=False)


def redeem(sandbox, http, code, **proof):
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI} | proof
    return http.post(sandbox.addresses.token_url, data=form, auth=(BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET), timeout=60)


def test_consent_leads_back_with_a_code_that_works_once(sandbox, http):
    answer = consent(sandbox, http)
    query = parse_qs(urlsplit(answer.headers["Location"]).query)

    assert answer.status_code == 302
    assert query["state"] == ["s/1"]
    first, second = (redeem(sandbox, http, query["code"][0]) for _ in range(2))
    assert first.json()["scope"] == "users:own_profile:read"
    assert second.json()["error"] == "invalid_grant"


def test_a_person_sees_a_page_before_consenting(sandbox, http):
    page = consent(sandbox, http, accept=None)

    assert page.status_code == 200
    assert "Accept" in page.text


def test_consent_never_leads_to_an_address_that_is_not_registered(sandbox, http):
    assert consent(sandbox, http, redirect_uri="https://foreign.example.org/").status_code == 400


def test_a_scope_beyond_the_registered_one_is_refused(sandbox, http):
    assert "error=invalid_scope" in consent(sandbox, http, scope="core:*:*").headers["Location"]


def test_a_token_without_the_scope_is_told_so_with_403(sandbox, brightspace):
    token = brightspace.tokens["refresh_token"]
    brightspace.tokens = brightspace.refresh(token, scope="users:own_profile:read").json()

    refused = brightspace.ask("le/1.82/6601/classlist/")

    assert refused.status_code == 403
    assert "Insufficient scope to call" in refused.text
    assert brightspace.ask(WHO_AM_I).status_code == 200


@pytest.mark.parametrize("granted", ["core:*:*", "role:*:read", "role:detail:*"])
def test_wildcards_open_what_they_cover(sandbox, brightspace, granted):
    sandbox.control("set_scope", scope=granted)
    brightspace.tokens = brightspace.refresh(sandbox.control("new_refresh_token")).json()

    assert brightspace.ask("lp/1.49/roles/").status_code == 200


class Service:
    """A client-credentials application with a key of its own."""

    def __init__(self, sandbox, http):
        self.sandbox = sandbox
        self.http = http
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True) | {"kid": "k1"}
        sandbox.control("register_keys", client_id="svc", jwks={"keys": [public]})

    def claims(self, **changed):
        now = int(time.time())
        aud = self.sandbox.addresses.token_url
        return {"iss": "svc", "sub": "svc", "aud": aud, "iat": now, "exp": now + 50, "jti": uuid.uuid4().hex} | changed

    def ask(self, claims, *, kid="k1", key=None):
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, key or self.key, algorithm="RS256", headers={"kid": kid}),
            "scope": "users:own_profile:read",
        }
        return self.http.post(self.sandbox.addresses.token_url, data=form, timeout=60)


@pytest.fixture
def service(sandbox, http):
    return Service(sandbox, http)


def test_a_signed_assertion_brings_an_access_token_and_no_refresh_token(service, brightspace):
    answer = service.ask(service.claims())

    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    brightspace.tokens = answer.json()
    assert brightspace.get(WHO_AM_I)["UniqueName"] == "svc-d2l-sync"


def test_an_assertion_works_once(service):
    claims = service.claims()

    assert [service.ask(claims).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"aud": "https://auth.example.org/core/connect/token"}, id="for another endpoint"),
        pytest.param({"sub": "somebody"}, id="sub is not iss"),
        pytest.param({"iss": "nobody", "sub": "nobody"}, id="unknown client"),
        pytest.param({"exp": int(time.time()) + 100_000}, id="lives too long"),
        pytest.param({"exp": int(time.time()) - 60}, id="expired"),
        pytest.param({"iat": int(time.time()) + 100_000}, id="issued in the future"),
    ],
)
def test_an_assertion_that_does_not_hold_is_refused(service, changed):
    refused = service.ask(service.claims(**changed))

    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_an_assertion_signed_by_somebody_else_is_refused(service):
    forged = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert service.ask(service.claims(), key=forged).status_code == 401


def test_an_unknown_key_id_is_refused(service):
    assert service.ask(service.claims(), kid="k2").status_code == 401


def test_a_skewed_clock_makes_assertions_useless(sandbox, service):
    sandbox.control("set_clock", offset_s=-600, server="brightspace")

    assert service.ask(service.claims()).json()["error"] == "invalid_client"


def test_a_client_that_proves_its_code_must_prove_it_rightly(sandbox, http):
    """With PKCE, only who began the consent can end it."""
    verifier = "a-long-random-word-that-only-the-client-knows"
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    statuses = []
    for word in ("another-word", verifier):
        answer = consent(sandbox, http, code_challenge=digest, code_challenge_method="S256")
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        statuses.append(redeem(sandbox, http, code, code_verifier=word).status_code)

    assert statuses == [400, 200]


def test_a_code_ends_after_some_minutes(sandbox, http):
    code = parse_qs(urlsplit(consent(sandbox, http).headers["Location"]).query)["code"][0]
    sandbox.control("advance_clock", seconds=301)

    assert redeem(sandbox, http, code).json()["error"] == "invalid_grant"


def test_a_refresh_cannot_ask_for_more_than_was_granted(brightspace):
    refused = brightspace.refresh(brightspace.tokens["refresh_token"], scope="core:*:*")

    assert refused.json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        pytest.param({"grant_type": "password"}, "unsupported_grant_type", id="grant type"),
        pytest.param({"grant_type": "client_credentials"}, "invalid_client", id="no assertion"),
    ],
)
def test_another_grant_is_refused(sandbox, http, form, error):
    auth = (BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET)

    assert http.post(sandbox.addresses.token_url, data=form, auth=auth, timeout=60).json()["error"] == error


def test_a_token_request_is_a_form(sandbox, http):
    refused = http.post(sandbox.addresses.token_url, json={"grant_type": "refresh_token"}, timeout=60)

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


def test_some_routes_have_no_scope_but_the_fallback(sandbox, brightspace):
    without = brightspace.ask("lp/1.49/organization/info").status_code
    sandbox.control("set_scope", scope="core:*:*")
    brightspace.tokens = brightspace.refresh(sandbox.control("new_refresh_token")).json()

    assert without == 403
    assert brightspace.get("lp/1.49/organization/info")["TimeZone"] == "America/New_York"


def test_access_tokens_can_be_ended_while_the_chain_goes_on(sandbox, brightspace):
    sandbox.control("expire_access_tokens")

    assert brightspace.ask(WHO_AM_I).status_code == 401
    assert brightspace.refresh(brightspace.tokens["refresh_token"]).status_code == 200
