"""One polite HTTP client for one Brightspace: reads only, bounded, retried a little, its token pinned to one host."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Protocol
from urllib.parse import urlsplit

import requests
import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_when_event_set
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_random_exponential

from d2l_sync.brightspace.meter import LONGEST_WAIT_S, Meter, seconds_in
from d2l_sync.brightspace.origin import Anonymous, Origin, PinnedBearer
from d2l_sync.brightspace.routes import Route
from d2l_sync.brightspace.wire import DEADLINE_S, NO_ANSWER, TIMEOUTS, Json, body_of, json_of, no_answer
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ports import Usage
from d2l_sync.domain.settings import BrightspaceSettings
from d2l_sync.session import TROUBLE, Stalls, bounded_session

log = structlog.get_logger()

TRIES = 3
BUSY_S = 20.0
"""No further try once the tries themselves, their waits apart, have taken so long: a time-out is not repeated."""
HOPS = 3
DOWN_AFTER = 3
"""So many calls failed in a row: until one succeeds, each is tried once only."""

NEW_TOKEN = {"refresh_token": "d2l-sync auth login", "client_credentials": "d2l-sync check"}
"""The command that brings a token with other scopes; a service user signs in nowhere."""

Params = Mapping[str, str | int]


class Tokens(Protocol):
    """Where access tokens come from; `calls` counts the requests that it took to get them."""

    @property
    def calls(self) -> int: ...
    def access_token(self, reject: str | None = None) -> str: ...


class Client:
    """Safe to use from several threads.

    on_call: told "brightspace" and the status of every answer (0: there was none). stop: ends waits and retries.
    """

    def __init__(
        self,
        settings: BrightspaceSettings,
        tokens: Tokens,
        *,
        stop: threading.Event | None = None,
        on_call: Callable[[str, int], None] | None = None,
    ) -> None:
        self._origin = Origin.of(settings.url)
        self._mend = NEW_TOKEN[settings.auth]
        self._tokens = tokens
        self._stop = stop or threading.Event()
        self._on_call = on_call
        self._meter = Meter(self._stop)
        self._stalls = Stalls()
        self._failed_in_row = 0
        self._skew: timedelta | None = None
        self._session = bounded_session(connections=settings.connections, total_s=DEADLINE_S)

    def close(self) -> None:
        self._session.close()

    def clock_skew(self) -> timedelta | None:
        """Tell how far Brightspace's clock was ahead of ours at its last answer, by whole seconds; None if untold."""
        return self._skew

    def usage(self) -> Usage:
        spent = self._meter.usage()
        return Usage(spent.calls + self._tokens.calls, spent.credits)

    def credits_left(self) -> float | None:
        """Return how many credits Brightspace left us at its last answer; None where it does not say."""
        return self._meter.credits_left()

    def pin(self, link: str, *, seen_at: Route) -> str:
        """Turn a link out of an answer into a path that may be read. Raises SourceRefused with status 0."""
        return self._origin.pin(link, seen_at=self._origin.url(seen_at.path))

    def get(self, route: Route, params: Params | None = None) -> Json:
        """Read one thing, with a few quick retries where asking again may help.

        Raises SourceUnavailable (5xx, 429, no or broken answer, anything but JSON), SourceRefused (other 4xx; status
        0 for a redirect elsewhere) or TokenRefused (401 with a new token, too). No message holds an address or a body.
        """
        tries = 1 if self._failed_in_row >= DOWN_AFTER else TRIES
        retrying = Retrying(
            stop=lambda state: _is_enough(state, tries) or stop_when_event_set(self._stop)(state),
            wait=_wait_s,
            retry=retry_if_exception(_may_help),
            sleep=sleep_using_event(self._stop),
            reraise=True,
        )
        try:
            answer = retrying(self._get_once, route, params or {})
        except SourceUnavailable:
            self._failed_in_row += 1
            raise
        self._failed_in_row = 0
        return answer

    def post(self, route: Route, body: Mapping[str, object]) -> int:
        """Write one thing, once, and return the status. Raises SourceUnavailable when nobody knows whether it was done.

        A 401 is refused before any work: a new token is tried once, then TokenRefused. Redirects are not followed.
        """
        token = self._tokens.access_token()
        status = self._post_once(route, body, token)
        if status == requests.codes.unauthorized:
            status = self._post_once(route, body, self._tokens.access_token(reject=token))
            if status == requests.codes.unauthorized:
                raise self._refused()
        return status

    def _post_once(self, route: Route, body: Mapping[str, object], token: str) -> int:
        self._let_pass()
        status = NO_ANSWER
        try:
            with self._session.post(
                self._origin.url(route.path),
                json=dict(body),
                auth=PinnedBearer(self._origin, token),
                timeout=TIMEOUTS,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                self._meter.note(response.headers)
                return status
        except TROUBLE as error:
            raise no_answer("Brightspace", error, self._origin.url("")) from None
        finally:
            if self._on_call:
                self._on_call("brightspace", status)

    def _get_once(self, route: Route, params: Params) -> Json:
        if not route.scope:
            return self._ask(route, params, Anonymous())
        token = self._tokens.access_token()
        try:
            return self._ask(route, params, PinnedBearer(self._origin, token))
        except _Unauthorized:
            token = self._tokens.access_token(reject=token)
        try:
            return self._ask(route, params, PinnedBearer(self._origin, token))
        except _Unauthorized as error:
            raise self._refused() from error

    def _refused(self) -> TokenRefused:
        hint = f"a person must run: {self._mend}; the account or the application may be disabled"
        return TokenRefused("Brightspace refuses a new access token (401)", hint=hint)

    def _ask(self, route: Route, params: Params, auth: Anonymous | PinnedBearer) -> Json:
        for _ in range(HOPS):
            answer = self._send(route, params, auth)
            if answer.location is None:
                return json_of(answer.body)
            route, params = route.at(self._redirected(answer.location, route)), {}
        raise SourceUnavailable("Brightspace redirects in a circle")

    def _redirected(self, location: str, route: Route) -> str:
        try:
            return self.pin(location, seen_at=route)
        except SourceRefused as error:
            raise SourceRefused(
                "a redirect to another host was refused" if "host" in str(error) else "a redirect was refused",
                hint="brightspace.url must be the address that Brightspace itself uses",
            ) from error

    def _send(self, route: Route, params: Params, auth: Anonymous | PinnedBearer) -> "_Answer":
        self._let_pass()
        began = time.monotonic()
        answer = None
        try:
            answer = self._exchange(route, params, auth, deadline=began + DEADLINE_S)
        except TROUBLE as error:
            # Without its cause, which quotes the address.
            raise no_answer("Brightspace", error, self._origin.url("")) from None
        finally:
            self._note(answer, time.monotonic() - began)
        self._judge(answer, route)
        return answer

    def _let_pass(self) -> None:
        if self._stalls.is_resting():
            raise SourceUnavailable("Brightspace gave no answer for minutes, or asked to wait, and is left alone")
        self._meter.let_pass()

    def _exchange(self, route: Route, params: Params, auth: Anonymous | PinnedBearer, *, deadline: float) -> "_Answer":
        status = NO_ANSWER
        try:
            with self._session.get(
                self._origin.url(route.path),
                params=dict(params),
                auth=auth,
                timeout=TIMEOUTS,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                self._meter.note(response.headers)
                self._skew = _skew(response.headers.get("Date"))
                body = body_of(response, deadline=deadline)
                location = response.headers.get("Location") if response.is_redirect else None
                return _Answer(status, body, location, seconds_in(response.headers.get("Retry-After")))
        finally:
            log.debug("brightspace_called", path=urlsplit(route.path).path, status=status)
            if self._on_call:
                self._on_call("brightspace", status)

    def _note(self, answer: "_Answer | None", took_s: float) -> None:
        if answer is None or answer.status >= requests.codes.server_error:
            self._stalls.lost(took_s)
        elif answer.status == requests.codes.too_many_requests:
            self._stalls.asked_to_wait(answer.wait_s or 0.0)
        else:
            self._stalls.answered()

    def _judge(self, answer: "_Answer", route: Route) -> None:
        """Turn every status but 2xx and 3xx into the error that says what to do next."""
        status, wait_s = answer.status, answer.wait_s
        if status == requests.codes.unauthorized and route.scope:
            raise _Unauthorized
        if status == requests.codes.too_many_requests or (status == requests.codes.forbidden and wait_s is not None):
            self._meter.hold_back(wait_s or 0)
            raise SourceUnavailable(f"Brightspace asks to wait ({status})", retry_after_s=wait_s)
        if status >= requests.codes.server_error or status == requests.codes.request_timeout:
            raise SourceUnavailable(f"Brightspace answered {status}", retry_after_s=wait_s)
        if status >= requests.codes.bad_request:
            hint = _hint(status, answer.body, route, mend=self._mend)
            raise SourceRefused(f"Brightspace answered {status}", hint=hint, status=status)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back. location: of a redirect. wait_s: Retry-After, where given."""

    status: int
    body: bytes
    location: str | None
    wait_s: float | None


class _Unauthorized(Exception):
    """401: the access token is not taken."""


def _skew(date: str | None) -> timedelta | None:
    try:
        return parsedate_to_datetime(date or "") - datetime.now(UTC).replace(microsecond=0)
    except (ValueError, TypeError, OverflowError):
        return None


def _hint(status: int, body: bytes, route: Route, *, mend: str) -> str:
    """Say what a person can do. The body is searched and never shown: its shape is anybody's guess."""
    if status == requests.codes.forbidden and b"insufficient scope" in body.lower():
        return f"the token lacks the scope {route.scope}: add it to the application, then run {mend}"
    if status == requests.codes.forbidden:
        return f"the account may not read this here; it needs the permission besides the scope {route.scope}"
    if status == requests.codes.not_found:
        return "the id does not exist or the API version is gone; d2l-sync check tells which"
    return "d2l-sync check looks at every id and setting"


def _may_help(error: BaseException) -> bool:
    if not isinstance(error, SourceUnavailable):
        return False
    return error.retry_after_s is None or error.retry_after_s <= LONGEST_WAIT_S


def _is_enough(state: RetryCallState, tries: int) -> bool:
    waited = state.idle_for + state.upcoming_sleep
    busy = (state.seconds_since_start or 0.0) - state.idle_for
    return state.attempt_number >= tries or busy > BUSY_S or waited > LONGEST_WAIT_S


def _wait_s(state: RetryCallState) -> float:
    """Wait as long as the server asks; else a random while below half a second, then below one."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after_s if isinstance(error, SourceUnavailable) else None
    return max(asked or 0.0, wait_random_exponential(multiplier=0.5, max=2)(state))
