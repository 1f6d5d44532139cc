"""Where a bearer token may go: one scheme, host and port, and nowhere else."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import requests

from d2l_sync.domain.errors import SourceRefused

API = "/d2l/api/"
DEFAULT_PORTS = {"http": 80, "https": 443}
# Characters and escapes by which two programs may read one address as two.
AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\ud800-\udfff\\]")
ESCAPED_PATH = re.compile(r"%(2e|2f|5c|00)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host and a port, spelled in one way."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> "Origin":
        """Read the origin of an address. Raises ValueError for one that has none."""
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        if not parts.hostname or scheme not in DEFAULT_PORTS:
            raise ValueError("an http or https address with a host is needed")
        return cls(scheme, parts.hostname.lower(), parts.port or DEFAULT_PORTS[scheme])

    def url(self, path: str) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{path}"

    def pin(self, link: str, *, seen_at: str) -> str:
        """Turn a link that the server gave into a path with query below the API, or refuse it.

        seen_at: the address of the request whose answer held the link; a relative one is resolved against it.
        Raises SourceRefused (status 0) for whatever is not plainly on this origin and below /d2l/api/.
        """
        if AMBIGUOUS.search(link):
            raise SourceRefused("a link with forbidden characters was refused")
        try:
            parts = urlsplit(urljoin(seen_at, link))
            is_here = Origin.of(parts.geturl()) == self
        except ValueError as error:
            raise SourceRefused("a link that is no address was refused") from error
        if not is_here or "@" in parts.netloc:
            raise SourceRefused("a link to another host was refused", hint="brightspace.url may not be the right one")
        if not _is_below_api(link, parts):
            raise SourceRefused("a link away from the API was refused")
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_below_api(link: str, parts: SplitResult) -> bool:
    spelled = urlsplit(link).path
    segments = {*spelled.split("/"), *parts.path.split("/")}
    return parts.path.startswith(API) and not segments & {".", ".."} and not ESCAPED_PATH.search(parts.path)


class PinnedBearer:
    """Attaches a bearer token, and only to requests for one origin; an auth of its own also keeps netrc out."""

    def __init__(self, origin: Origin, token: str) -> None:
        self._origin = origin
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if Origin.of(request.url or "") != self._origin:
            raise SourceRefused("a request to another host was refused")
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Anonymous:
    """Attaches nothing: an auth of its own keeps netrc from attaching something."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request
