"""Figures: what the running service counted since it was started."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from d2l_sync.domain.stored import StoredPass
from d2l_sync.domain.verdict import Truth

NOT_MADE = "none"
"""The outcome of a pass that could not be made."""


@dataclass(slots=True)
class Figures:
    """Safe to count from any thread.

    outcomes: passes by outcome. calls: by service and status, 0 for no answer. missed: passes whose time went by
    without one. overlapped: passes whose time came while another was being made. is_reloaded: how the last reload went.
    is_state_well: whether the last heartbeat could be written.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    missed: int = 0
    overlapped: int = 0
    is_reloaded: bool = True
    is_state_well: bool = True
    _facts: tuple[StoredPass | None, Mapping[Truth, int]] = (None, {})
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def called(self, service: str, status: int) -> None:
        with self._lock:
            self.calls[service, status] += 1

    def passed(self, outcome: str | None) -> None:
        with self._lock:
            self.outcomes[outcome or NOT_MADE] += 1

    @property
    def has_passed(self) -> bool:
        """Tell whether a pass has ended, or was found impossible."""
        return bool(self.outcomes)

    def facts_as_of(self, last: StoredPass | None, count: Callable[[], Mapping[Truth, int]]) -> Mapping[Truth, int]:
        """Return the facts by verdict, counted once for each pass and not whenever somebody asks."""
        if last is None or self._facts[0] != last:
            self._facts = (last, count())
        return self._facts[1]

    def calls_so_far(self) -> dict[tuple[str, int], int]:
        with self._lock:
            return dict(self.calls)
