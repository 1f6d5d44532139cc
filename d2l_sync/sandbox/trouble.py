"""Troubles to order: which requests meet one, how often, and what happens to them."""

import inspect
import itertools
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from d2l_sync.sandbox.effects import EFFECTS, Proceed
from d2l_sync.sandbox.error_bodies import SHAPES
from d2l_sync.sandbox.web import Block, Request, Response

SERVERS = ("brightspace", "auth", "badgr")


@dataclass(slots=True)
class Trouble:
    """One rule. `left` is how many requests it will still meet, None for all; `spared` go free before."""

    number: int
    server: str
    path: re.Pattern[str]
    method: str | None
    kind: str
    options: Block = field(default_factory=dict)
    left: int | None = None
    spared: int = 0
    met: int = 0
    is_cleared: threading.Event = field(default_factory=threading.Event)

    def concerns(self, server: str, request: Request) -> bool:
        return (
            self.left != 0
            and self.server == server
            and self.method in {None, request.method}
            and self.path.search(request.target) is not None
        )

    def strikes(self) -> bool:
        """Count one concerned request; say whether it meets the trouble."""
        if self.spared:
            self.spared -= 1
            return False
        self.met += 1
        self.left = None if self.left is None else self.left - 1
        return True


class Troubles:
    """The rules in force on all servers of a sandbox. Of several that concern a request, the first counts."""

    def __init__(self) -> None:
        self._troubles: list[Trouble] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def answer(self, server: str, request: Request, answer: Callable[[], Response]) -> Response:
        trouble = self._first(server, request)
        if trouble is None:
            return answer()
        return EFFECTS[trouble.kind](request, Proceed(answer, trouble.is_cleared), **trouble.options)

    def trouble(
        self,
        *,
        server: str,
        path: str,
        kind: str,
        method: str | None = None,
        times: int | None = None,
        after: int = 0,
        **options: object,
    ) -> int:
        """Order a trouble and return its number.

        server: brightspace, auth or badgr. path: a regular expression searched in path and query. kind: a name
        in effects.EFFECTS, with its options. times: how many requests, all unless given. after: how many go
        free first. Raises ValueError for an unknown kind or option.
        """
        if server not in SERVERS:
            raise ValueError(f"no server {server!r}; there are {', '.join(SERVERS)}")
        _check(kind, options)
        with self._lock:
            number = next(self._numbers)
            ordered = Trouble(number, server, re.compile(path), method, kind, options, left=times, spared=after)
            self._troubles.append(ordered)
        return number

    def troubles(self) -> list[Block]:
        """Return the troubles ordered so far, with how many requests each met."""
        return [
            {"number": each.number, "kind": each.kind, "path": each.path.pattern, "left": each.left, "met": each.met}
            for each in self._troubles
        ]

    def clear_trouble(self, *, number: int | None = None) -> None:
        """End one trouble, or all; a request that one of them keeps waiting is answered now."""
        with self._lock:
            over = [each for each in self._troubles if number in {None, each.number}]
            self._troubles = [each for each in self._troubles if each not in over]
        for each in over:
            each.is_cleared.set()

    def _first(self, server: str, request: Request) -> Trouble | None:
        with self._lock:
            concerned = (each for each in self._troubles if each.concerns(server, request))
            return next((each for each in concerned if each.strikes()), None)


def _check(kind: str, options: Block) -> None:
    if kind not in EFFECTS:
        raise ValueError(f"no trouble {kind!r}; there are {', '.join(EFFECTS)}")
    try:
        inspect.signature(EFFECTS[kind]).bind(None, None, **options)
    except TypeError as error:
        raise ValueError(f"{kind}: {error}") from error
    if options.get("shape", "html") not in SHAPES:
        raise ValueError(f"no shape {options['shape']!r}; there are {', '.join(SHAPES)}")
