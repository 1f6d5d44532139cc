"""A token store that forgets everything with the process; both token keepers are tested with it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.ports import Token, TokenState


class MemoryTokenStore:
    """Behaves as the store on disk does, for the one service it is made for.

    is_full: saving fails until it is False again. events: what was written, in order.
    """

    def __init__(self, service: str, token: Token | None = None) -> None:
        self.state = TokenState(token=token)
        self.is_full = False
        self.events: list[str] = []
        self._service = service
        self._lock = threading.RLock()

    def read(self, service: str) -> TokenState:
        assert service == self._service
        return self.state

    @contextmanager
    def renewing(self, service: str) -> Iterator[None]:
        assert service == self._service
        with self._lock:
            yield

    def begin(self, service: str, *, at: datetime) -> None:
        self._write(service, "begun", replace(self.state, refreshing_since=at))

    def save(self, service: str, token: Token) -> None:
        if self.is_full:
            raise StateError("the disk is full")
        self._write(service, "saved", TokenState(token=token))

    def lose(self, service: str, why: str) -> None:
        self._write(service, "lost", replace(self.state, lost_because=why, refreshing_since=None))

    def refuse(self, service: str, why: str) -> None:
        self._write(service, "refused", replace(self.state, refused_because=why, refreshing_since=None))

    def _write(self, service: str, event: str, state: TokenState) -> None:
        assert service == self._service
        self.events.append(event)
        self.state = state
