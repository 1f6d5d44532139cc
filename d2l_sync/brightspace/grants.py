"""The token endpoint: what each grant sends, and what its answer means. Nothing here is ever sent twice.

Source: docs.valence.desire2learn.com/basic/oauth2.html; RFC 6749, and RFC 7523 for the signed assertion.
"""

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from oauthlib.oauth2 import BackendApplicationClient, WebApplicationClient
from requests.auth import HTTPBasicAuth

from d2l_sync.brightspace.meter import seconds_in
from d2l_sync.brightspace.origin import Anonymous
from d2l_sync.brightspace.wire import DEADLINE_S, NO_ANSWER, TIMEOUTS, Json, body_of, json_of, no_answer
from d2l_sync.domain.errors import SourceUnavailable, TokenRefused
from d2l_sync.domain.settings import BrightspaceSettings
from d2l_sync.session import TROUBLE, bounded_session, is_bloated

ASSERTION_LIFE = timedelta(minutes=1)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
USUAL_LIFE_S = 3600.0
CURVES = {256: "ES256", 384: "ES384", 521: "ES512"}

HINTS = {
    "invalid_client": "check brightspace.client_id and the secret, or the registered key and this machine's clock",
    "unauthorized_client": "the application is not registered for this grant: check brightspace.auth",
    "invalid_scope": "the application is not registered for every scope of d2l-sync auth scopes",
}


class InvalidGrant(Exception):
    """The refresh token or the code is used, revoked or unknown."""


class HalfGrant(SourceUnavailable):
    """The answer holds a new refresh token and no usable access token.

    The old refresh token is dead by now: whoever does not keep the new one breaks the chain.
    """

    def __init__(self, refresh_token: str) -> None:
        super().__init__("the token endpoint's answer holds no usable access token")
        self.refresh_token = refresh_token


@dataclass(frozen=True, slots=True)
class Grant:
    """What the endpoint gave."""

    access_token: str
    life: timedelta
    refresh_token: str | None

    def __repr__(self) -> str:
        return f"Grant(life={self.life})"


class TokenEndpoint:
    """Each method sends one request, whatever comes of it; `calls` counts them, and `on_call` is told each status.

    Raises InvalidGrant, TokenRefused (other 4xx) or SourceUnavailable (no answer, 5xx, 429, an unreadable one, and
    HalfGrant for one with half of what was asked for).
    """

    def __init__(
        self,
        settings: BrightspaceSettings,
        scopes: tuple[str, ...],
        *,
        on_call: Callable[[str, int], None] | None = None,
    ) -> None:
        self._on_call = on_call
        self._settings = settings
        self._scopes = scopes
        self.calls = 0

    def refresh(self, refresh_token: str) -> Grant:
        body = WebApplicationClient(self._settings.client_id).prepare_refresh_body(refresh_token=refresh_token)
        return self._post(body, self._basic())

    def exchange(self, code: str) -> Grant:
        client = WebApplicationClient(self._settings.client_id)
        redirect_uri = self._settings.redirect_uri
        body = client.prepare_request_body(code=code, redirect_uri=redirect_uri, include_client_id=False)
        return self._post(body, self._basic())

    def assert_client(self, now: datetime) -> Grant:
        """Ask with an assertion signed by our private key. now: what its times are counted from."""
        body = BackendApplicationClient(self._settings.client_id).prepare_request_body(
            scope=" ".join(self._scopes),
            client_assertion_type=ASSERTION_TYPE,
            client_assertion=signed_assertion(self._settings, now),
        )
        return self._post(body, Anonymous())

    def _basic(self) -> HTTPBasicAuth:
        return HTTPBasicAuth(self._settings.client_id, self._settings.client_secret)

    def _post(self, body: str, auth: HTTPBasicAuth | Anonymous) -> Grant:
        self.calls += 1
        deadline = time.monotonic() + DEADLINE_S
        status = NO_ANSWER
        try:
            with (
                bounded_session(connections=1, total_s=DEADLINE_S) as session,
                session.post(
                    self._settings.token_url,
                    data=body,
                    headers={"Content-Type": "application/x-www-form-urlencoded"},
                    auth=auth,
                    timeout=TIMEOUTS,
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                status = response.status_code
                answer = body_of(response, deadline=deadline)
        except TROUBLE as error:
            # Without its cause, which quotes the address.
            raise no_answer("the token endpoint", error, self._settings.token_url) from None
        except SourceUnavailable as error:
            raise SourceUnavailable(f"the token endpoint: {error}") from error
        finally:
            if self._on_call:
                self._on_call("brightspace", status)
        _judge(response, answer)
        return _grant(answer)


def _judge(response: requests.Response, answer: bytes) -> None:
    status = response.status_code
    codes = requests.codes
    if status == codes.ok:
        return
    if status >= codes.server_error or status in {codes.too_many_requests, codes.request_timeout}:
        wait_s = seconds_in(response.headers.get("Retry-After"))
        raise SourceUnavailable(f"the token endpoint answered {status}", retry_after_s=wait_s)
    if status < codes.bad_request:
        raise SourceUnavailable(f"the token endpoint answered {status}", hint="check brightspace.token_url")
    error = _error_code(answer)
    if error == "invalid_grant":
        raise InvalidGrant
    raise TokenRefused(
        f"the token endpoint refuses us ({status}{', ' + error if error else ''})",
        hint=HINTS.get(error, "check brightspace.token_url, client_id and the secret"),
    )


def _error_code(answer: bytes) -> str:
    """Read the error's code if it is one of the protocol's; any other text stays where it is."""
    try:
        parsed = json_of(answer)
    except SourceUnavailable:
        return ""
    known = {*HINTS, "invalid_grant", "invalid_request", "unsupported_grant_type"}
    code = parsed.get("error") if isinstance(parsed, dict) else None
    return code if isinstance(code, str) and code in known else ""


def _grant(answer: bytes) -> Grant:
    given = _members(answer)
    access_token, refresh_token = _token_in(given, "access_token"), _token_in(given, "refresh_token")
    if access_token is None and refresh_token is not None:
        raise HalfGrant(refresh_token)
    if access_token is None:
        raise SourceUnavailable("the token endpoint's answer holds no token")
    life_s = seconds_in(str(given.get("expires_in"))) or USUAL_LIFE_S
    return Grant(access_token, timedelta(seconds=min(life_s, 10 * 24 * USUAL_LIFE_S)), refresh_token)


def _members(answer: bytes) -> dict[str, object]:
    """Read what can be read, however odd the rest is: what is thrown away here is thrown away for ever."""
    if is_bloated(answer):
        return {}
    try:
        parsed: Json = json.loads(answer, parse_int=float, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _token_in(given: dict[str, object], name: str) -> str | None:
    text = given.get(name)
    return text if isinstance(text, str) and _is_token(text) else None


def _is_token(text: str) -> bool:
    """Tell whether a text can be a token: what fits into a header, and into the database."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


def signed_assertion(settings: BrightspaceSettings, now: datetime) -> str:
    """Sign who we are: for one minute, for this endpoint, and for once. Raises TokenRefused for an unusable key."""
    claims = {
        "iss": settings.client_id,
        "sub": settings.client_id,
        "aud": settings.token_url,
        "jti": secrets.token_urlsafe(24),
        "iat": int(now.timestamp()),
        "exp": int((now + ASSERTION_LIFE).timestamp()),
    }
    try:
        key = load_pem_private_key(settings.private_key.encode(), password=None)
        algorithm = CURVES.get(key.curve.key_size, "ES256") if isinstance(key, EllipticCurvePrivateKey) else "RS256"
        return jwt.encode(claims, settings.private_key, algorithm=algorithm, headers={"kid": settings.key_id})
    except (ValueError, TypeError, jwt.PyJWTError) as error:
        # Without its cause, which may quote the key.
        raise TokenRefused(
            f"the private key can't be used ({type(error).__name__})",
            hint="brightspace_private_key must be an unencrypted RSA or EC key in PEM form",
        ) from None
