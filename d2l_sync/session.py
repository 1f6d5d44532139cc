"""A session for one server that may be broken or hostile: no answer can be drawn out, none leads elsewhere.

A time-out of `requests` counts between two pieces of an answer; a server that gives a byte now and then, or one
"100 Continue" after another, never runs into it. Here the whole answer, its head included, has one deadline.
"""

import http.client
import io
import os
import time
from collections.abc import Callable
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from socket import socket
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from d2l_sync import __version__

MOST_LOST_S = 240.0
REST_S = 300.0
MOST_VALUES = 1_000_000
TROUBLE = (requests.RequestException, HTTPError, http.client.HTTPException, OSError)
"""What a request may raise instead of an answer: not all of it comes as an error of requests."""


def bounded_session(*, connections: int, total_s: float) -> "Session":
    """Make a session that keeps no cookies and takes no answer longer than `total_s` seconds after its request."""
    session = Session()
    session.headers.update({"Accept": "application/json", "User-Agent": f"d2l-sync/{__version__}"})
    # A session cookie would make Brightspace answer as to a browser, with login pages.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(connections, total_s)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class Session(requests.Session):
    """A session that never looks at where a redirect leads, and trusts whom the machine is told to trust.

    requests reads the whole body of a redirect it was told not to follow, past any limit of ours, and takes the
    address apart, whatever it is. And of the usual variables it knows $REQUESTS_CA_BUNDLE and $CURL_CA_BUNDLE only.
    """

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - the parent's signature
        return None

    def merge_environment_settings(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the parent's signature
        settings = super().merge_environment_settings(*args, **kwargs)
        if settings["verify"] is True and self.trust_env:
            settings["verify"] = os.environ.get("SSL_CERT_FILE") or True
        return settings


class _Adapter(HTTPAdapter):
    """Connects with pools whose answers have a deadline."""

    def __init__(self, connections: int, total_s: float) -> None:
        self._pools = _pools(total_s)
        super().__init__(pool_connections=2, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the parent's signature
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - the parent's signature
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(total_s: float) -> dict[str, Any]:
    answer = staticmethod(partial(_Answer, total_s=total_s))  # else Python 3.14 would bind it to the connection
    plain = type("Plain", (HTTPConnection,), {"response_class": answer})
    secured = type("Secured", (HTTPSConnection,), {"response_class": answer})
    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("SecuredPool", (HTTPSConnectionPool,), {"ConnectionCls": secured}),
    }


class _Answer(http.client.HTTPResponse):
    """An answer that has to be there, whole, so many seconds after it was first waited for."""

    def __init__(self, sock: socket, *args: Any, total_s: float, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_Until(self.fp.detach(), sock, time.monotonic() + total_s))


class _Until(io.RawIOBase):
    """Reads from a socket's file until a moment on the monotonic clock, then raises TimeoutError."""

    def __init__(self, file: io.RawIOBase, sock: socket, ends_at: float) -> None:
        self._file = file
        self._sock = sock
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - a buffer has no name in 3.11
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        between_s = self._sock.gettimeout()
        if between_s is None or between_s > left_s:
            self._sock.settimeout(left_s)
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class Stalls:
    """Adds up what requests to one server cost in a row while all of them came to nothing; safe with many threads.

    After four minutes in a row the server is left alone for five: else each of a thousand requests would wait for as
    long as one may. What several threads lost at once was lost once, quick failures hardly count, and any answer ends
    the row. clock: monotonic, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._lost_s = 0.0
        self._counted_until = float("-inf")
        self._resting_until = float("-inf")

    def is_resting(self) -> bool:
        """Tell whether nothing should be asked now."""
        return self._clock() < self._resting_until

    def lost(self, seconds: float) -> None:
        """Count a request that took so long, until now, and came to nothing."""
        now = self._clock()
        self._count(now - seconds, now)

    def asked_to_wait(self, seconds: float) -> None:
        """Count a request that came to nothing but that the server wants to be left alone so long, from now."""
        now = self._clock()
        self._count(now, now + seconds)

    def _count(self, began: float, ended: float) -> None:
        with self._lock:
            self._lost_s += max(0.0, ended - max(began, self._counted_until))
            self._counted_until = max(ended, self._counted_until)
            if self._lost_s >= MOST_LOST_S:
                self._resting_until = self._clock() + REST_S
                self._lost_s = MOST_LOST_S / 2  # after the rest it is tried again, and for less long

    def answered(self) -> None:
        with self._lock:
            self._lost_s = 0.0


def is_bloated(body: bytes) -> bool:
    """Tell whether JSON would unpack to more values than an honest answer of its size: a gigabyte out of thirty MB."""
    return sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES
