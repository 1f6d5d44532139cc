"""What the Badgr adapter is tested with: its tokens, orders, and bodies as the platform sends them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from d2l_sync.badging.badgr import Badgr
from d2l_sync.badging.badgr_tokens import SERVICE
from d2l_sync.badging.platform import Limits, Patience
from d2l_sync.domain.ids import Address, BadgeClassId
from d2l_sync.domain.ports import Order, Token
from d2l_sync.domain.settings import BadgingSettings
from tests.fakes import TurnedClock
from tests.memory_tokens import MemoryTokenStore

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ADA = Address("ada@example.edu")
LEVEL_1 = BadgeClassId("-Mjs5VtYQz2UWec3EgVyvw")
LEVEL_2 = BadgeClassId("tGnSYrBbReW7Voa8FsVWRw")
ISSUER = "4xhdlssuerQuiteALongId"
SECRET = "canary-of-the-client-secret"
SOON = Patience(connect_s=1, read_s=0.3, total_s=0.6)
IMPATIENT = Limits(patience=SOON, award=SOON)
"""Only for what never answers: on a busy machine an honest answer may take as long."""


def make_store(token: Token | None = None) -> MemoryTokenStore:
    return MemoryTokenStore(SERVICE, token)


def make_settings(url: str, **changes: str) -> BadgingSettings:
    known = {"client_id": "d2l-sync", "client_secret": SECRET}
    return BadgingSettings(**({"platform": "badgr", "url": url, "issuer": ISSUER} | known | changes))


def make_badgr(url: str, *, tokens: MemoryTokenStore | None = None, clock=None, sleep=None, limits=None) -> Badgr:
    return Badgr(
        make_settings(url),
        tokens or make_store(),
        clock=clock or TurnedClock(NOON),
        limits=limits or Limits(),
        sleep=sleep or (lambda _: None),
    )


def make_order(**changes) -> Order:
    order = Order(LEVEL_1, ADA, NOON - timedelta(hours=2), "Met every criterion of Level 1.\n\nRef abc")
    return replace(order, **changes)


def envelope(*items: object) -> dict[str, object]:
    return {"status": {"success": True, "description": "ok"}, "result": list(items)}


def refusal(description: str = "bad request", **errors: object) -> dict[str, object]:
    status = {"success": False, "description": description}
    return {"status": status, "result": [], "fieldErrors": {}, "validationErrors": []} | errors


def an_assertion(**changes: object) -> dict[str, object]:
    """Return an assertion as Badgr 3.15 shows it to the issuer's staff."""
    known: dict[str, object] = {
        "entityType": "Assertion",
        "entityId": "2PfxLmduTyySCWOExQ4R_w",
        "openBadgeId": "https://badges.example.edu/public/assertions/2PfxLmduTyySCWOExQ4R_w",
        "createdAt": "2026-11-23T11:55:23.600968Z",
        "badgeclass": LEVEL_1,
        "issuer": ISSUER,
        "recipient": to(ADA),
        "issuedOn": "2026-11-23T10:00:00Z",
        "revoked": False,
        "revocationReason": None,
        "expires": None,
    }
    return known | changes


def to(address: str, **changes: object) -> dict[str, object]:
    known: dict[str, object] = {"identity": "sha256$fa430f6d", "hashed": True, "type": "email", "salt": "27ff36c2"}
    return known | {"plaintextIdentity": address} | changes
