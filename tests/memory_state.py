"""The port `State` in memory."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import count
from threading import RLock

from d2l_sync.domain.access import Enrolment
from d2l_sync.domain.award import LONGEST_REST, Award, State
from d2l_sync.domain.facts import Fact, Listing, Source
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import (
    Address,
    BadgeClassId,
    OrgUnitId,
    PersonId,
    UserId,
)
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.domain.pathway import RuleVersion
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.domain.ports import (
    PassRecord,
    Snapshot,
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
            for key, award in self._rows.items():
                if award.retry_at is not None and award.retry_at > max(retry_at, at + LONGEST_REST):
                    self._rows[key] = replace(award, retry_at=retry_at)
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
