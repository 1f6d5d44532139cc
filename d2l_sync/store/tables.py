"""The tables of the state database, and nothing else.

Texts named `item`, `value`, `tree`, `sent_to`, `passed_over` and `summary` hold JSON: `codec` writes them, except for
the summary.
"""

from datetime import date, datetime

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from d2l_sync.store.instant import Instant


class PersonRow(SQLModel, table=True):
    """A person somebody said something about: linked, overridden or suppressed. All others have no row."""

    __tablename__ = "person"

    person_id: int = Field(primary_key=True)
    set_address: str | None = None
    is_suppressed: bool = False


class PersonUserRow(SQLModel, table=True):
    """One user of a stored person; position keeps their order."""

    __tablename__ = "person_user"

    user_id: int = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.person_id", ondelete="CASCADE", index=True)
    position: int = 0


class ClasslistRow(SQLModel, table=True):
    """One org unit whose classlist was read well at least once."""

    __tablename__ = "classlist"

    org_unit_id: int = Field(primary_key=True)
    read_at: datetime | None = Field(default=None, sa_type=Instant)


class ClasslistEntryRow(SQLModel, table=True):
    """One user on the last good classlist of an org unit."""

    __tablename__ = "classlist_entry"

    org_unit_id: int = Field(primary_key=True, foreign_key="classlist.org_unit_id", ondelete="CASCADE")
    user_id: int = Field(primary_key=True, index=True)
    is_learner: bool | None = None
    address: str | None = Field(default=None, index=True)
    username: str | None = None
    org_defined_id: str | None = Field(default=None, index=True)
    is_excluded: bool = False


class UserAddressRow(SQLModel, table=True):
    """The last address seen of a user, on whatever list or record."""

    __tablename__ = "user_address"

    user_id: int = Field(primary_key=True)
    address: str = Field(index=True)
    seen_at: datetime = Field(sa_type=Instant)


class UserNumberRow(SQLModel, table=True):
    """The last OrgDefinedId seen of a user, so that it still names whoever left every classlist."""

    __tablename__ = "user_number"

    user_id: int = Field(primary_key=True)
    org_defined_id: str


class SourceRow(SQLModel, table=True):
    """One source as its last good listing showed it, apart from its facts."""

    __tablename__ = "source"

    kind: str = Field(primary_key=True)
    org_unit_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    item: str = Field(sa_type=Text)
    rows: int = 0
    read_at: datetime = Field(sa_type=Instant)


class FactRow(SQLModel, table=True):
    """One learner's fact. is_vanished: the last listing lacked it (or a part), though the learner is still listed."""

    __tablename__ = "fact"

    kind: str = Field(primary_key=True)
    org_unit_id: int = Field(primary_key=True)
    item_id: int = Field(primary_key=True)
    user_id: int = Field(primary_key=True, index=True)
    value: str = Field(sa_type=Text)
    read_at: datetime = Field(sa_type=Instant)
    first_seen_at: datetime = Field(sa_type=Instant)
    is_vanished: bool = False


class ListingSizeRow(SQLModel, table=True):
    """The row count last believed of a listing, by the listing's name."""

    __tablename__ = "listing_size"

    name: str = Field(primary_key=True)
    rows: int


class VerdictRow(SQLModel, table=True):
    """The last judgement of one person and badge."""

    __tablename__ = "verdict"

    person_id: int = Field(primary_key=True)
    pathway: str = Field(primary_key=True)
    badge: str = Field(primary_key=True)
    rule_version: str = ""
    truth: str
    judged_at: datetime = Field(sa_type=Instant)
    pass_id: int | None = None
    tree: str = Field(sa_type=Text)
    earned_at: datetime | None = Field(default=None, sa_type=Instant)


class AwardRow(SQLModel, table=True):
    """One row of the ledger. state_since: when it came into its present state."""

    __tablename__ = "award"
    __table_args__ = (UniqueConstraint("person_id", "badge_class", "epoch", name="uq_award"),)

    award_id: int | None = Field(default=None, primary_key=True)
    person_id: int
    badge_class: str
    epoch: int = 1
    pathway: str
    badge: str
    state: str = Field(index=True)
    state_since: datetime = Field(sa_type=Instant)
    held_by: str | None = None
    reason: str | None = None
    address: str | None = Field(default=None, index=True)
    sent_to: str = Field(default="[]", sa_type=Text)
    assertion_id: str | None = None
    assertion_url: str | None = None
    earned_at: datetime | None = Field(default=None, sa_type=Instant)
    issued_on: datetime | None = Field(default=None, sa_type=Instant)
    issued_at: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    retry_at: datetime | None = Field(default=None, sa_type=Instant)
    backoff_s: int = 0
    narrative: str = Field(default="", sa_type=Text)
    rule_version: str = ""
    is_released: bool = False
    held_in: int | None = None
    passed_over: str = Field(default="[]", sa_type=Text, sa_column_kwargs={"server_default": "[]"})


class EnrolmentRow(SQLModel, table=True):
    """One person let into one org unit by us."""

    __tablename__ = "enrolment"

    person_id: int = Field(primary_key=True)
    org_unit_id: int = Field(primary_key=True)
    user_id: int
    pathway: str
    badge: str
    state: str
    reason: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    done_at: datetime | None = Field(default=None, sa_type=Instant)
    held_in: int | None = None


class AwardEventRow(SQLModel, table=True):
    """One line of an award's history; never changed. tree: the verdicts that a decision rested on."""

    __tablename__ = "award_event"

    event_id: int | None = Field(default=None, primary_key=True)
    award_id: int = Field(foreign_key="award.award_id", ondelete="CASCADE", index=True)
    at: datetime = Field(sa_type=Instant)
    was: str | None = None
    becomes: str
    why: str
    pass_id: int | None = None
    by: str | None = None
    tree: str | None = Field(default=None, sa_type=Text)


class ApprovalRow(SQLModel, table=True):
    """What an administrator last decided about one badge of one person."""

    __tablename__ = "approval"

    person_id: int = Field(primary_key=True)
    pathway: str = Field(primary_key=True)
    badge: str = Field(primary_key=True)
    is_approved: bool
    by: str
    at: datetime = Field(sa_type=Instant)
    reason: str = ""


class AttestationRow(SQLModel, table=True):
    """What an administrator attested for a person or for a team."""

    __tablename__ = "attestation"

    attestation_id: int | None = Field(default=None, primary_key=True)
    pathway: str
    badge: str
    criterion: str
    person_id: int | None = Field(default=None, index=True)
    team: str | None = None
    value: str
    by: str
    at: datetime = Field(sa_type=Instant)
    note: str = ""


class RosterTableRow(SQLModel, table=True):
    """One membership of the roster, as it was imported or typed."""

    __tablename__ = "roster_row"

    row_id: int | None = Field(default=None, primary_key=True)
    team: str = Field(index=True)
    address: str | None = None
    user_id: int | None = None
    org_defined_id: str | None = None
    confirmed_on: date | None = None
    pathway: str | None = None


class ReviewRow(SQLModel, table=True):
    """A finding from when it was first seen until it was seen no longer; one such row for each key at a time."""

    __tablename__ = "review"
    __table_args__ = (
        Index(
            "ix_review_key_going_on",
            "key",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    review_id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str
    what: str
    pathway: str | None = None
    badge: str | None = None
    user_id: int | None = Field(default=None, index=True)
    org_unit_id: int | None = None
    address: str | None = None
    assertion_id: str | None = None
    subject: str = ""
    since: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = None
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class SyncPassRow(SQLModel, table=True):
    """One pass. ended_at and outcome stay empty when it was killed.

    Its number is never given again, not even that of a pass that could not be made: log lines bear it.
    """

    __tablename__ = "sync_pass"
    __table_args__ = {"sqlite_autoincrement": True}

    pass_id: int | None = Field(default=None, primary_key=True)
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    scope: str
    outcome: str | None = None
    summary: str = Field(default="", sa_type=Text)


class KnownRuleRow(SQLModel, table=True):
    """A version of a badge's rules that awards may be made by."""

    __tablename__ = "known_rule"

    pathway: str = Field(primary_key=True)
    badge: str = Field(primary_key=True)
    rule_version: str = Field(primary_key=True)
    known_at: datetime = Field(sa_type=Instant)
