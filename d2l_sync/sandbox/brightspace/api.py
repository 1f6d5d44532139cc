"""The pretended Brightspace API: from a request to the route that answers it, past token, scope and permission."""

import re

from d2l_sync.sandbox.brightspace import (
    routes_classlist,
    routes_content,
    routes_discussions,
    routes_dropbox,
    routes_enrolments,
    routes_grade_values,
    routes_grades,
    routes_groups,
    routes_quizzes,
    routes_users,
)
from d2l_sync.sandbox.brightspace.authority import Authority, Grant
from d2l_sync.sandbox.brightspace.call import Call, Route
from d2l_sync.sandbox.brightspace.credits import Bucket
from d2l_sync.sandbox.brightspace.scopes import opens
from d2l_sync.sandbox.brightspace.versions import answer_versions, is_supported
from d2l_sync.sandbox.brightspace.world import EVERYWHERE, World
from d2l_sync.sandbox.error_bodies import Refused, insufficient_scope, invalid_token, problem, shaped
from d2l_sync.sandbox.web import Request, Response

PATH = re.compile(r"/d2l/api/(?P<product>[a-z]+)/(?P<version>[^/]+)/(?P<rest>.*)")
ROUTES: tuple[Route, ...] = tuple(
    route
    for module in (
        routes_users,
        routes_classlist,
        routes_enrolments,
        routes_groups,
        routes_grades,
        routes_grade_values,
        routes_quizzes,
        routes_dropbox,
        routes_content,
        routes_discussions,
    )
    for route in module.ROUTES.routes
)


class Api:
    """Answers /d2l/api/…; what is no route of it is an HTML page that was not found."""

    def __init__(self, world: World, authority: Authority, bucket: Bucket) -> None:
        self._world = world
        self._authority = authority
        self._bucket = bucket

    def answer(self, request: Request) -> Response:
        with self._world.lock:
            try:
                return self._answered(request)
            except Refused as refused:
                return refused.response

    def _answered(self, request: Request) -> Response:
        versions = answer_versions(self._world.habits, request)
        if versions is not None:
            return versions
        now = self._world.clock.now()
        grant = self._grant(request)
        refused = self._bucket.pay(now)
        if refused is not None:
            return refused
        try:
            response = self._routed(request, grant)
        except Refused as error:
            response = error.response
        return self._bucket.stamped(response, now)

    def _grant(self, request: Request) -> Grant:
        token = request.bearer()
        grant = self._authority.grant_behind(token) if token else None
        if grant is None:
            raise Refused(invalid_token("Couldn't parse token" if token else "No token was given"))
        if grant.expires <= self._world.clock.now():
            raise Refused(invalid_token("The token has expired"))
        return grant

    def _routed(self, request: Request, grant: Grant) -> Response:
        match = PATH.fullmatch(request.path)
        if match is None or not is_supported(self._world.habits, match["product"], match["version"]):
            raise Refused(shaped(404, "html"))
        route, ids = _route(request, match["product"], match["rest"])
        if not opens(grant.scope, route.scopes):
            raise Refused(insufficient_scope(f"{request.method} {request.path}"))
        self._permit(route, ids)
        return route.answer(Call(self._world, request, ids, grant.user_id))

    def _permit(self, route: Route, ids: dict[str, int]) -> None:
        """Refuse an org unit that is not there, one that is closed, and tools that are denied in it."""
        org_unit_id = ids.get("ou", EVERYWHERE)
        if "ou" in ids and org_unit_id not in self._world.org_units:
            raise Refused(problem(404, f"Org unit {org_unit_id} not found"))
        if self._world.is_denied(org_unit_id, route.tool):
            raise Refused(shaped(403, self._world.habits.denial_shape))


def _route(request: Request, product: str, rest: str) -> tuple[Route, dict[str, int]]:
    found = [(route, match) for route in ROUTES if route.product == product and (match := route.path.fullmatch(rest))]
    if not found:
        raise Refused(problem(404, "No such route"))
    for route, match in found:
        if route.method == request.method:
            return route, {name: int(text) for name, text in match.groupdict().items()}
    allowed = ", ".join(sorted({route.method for route, _ in found}))
    raise Refused(problem(405, "Method not allowed").with_headers(("Allow", allowed)))
