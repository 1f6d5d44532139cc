"""What each platform's adapter owes the port, and the transport that all of them share.

An adapter promises, whatever the platform does:

1. A list or look-up is complete, revoked and expired assertions included, or it raises. An item that can't be read
   fails the whole list: what is missing from a list gets awarded again.
2. `issue` sends once. Only what provably was not taken is `NotSent`, only a shown assertion of this very badge class
   and address is `Issued`; whatever can't be told is `Lost`, and somebody looks before anything is sent again.
3. A token goes to the configured scheme, host and port only. No redirect is followed, no foreign link is asked.
4. Nobody's address or name, no token and no body stands in an error or a log line.

Reading may be tried again inside a call, writing never, except after a 401: that is answered before any work.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from threading import Lock
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import requests

from d2l_sync.domain.errors import SourceRefused
from d2l_sync.session import TROUBLE, Stalls, bounded_session
from d2l_sync.unanswered import why_unanswered

CHUNK = 64 * 1024
NO_ANSWER, SERVER_FAULT = 0, 500
DEFAULT_PORTS = {"http": 80, "https": 443}
FORBIDDEN_IN_PATH = ("%2e", "%2f", "%5c")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take: to connect, between two pieces of the answer, and altogether."""

    connect_s: float = 5
    read_s: float = 30
    total_s: float = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform may ask of us. award: the platform bakes an image and sends mail before it answers."""

    patience: Patience = Patience()
    award: Patience = Patience(read_s=60, total_s=90)
    max_bytes: int = 32 * 1024 * 1024
    max_pages: int = 2000
    list_s: float = 3600
    connections: int = 4


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer of the platform, with any status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def retry_after_s(self, now: datetime) -> float | None:
        """Return how long the platform asks us to wait, given as seconds or as a date; None where it does not."""
        value = self.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())


class Unanswered(Exception):
    """No whole answer came.

    was_sent: False only where the body provably never left this machine. hint: what helps, where waiting does not.
    """

    def __init__(self, why: str, *, was_sent: bool, hint: str = "") -> None:
        super().__init__(why)
        self.was_sent = was_sent
        self.hint = hint


class Base:
    """The configured address of a platform: the only place a request may go.

    A path in front of the platform's own is kept; ids are quoted, so none of them can leave its place.
    """

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._origin = origin_of(urlsplit(self._url))

    def at(self, *segments: str) -> str:
        return "/".join([self._url, *(quote(one, safe="") for one in segments)])

    def holds(self, url: str) -> bool:
        try:
            return origin_of(urlsplit(url)) == self._origin
        except ValueError:
            return False

    def pin(self, link: str, *, seen_on: str, below: str) -> str:
        """Return the address a link leads to; raise SourceRefused (status 0) unless it stays on this host below a path.

        link: absolute or relative to `seen_on`. Nothing has been sent there when this refuses.
        """
        try:
            joined = urljoin(seen_on, link)
        except ValueError:
            joined = ""
        if not self._is_plain(link) or not self._stays(joined, below):
            raise SourceRefused(
                "The badging platform links to a page outside its configured address; it was not asked.",
                hint="Check badging.url: scheme, host and port must be those the platform itself uses in its links.",
            )
        return joined

    @staticmethod
    def _is_plain(link: str) -> bool:
        return link.isascii() and link.isprintable() and not set(link) & {"\\", " "}

    def _stays(self, url: str, below: str) -> bool:
        if not self.holds(url):
            return False
        path = urlsplit(url).path
        is_straight = not set(path.split("/")) & {".", ".."} and not any(
            one in path.lower() for one in FORBIDDEN_IN_PATH
        )
        return is_straight and path.startswith(urlsplit(self.at(below)).path + "/")


def origin_of(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port; raise ValueError for an address with a user in it, or with a port out of range."""
    if "@" in parts.netloc:
        raise ValueError("an address with a user in it")
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)


class _Outgoing(BytesIO):
    """A request's body that knows whether any of it was handed over to be sent.

    http.client connects and sends the headers before it reads the first piece, so an unread body never left.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.was_read = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.was_read = True
        return super().read(size)


class Transport:
    """Requests to one platform, counted and bounded. Safe to call from several threads.

    on_call: told "badging" and the status of every answer; 0: there was none.
    """

    def __init__(self, base: Base, *, limits: Limits, on_call: Callable[[str, int], None] | None = None) -> None:
        self.base = base
        self._on_call = on_call
        self._limits = limits
        self._count = 0
        self._counting = Lock()
        longest_s = max(limits.patience.total_s, limits.award.total_s)
        self._stalls = Stalls()
        self._session = bounded_session(connections=limits.connections, total_s=longest_s)

    @property
    def calls(self) -> int:
        with self._counting:
            return self._count

    def close(self) -> None:
        self._session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        token: str | None = None,
        content: bytes | None = None,
        media_type: str = "application/json",
        patience: Patience | None = None,
    ) -> Reply:
        """Send one request once and read its answer whole, whatever its status.

        Raises Unanswered, without what requests said of it: that names the address, recipient and all.
        Raises SourceRefused (status 0) for an address outside the base, before anything is sent.
        """
        if self._stalls.is_resting():
            raise Unanswered("it has given no answer for minutes, and is left alone for some", was_sent=False)
        patience = patience or self._limits.patience
        outgoing = None if content is None else _Outgoing(content)
        with self._counting:
            self._count += 1
        status = NO_ANSWER
        began = time.monotonic()
        try:
            reply = self._exchange(
                method, url, outgoing=outgoing, token=token, media_type=media_type, patience=patience
            )
            status = reply.status
            return reply
        except TROUBLE as error:
            why = why_unanswered(error, self.base.at())
        finally:
            self._note(status, time.monotonic() - began)
        raise Unanswered(why.what, was_sent=outgoing is None or outgoing.was_read, hint=why.hint)

    def _note(self, status: int, took_s: float) -> None:
        if status == NO_ANSWER or status >= SERVER_FAULT:
            self._stalls.lost(took_s)
        else:
            self._stalls.answered()
        if self._on_call:
            self._on_call("badging", status)

    def _exchange(
        self,
        method: str,
        url: str,
        *,
        outgoing: _Outgoing | None,
        token: str | None,
        media_type: str,
        patience: Patience,
    ) -> Reply:
        ends_at = time.monotonic() + patience.total_s
        response = self._session.request(
            method,
            url,
            data=outgoing,
            headers={} if outgoing is None else {"Content-Type": media_type},
            auth=self._signed(token),
            timeout=(patience.connect_s, patience.read_s),
            allow_redirects=False,
            stream=True,
        )
        with response:
            return Reply(response.status_code, response.headers, self._whole(response, ends_at))

    def _signed(self, token: str | None) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
        # Always given, with or without a token: a session without `auth` would look into ~/.netrc.
        def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
            if not self.base.holds(request.url or ""):
                raise SourceRefused("A request outside the badging platform's configured address was not sent.")
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token}"
            return request

        return sign

    def _whole(self, response: requests.Response, ends_at: float) -> bytes:
        body = bytearray()
        # read1 hands over what has arrived; read and iter_content wait for a full piece, however slowly it drips.
        while piece := response.raw.read1(CHUNK, decode_content=True):
            body += piece
            if len(body) > self._limits.max_bytes:
                raise requests.exceptions.ContentDecodingError("longer than we read")
            if time.monotonic() > ends_at:
                raise requests.Timeout("slower than we wait")
        return bytes(body)
