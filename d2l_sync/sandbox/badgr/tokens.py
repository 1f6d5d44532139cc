"""Tokens of the platform, and the throttle that locks out whoever failed once."""

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from d2l_sync.sandbox.clock import Clock
from d2l_sync.sandbox.web import Block

LIFETIME_S = 86_400
LONGEST_WAIT_S = 3600
ALL_SCOPES = frozenset({"r:profile", "rw:profile", "r:backpack", "rw:backpack", "rw:issuer", "r:assertions"})


@dataclass(frozen=True, slots=True)
class Token:
    scope: str
    expires: datetime


@dataclass(slots=True)
class Throttle:
    """Waits by key (user name, or client address): 2, 4, 8 … seconds after each failure, none after a success."""

    is_on: bool = True
    _failures: Counter[str] = field(default_factory=Counter)
    _until: dict[str, datetime] = field(default_factory=dict)

    def step(self, key: str, now: datetime) -> int | None:
        """Return the length of the wait in force, not what is left of it; None when there is none."""
        is_waiting = self.is_on and key in self._until and now < self._until[key]
        return self._length(key) if is_waiting else None

    def failed(self, key: str, now: datetime) -> None:
        self._failures[key] += 1
        self._until[key] = now + timedelta(seconds=self._length(key))

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
        self._until.pop(key, None)

    def clear(self) -> None:
        self._failures.clear()
        self._until.clear()

    def _length(self, key: str) -> int:
        return int(min(2 ** self._failures[key], LONGEST_WAIT_S))


@dataclass(slots=True)
class TokenDesk:
    """Who may have tokens, and which are out. Tokens slide: one past half its life that is used gets a full day."""

    clock: Clock
    clients: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    throttle: Throttle = field(default_factory=Throttle)
    counts: Counter[str] = field(default_factory=Counter)
    _access: dict[str, Token] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def use(self, text: str) -> Token | None:
        """Return a token that is good now, and let it slide."""
        with self._lock:
            token, now = self._access.get(text), self.clock.now()
            if token is None or token.expires <= now:
                return None
            if token.expires - now < timedelta(seconds=LIFETIME_S / 2):
                self._access[text] = Token(token.scope, now + timedelta(seconds=LIFETIME_S))
            return token

    def issue(self, scope: str, *, kind: str, refreshable: bool) -> Block:
        with self._lock:
            access = secrets.token_urlsafe(22)
            self._access[access] = Token(scope, self.clock.now() + timedelta(seconds=LIFETIME_S))
            self.counts[kind] += 1
            block: Block = {"access_token": access, "expires_in": LIFETIME_S, "token_type": "Bearer", "scope": scope}
            if refreshable:
                refresh = secrets.token_urlsafe(22)
                self._refresh[refresh] = access
                block["refresh_token"] = refresh
            return block

    def spend(self, refresh: str) -> str | None:
        """Use up a refresh token: its access token dies at once. Returns the scope, or None for a dead one."""
        with self._lock:
            token = self._access.pop(self._refresh.pop(refresh, ""), None)
            return None if token is None else token.scope

    def revoke(self, text: str) -> None:
        with self._lock:
            self._access.pop(text, None)

    def revoke_all(self) -> None:
        with self._lock:
            self._access.clear()
