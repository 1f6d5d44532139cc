"""Access tokens of a Badgr v2 platform: asked for when needed, one at a time, kept in the token store.

Observed of Badgr 3.15: a token lives a day, older ones stay valid beside a new one, and each refused request makes
everybody at this network address wait twice as long (2 s up to an hour). So each call asks at most once, and who
waited for another's request takes its outcome, good or bad.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from d2l_sync.badging.badgr_bodies import json_object
from d2l_sync.badging.platform import Reply, Transport, Unanswered
from d2l_sync.domain.errors import D2lSyncError, SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ports import Clock, Token, TokenStore
from d2l_sync.domain.settings import BadgingSettings

SERVICE = "badging"
SCOPE = "rw:issuer"
PUBLIC_CLIENT = "public"
FORM = "application/x-www-form-urlencoded"
RENEW_WITH_LEFT = timedelta(seconds=300)
RENEW_WITH_SHARE_LEFT = 10
LEAST_USE = timedelta(seconds=10)
"""So long a token is used unless it is refused, whatever is said of its life."""
LONGEST_LIFE_S = 10**8
LIFE_IF_NOT_TOLD_S = 3600
PAUSE_WHILE_ALIVE = timedelta(seconds=60)
NOT_OUR_FAULT = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
OK, BAD_REQUEST, UNAUTHORIZED, NOT_FOUND, NOT_ALLOWED, TOO_MANY = 200, 400, 401, 404, 405, 429


class BadgrTokens:
    """The one place that asks `POST /o/token`. Safe to call from several threads."""

    def __init__(self, settings: BadgingSettings, store: TokenStore, *, transport: Transport, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._transport = transport
        self._clock = clock
        self._held: Token | None = None
        self._failure: D2lSyncError | None = None
        self._paused_until: datetime | None = None

    def current(self, *, reject: str | None = None) -> str:
        """Return an access token that is good for a while; never `reject`, which a 401 has just refused.

        Raises TokenRefused (a person must give other credentials), SourceUnavailable (try later) or SourceRefused
        (there is no token endpoint at this address).
        """
        held = self._held
        if held is not None and self._is_fresh(held, reject):
            return held.access_token
        failure_before = self._failure
        with self._store.renewing(SERVICE):
            stored = self._store.read(SERVICE).token
            if stored is None or not self._is_fresh(stored, reject):
                if self._failure is not None and self._failure is not failure_before:
                    raise self._failure.with_traceback(None)
                try:
                    stored = self._renewed(stored, reject)
                except TokenRefused as error:
                    self._store.lose(SERVICE, str(error))
                    raise
            self._held = stored
            return stored.access_token

    def anew(self) -> None:
        """Ask for a new token, however good the stored one still is; raise like `current`.

        A refusal is not noted: who only checks may have another secret than the daemon, whose token lives on. Where it
        is the same one, `current` notes it as soon as the credentials are needed.
        """
        with self._store.renewing(SERVICE):
            stored = self._store.read(SERVICE).token
            self._held = self._renewed(stored, stored.access_token if stored else None)

    def _is_fresh(self, token: Token, reject: str | None) -> bool:
        now = self._clock()
        if not _is_alive(token, reject, now):
            return False
        is_paused = self._paused_until is not None and now < self._paused_until
        return is_paused or now < max(token.expires_at - margin(token), _least_end(token))

    def _renewed(self, old: Token | None, reject: str | None) -> Token:
        try:
            token = self._asked_for(generation=old.generation + 1 if old else 1)
        except SourceUnavailable as error:
            if old is not None and _is_alive(old, reject, self._clock()):
                self._paused_until = self._clock() + PAUSE_WHILE_ALIVE
                return old
            self._failure = error
            raise
        except D2lSyncError as error:
            self._failure = error
            raise
        self._store.save(SERVICE, token)
        self._paused_until = None
        return token

    def _asked_for(self, *, generation: int) -> Token:
        form = urlencode(grant_of(self._settings)).encode()
        obtained_at = self._clock()
        try:
            reply = self._transport.send("POST", self._transport.base.at("o", "token"), content=form, media_type=FORM)
        except Unanswered as error:
            raise SourceUnavailable(f"The badging platform's token endpoint: {error}.", hint=error.hint) from None
        given = granted(reply, now=obtained_at)
        return Token(
            access_token=given.access_token,
            expires_at=obtained_at + timedelta(seconds=given.life_s),
            obtained_at=obtained_at,
            generation=generation,
        )


def _is_alive(token: Token, reject: str | None, now: datetime) -> bool:
    return token.access_token != reject and now < max(token.expires_at, _least_end(token))


def _least_end(token: Token) -> datetime:
    """Tell until when a token is used at least."""
    return token.obtained_at + LEAST_USE if token.obtained_at else token.expires_at - margin(token)


def margin(token: Token) -> timedelta:
    """Return with how much life left a token is renewed: a tenth or five minutes, but never more than half."""
    if token.obtained_at is None:
        return RENEW_WITH_LEFT
    life = token.expires_at - token.obtained_at
    return min(max(life / RENEW_WITH_SHARE_LEFT, RENEW_WITH_LEFT), life / 2)


def grant_of(settings: BadgingSettings) -> Mapping[str, str]:
    """Return the form to send: the password grant where a user name is configured, else client credentials."""
    if settings.username:
        return {
            "grant_type": "password",
            "client_id": settings.client_id or PUBLIC_CLIENT,
            "scope": SCOPE,
            "username": settings.username,
            "password": settings.password,
        }
    return {
        "grant_type": "client_credentials",
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "scope": SCOPE,
    }


@dataclass(frozen=True, slots=True)
class Grant:
    """What the token endpoint gave."""

    access_token: str
    life_s: int

    def __repr__(self) -> str:
        return f"Grant(life_s={self.life_s})"


def granted(reply: Reply, *, now: datetime) -> Grant:
    """Read the token endpoint's answer, or raise what has to happen next.

    Some refusals are JSON under text/html, so the body counts and not its type. While the server makes us wait for an
    earlier failure it answers 429, whatever the credentials: that says nothing about them.
    """
    body = json_object(reply.body)
    if reply.status == OK:
        return _grant(body)
    error = body.get("error")
    if reply.status in {BAD_REQUEST, UNAUTHORIZED} and isinstance(error, str) and error not in NOT_OUR_FAULT:
        raise TokenRefused("The badging platform refuses our credentials.", hint=hint_for(error))
    if reply.status in {NOT_FOUND, NOT_ALLOWED}:
        raise SourceRefused(
            "There is no token endpoint at the badging platform's address.",
            hint="Check badging.url: it is the API's host of your region, without /v2.",
            status=reply.status,
        )
    retry_after_s = reply.retry_after_s(now)
    expires = body.get("expires")
    if reply.status == TOO_MANY and retry_after_s is None and isinstance(expires, int) and expires >= 0:
        retry_after_s = float(min(expires, LONGEST_LIFE_S))
    raise SourceUnavailable(
        f"The badging platform's token endpoint answered {reply.status}.", retry_after_s=retry_after_s
    )


def _grant(body: Mapping[str, object]) -> Grant:
    token = body.get("access_token")
    if not isinstance(token, str) or not token or not token.isascii() or not token.isprintable() or " " in token:
        raise SourceUnavailable("The badging platform's token endpoint answered without a token.")
    if str(body.get("token_type", "bearer")).lower() != "bearer":
        raise SourceUnavailable("The badging platform's token endpoint gave a token that is no bearer token.")
    life = body.get("expires_in")
    is_life = isinstance(life, int) and not isinstance(life, bool) and life > 0
    return Grant(token, min(life, LONGEST_LIFE_S) if is_life and isinstance(life, int) else LIFE_IF_NOT_TOLD_S)


def hint_for(error: str) -> str:
    """Name the setting or secret to check for one of the endpoint's `error` texts."""
    text = error.lower()
    if "scope" in text:
        return f"Let the platform grant this client the scope {SCOPE}."
    if "grant" in text:
        return "Check badging.username and the secret badging_password."
    if "client" in text:
        return "Check badging.client_id and the secret badging_client_secret."
    return "Check [badging] and the secrets badging_client_secret or badging_password."
