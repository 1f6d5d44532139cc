"""Reading a list whole, whichever of the three shapes it comes in.

The body tells: a list is everything; `Items` with `PagingInfo` asks for the next page by bookmark; `Objects` with
`Next` links to it. Anything else is an error, never "empty". Source: docs.valence.desire2learn.com, basic/apicall.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from d2l_sync.brightspace.client import Client, Params
from d2l_sync.brightspace.routes import Route
from d2l_sync.brightspace.wire import Json
from d2l_sync.domain.errors import SourceUnavailable

MOST_PAGES = 10_000
MOST_ROWS = 500_000
LONGEST_S = 3600.0
"""No honest list takes so long; a pass has others to read."""


def rows_of(client: Client, route: Route, params: Params | None = None) -> Iterator[Json]:
    """Yield every row of a list, in the server's order.

    Raises what `Client.get` raises, SourceRefused for a link elsewhere, and SourceUnavailable for pages that go round
    or have no known shape: a list that breaks off is no list.
    """
    filters = dict(params or {})
    asked, guard = filters, _Guard()
    while True:
        page = _page(client.get(route, asked), is_first=guard.is_new)
        guard.take(page)
        yield from page.rows
        if page.mark is None:
            return
        guard.go_on(page.mark)
        if page.is_link:
            route, asked = route.at(client.pin(page.mark, seen_at=route)), {}
        elif page.mark.isprintable():
            asked = {**filters, "bookmark": page.mark}
        else:
            raise SourceUnavailable("the next page of a list can't be asked for")


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer. mark: the next page's bookmark, or its address where it is a link; None on the last page."""

    rows: list[Json]
    mark: str | None = None
    is_link: bool = False


class _Guard:
    """Gives up a list that no honest server sends: in a circle, without end, or for hours."""

    def __init__(self) -> None:
        self._marks: set[str] = set()
        self._count = 0
        self._ends_at = time.monotonic() + LONGEST_S

    @property
    def is_new(self) -> bool:
        return not self._marks

    def take(self, page: _Page) -> None:
        self._count += len(page.rows)
        if self._count > MOST_ROWS:
            raise SourceUnavailable("a list has too many rows")

    def go_on(self, mark: str) -> None:
        if time.monotonic() > self._ends_at:
            raise SourceUnavailable("a list takes too long")
        if mark in self._marks:
            raise SourceUnavailable("the pages of a list go round in a circle")
        self._marks.add(mark)
        if len(self._marks) >= MOST_PAGES:
            raise SourceUnavailable("a list has too many pages")


def _page(body: Json, *, is_first: bool) -> _Page:
    """Tell which shape an answer has. A bare list is everything only as the first: later it is a page gone wrong."""
    match body:
        case list() if is_first:
            return _Page(body)
        case {"Items": list() as rows, "PagingInfo": {"HasMoreItems": False}}:
            return _Page(rows)
        case {"Items": list() as rows, "PagingInfo": {"HasMoreItems": True, "Bookmark": str() | int() as bookmark}}:
            return _Page(rows, str(bookmark))
        case {"Objects": list() as rows, **others} if "Items" not in body:
            match others.get("Next"):
                case None | "":
                    return _Page(rows)
                case str() as link:
                    return _Page(rows, link, is_link=True)
    raise SourceUnavailable("a list came in an unknown shape")
