"""The log book: moves what was logged from memory into the state database, and never gets in anybody's way."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.log_line import LogLine
from d2l_sync.logs import KEPT

log = structlog.get_logger()
EVERY_S = 5.0


class Shelf(Protocol):
    """Where lines stay: all of one call, or none. Raises StateError."""

    def add_log_lines(self, lines: Iterable[LogLine], *, now: datetime) -> None: ...


class LogBook:
    """Stores lines in transactions of their own. What can't be stored is given up, with one line on standard error."""

    def __init__(self, state: Shelf) -> None:
        self._state = state

    def store(self) -> None:
        """Store every line since the last time."""
        lines = KEPT.take()
        if not lines:
            return
        try:
            self._state.add_log_lines(lines, now=datetime.now(UTC))
        except (StateError, SQLAlchemyError) as error:
            why = str(error) if isinstance(error, StateError) else type(error).__name__
            log.warning("log_not_kept", lines=len(lines), why=why)

    def drop(self) -> None:
        """Forget the lines since the last time, for commands that promise to write nothing."""
        KEPT.take()

    @contextmanager
    def kept_up(self, every_s: float = EVERY_S) -> Iterator[None]:
        """Store lines every few seconds meanwhile, in a thread of its own."""
        over = Event()

        def go_on() -> None:
            while not over.wait(every_s):
                self.store()

        thread = Thread(target=go_on, name="logbook", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.store()
