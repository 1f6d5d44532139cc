"""What a test holds in its hand, whether the servers run in its own process or in another."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = Any
"""Whatever JSON can hold: who asks for it knows what it is."""

BRIGHTSPACE_CLIENT, BRIGHTSPACE_SECRET = "d2l-sync-sandbox", "pretended-brightspace-secret"
SERVICE_CLIENT, SERVICE_KEY_ID = "d2l-sync-service", "sandbox-key-1"
BADGR_CLIENT, BADGR_SECRET = "d2l-sync-badges", "pretended-badging-secret"
BADGR_USER, BADGR_PASSWORD = "badges@example.edu", "pretended-badging-password"
REDIRECT_URI = "https://sync.example.edu/callback"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the servers are: http://host:port each, no slash at the end.

    auth is the Brightspace auth server, on its own host. elsewhere belongs to nobody: no request ought to go there.
    """

    brightspace: str
    auth: str
    badgr: str
    elsewhere: str

    @property
    def token_url(self) -> str:
        return f"{self.auth}/core/connect/token"

    @property
    def authorize_url(self) -> str:
        return f"{self.auth}/oauth2/auth"


class ControlRefused(Exception):
    """The control API does not know the verb, or not these arguments; the text says which."""


class Handle(Protocol):
    """A running sandbox. Every verb is listed in sandbox.control, and documented where it is done."""

    @property
    def addresses(self) -> Addresses: ...

    @property
    def configuration(self) -> Path | None:
        """The written d2l-sync.toml, when there is one."""

    def control(self, verb: str, **arguments: object) -> Json:
        """Do one verb and return its result. Raises ControlRefused."""

    def assertions(self, **wanted: object) -> list[dict[str, Json]]:
        """Return what the platform holds: `badge`, `email` and `live=True` narrow it."""
        found: list[dict[str, Json]] = self.control("assertions", **wanted)
        return found

    def live_pairs(self) -> list[list[str]]:
        """Return [address, badge key] of every live assertion, sorted, in the form of `expected`."""
        return sorted([each["email"], each["badge_key"]] for each in self.assertions(live=True))

    def expected(self) -> dict[str, Json]:
        found: dict[str, Json] = self.control("expected")
        return found

    def journal(self, **wanted: object) -> list[dict[str, Json]]:
        """Return the requests seen: `server`, `method`, `path`, `since` narrow it."""
        found: list[dict[str, Json]] = self.control("journal", **wanted)
        return found

    def trouble(self, server: str, path: str, *, kind: str, **options: object) -> int:
        """Order a trouble (see sandbox.trouble) and return its number."""
        number: int = self.control("trouble", server=server, path=path, kind=kind, **options)
        return number

    def clear_trouble(self) -> None:
        self.control("clear_trouble")
