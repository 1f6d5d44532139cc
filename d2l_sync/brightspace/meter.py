"""Counting calls and credits, and holding calls back when the server is running out of patience.

Brightspace gives each application 50 000 credits a minute, most calls cost 10, and the headers that say so may be
missing. Source: community.d2l.com, articles 1191 and 1195.
"""

import threading
import time
from collections.abc import Mapping

from d2l_sync.domain.ports import Usage

ORDINARY_COST = 10
LONGEST_WAIT_S = 60.0
FEW_CALLS_LEFT = 20
DEAREST = 1000
"""Credits. The dearest call that is believed; some cost more than 10, none a share of the minute's 50 000 like that."""
MOST_LEFT = 10**9
LONGEST_SPREAD_S = 300.0
"""So long do the headers make one client wait in a row; who says for minutes that nothing is left has it wrong."""


def seconds_in(text: str | None) -> float | None:
    """Read a header that counts seconds; None for an absent, negative or unreadable one."""
    try:
        seconds = float(text) if text else -1.0
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _number_in(headers: Mapping[str, str], name: str, *, at_most: float) -> float | None:
    """Read a header that counts; None for an absent or unreadable one, and for one beyond belief."""
    number = seconds_in(headers.get(name))
    return number if number is not None and number <= at_most else None


class Meter:
    """Shared by all threads of one client. stop: ends every wait early."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._lock = threading.Lock()
        self._calls = 0
        self._credits = 0
        self._resume_at = 0.0
        self._left: float | None = None
        self._spread_s = 0.0

    def usage(self) -> Usage:
        with self._lock:
            return Usage(self._calls, self._credits)

    def credits_left(self) -> float | None:
        """Return what was left at the last answer that said so; None if none did."""
        return self._left

    def let_pass(self) -> None:
        """Wait for as long as the server asked everybody to wait, then count one call."""
        while (wait_s := self._resume_at - time.monotonic()) > 0:
            if self._stop.wait(wait_s):
                break
        with self._lock:
            self._calls += 1

    def hold_back(self, seconds: float) -> float:
        """Let no call begin before so many seconds have passed, at most a minute; return how much longer that is."""
        with self._lock:
            now = time.monotonic()
            before = max(self._resume_at, now)
            self._resume_at = max(before, now + min(seconds, LONGEST_WAIT_S))
            return self._resume_at - before

    def note(self, headers: Mapping[str, str]) -> None:
        """Count what the answer cost; spread the last few calls of a minute over what is left of it."""
        cost = _number_in(headers, "X-Request-Cost", at_most=DEAREST)
        with self._lock:
            self._credits += int(ORDINARY_COST if cost is None else cost)
        remaining = _number_in(headers, "X-Rate-Limit-Remaining", at_most=MOST_LEFT)
        reset_s = _number_in(headers, "X-Rate-Limit-Reset", at_most=LONGEST_WAIT_S)
        self._left = self._left if remaining is None else remaining
        if remaining is None or reset_s is None:
            return
        calls_left = remaining / (cost or ORDINARY_COST)
        if calls_left >= FEW_CALLS_LEFT:
            self._spread_s = 0.0
        elif self._spread_s < LONGEST_SPREAD_S:
            self._spread_s += self.hold_back(reset_s / max(calls_left, 1))
