"""Ports: what the services need from the outside world, in the domain's own words.

Adapters translate their errors into those of `domain.errors`; only `wiring` knows which adapter stands behind a port.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from d2l_sync.domain.access import Enrolment
from d2l_sync.domain.award import Assertion, Award
from d2l_sync.domain.facts import Listing, Source
from d2l_sync.domain.findings import OF_AWARDS, OF_LISTS, Finding
from d2l_sync.domain.ids import (
    Address,
    AssertionId,
    BadgeClassId,
    BadgeKey,
    GroupCategoryId,
    OrgUnitId,
    PathwayKey,
    PersonId,
    UserId,
)
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.domain.pathway import RuleVersion
from d2l_sync.domain.people import Classlist, GroupSet, Person, UserRecord
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.world import Attestation

Clock = Callable[[], datetime]
"""Tells the time, aware and in UTC."""


class Brightspace(Protocol):
    """One reading of Brightspace: made anew for each pass, remembers what it read (roles, folders, groups).

    What can't be read comes back with its `failure` set, as a whole: never a part of a list.
    Safe to call from several threads. Every method raises TokenRefused, and nothing else on purpose.
    """

    def classlist(self, org_unit_id: OrgUnitId) -> Classlist: ...
    def listing(self, source: Source) -> Listing: ...
    def groups(self, org_unit_id: OrgUnitId, category_id: GroupCategoryId) -> GroupSet: ...
    def user_record(self, user_id: UserId) -> UserRecord: ...
    def usage(self) -> "Usage": ...


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reading cost so far: HTTP requests sent (tokens included), and credits as the server priced them."""

    calls: int = 0
    credits: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """One award as it is sent: nothing in it but the address, the badge class, the date and the narrative."""

    badge_class: BadgeClassId
    address: Address
    issued_on: datetime
    narrative: str
    evidence_url: str = ""
    notify: bool = True


@dataclass(frozen=True, slots=True)
class Issued:
    """The platform took the award and showed the assertion."""

    assertion: Assertion


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The platform says that the recipient has this badge already."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The platform refused this very award (400, 409, 422): sent again only when a person says so."""

    why: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """It did not go out, or was refused whoever the recipient is.

    stops_all: nothing at all can be sent for now (no token, 401, 429), not just this badge class.
    is_credentials: the platform refuses our credentials.
    """

    why: str
    stops_all: bool = False
    is_credentials: bool = False


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody knows whether the platform made the assertion: 5xx, time-out, redirect, broken or foreign body."""

    why: str


Answer = Issued | Duplicate | Declined | NotSent | Lost


class Access(Protocol):
    """Lets people into org units. Raises SourceUnavailable, SourceRefused or TokenRefused.

    enrol: SourceUnavailable says that nobody knows whether it was done; it is never repeated without `has_role`.
    """

    def has_role(self, org_unit_id: OrgUnitId, user_id: UserId) -> bool: ...
    def enrol(self, org_unit_id: OrgUnitId, user_id: UserId) -> None: ...


class Platform(Protocol):
    """A badging platform. Lists and look-ups include revoked and expired assertions, and are complete or raise.

    Raise SourceUnavailable (try later), SourceRefused (a person must look) or TokenRefused. `issue` raises nothing on
    purpose: whatever happens is one of the answers. Safe to call from several threads.
    """

    def assertions(self, badge_class: BadgeClassId) -> tuple[Assertion, ...]: ...
    def find(self, badge_class: BadgeClassId, address: Address) -> tuple[Assertion, ...]: ...
    def issue(self, order: Order) -> Answer: ...
    def revoke(self, assertion_id: AssertionId, reason: str) -> None: ...
    def usage(self) -> Usage: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the state holds that a pass decides by, read in one transaction.

    classlists, listings: the last good ones. last_known, org_defined_ids: the last ones seen of each user.
    sizes: the last believed row count of each listing, by its name. people: linked, marked or overridden ones only.
    known_rules: those that the guard lets award while it is told to observe new ones.
    """

    awards: tuple[Award, ...] = ()
    approvals: tuple[Approval, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    roster: tuple[RosterRow, ...] = ()
    people: Mapping[PersonId, Person] = field(default_factory=dict)
    last_known: Mapping[UserId, Address] = field(default_factory=dict)
    org_defined_ids: Mapping[UserId, str] = field(default_factory=dict)
    classlists: Mapping[OrgUnitId, Classlist] = field(default_factory=dict)
    listings: Mapping[Source, Listing] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    enrolments: tuple[Enrolment, ...] = ()
    known_rules: frozenset[RuleVersion] = frozenset()


@dataclass(frozen=True, slots=True)
class PassRecord:
    """Everything one pass learned and decided, written in one transaction.

    classlists, listings: good ones only. findings: all that are true now; an open review that is not among them, and
    that this pass could judge, has ended. finding_kinds: what it could judge completely; compared: the badges whose
    whole list on the platform it read; judged: the pairs whose criteria were met or unmet; addressed: whoever holds an
    address now.
    """

    at: datetime
    classlists: tuple[Classlist, ...] = ()
    listings: tuple[Listing, ...] = ()
    last_known: Mapping[UserId, Address] = field(default_factory=dict)
    judgements: tuple[Judgement, ...] = ()
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    finding_kinds: frozenset[str] = frozenset()
    compared: frozenset[tuple[PathwayKey, BadgeKey]] = frozenset()
    judged: frozenset[tuple[PersonId, PathwayKey, BadgeKey]] = frozenset()
    addressed: frozenset[PersonId] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    enrolments: tuple[Enrolment, ...] = ()
    known_rules: frozenset[RuleVersion] = frozenset()

    def could_judge(self, finding: Finding) -> bool:
        """Tell whether the pass would have found it, were it still so.

        A pass may see everything, and a criterion be unknown: what was said of an award then goes on. So does a changed
        address whose owner has none now, for they left every classlist.
        """
        if finding.kind in OF_AWARDS:
            is_seen = finding.kind != "address_changed" or finding.user_id in self.addressed
            return is_seen and (finding.user_id, finding.pathway, finding.badge) in self.judged
        of_list = finding.kind in OF_LISTS and (finding.pathway, finding.badge) in self.compared
        return finding.kind in self.finding_kinds or of_list


class State(Protocol):
    """The state database as a pass sees it: one method, one transaction. Raises StateError.

    drop_pass: takes back the opening of a pass that could not be made; its number may be used again.
    record: returns how many facts changed against what was stored. claim: `due` → `sending` by one conditional UPDATE,
    with address and attempt noted; False when somebody else was faster or the award is due no longer.
    change: writes one change with its history, True if the row still was as `before` says. suppressed: for whom
    nothing may leave, as of now.
    """

    def snapshot(self) -> Snapshot: ...
    def open_pass(self, *, at: datetime, scope: str) -> int: ...
    def close_pass(self, pass_id: int, *, at: datetime, outcome: str | None, summary: str) -> None: ...
    def drop_pass(self, pass_id: int) -> None: ...
    def record(self, pass_id: int, record: PassRecord) -> int: ...
    def claim(self, award: Award, *, at: datetime, pass_id: int | None) -> bool: ...
    def change(self, change: Change, *, at: datetime, pass_id: int | None) -> bool: ...
    def save_enrolment(self, enrolment: Enrolment) -> None: ...
    def doubt_sending(self, *, at: datetime, retry_at: datetime) -> int: ...
    def suppressed(self) -> frozenset[PersonId]: ...


@dataclass(frozen=True, slots=True)
class Token:
    """An access token with what renews it. refresh_token: None for grants that simply ask again.

    generation: counts the renewals, so that a process can see that another one was faster. scopes: what it was asked
    for; None where a person's consent settles that, or nobody knows.
    """

    access_token: str
    expires_at: datetime
    refresh_token: str | None = None
    obtained_at: datetime | None = None
    generation: int = 0
    scopes: frozenset[str] | None = None

    def __repr__(self) -> str:
        return f"Token(generation={self.generation}, expires_at={self.expires_at})"


@dataclass(frozen=True, slots=True)
class TokenState:
    """What is stored of one service's token. lost_because: set when a person must give new credentials.

    refreshing_since: a renewal was begun and its answer was never recorded. refused_because: the last renewal was
    refused whatever the token, for the client or its secret is not taken; each renewal tries again.
    """

    token: Token | None = None
    lost_because: str | None = None
    refreshing_since: datetime | None = None
    refused_because: str | None = None

    @property
    def is_client_refused(self) -> bool:
        """Tell whether the client or its secret is at fault, and no sign-in would mend it."""
        return self.lost_because is None and self.refused_because is not None


class TokenStore(Protocol):
    """Tokens on disk, apart from the database that is backed up. Raises StateError.

    renewing: held by one refresher at a time across threads and processes; the holder reads anew inside it.
    begin: durably notes that a renewal is about to be sent. save: durable before it returns; ends the renewal.
    lose: notes that the chain is broken and why. refuse: notes that a renewal was refused and why; a token that is
    saved ends either.
    """

    def read(self, service: str) -> TokenState: ...
    def renewing(self, service: str) -> AbstractContextManager[None]: ...
    def begin(self, service: str, *, at: datetime) -> None: ...
    def save(self, service: str, token: Token) -> None: ...
    def lose(self, service: str, why: str) -> None: ...
    def refuse(self, service: str, why: str) -> None: ...
