"""The pages of the pretended auth server: consent, and the token endpoint."""

import base64
import hashlib
from html import escape
from urllib.parse import urlencode

from d2l_sync.sandbox.brightspace import client_assertion
from d2l_sync.sandbox.brightspace.authority import CODE_LIFETIME, Application, Authority, Code, OAuthFault
from d2l_sync.sandbox.web import Block, Request, Response, html_page, json_response, text_response

AUTHORIZE = "/oauth2/auth"
TOKEN = "/core/connect/token"


class AuthServer:
    """Answers for the authority. The consent page is a link; whoever follows it consents."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority

    def answer(self, request: Request) -> Response:
        if request.path == AUTHORIZE:
            return self._authorize(request) if request.method == "GET" else Response(405, headers=(("Allow", "GET"),))
        if request.path == TOKEN:
            return self._token(request) if request.method == "POST" else Response(405, headers=(("Allow", "POST"),))
        return html_page(404, "Not Found")

    def _authorize(self, request: Request) -> Response:
        application = self._authority.applications.get(request.first("client_id") or "")
        if application is None or request.first("redirect_uri") != application.redirect_uri:
            return html_page(400, "Error", "Unknown client, or a redirect_uri that is not registered")
        if request.first("response_type") != "code":
            return self._sent_back(application, request, {"error": "unsupported_response_type"})
        scope = request.first("scope") or ""
        if not scope or not set(scope.split()) <= set(application.scope.split()):
            return self._sent_back(application, request, {"error": "invalid_scope"})
        if request.first("accept") is None:
            target = escape(f"{request.target}&accept=1")
            return text_response(200, f'<h1>Allow access?</h1><p><a href="{target}">Accept</a></p>', "text/html")
        return self._sent_back(application, request, {"code": self._code(application, request, scope)})

    def _code(self, application: Application, request: Request, scope: str) -> str:
        expires = self._authority.clock.now() + CODE_LIFETIME
        challenge = request.first("code_challenge")
        return self._authority.new_code(
            Code(application.client_id, application.redirect_uri or "", scope, expires, challenge)
        )

    def _sent_back(self, application: Application, request: Request, answer: dict[str, str]) -> Response:
        state = request.first("state")
        query = urlencode(answer | ({"state": state} if state is not None else {}))
        return Response(302, headers=(("Location", f"{application.redirect_uri}?{query}"),))

    def _token(self, request: Request) -> Response:
        try:
            return _uncached(json_response(200, self._granted(request)))
        except OAuthFault as fault:
            body: Block = {"error": fault.code, "error_description": fault.description}
            return _uncached(json_response(fault.status, body))

    def _granted(self, request: Request) -> Block:
        if request.media_type != "application/x-www-form-urlencoded":
            raise self._authority.refusal("invalid_request", "The body must be form-encoded")
        form = request.form()
        kind, scope = form.get("grant_type"), form.get("scope")
        if kind == "client_credentials":
            return self._for_assertion(request, form)
        client_id = self._client(request, form)
        if kind == "refresh_token":
            return self._authority.rotate(form.get("refresh_token", ""), client_id=client_id, scope=scope)
        if kind == "authorization_code":
            return self._authority.redeem(
                form.get("code", ""),
                client_id=client_id,
                redirect_uri=form.get("redirect_uri"),
                challenge=_challenge(form.get("code_verifier")),
            )
        raise self._authority.refusal("unsupported_grant_type", f"No grant type {kind}")

    def _for_assertion(self, request: Request, form: dict[str, str]) -> Block:
        if form.get("client_assertion_type") != client_assertion.TYPE:
            raise self._authority.refusal("invalid_client", "A client assertion is needed", status=401)
        audience = request.origin + request.path
        return self._authority.accept(form.get("client_assertion", ""), audience=audience, scope=form.get("scope"))

    def _client(self, request: Request, form: dict[str, str]) -> str:
        """Authenticate by HTTP Basic or by the body, and return the client id."""
        named, secret = request.basic() or (form.get("client_id", ""), form.get("client_secret", ""))
        application = self._authority.applications.get(named)
        if application is None or application.secret is None or secret != application.secret:
            raise self._authority.refusal("invalid_client", "Client authentication failed", status=401)
        return named


def _uncached(response: Response) -> Response:
    return response.with_headers(("Cache-Control", "no-store"))


def _challenge(verifier: str | None) -> str | None:
    """Return the S256 challenge of a PKCE verifier."""
    if verifier is None:
        return None
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
