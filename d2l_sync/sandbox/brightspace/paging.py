"""The two envelopes of lists, with opaque bookmarks."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import urlencode

from d2l_sync.sandbox.brightspace.call import Call
from d2l_sync.sandbox.error_bodies import Refused, problem
from d2l_sync.sandbox.web import Block, Response, json_response

LARGEST_PAGE = 200
Thing = TypeVar("Thing")


def objects(
    call: Call, things: Sequence[Thing], *, write: Callable[[Thing], Block], name: str, sized: bool = False
) -> Response:
    """Answer one page as ObjectListPage.

    write: turns a thing of this page into its row. name: which page size of the habits. sized: `pageSize` is
    honoured.
    """
    start, size = _start(call), _page_size(call, name, sized=sized)
    page, after = [write(each) for each in things[start : start + size]], start + size
    follow = _next(call, after) if after < len(things) else None
    return json_response(200, {"Objects": page, "Next": follow})


def items(call: Call, things: Sequence[Thing], *, write: Callable[[Thing], Block], name: str) -> Response:
    """Answer one page as PagedResultSet. Only HasMoreItems tells the end; the last page may have a bookmark."""
    start, size = _start(call), _page_size(call, name)
    page, after = [write(each) for each in things[start : start + size]], start + size
    more = after < len(things)
    bookmark = _bookmark(after) if more or (call.world.habits.last_bookmark and page) else None
    return json_response(200, {"PagingInfo": {"Bookmark": bookmark, "HasMoreItems": more}, "Items": page})


def _bookmark(offset: int) -> str:
    return f"{6645 + offset * 13}_{offset}"


def _start(call: Call) -> int:
    bookmark = call.request.first("bookmark")
    if not bookmark:
        return 0
    checked, _, offset = bookmark.partition("_")
    if not offset.isdigit() or _bookmark(int(offset)) != f"{checked}_{offset}":
        raise Refused(problem(400, "Invalid bookmark", title="Validation Error"))
    return int(offset)


def _page_size(call: Call, name: str, *, sized: bool = False) -> int:
    default = call.world.habits.page_sizes[name]
    asked = call.request.first("pageSize")
    if not sized or asked is None:
        return default
    if not asked.isdigit() or not 1 <= int(asked) <= LARGEST_PAGE:
        raise Refused(problem(400, f"pageSize must be from 1 to {LARGEST_PAGE}", title="Validation Error"))
    return int(asked)


def _next(call: Call, offset: int) -> str:
    query = {name: values for name, values in call.request.query.items() if name != "bookmark"}
    path = f"{call.request.path}?{urlencode(query | {'bookmark': [_bookmark(offset)]}, doseq=True)}"
    return path if call.world.habits.next_form == "path" else call.request.origin + path
