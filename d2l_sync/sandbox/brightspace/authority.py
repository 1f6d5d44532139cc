"""What the pretended auth server knows: applications, codes, tokens that rotate, and how often it was asked."""

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt

from d2l_sync.sandbox.brightspace.client_assertion import Assertion, AssertionFault, read_assertion
from d2l_sync.sandbox.brightspace.habits import Habits
from d2l_sync.sandbox.clock import Clock
from d2l_sync.sandbox.web import Block

CODE_LIFETIME = timedelta(minutes=5)


class OAuthFault(Exception):
    """A token request refused, with the code and the sentence of RFC 6749."""

    def __init__(self, code: str, description: str, *, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Application:
    """One registration. Without a secret it uses client credentials, by keys registered apart."""

    client_id: str
    secret: str | None
    redirect_uri: str | None
    scope: str
    user_id: int


@dataclass(frozen=True, slots=True)
class Grant:
    """What an access token may do, as whom, and until when."""

    client_id: str
    user_id: int
    scope: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Code:
    client_id: str
    redirect_uri: str
    scope: str
    expires: datetime
    challenge: str | None


@dataclass(slots=True)
class Authority:
    """A refresh token dies on its first use; `counts` says how often each grant was given or refused."""

    clock: Clock
    habits: Habits
    applications: dict[str, Application] = field(default_factory=dict)
    key_sets: dict[str, Block] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _access: dict[str, Grant] = field(default_factory=dict)
    _refresh: dict[str, tuple[str, str]] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)
    _used_assertions: set[str] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def grant_behind(self, token: str) -> Grant | None:
        """Return what an access token was given for, expired or not; None for one never given or revoked."""
        with self._lock:
            return self._access.get(token)

    def new_refresh_token(self, client_id: str) -> str:
        """Start a chain of refresh tokens, as a person's consent would."""
        with self._lock:
            return self._new_refresh(client_id, self.applications[client_id].scope)

    def new_code(self, code: Code) -> str:
        with self._lock:
            text = secrets.token_urlsafe(32)
            self._codes[text] = code
            return text

    def redeem(self, text: str, *, client_id: str, redirect_uri: str | None, challenge: str | None) -> Block:
        """Turn a code, once, into tokens."""
        with self._lock:
            code = self._codes.pop(text, None)
            if code is None or code.client_id != client_id or code.expires < self.clock.now():
                raise self.refusal("invalid_grant", "The authorization code is invalid or expired")
            if code.redirect_uri != redirect_uri:
                raise self.refusal("invalid_grant", "The redirect_uri does not match")
            if code.challenge is not None and code.challenge != challenge:
                raise self.refusal("invalid_grant", "The code verifier does not match")
            return self._tokens("authorization_code", client_id, code.scope, rotating=True)

    def rotate(self, token: str, *, client_id: str, scope: str | None) -> Block:
        """Use up a refresh token for a new pair; `scope` may ask for less."""
        with self._lock:
            owner, granted = self._refresh.get(token, ("", ""))
            if owner != client_id:
                raise self.refusal("invalid_grant", "The refresh token is invalid, expired or already used")
            if scope and not set(scope.split()) <= set(granted.split()):
                raise self.refusal("invalid_scope", "The requested scope exceeds the scope granted")
            del self._refresh[token]
            return self._tokens("refresh_token", client_id, scope or granted, rotating=True)

    def accept(self, assertion: str, *, audience: str, scope: str | None) -> Block:
        """Give a service user's token for a client's signed assertion; there is no refresh token."""
        with self._lock:
            try:
                read = read_assertion(assertion, key_sets=self.key_sets, audience=audience, now=self.clock.now())
            except (AssertionFault, jwt.PyJWTError) as error:
                raise self.refusal("invalid_client", str(error), status=401) from error
            return self._accepted(read, scope)

    def refusal(self, code: str, description: str, *, status: int = 400) -> OAuthFault:
        """Count a refusal and return it, to be raised."""
        self.counts["refused"] += 1
        return OAuthFault(code, description, status=status)

    def revoke_everything(self) -> None:
        """Do what removing the application would: no token of either kind is good any more."""
        with self._lock:
            self._access.clear()
            self._refresh.clear()

    def expire_access_tokens(self) -> None:
        """End every access token now; refresh tokens stay."""
        with self._lock:
            self._access.clear()

    def _accepted(self, read: Assertion, scope: str | None) -> Block:
        if read.token_id in self._used_assertions:
            raise self.refusal("invalid_client", "The assertion was used before", status=401)
        self._used_assertions.add(read.token_id)
        registered = self.applications[read.client_id].scope
        if scope and not set(scope.split()) <= set(registered.split()):
            raise self.refusal("invalid_scope", "The requested scope exceeds the registered scope")
        return self._tokens("client_credentials", read.client_id, scope or registered, rotating=False)

    def _tokens(self, kind: str, client_id: str, scope: str, *, rotating: bool) -> Block:
        lifetime = self.habits.token_lifetime_s
        application = self.applications[client_id]
        access = jwt.encode({"sub": str(application.user_id), "jti": secrets.token_hex(8)}, secrets.token_bytes(32))
        expires = self.clock.now() + timedelta(seconds=lifetime)
        self._access[access] = Grant(client_id, application.user_id, scope, expires)
        self.counts[kind] += 1
        answer: Block = {"access_token": access, "token_type": "Bearer", "expires_in": lifetime, "scope": scope}
        return answer | {"refresh_token": self._new_refresh(client_id, scope)} if rotating else answer

    def _new_refresh(self, client_id: str, scope: str) -> str:
        token = f"rt.{secrets.token_urlsafe(32)}"
        self._refresh[token] = (client_id, scope)
        return token
