"""The tables of the running service beside those of its work: requests, nodes, the log, mails that went out.

Texts named `scope`, `report`, `details` and `contents` hold JSON.
"""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from d2l_sync.store.instant import Instant


class ResyncRequestRow(SQLModel, table=True):
    """A pass that somebody asked a daemon for; of those that nobody took yet, one for each scope.

    done, total: how many questions of its reading are answered. report: the pass's figures, "" until it has ended.
    """

    __tablename__ = "resync_request"
    __table_args__ = (
        Index(
            "ix_resync_request_waiting",
            "scope",
            unique=True,
            sqlite_where=text("taken_at IS NULL"),
            postgresql_where=text("taken_at IS NULL"),
        ),
    )

    request_id: int | None = Field(default=None, primary_key=True)
    scope: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=Instant)
    asked_by: str
    taken_at: datetime | None = Field(default=None, sa_type=Instant)
    taken_by: str | None = None
    pass_id: int | None = None
    done: int = 0
    total: int = 0
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = None
    exit_code: int | None = None
    report: str = Field(default="", sa_type=Text)


class NodeRow(SQLModel, table=True):
    """One running daemon, and when it last said so."""

    __tablename__ = "node"

    name: str = Field(primary_key=True)
    host: str
    process_id: int
    started_at: datetime = Field(sa_type=Instant)
    beat_at: datetime = Field(sa_type=Instant)
    next_pass_at: datetime | None = Field(default=None, sa_type=Instant)


class LogLineRow(SQLModel, table=True):
    """One line of the service's log, as it was printed: redacted."""

    __tablename__ = "log_line"

    line_id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    level: str
    event: str
    pass_id: int | None = Field(default=None, index=True)
    user_id: int | None = Field(default=None, index=True)
    details: str = Field(default="", sa_type=Text)


class DigestRow(SQLModel, table=True):
    """One mail to programme staff: when it went, and what it told of, so that the same is not told every day."""

    __tablename__ = "digest"

    digest_id: int | None = Field(default=None, primary_key=True)
    sent_at: datetime = Field(sa_type=Instant)
    contents: str = Field(default="", sa_type=Text)
