"""Lists of assertions: everything at once, or pages whose way on stands in a Link header only."""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import urlencode

from d2l_sync.sandbox.badgr.assertions import Assertion
from d2l_sync.sandbox.badgr.blocks import assertion_block
from d2l_sync.sandbox.badgr.envelope import miscellaneous, success
from d2l_sync.sandbox.badgr.platform import Platform
from d2l_sync.sandbox.web import Request, Response

OLDER, NEWER = "p", "r"


def answer_list(request: Request, platform: Platform, assertions: Sequence[Assertion]) -> Response:
    """Answer those of the assertions that the query asks for, paged only when it has a `num`."""
    found = [each for each in assertions if _is_wanted(request, platform, each)]
    size = _size(request.first("num"), platform.manners.largest_page)
    if size is None:
        return _page(request, platform, sorted(found, key=lambda each: each.entity_id))
    newest_first = sorted(found, key=lambda each: -each.sequence)
    try:
        start = _start(request.first("cursor"), newest_first, size)
    except (ValueError, binascii.Error):
        return miscellaneous(request, 404, "Invalid cursor")
    page = newest_first[start : start + size]
    response = _page(request, platform, page)
    links = _links(request, page, has_newer=start > 0, has_older=start + size < len(newest_first))
    return response.with_headers(("Link", ", ".join(links))) if links else response


def _page(request: Request, platform: Platform, page: Sequence[Assertion]) -> Response:
    return success(request, [assertion_block(each, platform.origin) for each in page])


def _is_wanted(request: Request, platform: Platform, assertion: Assertion) -> bool:
    """Hide revoked and expired ones unless asked for; compare addresses as they are sent."""
    recipients = request.query.get("recipient", [])
    is_hidden = (assertion.is_revoked and not _is_true(request.first("include_revoked"))) or (
        assertion.is_expired(platform.clock.now()) and not _is_true(request.first("include_expired"))
    )
    return not is_hidden and (not recipients or assertion.recipient.identity in recipients)


def _is_true(text: str | None) -> bool:
    return (text or "").lower() in {"1", "true"}


def _size(text: str | None, largest: int) -> int | None:
    try:
        return None if text is None else min(max(int(text), 1), largest)
    except ValueError:
        return None


def _start(cursor: str | None, newest_first: Sequence[Assertion], size: int) -> int:
    if cursor is None:
        return 0
    direction, _, sequence = base64.urlsafe_b64decode(cursor.encode()).decode().partition("=")
    newer = [each for each in newest_first if each.sequence > int(sequence)]
    if direction == OLDER:
        older = [each for each in newest_first if each.sequence < int(sequence)]
        return len(newest_first) - len(older)
    return max(0, len(newer) - size)


def _links(request: Request, page: Sequence[Assertion], *, has_newer: bool, has_older: bool) -> list[str]:
    links = []
    if has_older:
        links.append(f'<{_url(request, OLDER, page[-1].sequence)}>; rel="next"')
    if has_newer and page:
        links.append(f'<{_url(request, NEWER, page[0].sequence)}>; rel="prev"')
    return links


def _url(request: Request, direction: str, sequence: int) -> str:
    cursor = base64.urlsafe_b64encode(f"{direction}={sequence}".encode()).decode()
    return f"{request.origin}{request.path}?{urlencode(dict(request.query) | {'cursor': [cursor]}, doseq=True)}"
