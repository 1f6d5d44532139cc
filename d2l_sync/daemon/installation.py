"""The application that the service works with, and the one that takes its place after a reload."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from d2l_sync.wiring import Application

Opener = Callable[[], AbstractContextManager[Application]]
"""Reads the configuration as it is now, and opens it. Raises ConfigError and StateError."""


class Installation:
    """Opened when made. `renew` may be called from any thread, `swap` by the one that makes passes, between two."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._lock = threading.Lock()
        self._open = ExitStack()
        self.application = self._open.enter_context(opener())
        self._next: tuple[ExitStack, Application] | None = None

    def renew(self, agree: Callable[[Application], None]) -> None:
        """Open the configuration as it is now; it takes over at the next `swap`.

        What `agree` or the opening raises changes nothing.
        """
        with ExitStack() as opened:
            application = opened.enter_context(self._opener())
            agree(application)
            kept = opened.pop_all()
        with self._lock:
            before, self._next = self._next, (kept, application)
        if before:
            before[0].close()

    def swap(self) -> bool:
        """Let a renewed application take over; False when there is none."""
        with self._lock:
            renewed, self._next = self._next, None
        if renewed is None:
            return False
        before, self._open, self.application = self._open, *renewed
        before.close()
        return True

    def close(self) -> None:
        self.swap()
        self._open.close()
