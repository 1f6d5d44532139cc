"""A dead man's switch: tells an address of your monitoring when a pass begins, and whether it saw everything.

Only `complete` is a success. The address is a secret: it stands in no log line. Pings go out in a thread of their own,
so that none delays or fails a pass; while one is on its way, only the newest is kept waiting.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

import requests
import structlog

from d2l_sync.session import TROUBLE, bounded_session
from d2l_sync.unanswered import why_unanswered

log = structlog.get_logger()

TIMEOUTS = (3.0, 5.0)
TOTAL_S = 10.0
MOST_WAITING = 4
SUCCESS = "complete"


class Pinger:
    """Off while there is no address. url: asked for before each ping, since a reload may exchange it."""

    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url
        self._waiting: queue.Queue[tuple[str, str] | None] = queue.Queue(MOST_WAITING)
        self._is_well = True
        self._thread: threading.Thread | None = None

    def began(self) -> None:
        self._put("/start", "")

    def ended(self, outcome: str | None) -> None:
        """Tell how a pass over everything ended; None: it could not be made."""
        self._put("" if outcome == SUCCESS else "/fail", outcome or "not made")

    def stop(self, patience_s: float = 1.0) -> None:
        """Let what waits go out, but not for long."""
        if self._thread is not None:
            until = time.monotonic() + patience_s
            with suppress(queue.Full):
                self._waiting.put(None, timeout=patience_s)
            self._thread.join(max(0, until - time.monotonic()))

    def _put(self, suffix: str, body: str) -> None:
        url = self._url()
        if not url:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._send_all, name="ping", daemon=True)
            self._thread.start()
        with suppress(queue.Full):
            self._waiting.put_nowait((with_suffix(url, suffix), body))

    def _send_all(self) -> None:
        with bounded_session(connections=1, total_s=TOTAL_S) as session:
            while (ping := self._waiting.get()) is not None:
                self._send(session, *ping)

    def _send(self, session: requests.Session, url: str, body: str) -> None:
        try:
            answer = session.post(
                url, data=body.encode(), timeout=TIMEOUTS, allow_redirects=False, auth=_as_it_is, stream=True
            )
            answer.close()
            fault = None if answer.ok and not answer.is_redirect else f"answered {answer.status_code}"
        except TROUBLE as error:
            fault = why_unanswered(error, url, called="it").what  # its message quotes the address
        if fault is not None and self._is_well:
            log.warning("ping_failed", why=fault)
        self._is_well = fault is None


def with_suffix(url: str, suffix: str) -> str:
    """Put /start or /fail behind the path, and keep a query where it is."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + suffix)) if suffix else url


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Sign nothing: a session without `auth` would look into ~/.netrc."""
    return request
