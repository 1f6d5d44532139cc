"""The pretended platform's routes: exact paths, one envelope, and 404 for whatever is not ours."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from d2l_sync.sandbox.badgr import acts
from d2l_sync.sandbox.badgr.assertions import BadgeClass
from d2l_sync.sandbox.badgr.blocks import STAFF, assertion_block, badge_class_block, issuer_block, public_assertion
from d2l_sync.sandbox.badgr.envelope import LINKED_DATA, miscellaneous, no_token, not_yours, success
from d2l_sync.sandbox.badgr.lists import answer_list
from d2l_sync.sandbox.badgr.platform import Platform
from d2l_sync.sandbox.badgr.token_routes import REVOKE_PATH, TOKEN_PATHS, TokenRoutes
from d2l_sync.sandbox.badgr.tokens import Token, TokenDesk
from d2l_sync.sandbox.web import Request, Response, html_page, json_response

ID = r"([A-Za-z0-9_-]+)"
MAY_REVOKE = {"owner", "editor"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose token is good; entity_id is what its path named, or ""."""

    request: Request
    token: Token
    entity_id: str


Answerer = Callable[[Asked], Response]


class Badgr:
    """Answers /o/token, /v2/… and /public/…."""

    def __init__(self, platform: Platform, desk: TokenDesk) -> None:
        self._platform = platform
        self._desk = desk
        self._tokens = TokenRoutes(desk)
        badge_class, issuer, one = f"/v2/badgeclasses/{ID}", f"/v2/issuers/{ID}", f"/v2/assertions/{ID}"
        self._routes: dict[str, dict[str, Answerer]] = {
            "/v2/users/self": {"GET": self._myself},
            "/v2/issuers": {"GET": self._issuers},
            issuer: {"GET": self._issuer},
            f"{issuer}/badgeclasses": {"GET": self._badge_classes},
            f"{issuer}/assertions": {"GET": self._assertions_of_issuer},
            badge_class: {"GET": self._badge_class},
            f"{badge_class}/assertions": {"GET": self._assertions_of_class, "POST": self._award},
            "/v2/assertions/revoke": {"POST": self._revoke_many},
            one: {"GET": self._assertion, "DELETE": self._revoke},
        }

    def answer(self, request: Request) -> Response:
        if self._platform.manners.is_under_maintenance and request.method == "POST":
            return Response(302, headers=(("Location", "/maintenance"),))
        if request.path in TOKEN_PATHS | {REVOKE_PATH}:
            return self._tokens.answer(request)
        if request.path == "/health":
            return json_response(200, {"overall_status": "OK"})
        public = re.fullmatch(rf"/public/(assertions|badges|issuers)/{ID}(?:\.json)?", request.path)
        return self._public(request, public[1], public[2]) if public else self._private(request)

    def _private(self, request: Request) -> Response:
        for pattern, methods in self._routes.items():
            match = re.fullmatch(pattern, request.path)
            if match is None:
                continue
            token = self._desk.use(request.bearer() or request.first("access_token") or "")
            if token is None:
                return no_token(request)
            if request.method not in methods:
                return miscellaneous(request, 405, f'Method "{request.method}" not allowed.')
            return methods[request.method](Asked(request, token, match[1] if match.groups() else ""))
        return html_page(404, "Not Found")

    def _public(self, request: Request, kind: str, entity_id: str) -> Response:
        if kind == "assertions":
            assertion = self._platform.find(entity_id)
            if assertion is not None:
                return json_response(200, public_assertion(assertion, self._platform.origin), LINKED_DATA)
        return not_yours(request)

    def _myself(self, asked: Asked) -> Response:
        if not {"r:profile", "rw:profile"} & set(asked.token.scope.split()):
            return not_yours(asked.request)
        name = {"firstName": "Sync", "lastName": "Service", "emails": [], "url": [], "telephone": []}
        return success(asked.request, [{"entityType": "User", "entityId": STAFF} | name])

    def _issuers(self, asked: Asked) -> Response:
        if "rw:issuer" not in asked.token.scope.split():
            return not_yours(asked.request)
        mine = self._platform.issuers.values() if self._is_staff() else []
        return success(asked.request, [issuer_block(each, self._platform.origin) for each in mine])

    def _issuer(self, asked: Asked) -> Response:
        issuer = self._platform.issuers.get(asked.entity_id)
        if issuer is None or not self._is_staff():
            return not_yours(asked.request)
        return success(asked.request, [issuer_block(issuer, self._platform.origin)])

    def _badge_classes(self, asked: Asked) -> Response:
        if asked.entity_id not in self._platform.issuers or not self._is_staff():
            return not_yours(asked.request)
        mine = [each for each in self._platform.badge_classes.values() if each.issuer_id == asked.entity_id]
        return success(asked.request, [badge_class_block(each, self._platform.origin) for each in mine])

    def _badge_class(self, asked: Asked) -> Response:
        badge_class = self._ours(asked)
        if badge_class is None:
            return not_yours(asked.request)
        return success(asked.request, [badge_class_block(badge_class, self._platform.origin)])

    def _assertions_of_issuer(self, asked: Asked) -> Response:
        if asked.entity_id not in self._platform.issuers or not self._is_staff():
            return not_yours(asked.request)
        listed = [each for each in self._platform.listed() if each.badge_class.issuer_id == asked.entity_id]
        return answer_list(asked.request, self._platform, listed)

    def _assertions_of_class(self, asked: Asked) -> Response:
        badge_class = self._ours(asked)
        if badge_class is None:
            return not_yours(asked.request)
        listed = [each for each in self._platform.listed() if each.badge_class == badge_class]
        return answer_list(asked.request, self._platform, listed)

    def _award(self, asked: Asked) -> Response:
        """Award, whatever the token's scope: this version does not enforce it here."""
        badge_class = self._ours(asked)
        return (
            not_yours(asked.request) if badge_class is None else acts.award(asked.request, self._platform, badge_class)
        )

    def _assertion(self, asked: Asked) -> Response:
        assertion = self._platform.find(asked.entity_id)
        if assertion is None or not self._is_staff():
            return not_yours(asked.request)
        return success(asked.request, [assertion_block(assertion, self._platform.origin)])

    def _revoke(self, asked: Asked) -> Response:
        if self._platform.manners.role not in MAY_REVOKE:
            return not_yours(asked.request)
        return acts.revoke(asked.request, self._platform, asked.entity_id)

    def _revoke_many(self, asked: Asked) -> Response:
        return acts.revoke_many(asked.request, self._platform) if self._is_staff() else not_yours(asked.request)

    def _ours(self, asked: Asked) -> BadgeClass | None:
        return self._platform.badge_classes.get(asked.entity_id) if self._is_staff() else None

    def _is_staff(self) -> bool:
        return self._platform.manners.role != "none"
