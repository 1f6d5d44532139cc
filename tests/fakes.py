"""The three systems around a pass, in memory: state, Brightspace and a badging platform, with faults on order."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from itertools import count
from threading import RLock
from typing import Any

from d2l_sync.domain.access import Enrolment
from d2l_sync.domain.award import Assertion, Award, State
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.facts import Fact, Failure, Item, Listing, Source
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import (
    Address,
    AssertionId,
    BadgeClassId,
    GroupCategoryId,
    GroupId,
    OrgUnitId,
    PersonId,
    UserId,
)
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.domain.pathway import RuleVersion
from d2l_sync.domain.people import Classlist, ClasslistEntry, GroupSet, Person, UserRecord
from d2l_sync.domain.ports import (
    Answer,
    Clock,
    Declined,
    Duplicate,
    Issued,
    Lost,
    NotSent,
    Order,
    PassRecord,
    Snapshot,
    Usage,
)
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.stored import StoredPass, StoredReview
from d2l_sync.domain.world import Attestation

RowKey = tuple[PersonId, BadgeClassId, int]


class MemoryState:
    """The port `State` without a disk; `history` holds each move of an award as (was, becomes, why).

    What administrators say is put straight into the attributes, as if the commands had written it.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._rows: dict[RowKey, Award] = {}
        self.approvals: list[Approval] = []
        self.attestations: list[Attestation] = []
        self.roster: list[RosterRow] = []
        self.people: dict[PersonId, Person] = {}
        self.last_known: dict[UserId, Address] = {}
        self.org_defined_ids: dict[UserId, str] = {}
        self.classlists: dict[OrgUnitId, Classlist] = {}
        self.listings: dict[Source, Listing] = {}
        self.sizes: dict[str, int] = {}
        self.judgements: dict[tuple[PersonId, str, str], Judgement] = {}
        self.reviews: list[StoredReview] = []
        self.passes: dict[int, StoredPass] = {}
        self._pass_numbers = count(1)
        self.history: list[tuple[State | None, State, str]] = []
        self.enrolments: dict[tuple[PersonId, OrgUnitId], Enrolment] = {}
        self.known_rules: frozenset[RuleVersion] = frozenset()

    def add(self, *awards: Award) -> None:
        """Put rows into the ledger as they are."""
        self._rows |= {_key(award): award for award in awards}

    def remove(self, award: Award) -> None:
        del self._rows[_key(award)]

    @property
    def awards(self) -> list[Award]:
        """Every row, all epochs, in the order in which they were made."""
        with self._lock:
            return list(self._rows.values())

    @property
    def open_reviews(self) -> list[Finding]:
        return [review.finding for review in self.reviews if review.is_open]

    def snapshot(self) -> Snapshot:
        with self._lock:
            return Snapshot(
                awards=tuple(self._rows.values()),
                approvals=tuple(self.approvals),
                attestations=tuple(self.attestations),
                roster=tuple(self.roster),
                people=dict(self.people),
                last_known=dict(self.last_known),
                org_defined_ids=dict(self.org_defined_ids),
                classlists=dict(self.classlists),
                listings=dict(self.listings),
                sizes=dict(self.sizes),
                enrolments=tuple(self.enrolments.values()),
                known_rules=self.known_rules,
            )

    def open_pass(self, *, at: datetime, scope: str) -> int:
        with self._lock:
            pass_id = next(self._pass_numbers)
            self.passes[pass_id] = StoredPass(pass_id, at, scope)
            return pass_id

    def close_pass(self, pass_id: int, *, at: datetime, outcome: str | None, summary: str) -> None:
        with self._lock:
            self.passes[pass_id] = replace(self.passes[pass_id], ended_at=at, outcome=outcome, summary=summary)

    def drop_pass(self, pass_id: int) -> None:
        with self._lock:
            del self.passes[pass_id]

    def record(self, pass_id: int, record: PassRecord) -> int:
        with self._lock:
            changed = sum(self._record_listing(listing) for listing in record.listings)
            self.classlists |= {one.org_unit_id: one for one in record.classlists}
            self.last_known |= record.last_known
            entries = [entry for one in record.classlists for entry in one.entries.values()]
            self.org_defined_ids |= {one.user_id: one.org_defined_id for one in entries if one.org_defined_id}
            self.sizes |= record.sizes
            self.enrolments |= {one.key: one for one in record.enrolments}
            self.known_rules |= record.known_rules
            self.judgements |= {(one.person_id, one.badge.pathway, one.badge.key): one for one in record.judgements}
            for change in record.changes:
                self.change(change, at=record.at, pass_id=pass_id)
            self._record_findings(record)
            return changed

    def claim(self, award: Award, *, at: datetime, pass_id: int | None) -> bool:
        with self._lock:
            row = self._rows.get(_key(award))
            if row is None or row.state is not State.DUE:
                return False
            assert award.address is not None
            self._rows[_key(award)] = replace(
                row,
                state=State.SENDING,
                address=award.address,
                sent_to=tuple(dict.fromkeys([*row.sent_to, award.address])),
                attempts=row.attempts + 1,
                issued_on=award.issued_on,
                narrative=award.narrative,
            )
            self.history.append((State.DUE, State.SENDING, "claimed for sending"))
            return True

    def change(self, change: Change, *, at: datetime, pass_id: int | None) -> bool:
        """Write one change unless the row moved: state, holder and attempts must still be as `before` says."""
        with self._lock:
            before, after = change.before, change.after
            row = self._rows.get(_key(before or after))
            if (_mark(row) != _mark(before)) or (_key(after) != _key(before or after) and _key(after) in self._rows):
                return False
            self._rows[_key(after)] = after
            self.history.append((before.state if before else None, after.state, change.why))
            return True

    def save_enrolment(self, enrolment: Enrolment) -> None:
        with self._lock:
            self.enrolments[enrolment.key] = enrolment

    def doubt_sending(self, *, at: datetime, retry_at: datetime) -> int:
        with self._lock:
            sending = [award for award in self._rows.values() if award.state is State.SENDING]
            for award in sending:
                self._rows[_key(award)] = replace(award, state=State.DOUBTFUL, retry_at=retry_at)
                self.history.append((State.SENDING, State.DOUBTFUL, "the program ended"))
            return len(sending)

    def suppressed(self) -> frozenset[PersonId]:
        with self._lock:
            return frozenset(one.person_id for one in self.people.values() if one.is_suppressed)

    def _record_listing(self, listing: Listing) -> int:
        """Keep what vanished: it is what the next listing is compared with."""
        stored = self.listings.get(listing.source)
        before: Mapping[UserId, Fact] = stored.facts if stored else {}
        kept = {user_id: fact for user_id, fact in before.items() if user_id in listing.vanished}
        facts = kept | dict(listing.facts)
        self.listings[listing.source] = replace(listing, facts=facts)
        return sum(before.get(user_id) != facts.get(user_id) for user_id in before.keys() | facts.keys())

    def _record_findings(self, record: PassRecord) -> None:
        """Open what is new; end what is found no longer, of the kinds that were judged. What has ended stays so."""
        found = {finding.key: finding for finding in record.findings}
        going_on = {review.finding.key for review in self.reviews if review.ended_at is None}
        for place, review in enumerate(self.reviews):
            if review.ended_at is not None:
                continue
            if review.finding.key in found:
                self.reviews[place] = replace(review, finding=found[review.finding.key])
            elif record.could_judge(review.finding):
                self.reviews[place] = replace(review, ended_at=record.at)
        for key in sorted(found.keys() - going_on):
            self.reviews.append(StoredReview(len(self.reviews) + 1, found[key], record.at))


def _key(award: Award) -> RowKey:
    return award.person_id, award.badge_class, award.epoch


def _mark(award: Award | None) -> object:
    return (award.state, award.held_by, award.attempts) if award else None


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


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Fuse:
    """Burns at a given call, before or after it is done; whatever is called through it afterwards is dead as well.

    A fuse without a number never burns, and counts the calls.
    """

    def __init__(self, burns_at: int | None = None, *, after_the_call: bool = False) -> None:
        self.burns_at = burns_at
        self.after_the_call = after_the_call
        self.calls: list[str] = []
        self._lock = RLock()

    def wire(self, port: Any) -> Any:
        """Return the same port, with every call going through this fuse."""
        return _Wired(port, self)

    def through(self, name: str, call: Callable[[], Any]) -> Any:
        with self._lock:
            self.calls.append(name)
            place = len(self.calls)
            if self.burns_at is None or place < self.burns_at:
                return call()
            if place == self.burns_at and self.after_the_call:
                call()
            raise Killed(name)


class _Wired:
    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._fuse.through(f"{type(self._port).__name__}.{name}", lambda: method(*args, **kwargs))

        return call


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
