"""The two systems around a pass, in memory: Brightspace and a badging platform, with faults on order."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from threading import RLock
from typing import Any

from d2l_sync.domain.award import Assertion
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.facts import Fact, Failure, Item, Listing, Source
from d2l_sync.domain.ids import (
    Address,
    AssertionId,
    BadgeClassId,
    GroupCategoryId,
    GroupId,
    OrgUnitId,
    UserId,
)
from d2l_sync.domain.people import Classlist, ClasslistEntry, GroupSet, UserRecord
from d2l_sync.domain.ports import (
    Answer,
    Clock,
    Declined,
    Duplicate,
    Issued,
    Lost,
    NotSent,
    Order,
    Usage,
)


class FakeAccess:
    """The port `Access` beside a FakeBrightspace: enrolling puts somebody on its classlist.

    posts: every request that asked for an enrolment. loses: how many answers get lost after the work is done.
    faults: what the next questions after somebody's role end with, one each; None is an answer.
    """

    def __init__(self, brightspace: "FakeBrightspace") -> None:
        self._brightspace = brightspace
        self.posts: list[tuple[OrgUnitId, UserId]] = []
        self.loses = 0
        self.refuses = False
        self.faults: list[Exception | None] = []

    def has_role(self, org_unit_id: OrgUnitId, user_id: UserId) -> bool:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return user_id in self._brightspace.classlist(org_unit_id).entries

    def enrol(self, org_unit_id: OrgUnitId, user_id: UserId) -> None:
        self.posts.append((org_unit_id, user_id))
        if self.refuses:
            raise SourceRefused("may not enrol", status=403)
        self._brightspace.enrol(org_unit_id, ClasslistEntry(user_id, is_learner=True))
        if self.loses:
            self.loses -= 1
            raise SourceUnavailable("the answer was lost")


@dataclass
class FakeBrightspace:
    """What a university's Brightspace shows; a test enrols, hands in and breaks it.

    lists: the sizes of the lists that an org unit's classlist or a source is made with, by their names.
    failures: why an org unit, a source, a group category or a user record can't be read. asked: every question.
    has_token: False makes every question raise TokenRefused.
    """

    clock: Clock
    entries: dict[OrgUnitId, dict[UserId, ClasslistEntry]] = field(default_factory=dict)
    facts: dict[Source, dict[UserId, Fact]] = field(default_factory=dict)
    items: dict[Source, Item] = field(default_factory=dict)
    teams: dict[tuple[OrgUnitId, GroupCategoryId], dict[GroupId, frozenset[UserId]]] = field(default_factory=dict)
    addresses: dict[UserId, Address] = field(default_factory=dict)
    lists: dict[object, dict[str, int]] = field(default_factory=dict)
    failures: dict[object, Failure] = field(default_factory=dict)
    asked: list[object] = field(default_factory=list)
    has_token: bool = True

    def enrol(self, org_unit_id: OrgUnitId, *entries: ClasslistEntry) -> None:
        self.entries.setdefault(org_unit_id, {}).update({entry.user_id: entry for entry in entries})

    def withdraw(self, org_unit_id: OrgUnitId, *user_ids: UserId) -> None:
        for user_id in user_ids:
            del self.entries[org_unit_id][user_id]

    def show(self, source: Source, user_id: UserId, fact: Fact) -> None:
        self.facts.setdefault(source, {})[user_id] = fact

    def fail(self, *subjects: object, why: str = "did not answer", hint: str = "") -> None:
        self.failures |= {subject: Failure(f"{subject} {why}", hint) for subject in subjects}

    def refuse(self, *subjects: object) -> None:
        self.failures |= {subject: Failure(f"{subject} is not shown to us", is_refused=True) for subject in subjects}

    def delete(self, source: Source) -> None:
        """Have a quiz, a folder or a grade object no longer; `recover` restores it with all that it showed."""
        self.failures[source] = Failure(f"{source} is not there", is_refused=True, is_gone=True)

    def recover(self) -> None:
        self.failures.clear()

    def classlist(self, org_unit_id: OrgUnitId) -> Classlist:
        failure = self._ask(org_unit_id)
        entries = {} if failure else dict(self.entries.get(org_unit_id, {}))
        return Classlist(org_unit_id, self.clock(), entries, failure, lists=self.lists.get(org_unit_id, {}))

    def listing(self, source: Source) -> Listing:
        failure, item = self._ask(source), self.items.get(source, Item())
        facts = {} if failure else dict(self.facts.get(source, {}))
        lists = self.lists.get(source, {})
        return Listing(source, self.clock(), item, facts=facts, rows=len(facts), failure=failure, lists=lists)

    def groups(self, org_unit_id: OrgUnitId, category_id: GroupCategoryId) -> GroupSet:
        failure = self._ask((org_unit_id, category_id))
        groups = {} if failure else dict(self.teams.get((org_unit_id, category_id), {}))
        return GroupSet(org_unit_id, category_id, self.clock(), groups, failure=failure)

    def user_record(self, user_id: UserId) -> UserRecord:
        failure = self._ask(("user", user_id))
        return UserRecord(user_id, None if failure else self.addresses.get(user_id), failure)

    def usage(self) -> Usage:
        return Usage(calls=len(self.asked), credits=10 * len(self.asked))

    def _ask(self, subject: object) -> Failure | None:
        self.asked.append(subject)
        if not self.has_token:
            raise TokenRefused("the refresh token is no longer good", hint="run: d2l-sync auth login")
        return self.failures.get(subject)


class Fault(Enum):
    """What the platform does with the next order."""

    LOSES_ITS_ANSWER = "makes the assertion, and nobody hears of it"
    BREAKS = "answers 500 before it makes anything"
    DECLINES = "refuses this award"
    DENIES_DUPLICATE = "says that there is one already, and shows none"
    UNAUTHORIZED = "401 with a new token"
    TOO_MANY = "429"
    NOT_FOUND = "404"
    REDIRECTS = "302, before it makes anything"
    NO_CONNECTION = "connection refused"


UNSENT = {
    Fault.UNAUTHORIZED: NotSent("401 with a new token", stops_all=True, is_credentials=True),
    Fault.TOO_MANY: NotSent("429", stops_all=True),
    Fault.NOT_FOUND: NotSent("404"),
    Fault.NO_CONNECTION: NotSent("connection refused"),
}


class FakePlatform:
    """A badging platform that refuses duplicates and dates of the future, with faults on order.

    orders: every order that reached it. faults: for the next orders, one each. failing: raised by reading (lists and
    look-ups) of a badge class, or by every one under None. lag: so many of the newest assertions lists do not show yet;
    look_up_lag: so many look-ups find nothing yet.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.held: list[Assertion] = []
        self.orders: list[Order] = []
        self.looked_up: list[tuple[BadgeClassId, Address]] = []
        self.faults: list[Fault] = []
        self.failing: dict[BadgeClassId | None, SourceUnavailable | SourceRefused | TokenRefused] = {}
        self.failing_look_ups: SourceUnavailable | SourceRefused | TokenRefused | None = None
        self.lag = 0
        self.look_up_lag = 0
        self._calls = 0
        self._lock = RLock()

    def hold(self, badge_class: BadgeClassId, address: str | None, **fields: Any) -> Assertion:
        """Hold an assertion that somebody made by hand."""
        made = Assertion(
            AssertionId(f"assertion-{len(self.held) + 1}"),
            badge_class,
            Address(address.lower()) if address else None,
            f"https://badges.example/{len(self.held) + 1}",
            is_revoked=False,
            issued_at=self.clock(),
            created_at=self.clock(),
        )
        self.held.append(replace(made, **fields))
        return self.held[-1]

    def live(self) -> Counter[tuple[BadgeClassId, Address | None]]:
        """Count the live assertions of each badge class and address."""
        return Counter((one.badge_class, one.address) for one in self.held if not one.is_revoked)

    def assertions(self, badge_class: BadgeClassId) -> tuple[Assertion, ...]:
        with self._lock:
            self._read(badge_class)
            shown = self.held[: len(self.held) - self.lag]
            return tuple(one for one in reversed(shown) if one.badge_class == badge_class)

    def find(self, badge_class: BadgeClassId, address: Address) -> tuple[Assertion, ...]:
        with self._lock:
            self.looked_up.append((badge_class, address))
            self._read(badge_class)
            if self.failing_look_ups is not None:
                raise self.failing_look_ups
            if self.look_up_lag:
                self.look_up_lag -= 1
                return ()
            return self._there(badge_class, address)

    def issue(self, order: Order) -> Answer:
        with self._lock:
            self._calls += 1
            fault = self.faults.pop(0) if self.faults else None
            if fault in UNSENT:
                return UNSENT[fault]
            self.orders.append(order)
            if fault in {Fault.BREAKS, Fault.REDIRECTS}:
                return Lost("500" if fault is Fault.BREAKS else "302")
            if fault is Fault.DECLINES or order.issued_on > self.clock():
                return Declined("400")
            if fault is Fault.DENIES_DUPLICATE or any(
                not one.is_revoked for one in self._there(order.badge_class, order.address)
            ):
                return Duplicate()
            made = self.hold(order.badge_class, order.address, issued_at=order.issued_on)
            return Lost("no answer in time") if fault is Fault.LOSES_ITS_ANSWER else Issued(made)

    def revoke(self, assertion_id: AssertionId, reason: str) -> None:
        with self._lock:
            self._calls += 1
            self.held = [
                replace(one, is_revoked=True) if one.assertion_id == assertion_id else one for one in self.held
            ]

    def usage(self) -> Usage:
        return Usage(calls=self._calls)

    def _read(self, badge_class: BadgeClassId) -> None:
        self._calls += 1
        for failure in (self.failing.get(None), self.failing.get(badge_class)):
            if failure is not None:
                raise failure

    def _there(self, badge_class: BadgeClassId, address: Address) -> tuple[Assertion, ...]:
        wanted = (badge_class, address.strip().lower())
        return tuple(one for one in self.held if (one.badge_class, one.address) == wanted)


class TurnedClock:
    """A clock that a test turns."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, step: Any) -> None:
        self.now += step


def addresses_of(orders: Iterable[Order]) -> list[Address]:
    return [order.address for order in orders]
