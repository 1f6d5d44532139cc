"""The state store: everything that is remembered, one method a transaction."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Engine

from d2l_sync.domain.access import Enrolment
from d2l_sync.domain.award import Award, Pair, State
from d2l_sync.domain.facts import Source
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import BadgeKey, OrgUnitId, PersonId, UserId
from d2l_sync.domain.ledger import Approval, Change, HistoryEntry
from d2l_sync.domain.log_line import LogFilter, LogLine
from d2l_sync.domain.mail import SentDigest
from d2l_sync.domain.people import Person
from d2l_sync.domain.ports import PassRecord, Snapshot
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.stored import StoredJudgement, StoredPass, StoredReview
from d2l_sync.domain.verdict import Truth
from d2l_sync.domain.world import Attestation
from d2l_sync.store import (
    approvals,
    classlists,
    digests,
    enrolments,
    facts,
    identity,
    judgements,
    known_rules,
    ledger,
    log_lines,
    passes,
    people,
    reviews,
    roster,
)
from d2l_sync.store.connection import reading, writing
from d2l_sync.store.engine import open_engine


class StateStore:
    """The port `State` and what people ask and say besides, on one database. Every method raises StateError.

    Safe to use from several threads and processes at once. `close` it when done.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str, *, password: str | None = None) -> "StateStore":
        """Open the database, made or upgraded where that is needed."""
        return cls(open_engine(url, password=password))

    def close(self) -> None:
        self.engine.dispose()

    # One pass: the port `State`.

    def snapshot(self) -> Snapshot:
        with reading(self.engine) as connection:
            return Snapshot(
                awards=ledger.awards(connection),
                approvals=approvals.approvals(connection),
                attestations=approvals.attestations(connection),
                roster=roster.roster(connection),
                people=people.people(connection),
                last_known=classlists.last_known(connection),
                org_defined_ids=classlists.org_defined_ids(connection),
                classlists=classlists.classlists(connection),
                listings=facts.listings(connection),
                sizes=facts.sizes(connection),
                enrolments=enrolments.enrolments(connection),
                known_rules=known_rules.known_rules(connection),
            )

    def open_pass(self, *, at: datetime, scope: str) -> int:
        with writing(self.engine) as connection:
            return passes.open_pass(connection, at=at, scope=scope)

    def close_pass(self, pass_id: int, *, at: datetime, outcome: str | None, summary: str) -> None:
        with writing(self.engine) as connection:
            passes.close_pass(connection, pass_id, at=at, outcome=outcome, summary=summary)

    def drop_pass(self, pass_id: int) -> None:
        with writing(self.engine) as connection:
            passes.drop_pass(connection, pass_id)

    def record(self, pass_id: int, record: PassRecord) -> int:
        """Write everything a pass learned and decided, or nothing; return how many facts changed."""
        with writing(self.engine) as connection:
            classlists.record_classlists(connection, record.classlists)
            changed = facts.record_listings(connection, record.listings, record.at)
            classlists.record_addresses(connection, record.last_known, record.at)
            facts.record_sizes(connection, record.sizes)
            trees = judgements.record_judgements(connection, record.judgements, at=record.at, pass_id=pass_id)
            for change in record.changes:
                tree = trees.get((change.after.person_id, change.after.pathway, change.after.badge))
                ledger.change(connection, change, at=record.at, pass_id=pass_id, tree=tree)
            enrolments.save_enrolments(connection, record.enrolments)
            known_rules.record_known_rules(connection, record.known_rules, record.at)
            reviews.record_findings(connection, record.findings, could_judge=record.could_judge, at=record.at)
        return changed

    def claim(self, award: Award, *, at: datetime, pass_id: int | None) -> bool:
        with writing(self.engine) as connection:
            return ledger.claim(connection, award, at=at, pass_id=pass_id)

    def change(self, change: Change, *, at: datetime, pass_id: int | None, by: str | None = None) -> bool:
        """Write one change with its history. by: the person who asked for it."""
        with writing(self.engine) as connection:
            return ledger.change(connection, change, at=at, pass_id=pass_id, by=by)

    def save_enrolment(self, enrolment: Enrolment) -> None:
        with writing(self.engine) as connection:
            enrolments.save_enrolments(connection, [enrolment])

    def doubt_sending(self, *, at: datetime, retry_at: datetime) -> int:
        with writing(self.engine) as connection:
            return ledger.doubt_sending(connection, at=at, retry_at=retry_at)

    def suppressed(self) -> frozenset[PersonId]:
        """Return for whom nothing may leave."""
        with reading(self.engine) as connection:
            return people.suppressed(connection)

    # The ledger.

    def awards(self, state: State | None = None, badge: BadgeKey | None = None) -> list[Award]:
        """Return the newest epoch of every pair, then only those of the state and of the badge that are named."""
        with reading(self.engine) as connection:
            return ledger.newest_awards(connection, state=state, badge=badge)

    def award_times(self) -> Mapping[Pair, datetime]:
        """Return when the newest award of every pair came into its present state."""
        with reading(self.engine) as connection:
            return ledger.state_times(connection)

    def unsent_since(self) -> datetime | None:
        """Return when the award that waits longest to be sent became due, whatever was tried since."""
        with reading(self.engine) as connection:
            return ledger.unsent_since(connection)

    def history(self, person_id: PersonId) -> list[HistoryEntry]:
        """Return everything that happened to a person's awards, oldest first."""
        with reading(self.engine) as connection:
            return ledger.history(connection, person_id)

    def enrolments(self, person_id: PersonId | None = None) -> tuple[Enrolment, ...]:
        """Return where a person was let in, or is to be; everybody's, unless one is named."""
        with reading(self.engine) as connection:
            return enrolments.enrolments(connection, person_id)

    def counts(self) -> Mapping[State, int]:
        """Count the newest epochs by state; states without any are left out."""
        with reading(self.engine) as connection:
            return ledger.counts(connection)

    def judgements(self, person_id: PersonId) -> list[StoredJudgement]:
        """Return the last judgement of each of a person's badges."""
        with reading(self.engine) as connection:
            return judgements.judgements_of(connection, person_id)

    def all_judgements(self) -> list[StoredJudgement]:
        """Return the last judgement of everybody's badges."""
        with reading(self.engine) as connection:
            return judgements.all_judgements(connection)

    def truths(self) -> Mapping[Truth, int]:
        """Count the facts that the last judgements rest on by their verdicts; it takes a moment where they are many."""
        with reading(self.engine) as connection:
            return judgements.truths(connection)

    # What administrators say.

    def decide(self, approval: Approval) -> bool:
        """Approve or reject, in place of an earlier decision; False when exactly this was decided already."""
        with writing(self.engine) as connection:
            return approvals.decide(connection, approval)

    def reject(self, approval: Approval, change: Change | None, *, pair: Pair) -> bool:
        """Reject, and move the award that there is; False, and nothing written, when the ledger has moved meanwhile."""
        with writing(self.engine) as connection:
            if change is None:
                is_still = not ledger.has_row(connection, pair)
            else:
                is_still = ledger.change(connection, change, at=approval.at, pass_id=None, by=approval.by)
            if is_still:
                approvals.decide(connection, approval)
            return is_still

    def reopen(self, change: Change, *, at: datetime, by: str | None) -> bool:
        """Open an award's next epoch and forget the approval of the last one; both or neither."""
        with writing(self.engine) as connection:
            if not ledger.change(connection, change, at=at, pass_id=None, by=by):
                return False
            approvals.withdraw(connection, change.after.person_id, change.after.pathway, change.after.badge)
            return True

    def approvals(self) -> tuple[Approval, ...]:
        with reading(self.engine) as connection:
            return approvals.approvals(connection)

    def attest(self, attestations: Iterable[Attestation]) -> None:
        """Store attestations, each in place of an earlier one of its criterion, person or team; all or none."""
        with writing(self.engine) as connection:
            for attestation in attestations:
                approvals.attest(connection, attestation)

    def undo_attestation(self, attestation: Attestation) -> bool:
        """Take back what was attested for the same criterion, person or team; False when nothing was."""
        with writing(self.engine) as connection:
            return approvals.undo_attestation(connection, attestation)

    def attestations(self) -> tuple[Attestation, ...]:
        with reading(self.engine) as connection:
            return approvals.attestations(connection)

    def roster(self) -> tuple[RosterRow, ...]:
        with reading(self.engine) as connection:
            return roster.roster(connection)

    def import_roster(self, rows: Iterable[RosterRow], *, replace: bool) -> int:
        """Take rows over, all or none; return how many were added, confirmed differently or, to replace, removed."""
        with writing(self.engine) as connection:
            return roster.import_rows(connection, rows, replace=replace)

    def confirm_team(self, team: str, day: date, *, today: date) -> int | None:
        """Confirm who is not confirmed yet; return how many, None when there is no such team."""
        with writing(self.engine) as connection:
            return roster.confirm_team(connection, team, day, today=today)

    def add_member(self, row: RosterRow) -> int:
        """Add one row, or change the one of the same membership; return its number."""
        with writing(self.engine) as connection:
            return roster.add_member(connection, row)

    def remove_member(self, row_id: int) -> bool:
        with writing(self.engine) as connection:
            return roster.remove_member(connection, row_id)

    # People.

    def people(self) -> Mapping[PersonId, Person]:
        """Return linked, overridden and suppressed persons; nobody else is stored."""
        with reading(self.engine) as connection:
            return people.people(connection)

    def save_person(self, person: Person) -> None:
        """Store a person with all their users, taking these from whoever had them."""
        with writing(self.engine) as connection:
            people.save_person(connection, person)

    def link(
        self,
        person: Person,
        *,
        at: datetime,
        dropped: Iterable[Award] = (),
        changes: Iterable[Change] = (),
        by: str | None = None,
    ) -> None:
        """Store a person and give them all that their other users had as persons of their own.

        dropped: rows given up for another of the same badge class. changes: as of the rows after the hand-over.
        Raises UsageError while an award of any of them is on its way.
        """
        with writing(self.engine) as connection:
            identity.link(connection, person, dropped=dropped, changes=changes, at=at, by=by)

    def forget(self, person: Person) -> None:
        """Delete everything about a person and their users; UsageError while one of their awards is on its way."""
        with writing(self.engine) as connection:
            identity.forget(connection, person)

    def find_people(self, text: str) -> set[PersonId]:
        """Return every person whom a user id, an address or an OrgDefinedId fits."""
        with reading(self.engine) as connection:
            return people.find_people(connection, text)

    # What a person should look at.

    def reviews(self, *, open_only: bool = True) -> list[StoredReview]:
        with reading(self.engine) as connection:
            return reviews.reviews(connection, open_only=open_only)

    def open_review(self, finding: Finding, *, at: datetime) -> None:
        with writing(self.engine) as connection:
            reviews.open_review(connection, finding, at=at)

    def close_review(self, review_id: int, *, by: str, at: datetime) -> bool:
        """Close an open review; it stays closed while its finding goes on. False when there is none."""
        with writing(self.engine) as connection:
            return reviews.close_review(connection, review_id, by=by, at=at)

    def forget_size(self, name: str) -> bool:
        """Believe whatever size a listing has when it is read next; False when none is known."""
        with writing(self.engine) as connection:
            return facts.forget_size(connection, name)

    def forget_fact(self, source: Source, user_id: UserId) -> bool:
        """Believe the next listing without this learner's stored fact; False when there is none."""
        with writing(self.engine) as connection:
            return facts.forget_fact(connection, source, user_id)

    # The log, and mails.

    def add_log_lines(self, lines: Iterable[LogLine], *, now: datetime) -> None:
        """Keep lines of the log, and let go of old ones."""
        with writing(self.engine) as connection:
            log_lines.add_lines(connection, lines, now=now)

    def log_lines(self, wanted: LogFilter) -> list[LogLine]:
        """Return the kept lines that fit, oldest first."""
        with reading(self.engine) as connection:
            return log_lines.lines(connection, wanted)

    def last_digest(self) -> SentDigest | None:
        with reading(self.engine) as connection:
            return digests.last_digest(connection)

    def note_digest(self, digest: SentDigest) -> None:
        with writing(self.engine) as connection:
            digests.note_digest(connection, digest)

    # Passes.

    def passes(self, limit: int | None) -> list[StoredPass]:
        """Return the newest passes, newest first; all where there is no limit."""
        with reading(self.engine) as connection:
            return passes.passes(connection, limit)

    def pass_(self, pass_id: int) -> StoredPass | None:
        with reading(self.engine) as connection:
            return passes.one_pass(connection, pass_id)

    def latest_pass(self) -> StoredPass | None:
        return next(iter(self.passes(1)), None)

    def newest_pass(self, scopes: Collection[str], *, outcome: str | None = None) -> StoredPass | None:
        """Return the newest pass over one of the scopes, and with the outcome where one is given."""
        with reading(self.engine) as connection:
            return passes.newest_pass(connection, scopes=scopes, outcome=outcome)

    def freshness(self, sources: Collection[Source] = ()) -> Mapping[OrgUnitId, datetime]:
        """Return when each org unit was last read: its classlist, or whatever of the given sources is older."""
        with reading(self.engine) as connection:
            return facts.freshness(connection, sources)
