"""What the platform keeps: issuers, badge classes, assertions."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from d2l_sync.sandbox.web import Block


@dataclass(frozen=True, slots=True)
class Issuer:
    entity_id: str
    name: str


@dataclass(frozen=True, slots=True)
class BadgeClass:
    """key: what this sandbox calls it; the platform itself knows only the entity id."""

    entity_id: str
    issuer_id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """identity: lower-cased, as stored. salt None: published in the clear."""

    identity: str
    kind: str
    salt: str | None

    @property
    def published(self) -> str:
        if self.salt is None:
            return self.identity
        return "sha256$" + hashlib.sha256((self.identity + self.salt).encode()).hexdigest()

    @property
    def block(self) -> Block:
        block: Block = {"identity": self.published, "hashed": self.salt is not None, "type": self.kind}
        return block | ({} if self.salt is None else {"salt": self.salt})


@dataclass(frozen=True, slots=True)
class Evidence:
    url: str | None
    narrative: str | None


@dataclass(frozen=True, slots=True)
class Assertion:
    """sequence: order of making. by_hand: made by staff in the platform's own pages."""

    entity_id: str
    sequence: int
    badge_class: BadgeClass
    recipient: Recipient
    issued_on: datetime
    created_at: datetime
    narrative: str | None = None
    evidence: tuple[Evidence, ...] = ()
    expires: datetime | None = None
    revocation_reason: str | None = None
    by_hand: bool = False

    @property
    def is_revoked(self) -> bool:
        return self.revocation_reason is not None

    def is_expired(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now

    def is_live(self, now: datetime) -> bool:
        return not self.is_revoked and not self.is_expired(now)
