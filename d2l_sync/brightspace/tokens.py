"""Access tokens for Brightspace: one refresher at a time, the new token saved before it is used.

A refresh token works once. Its answer lost, the chain may be broken, and nobody can close that gap; so the request is
noted before it is sent, the answer saved before anything else, and nothing is repeated blindly.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import structlog

from d2l_sync.brightspace.grants import Grant, HalfGrant, InvalidGrant, TokenEndpoint
from d2l_sync.brightspace.routes import SCOPES
from d2l_sync.domain.errors import SourceUnavailable, StateError, TokenRefused
from d2l_sync.domain.ports import Clock, Token, TokenState, TokenStore
from d2l_sync.domain.settings import BrightspaceSettings

log = structlog.get_logger()

SERVICE = "brightspace"
RENEW_BELOW = 0.2
"""Share of a token's life that is left when it is renewed, so that a short outage of the endpoint costs nothing."""
SAFETY = timedelta(seconds=5)
"""A token that ends sooner is not sent any more: it could end on the way."""
LEAST_USE = timedelta(seconds=10)
"""So long a token is used unless it is refused, whatever is said of its life: each renewal puts the chain at risk."""
APART = timedelta(seconds=5)
"""So long after a token was renewed because it was refused, no other is for that reason."""
REST = timedelta(seconds=30)
"""After a request without a usable answer, none is sent for so long."""
SIGN_IN = "a person must run: d2l-sync auth login (or auth import)"


class BrightspaceTokens:
    """Hands out access tokens; safe to use from several threads and processes on one store.

    on_call: told "brightspace" and the status of every answer of the token endpoint; 0: there was none.
    """

    def __init__(
        self,
        settings: BrightspaceSettings,
        store: TokenStore,
        clock: Clock,
        *,
        scopes: tuple[str, ...] = SCOPES,
        on_call: Callable[[str, int], None] | None = None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._scopes = scopes
        self._endpoint = TokenEndpoint(settings, scopes, on_call=on_call)
        self._token: Token | None = None
        self._unsaved: Token | None = None
        self._failed: tuple[datetime, SourceUnavailable] | None = None
        self._replaced_at: datetime | None = None
        self._has_renewed = False

    @property
    def calls(self) -> int:
        """How many requests the token endpoint got from this process."""
        return self._endpoint.calls

    def access_token(self, reject: str | None = None) -> str:
        """Return an access token that is good as far as anybody knows, renewing it where that is due.

        reject: an access token that Brightspace answered with 401. Raises TokenRefused (a person must sign in or
        look), SourceUnavailable (the endpoint is not to be had, and the present token is used up; or one token after
        the other is refused, and it says how long to wait) or StateError.
        """
        token = self._token
        if token is None or not self._is_fresh(token, reject):
            self._check_not_lost(self._store.read(SERVICE))
            with self._store.renewing(SERVICE):
                token = self._token = self._settled(reject)
        return token.access_token

    def look_again(self) -> None:
        """Take up what another process stored meanwhile: somebody may have signed in anew. Raises StateError."""
        stored = self._store.read(SERVICE).token if self._token else None
        if self._token and stored and stored.generation > self._token.generation:
            self._token = None

    def proof_due(self) -> datetime | None:
        """Return when the client's secret will be put to the proof, by renewing the token; None when it just was.

        A private key is tried now: that costs nothing. A refresh token is spent by being used, so none is for this.
        Raises as `access_token` does.
        """
        with self._store.renewing(SERVICE):
            state = self._state()
            if not self._asks_by_refreshing and not self._has_renewed:
                self._token = self._renew(state, None)
        return None if self._has_renewed or state.token is None else _renewal_at(state.token)

    def _settled(self, reject: str | None) -> Token:
        """Take what is stored by now, perhaps by somebody faster, or renew it."""
        state = self._state()
        self._check_not_lost(state)
        if state.token is not None and self._is_fresh(state.token, reject):
            return state.token
        is_refused = state.token is not None and state.token.access_token == reject
        if is_refused:
            self._wait_after_refusal()
        token = self._renewed(state, reject)
        if is_refused:
            self._replaced_at = self._clock()
        return token

    def _wait_after_refusal(self) -> None:
        """Let some seconds pass between two tokens that were refused: a new one for each call would help nobody."""
        age = None if self._replaced_at is None else abs(self._clock() - self._replaced_at)
        if age is not None and age < APART:
            raise SourceUnavailable(
                "Brightspace refuses access tokens that are seconds old",
                hint="check the access-token lifetime in the application's registration",
                retry_after_s=(APART - age).total_seconds(),
            )

    def _state(self) -> TokenState:
        """Read what is stored, after storing what an earlier failure of the store left unsaved."""
        if self._unsaved is not None:
            stored = self._store.read(SERVICE).token
            if stored is None or stored.generation < self._unsaved.generation:
                self._store.save(SERVICE, self._unsaved)
            self._unsaved = None
        return self._store.read(SERVICE)

    def _renewed(self, state: TokenState, reject: str | None) -> Token:
        """Renew, or make do with a token that is still good while the endpoint is not to be had."""
        try:
            return self._renew(state, reject)
        except SourceUnavailable:
            if state.token is not None and self._is_good(state.token, reject):
                return state.token
            raise

    def _renew(self, state: TokenState, reject: str | None) -> Token:
        now = self._clock()
        if self._failed is not None and abs(now - self._failed[0]) < REST:
            raise self._failed[1]
        if self._asks_by_refreshing and (state.token is None or state.token.refresh_token is None):
            raise TokenRefused("not signed in to Brightspace yet", hint=SIGN_IN)
        self._store.begin(SERVICE, at=now)
        grant = self._granted(state, reject, now)
        self._failed = None
        return self._save(grant, state.token)

    def _granted(self, state: TokenState, reject: str | None, now: datetime) -> Grant:
        """Send the one request, and store at once whatever its failure says of the sign-in."""
        refresh_token = state.token.refresh_token if state.token else None
        try:
            return self._endpoint.refresh(refresh_token or "") if self._asks_by_refreshing else self._assert(now)
        except SourceUnavailable as error:
            if isinstance(error, HalfGrant) and self._asks_by_refreshing:
                self._keep(error.refresh_token, state.token, reject)
            self._failed = (self._clock(), error)
            log.debug("token_not_renewed", service=SERVICE, why=str(error))
            raise
        except InvalidGrant as error:
            raise self._lost(state) from error
        except TokenRefused as error:
            self._store.refuse(SERVICE, str(error))
            raise

    @property
    def _asks_by_refreshing(self) -> bool:
        return self._settings.auth != "client_credentials"

    def _assert(self, now: datetime) -> Grant:
        try:
            return self._endpoint.assert_client(now)
        except InvalidGrant as error:
            raise TokenRefused(
                "the token endpoint does not take our signed assertion",
                hint="check brightspace.client_id, key_id, the registered JWKS and this machine's clock",
            ) from error

    def _save(self, grant: Grant, before: Token | None) -> Token:
        now = self._clock()
        kept = before.refresh_token if before and self._asks_by_refreshing else None
        token = Token(
            access_token=grant.access_token,
            expires_at=now + grant.life,
            refresh_token=grant.refresh_token or kept,
            obtained_at=now,
            generation=_generation_after(before),
            scopes=None if self._asks_by_refreshing else frozenset(self._scopes),
        )
        self._save_first(token)
        self._has_renewed = True
        log.debug("token_renewed", service=SERVICE, generation=token.generation)
        return token

    def _keep(self, refresh_token: str, before: Token | None, reject: str | None) -> None:
        """Store a refresh token that came alone, with the present access token for as long as that is good."""
        now = self._clock()
        old = before if before and self._is_good(before, reject) else Token("", expires_at=now)
        generation = _generation_after(before)
        self._save_first(replace(old, refresh_token=refresh_token, obtained_at=now, generation=generation))

    def _save_first(self, token: Token) -> None:
        """Store a new token before anything else; a store that fails gets it again the next time."""
        try:
            self._store.save(SERVICE, token)
        except StateError:
            self._unsaved = token
            raise
        self._unsaved = None

    def _lost(self, state: TokenState) -> TokenRefused:
        why = "Brightspace does not take the refresh token any more (invalid_grant)"
        if state.refreshing_since is not None:
            why += f"; the answer to a renewal begun at {state.refreshing_since:%Y-%m-%d %H:%M:%S} UTC never arrived"
        self._store.lose(SERVICE, why)
        log.error("token_lost", service=SERVICE, generation=state.token.generation if state.token else 0)
        return TokenRefused(why, hint=SIGN_IN)

    def _check_not_lost(self, state: TokenState) -> None:
        if state.lost_because is not None and self._asks_by_refreshing:
            raise TokenRefused(state.lost_because, hint=SIGN_IN)

    def _is_good(self, token: Token, reject: str | None) -> bool:
        if not token.access_token or token.access_token == reject:
            return False
        return self._clock() < max(token.expires_at - SAFETY, _least_end(token))

    def _is_fresh(self, token: Token, reject: str | None) -> bool:
        """Tell whether a token is good, and not yet so old that it is renewed ahead of time."""
        return self._clock() <= _renewal_at(token) and self._has_scopes(token) and self._is_good(token, reject)

    def _has_scopes(self, token: Token) -> bool:
        """Tell whether a token was asked for with all that is needed by now; a renewal can't widen a consent."""
        return self._asks_by_refreshing or (token.scopes is not None and token.scopes.issuperset(self._scopes))

    def login_url(self, state: str) -> str:
        """Return the address where a person consents. state: comes back with the code, to be compared."""
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": " ".join(self._scopes),
            "state": state,
        }
        return f"{self._settings.authorize_url}?{urlencode(query)}"

    def exchange(self, code: str) -> None:
        """Turn the code of a consent into stored tokens. Raises TokenRefused, SourceUnavailable or StateError."""
        with self._store.renewing(SERVICE):
            before = self._store.read(SERVICE).token
            try:
                grant = self._endpoint.exchange(code)
            except HalfGrant as half:
                self._keep(half.refresh_token, before, reject=before.access_token if before else None)
                raise SourceUnavailable(str(half), hint="the sign-in is kept; try it: d2l-sync check") from half
            except InvalidGrant as error:
                raise TokenRefused("the code is used, too old or for another address", hint=SIGN_IN) from error
            if grant.refresh_token is None:
                raise TokenRefused(
                    "Brightspace gave no refresh token",
                    hint='"enable refresh tokens" must be ticked in the application\'s registration',
                )
            self._token, self._failed = self._save(grant, before), None

    def import_refresh_token(self, text: str) -> None:
        """Store a refresh token that a person got elsewhere; the first use of it renews. Raises StateError."""
        now = self._clock()
        with self._store.renewing(SERVICE):
            generation = _generation_after(self._store.read(SERVICE).token)
            token = Token("", expires_at=now, refresh_token=text.strip(), obtained_at=now, generation=generation)
            self._store.save(SERVICE, token)
            self._token, self._failed, self._unsaved = None, None, None


def _renewal_at(token: Token) -> datetime:
    """Tell when a token is renewed ahead of time."""
    life = token.expires_at - (token.obtained_at or token.expires_at)
    return max(token.expires_at - life * RENEW_BELOW, _least_end(token))


def _least_end(token: Token) -> datetime:
    """Tell until when a token is used at least."""
    return token.obtained_at + LEAST_USE if token.obtained_at else token.expires_at - SAFETY


def _generation_after(before: Token | None) -> int:
    return (before.generation if before else 0) + 1
