"""Reading a list whole, whichever of the three shapes it comes in.

The body tells: a list is everything; `Items` with `PagingInfo` asks for the next page by bookmark; `Objects` with
`Next` links to it. Anything else is an error, never "empty". Source: docs.valence.desire2learn.com, basic/apicall.
"""

import time
from collections.abc import Iterator

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
    asked = dict(filters)
    seen: set[str] = set()
    ends_at = time.monotonic() + LONGEST_S
    count = 0
    for _ in range(MOST_PAGES):
        page = client.get(route, asked)
        # A list is everything only where it is the first answer: later it is a page gone wrong.
        rows, bookmark, link = _read(None if seen and isinstance(page, list) else page)
        count += len(rows)
        if count > MOST_ROWS:
            raise SourceUnavailable("a list has too many rows")
        yield from rows
        if bookmark is None and link is None:
            return
        if time.monotonic() > ends_at:
            raise SourceUnavailable("a list takes too long")
        mark = str(bookmark if link is None else link)
        if mark in seen:
            raise SourceUnavailable("the pages of a list go round in a circle")
        if link is None and not mark.isprintable():
            raise SourceUnavailable("the next page of a list can't be asked for")
        seen.add(mark)
        if link is not None:
            route, asked = route.at(client.pin(link, seen_at=route)), {}
        else:
            asked = {**filters, "bookmark": str(bookmark)}
    raise SourceUnavailable("a list has too many pages")


def _read(page: Json) -> tuple[list[Json], str | None, str | None]:
    """Tell a page's rows, and the bookmark or the link of the next page."""
    match page:
        case list():
            return page, None, None
        case {"Items": list() as rows, "PagingInfo": {"HasMoreItems": False}}:
            return rows, None, None
        case {"Items": list() as rows, "PagingInfo": {"HasMoreItems": True, "Bookmark": str() | int() as bookmark}}:
            return rows, str(bookmark), None
        case {"Objects": list() as rows, **others} if "Items" not in page:
            match others.get("Next"):
                case None | "":
                    return rows, None, None
                case str() as link:
                    return rows, None, link
    raise SourceUnavailable("a list came in an unknown shape")
