"""POST /o/token and /o/revoke_token/: half of its errors are JSON that calls itself HTML."""

from d2l_sync.sandbox.badgr.tokens import ALL_SCOPES, TokenDesk
from d2l_sync.sandbox.web import Block, Request, Response, html_page, json_response

TOKEN_PATHS = {"/o/token", "/o/token/"}
REVOKE_PATH = "/o/revoke_token/"
PUBLIC_CLIENT = "public"
DEFAULT_SCOPE = "rw:profile rw:issuer rw:backpack"
HTML = "text/html; charset=utf-8"


class TokenRefused(Exception):
    """A token request refused: status, body, and whether the body admits to be JSON."""

    def __init__(self, status: int, body: Block, *, as_html: bool = False) -> None:
        super().__init__(str(body.get("error")))
        self.response = json_response(status, body, HTML if as_html else "application/json")


class TokenRoutes:
    def __init__(self, desk: TokenDesk) -> None:
        self._desk = desk

    def answer(self, request: Request) -> Response:
        if request.method != "POST":
            return html_page(405, "Method Not Allowed")
        if request.path == REVOKE_PATH:
            self._desk.revoke(request.form().get("token", ""))
            return Response(200)
        return self._throttled(request)

    def _throttled(self, request: Request) -> Response:
        """Answer one token request; any failure makes the next ones wait, right or wrong."""
        form = _form(request)
        key, now = form.get("username") or _address(request), self._desk.clock.now()
        wait = self._desk.throttle.step(key, now)
        if wait is not None:
            text = "Too many login attempts. Please wait and try again."
            body: Block = {"error_description": text, "error": "login attempts throttled", "expires": wait}
            return json_response(429, body, HTML)
        try:
            granted = self._granted(request, form)
        except TokenRefused as refused:
            self._desk.throttle.failed(key, now)
            self._desk.counts["refused"] += 1
            return refused.response
        self._desk.throttle.succeeded(key)
        return json_response(200, granted, "application/json").with_headers(("Cache-Control", "no-store"))

    def _granted(self, request: Request, form: dict[str, str]) -> Block:
        if request.query:
            text = "Token grant parameters must be sent in post body, not query parameters"
            raise TokenRefused(400, {"error": text}, as_html=True)
        kind = form.get("grant_type", "password")
        if kind == "client_credentials":
            return self._for_client(request, form)
        if kind == "refresh_token":
            scope = self._desk.spend(form.get("refresh_token", ""))
            if scope is None:
                raise TokenRefused(400, {"error": "invalid_grant"})
            return self._desk.issue(scope, kind="refresh_token", refreshable=True)
        return self._for_user(form)

    def _for_client(self, request: Request, form: dict[str, str]) -> Block:
        basic = request.basic()
        client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
        if client_id not in self._desk.clients:
            raise TokenRefused(400, {"error": "invalid client_id"}, as_html=True)
        if secret != self._desk.clients[client_id]:
            if basic:
                raise TokenRefused(400, {"error": "invalid client_secret"}, as_html=True)
            raise TokenRefused(401, {"error": "invalid_client"})
        scope = _scope(form.get("scope", "r:profile"))
        return self._desk.issue(scope, kind="client_credentials", refreshable=False)

    def _for_user(self, form: dict[str, str]) -> Block:
        if "username" not in form:
            text = "Request is missing username parameter."
            raise TokenRefused(400, {"error": "invalid_request", "error_description": text})
        if form.get("client_id", PUBLIC_CLIENT) not in {PUBLIC_CLIENT, *self._desk.clients}:
            raise TokenRefused(400, {"error": "invalid client_id"}, as_html=True)
        scope = _scope(form.get("scope", "r:profile" if "client_id" in form else DEFAULT_SCOPE))
        if self._desk.users.get(form["username"]) != form.get("password"):
            text = "Invalid credentials given."
            raise TokenRefused(400, {"error": "invalid_grant", "error_description": text})
        return self._desk.issue(scope, kind="password", refreshable=True)


def _form(request: Request) -> dict[str, str]:
    return request.form() if request.media_type == "application/x-www-form-urlencoded" else {}


def _address(request: Request) -> str:
    """Return the address that throttling goes by: what the client says of itself is believed."""
    return request.headers.get("x-forwarded-for", "127.0.0.1").split(",")[0].strip()


def _scope(text: str) -> str:
    asked = text.split()
    if not all(each in ALL_SCOPES or each.startswith("rw:issuer:") for each in asked):
        raise TokenRefused(400, {"error": "invalid scope requested"}, as_html=True)
    return " ".join(asked)
