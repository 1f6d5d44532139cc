"""The envelope of the v2 API, and the answers that come without it."""

from collections.abc import Sequence

from d2l_sync.sandbox.web import Block, Request, Response, html_page, json_response

LINKED_DATA = "application/ld+json"


def success(request: Request, result: Sequence[object], *, status: int = 200, description: str = "ok") -> Response:
    body: Block = {"status": {"success": True, "description": description}, "result": list(result)}
    return json_response(status, body, media_type(request))


def failure(
    request: Request,
    status: int,
    *,
    description: str,
    fields: object = None,
    whole: Sequence[str] = (),
) -> Response:
    """Refuse. `fields` is an object, a list or a plain string, whatever the real one would put there."""
    body: Block = {
        "status": {"success": False, "description": description},
        "result": [],
        "fieldErrors": {} if fields is None else fields,
        "validationErrors": list(whole),
    }
    return json_response(status, body, media_type(request))


def bad_request(request: Request, *, fields: object = None, whole: Sequence[str] = ()) -> Response:
    return failure(request, 400, description="bad request", fields=fields, whole=whole)


def no_token(request: Request) -> Response:
    return failure(request, 401, description="no valid auth token found")


def not_yours(request: Request) -> Response:
    """Answer for what is unknown, and for what the token's user has no rights to: nobody can tell which."""
    return failure(request, 404, description="entity not found or insufficient privileges")


def miscellaneous(request: Request, status: int, text: str) -> Response:
    """Answer as the framework below does: fieldErrors is a plain string."""
    return failure(request, status, description="miscellaneous error", fields=text)


def crash() -> Response:
    return html_page(500, "Server error", "We're sorry, an error has occurred.")


def media_type(request: Request) -> str:
    """Return application/json only when it was asked for by name."""
    accept = request.headers.get("accept", "*/*")
    return "application/json" if "application/json" in accept else LINKED_DATA
