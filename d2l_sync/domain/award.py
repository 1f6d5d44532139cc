"""Awards: our decision that a person gets a badge class, the states it goes through, and what is sent."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from d2l_sync.domain.ids import Address, AssertionId, AwardKey, BadgeClassId, BadgeKey, PathwayKey, PersonId

LONGEST_REST = timedelta(hours=1)
"""After each lost answer an award rests twice as long as before, but no longer; `settle` may be longer than that."""


class State(Enum):
    """Where an award stands; section 7 of the contract draws the moves between them."""

    EARNED = "earned"
    AWAITING_APPROVAL = "awaiting_approval"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    DUE = "due"
    SENDING = "sending"
    DOUBTFUL = "doubtful"
    ISSUED = "issued"
    FAILED = "failed"
    HELD = "held"
    LAPSED = "lapsed"
    REVOKED = "revoked"


class Holder(Enum):
    """Who holds a held award."""

    PERSON = "person"
    GUARD = "guard"


ON_ITS_WAY = frozenset({State.SENDING, State.DOUBTFUL})
UNSENT = ON_ITS_WAY | {State.DUE}
"""Decided, and not yet on the platform as far as we know."""
SENT = ON_ITS_WAY | {State.ISSUED, State.REVOKED}
JUDGED_ANEW = frozenset({State.EARNED, State.AWAITING_APPROVAL, State.BLOCKED, State.DUE, State.LAPSED})


@dataclass(frozen=True, slots=True)
class Award:
    """One row of the ledger: unique by person, badge class and epoch.

    address: where it will go, or went last. sent_to: every address that a request ever carried.
    earned_at: None for an adopted award that was not earned. issued_on: the date as sent.
    retry_at: not looked up or sent before. is_released: a person let it go, so the guard does not count it.
    held_in: the number of the guard's plan that it is held with: the pass that first made this plan.
    passed_over: revoked assertions that the platform held when a release opened this epoch; they count no longer.
    """

    person_id: PersonId
    badge_class: BadgeClassId
    pathway: PathwayKey
    badge: BadgeKey
    state: State
    epoch: int = 1
    held_by: Holder | None = None
    reason: str | None = None
    address: Address | None = None
    sent_to: tuple[Address, ...] = ()
    assertion_id: AssertionId | None = None
    assertion_url: str | None = None
    earned_at: datetime | None = None
    issued_on: datetime | None = None
    issued_at: datetime | None = None
    attempts: int = 0
    retry_at: datetime | None = None
    backoff_s: int = 0
    narrative: str = ""
    rule_version: str = ""
    is_released: bool = False
    held_in: int | None = None
    passed_over: tuple[AssertionId, ...] = ()

    @property
    def pair(self) -> "Pair":
        return Pair(self.person_id, self.badge_class)

    @property
    def may_be_there(self) -> bool:
        """Tell whether the platform may have made an assertion of it that we never heard of."""
        return self.state in ON_ITS_WAY or (bool(self.sent_to) and self.state is not State.REVOKED)

    @property
    def is_in_doubt(self) -> bool:
        """Tell whether it has to be looked up, be it held by a person meanwhile."""
        return self.state is State.DOUBTFUL or (self.is_held_by_person and self.retry_at is not None)

    def passes_over(self, assertion: "Assertion") -> bool:
        return assertion.is_revoked and assertion.assertion_id in self.passed_over

    @property
    def is_judged_anew(self) -> bool:
        return self.state in JUDGED_ANEW or self.is_held_by_guard

    def is_resting(self, now: datetime) -> bool:
        """Tell whether an answer was lost so lately that a look-up would prove nothing."""
        return self.retry_at is not None and self.retry_at > now

    @property
    def is_held_by_guard(self) -> bool:
        return self.state is State.HELD and self.held_by is Holder.GUARD

    @property
    def is_held_by_person(self) -> bool:
        return self.state is State.HELD and self.held_by is Holder.PERSON


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A person and a badge class: what may have one live assertion only."""

    person_id: PersonId
    badge_class: BadgeClassId


@dataclass(frozen=True, slots=True)
class Assertion:
    """What the platform made of an award, ours or somebody else's.

    address: lower-cased plain identity, None where the platform does not tell it.
    issued_at: the platform's date; created_at: when it was made there. Expired ones count as there.
    """

    assertion_id: AssertionId
    badge_class: BadgeClassId
    address: Address | None
    url: str | None
    is_revoked: bool
    issued_at: datetime | None
    created_at: datetime | None


def award_key(issuer: str, award: Award) -> AwardKey:
    """Name an award for ever: the same person, badge class and epoch always give the same key.

    Not made from the address: a changed address is not a new award. 26 characters of base32.
    """
    text = "\n".join([issuer, award.badge_class, str(award.person_id), str(award.epoch)])
    digest = hashlib.sha256(text.encode()).digest()[:16]
    return AwardKey(base64.b32encode(digest).decode().rstrip("=").lower())


def issue_date(earned_at: datetime | None, approved_at: datetime | None, now: datetime) -> datetime:
    """Return the date to send: the later of earning and approval, at least a minute back.

    A platform refuses a date that its own clock calls the future, be it by two seconds.
    """
    latest_allowed = now - timedelta(minutes=1)
    dates = [one for one in (earned_at, approved_at) if one is not None]
    return min(max(dates, default=latest_allowed), latest_allowed)
