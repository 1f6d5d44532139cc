"""The pulse: whether every thread that the service lives by still turns.

A thread beats whenever it gets on: at each turn, and inside a pass after every answer or time-out of either system, so
that a slow system is no hang. Silence beyond what the longest single step can take is one.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

WORKER, KEEPER = "worker", "keeper"

LONGEST_STEP_S = 240.0
"""Sending one award may take 150 s, waiting as a system asks 60 s, waiting for the database 15 s."""
LONGEST_REST_S = {WORKER: 20.0, KEEPER: 60.0}
"""At rest the worker turns every second. The keeper writes to the database, which may be busy."""


class Pulse:
    """Safe to beat from any thread. clock: seconds that suspended time does not count in."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, rests: Mapping[str, float] = LONGEST_REST_S
    ) -> None:
        self._clock = clock
        self._rests = rests
        self._beats = dict.fromkeys(rests, clock())
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    def beat(self, name: str = WORKER) -> None:
        with self._lock:
            self._beats[name] = self._clock()

    @contextmanager
    def at_work(self, name: str = WORKER) -> Iterator[None]:
        """Allow a thread the silence of one long step until it comes back."""
        self.beat(name)
        self._busy.add(name)
        try:
            yield
        finally:
            self._busy.discard(name)
            self.beat(name)

    def silent(self) -> list[str]:
        """Name the threads that have not got on for too long; none while all is well."""
        now = self._clock()
        with self._lock:
            silences = {name: now - beat for name, beat in self._beats.items()}
        allowed = {name: LONGEST_STEP_S if name in self._busy else rest for name, rest in self._rests.items()}
        return sorted(name for name, silence in silences.items() if silence > allowed[name])
