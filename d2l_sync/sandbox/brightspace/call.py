"""One call of an API route, and the table in which routes stand."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from d2l_sync.sandbox.brightspace.org_units import OrgUnit
from d2l_sync.sandbox.brightspace.people import User
from d2l_sync.sandbox.brightspace.world import World
from d2l_sync.sandbox.error_bodies import Refused, problem
from d2l_sync.sandbox.web import Request, Response

ANY_ID = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may be answered: its token, scope and permission are in order.

    ids: what the path named, such as ou, user, folder. caller: the user whose token it is.
    """

    world: World
    request: Request
    ids: Mapping[str, int]
    caller: int

    @property
    def unit(self) -> OrgUnit:
        return self.world.org_units[self.ids["ou"]]

    def user(self, name: str = "user") -> User:
        user = self.world.users.get(self.ids[name])
        if user is None:
            raise not_found(f"User {self.ids[name]} not found")
        return user

    def number(self, name: str) -> int | None:
        """Read a whole number from the query. Refuses anything else with 400."""
        text = self.request.first(name)
        if text is None:
            return None
        if not text.isdigit():
            raise Refused(problem(400, f"{name} must be a number", title="Validation Error"))
        return int(text)

    def flag(self, name: str) -> bool | None:
        """Read a boolean from the query. Refuses anything else with 400."""
        text = (self.request.first(name) or "").lower()
        if text not in {"", "true", "false", "1", "0"}:
            raise Refused(problem(400, f"{name} must be true or false", title="Validation Error"))
        return text in {"true", "1"} if text else None


Answerer = Callable[[Call], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """scopes: any of them opens it, and core:*:* as well. tool: what a denial would name."""

    method: str
    product: str
    path: re.Pattern[str]
    scopes: tuple[str, ...]
    tool: str
    answer: Answerer


@dataclass(frozen=True, slots=True)
class Routes:
    """The routes of one area, filled by decorating their functions."""

    tool: str
    routes: list[Route] = field(default_factory=list)

    def add(
        self, method: str, path: str, *, scopes: str = "core:*:*", tool: str | None = None
    ) -> Callable[[Answerer], Answerer]:
        """Register `product/path`, trailing slash and all, with {names} for ids; scopes are space separated."""
        product, _, rest = path.partition("/")
        pattern = re.compile(ANY_ID.sub(r"(?P<\1>\\d+)", rest))

        def register(answer: Answerer) -> Answerer:
            route = Route(method, product, pattern, tuple(scopes.split()), tool or self.tool, answer)
            self.routes.append(route)
            return answer

        return register

    def get(self, path: str, *, scopes: str = "core:*:*", tool: str | None = None) -> Callable[[Answerer], Answerer]:
        return self.add("GET", path, scopes=scopes, tool=tool)


def not_found(detail: str = "Resource Not Found") -> Refused:
    return Refused(problem(404, detail))
