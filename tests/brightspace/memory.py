"""A token store that forgets everything with the process, and the clock that tests set by hand."""

import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.ports import Token, TokenState

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class FakeClock:
    """Tells the time it was set to."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **span: float) -> None:
        self.now += timedelta(**span)


class MemoryTokenStore:
    """Behaves as the store on disk does. is_full: saving fails until it is False again."""

    def __init__(self, token: Token | None = None) -> None:
        self.state = TokenState(token)
        self.is_full = False
        self.events: list[str] = []
        self._lock = threading.Lock()

    def read(self, service: str) -> TokenState:
        return self.state

    @contextmanager
    def renewing(self, service: str):
        with self._lock:
            yield

    def begin(self, service: str, *, at: datetime) -> None:
        self.events.append("begun")
        self.state = replace(self.state, refreshing_since=at)

    def save(self, service: str, token: Token) -> None:
        if self.is_full:
            raise StateError("the disk is full")
        self.events.append("saved")
        self.state = TokenState(token)

    def lose(self, service: str, why: str) -> None:
        self.events.append("lost")
        self.state = replace(self.state, lost_because=why)

    def refuse(self, service: str, why: str) -> None:
        self.events.append("refused")
        self.state = replace(self.state, refused_because=why, refreshing_since=None)
