"""What a trouble does to one request. Each takes the request and `proceed`, the honest way to an answer.

An effect that never calls `proceed` keeps the server from processing the request; one that does may still
change or withhold the answer, which is how an award is stored while its client hears nothing.
"""

import dataclasses
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from d2l_sync.sandbox.error_bodies import shaped
from d2l_sync.sandbox.web import Headers, Request, Response, html_page, to_json

Effect = Callable[..., Response]

RATE_LIMIT_HEADERS = {"x-rate-limit-remaining", "x-request-cost", "x-rate-limit-reset"}


@dataclass(frozen=True, slots=True)
class Proceed:
    """The honest way to an answer. is_cleared: set when the trouble is over."""

    answer: Callable[[], Response]
    is_cleared: threading.Event

    def __call__(self) -> Response:
        return self.answer()

    def rest(self, seconds: float) -> None:
        """Let time pass, but no more of it than the trouble lasts."""
        self.is_cleared.wait(seconds)


def status(
    _request: Request,
    _proceed: Proceed,
    *,
    status: int = 500,
    shape: str = "html",
    retry_after: int | None = None,
) -> Response:
    """Refuse before processing: any status, in one of error_bodies.SHAPES, with Retry-After if given."""
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return shaped(status, shape).with_headers(*headers)


def answer(
    _request: Request,
    _proceed: Proceed,
    *,
    status: int = 200,
    body: object = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Give a fixed answer instead of processing; a body that is no text is sent as JSON."""
    packed = body.encode() if isinstance(body, str) else to_json(body)
    return Response(status, packed, tuple((headers or {"Content-Type": "application/json"}).items()))


def login_page(_request: Request, _proceed: Proceed) -> Response:
    return html_page(200, "Login", '<form action="/d2l/lp/auth/login/login.d2l"><input name="userName"></form>')


def redirect(_request: Request, _proceed: Proceed, *, location: str, status: int = 302) -> Response:
    return Response(status, headers=(("Location", location),))


def reset(_request: Request, _proceed: Proceed) -> Response:
    """Reset the connection; the request is not processed."""
    return Response(0, delivery="reset")


def lose_answer(_request: Request, proceed: Proceed) -> Response:
    """Process, then close the connection without an answer."""
    return dataclasses.replace(proceed(), delivery="nothing")


def fail_after(_request: Request, proceed: Proceed, *, status: int = 500, shape: str = "html") -> Response:
    """Process, and say that it failed."""
    proceed()
    return shaped(status, shape)


def stall(_request: Request, proceed: Proceed, *, seconds: float) -> Response:
    """Process at once, and answer late, or when the trouble is cleared."""
    processed = proceed()
    proceed.rest(seconds)
    return processed


def late(_request: Request, proceed: Proceed, *, seconds: float, hang_up: bool = False) -> Response:
    """Process late, or when the trouble is cleared, whether or not the client still waits.

    hang_up: the connection is closed at once, and nothing makes it earlier.
    """
    if hang_up:
        timer = threading.Timer(seconds, proceed)
        timer.daemon = True
        timer.start()
        return Response(0, delivery="nothing")
    proceed.rest(seconds)
    return proceed()


def truncate(_request: Request, proceed: Proceed) -> Response:
    """Announce the whole answer, send half of it, and close."""
    return dataclasses.replace(proceed(), delivery="half")


def shorten(_request: Request, proceed: Proceed, *, keep: int = 0) -> Response:
    """Answer properly, but with only the first `keep` things of the list, as if that were all."""
    processed = proceed()
    value = json.loads(processed.body)
    if isinstance(value, list):
        value = value[:keep]
    else:
        for name in ("Items", "Objects", "result"):
            if name in value:
                value[name] = value[name][:keep]
        value |= {"Next": None} if "Next" in value else {}
        value |= {"PagingInfo": {"Bookmark": None, "HasMoreItems": False}} if "PagingInfo" in value else {}
    return dataclasses.replace(_rewritten(processed, value), headers=_without(processed.headers, {"link"}))


def hostile_next(request: Request, proceed: Proceed, *, url: str | None = None) -> Response:
    """Answer properly, but let the next page be `url`; without one, this very page again: a loop."""
    processed = proceed()
    target = url or request.origin + request.target
    value = json.loads(processed.body)
    if isinstance(value, dict) and "Next" in value:
        value["Next"] = target
    if isinstance(value, dict) and "PagingInfo" in value:
        value["PagingInfo"] = {"Bookmark": request.first("bookmark"), "HasMoreItems": True}
    headers = _without(processed.headers, {"link"})
    if isinstance(value, dict) and "result" in value:
        headers = (*headers, ("Link", f'<{target}>; rel="next"'))
    return dataclasses.replace(_rewritten(processed, value), headers=headers)


def wipe_headers(_request: Request, proceed: Proceed, *, names: list[str] | None = None) -> Response:
    """Answer without the named headers, the three of the rate limit unless told otherwise."""
    processed = proceed()
    wiped = {name.lower() for name in names} if names else RATE_LIMIT_HEADERS
    return dataclasses.replace(processed, headers=_without(processed.headers, wiped))


EFFECTS: dict[str, Effect] = {
    effect.__name__: effect
    for effect in (
        status,
        answer,
        login_page,
        redirect,
        reset,
        lose_answer,
        fail_after,
        stall,
        late,
        truncate,
        shorten,
        hostile_next,
        wipe_headers,
    )
}


def _without(headers: Headers, names: set[str]) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in names)


def _rewritten(response: Response, value: object) -> Response:
    return dataclasses.replace(response, body=to_json(value))
