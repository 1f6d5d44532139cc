"""The state of the pretended platform, and how assertions are made: without a lock, as on the real one."""

import base64
import dataclasses
import itertools
import random
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta

from d2l_sync.sandbox.badgr.assertions import Assertion, BadgeClass, Issuer, Recipient
from d2l_sync.sandbox.badgr.validation import Award
from d2l_sync.sandbox.clock import Clock

ALREADY_AWARDED = "A previous award of this badge already exists for this recipient."
OPTED_OUT = "You may not award this badge to this recipient."


class NotAwarded(Exception):
    """The platform refuses this award; the text is its answer."""


class MailFailed(Exception):
    """The award is stored, and the mail about it could not be sent."""


@dataclass(slots=True)
class Manners:
    """How the platform behaves today.

    race_window_s: how long the duplicate check and the insert lie apart. hidden_s: for how long lists don't show
    a new assertion. largest_page: what `num` is clamped to. role: of the token's user on the issuer's staff.
    """

    race_window_s: float = 0.003
    hidden_s: float = 0.0
    largest_page: int = 25
    role: str = "owner"
    is_under_maintenance: bool = False
    is_mail_broken: bool = False


@dataclass(slots=True)
class Platform:
    """mails: (address, badge class) of each mail that was sent. opted_out: addresses that may not be awarded."""

    clock: Clock
    origin: str = ""
    manners: Manners = field(default_factory=Manners)
    issuers: dict[str, Issuer] = field(default_factory=dict)
    badge_classes: dict[str, BadgeClass] = field(default_factory=dict)
    opted_out: set[str] = field(default_factory=set)
    mails: list[tuple[str, str]] = field(default_factory=list)
    _assertions: dict[str, Assertion] = field(default_factory=dict)
    _sequence: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _dice: random.Random = field(default_factory=lambda: random.Random(2026))  # noqa: S311 - ids, no secrets
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def assertions(self) -> list[Assertion]:
        """Return all assertions ever made, oldest first, revoked and expired ones too."""
        with self._lock:
            return list(self._assertions.values())

    def find(self, entity_id: str) -> Assertion | None:
        with self._lock:
            return self._assertions.get(entity_id)

    def award(self, award: Award, badge_class: BadgeClass, *, by_hand: bool = False) -> Assertion:
        """Check, then insert, with nothing to hold the two together.

        Raises NotAwarded for a duplicate (when duplicates are unwanted) and for an opted-out recipient, and
        MailFailed after storing, when this address never had an award and mail is broken.
        """
        self.check(award, badge_class)
        time.sleep(0 if by_hand else self.manners.race_window_s)
        identity = award.stored_identity
        is_first = not any(each.recipient.identity == identity for each in self.assertions())
        made = self._insert(award, badge_class, by_hand=by_hand)
        if is_first or award.notify:
            if self.manners.is_mail_broken:
                raise MailFailed
            self.mails.append((identity, badge_class.entity_id))
        return made

    def check(self, award: Award, badge_class: BadgeClass) -> None:
        """Refuse a duplicate: compares the address as it was sent with those stored in lower case."""
        if award.stored_identity in self.opted_out:
            raise NotAwarded(OPTED_OUT)
        now = self.clock.now()
        held = (each for each in self.assertions() if each.badge_class == badge_class and each.is_live(now))
        if not award.allow_duplicates and any(each.recipient.identity == award.identity for each in held):
            raise NotAwarded(ALREADY_AWARDED)

    def listed(self) -> list[Assertion]:
        """Return what lists show: all but those made too recently."""
        shown_before = self.clock.now() - timedelta(seconds=self.manners.hidden_s)
        return [each for each in self.assertions() if self.manners.hidden_s == 0 or each.created_at <= shown_before]

    def change(self, entity_id: str, **changes: object) -> Assertion:
        """Replace fields of an assertion. Raises KeyError when there is none."""
        with self._lock:
            changed = dataclasses.replace(self._assertions[entity_id], **changes)  # type: ignore[arg-type]
            self._assertions[entity_id] = changed
            return changed

    def forget(self, entity_id: str) -> None:
        """Lose an assertion without a trace."""
        with self._lock:
            del self._assertions[entity_id]

    def _insert(self, award: Award, badge_class: BadgeClass, *, by_hand: bool) -> Assertion:
        with self._lock:
            now = self.clock.now()
            made = Assertion(
                entity_id=base64.urlsafe_b64encode(self._dice.randbytes(16)).rstrip(b"=").decode(),
                sequence=next(self._sequence),
                badge_class=badge_class,
                recipient=Recipient(award.stored_identity, award.kind, secrets.token_hex(16) if award.hashed else None),
                issued_on=award.issued_on or now,
                created_at=now,
                narrative=award.narrative,
                evidence=award.evidence,
                expires=award.expires,
                by_hand=by_hand,
            )
            self._assertions[made.entity_id] = made
            return made
