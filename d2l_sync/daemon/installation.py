"""The application that the service works with, lent for one piece of work, and the one that takes its place later."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from d2l_sync.domain.log_line import LogLine
from d2l_sync.domain.settings import Settings
from d2l_sync.wiring import Application

Opener = Callable[[], AbstractContextManager[Application]]
"""Reads the configuration as it is now, and opens it. Raises ConfigError and StateError."""


@dataclass(slots=True)
class _Lent:
    """An open application. holders: who has it, the installation itself included; the last one closes it."""

    application: Application
    opened: ExitStack
    holders: int = field(default=1)


class Installation:
    """Opened when made. Safe to use from any thread; `swap` is for the one that makes passes, between two.

    Nobody keeps the application: whoever works with it borrows it, for one piece of work. So one that a reload has
    replaced is closed as soon as what was begun with it is done, and never before.

    taken_over: told of every configuration that the service goes by from now on, the first one included.
    leaving: told of every application that was gone by, or agreed to, when nobody has it any more, just before it is
    closed; who works with them says what is to be done then.
    """

    def __init__(self, opener: Opener, *, taken_over: Callable[[Settings], None] = lambda _: None) -> None:
        self._opener = opener
        self._taken_over = taken_over
        self._lock = threading.Lock()
        self.leaving: Callable[[Application], None] = lambda _: None
        self._now = self._opened()
        self._tell_when_left(self._now)
        self._next: _Lent | None = None
        taken_over(self.settings)

    @property
    def settings(self) -> Settings:
        """Return the configuration of now, which needs no borrowing: nothing in it is ever closed."""
        return self._now.application.settings

    @property
    def is_renewed(self) -> bool:
        return self._next is not None

    @property
    def state_urls(self) -> set[str]:
        """Return the databases of now and, after a reload that is to take over, of soon."""
        with self._lock:
            return {one.application.settings.state_url for one in (self._now, self._next) if one}

    @contextmanager
    def borrowed(self) -> Iterator[Application]:
        """Lend the application of now: it stays open, whatever is swapped meanwhile."""
        with self._lock:
            lent = self._now
            lent.holders += 1
        try:
            yield lent.application
        finally:
            self._give_back(lent)

    @contextmanager
    def next_borrowed(self) -> Iterator[Application | None]:
        """Lend the application that is to take over, if there is one."""
        with self._lock:
            lent = self._next
            if lent:
                lent.holders += 1
        try:
            yield lent.application if lent else None
        finally:
            if lent:
                self._give_back(lent)

    def renew(self, agree: Callable[[Application], None]) -> None:
        """Open the configuration as it is now; it takes over at the next `swap`.

        What `agree` or the opening raises changes nothing.
        """
        renewed = self._opened()
        with ExitStack() as undo:
            undo.callback(self._give_back, renewed)
            agree(renewed.application)
            self._tell_when_left(renewed)
            undo.pop_all()
        with self._lock:
            before, self._next = self._next, renewed
        if before:
            self._give_back(before)

    def swap(self) -> bool:
        """Let a renewed application take over; False when there is none."""
        with self._lock:
            renewed, self._next = self._next, None
            if renewed is None:
                return False
            before, self._now = self._now, renewed
        self._taken_over(self.settings)
        self._give_back(before)
        return True

    def close(self) -> None:
        """Close what nobody has; what somebody still has is closed when it is given back."""
        with self._lock:
            renewed, self._next = self._next, None
        for one in [renewed, self._now]:
            if one is not None:
                self._give_back(one)

    def _tell_when_left(self, lent: _Lent) -> None:
        lent.opened.callback(lambda: self.leaving(lent.application))

    def _opened(self) -> _Lent:
        with ExitStack() as opened:
            application = opened.enter_context(self._opener())
            return _Lent(application, opened.pop_all())

    def _give_back(self, lent: _Lent) -> None:
        with self._lock:
            lent.holders -= 1
            is_unused = lent.holders == 0
        if is_unused:
            lent.opened.close()


class LogShelf:
    """Keeps log lines in the state database of now."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def add_log_lines(self, lines: Iterable[LogLine], *, now: datetime) -> None:
        with self._installation.borrowed() as application:
            application.state.add_log_lines(lines, now=now)
