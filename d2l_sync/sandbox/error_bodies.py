"""The shapes in which servers of this kind say no: a client must survive each without parsing it."""

from collections.abc import Callable
from http import HTTPStatus

from d2l_sync.sandbox.web import Response, html_page, json_response, text_response

INVALID_TOKEN = "http://docs.valence.desire2learn.com/res/apiprop.html#invalid-token"


class Refused(Exception):
    """Ends the handling of a request with the response it carries."""

    def __init__(self, response: Response) -> None:
        super().__init__(f"answered {response.status}")
        self.response = response


def problem(status: int, detail: str, *, kind: str = "about:blank", title: str = "") -> Response:
    """Answer with problem JSON; the title is the status' own phrase unless given."""
    return json_response(
        status,
        {"type": kind, "title": title or phrase(status), "status": status, "detail": detail},
        "application/problem+json",
    )


def invalid_token(detail: str) -> Response:
    return problem(401, detail, kind=INVALID_TOKEN)


def errors(status: int, message: str) -> Response:
    return json_response(status, {"Errors": [{"Message": message}]})


def insufficient_scope(target: str) -> Response:
    return errors(403, f"Insufficient scope to call {target}")


def broken_json(status: int, message: str) -> Response:
    """Look like JSON, but be none, and call it HTML: recorded from a live tenant."""
    return text_response(status, f'{{ Errors: [ {{Message: "{message}"}} ] }}', "text/html")


def empty(status: int, _message: str) -> Response:
    return Response(status)


SHAPES: dict[str, Callable[[int, str], Response]] = {
    "problem": problem,
    "errors": errors,
    "broken_json": broken_json,
    "text": text_response,
    "html": html_page,
    "empty": empty,
    "scope": lambda _status, message: insufficient_scope(message),
}


def shaped(status: int, shape: str) -> Response:
    """Answer a status in one of SHAPES. Raises ValueError for an unknown shape."""
    if shape not in SHAPES:
        raise ValueError(f"no shape {shape!r}; there are {', '.join(SHAPES)}")
    return SHAPES[shape](status, "Not authorized" if status in {401, 403} else phrase(status))


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
