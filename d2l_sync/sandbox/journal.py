"""What was asked of the servers, in order, for a test to look at afterwards. No token is ever kept."""

import itertools
import threading
from collections import deque
from datetime import datetime

from d2l_sync.sandbox.web import Block, Request, Response

REMEMBERED = 50_000  # requests; a sandbox may run for days
BODIES_OF = {"POST", "PUT", "DELETE"}


class Journal:
    """Entries are objects: number, at, server, method, path, query, authorized, status, body.

    `status` is null while the request is in hand, and 0 when no answer was let out. `body` is there for
    JSON requests only, so that token requests stay out.
    """

    def __init__(self) -> None:
        self._entries: deque[Block] = deque(maxlen=REMEMBERED)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def arrived(self, server: str, request: Request, *, at: datetime) -> Block:
        entry: Block = {
            "number": next(self._numbers),
            "at": at,
            "server": server,
            "method": request.method,
            "path": request.path,
            "query": {name: value for name, value in request.query.items() if name != "access_token"},
            "authorized": "authorization" in request.headers,
            "status": None,
            "body": _body(request),
        }
        with self._lock:
            self._entries.append(entry)
        return entry

    def answered(self, entry: Block, response: Response) -> None:
        entry["status"] = response.status if response.delivery in {"whole", "half"} else 0

    def journal(
        self, *, server: str | None = None, method: str | None = None, path: str = "", since: int = 0
    ) -> list[Block]:
        """Return the entries after number `since` whose path contains `path`."""
        with self._lock:
            entries = list(self._entries)
        return [
            entry
            for entry in entries
            if server in {None, entry["server"]}
            and method in {None, entry["method"]}
            and path in str(entry["path"])
            and int(str(entry["number"])) > since
        ]

    def clear_journal(self) -> None:
        """Forget every request so far; numbers go on."""
        with self._lock:
            self._entries.clear()


def _body(request: Request) -> object:
    if request.method not in BODIES_OF or request.media_type == "application/x-www-form-urlencoded":
        return None
    try:
        return request.json()
    except ValueError:
        return None
