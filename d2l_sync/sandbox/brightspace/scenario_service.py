"""What can happen to the service itself: how it pages, what it withholds, what it charges, and its tokens."""

import dataclasses

from d2l_sync.sandbox.brightspace.authority import Application, Authority
from d2l_sync.sandbox.brightspace.credits import Bucket
from d2l_sync.sandbox.brightspace.habits import PAGE_SIZES, WITHHELD_MEMBERS
from d2l_sync.sandbox.brightspace.world import SERVICE_USER, World
from d2l_sync.sandbox.web import Block


class ServiceScenario:
    """Raises ValueError for a habit, member or list that there is none of."""

    def __init__(self, world: World, authority: Authority, bucket: Bucket) -> None:
        self._world = world
        self._authority = authority
        self._bucket = bucket

    def set_page_sizes(self, *, size: int | None = None, **sizes: int) -> None:
        """Set rows a page: of every list by `size`, or by list (see habits.PAGE_SIZES)."""
        unknown = sizes.keys() - PAGE_SIZES
        if unknown:
            raise ValueError(f"no list {', '.join(unknown)}; there are {', '.join(PAGE_SIZES)}")
        every = dict.fromkeys(PAGE_SIZES, size) if size else {}
        self._world.habits.page_sizes |= every | sizes

    def set_habit(self, *, name: str, value: object) -> None:
        """Set one field of habits.Habits, such as next_form, submissions_envelope, token_lifetime_s."""
        if name not in {each.name for each in dataclasses.fields(self._world.habits)}:
            raise ValueError(f"no habit {name!r}")
        setattr(self._world.habits, name, value)

    def withhold(self, *, member: str, how: str | None = "null") -> None:
        """Withhold a classlist member from everybody's rows: null, empty or missing; None shows it again."""
        if member not in WITHHELD_MEMBERS or how not in {"null", "empty", "missing", None}:
            raise ValueError(f"cannot withhold {member!r} as {how!r}; there are {', '.join(sorted(WITHHELD_MEMBERS))}")
        self._world.habits.withheld.pop(member, None)
        if how is not None:
            self._world.habits.withheld[member] = how  # type: ignore[assignment]

    def set_versions(self, *, product: str, lowest: int, newest: int) -> None:
        """Support versions 1.lowest to 1.newest of a product, and no other."""
        self._world.habits.supported[product] = (lowest, newest)

    def set_credits(self, *, capacity: int = 50_000, cost: int = 10, headers: bool = True) -> None:
        """Set the bucket of the rate limit and fill it; without headers, answers tell nothing of it."""
        self._bucket.capacity, self._bucket.cost, self._bucket.shows_headers = capacity, cost, headers
        self._bucket.refill()

    def token_counts(self) -> Block:
        """Return how often each grant was given (by grant type), and `refused`."""
        return dict(self._authority.counts)

    def new_refresh_token(self, *, client_id: str | None = None) -> str:
        """Return a fresh refresh token, as after a person's consent."""
        known = next(each.client_id for each in self._authority.applications.values() if each.secret)
        return self._authority.new_refresh_token(client_id or known)

    def expire_access_tokens(self) -> None:
        """End every access token now; refresh tokens stay good."""
        self._authority.expire_access_tokens()

    def revoke_all_tokens(self) -> None:
        """End every token of either kind, as removing the application does."""
        self._authority.revoke_everything()

    def set_scope(self, *, scope: str, client_id: str | None = None) -> None:
        """Register another scope for one application, or for all; tokens given before keep theirs."""
        for each in list(self._authority.applications.values()):
            if client_id in {None, each.client_id}:
                self._authority.applications[each.client_id] = dataclasses.replace(each, scope=scope)

    def register_keys(self, *, client_id: str, jwks: Block, scope: str | None = None) -> None:
        """Register the public keys of a client-credentials application, making it if need be."""
        known = next(iter(self._authority.applications.values()))
        if client_id not in self._authority.applications:
            fresh = Application(client_id, None, None, scope or known.scope, SERVICE_USER)
            self._authority.applications[client_id] = fresh
        self._authority.key_sets[client_id] = jwks
