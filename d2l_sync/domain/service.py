"""What the service's processes know of each other: running nodes, and passes that somebody asked them for."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FRESH = timedelta(seconds=30)
"""A node says that it lives every few seconds; one that was silent for so long does not."""


@dataclass(frozen=True, slots=True)
class Node:
    """One running daemon, and when it last said so."""

    name: str
    host: str
    process_id: int
    started_at: datetime
    beat_at: datetime
    next_pass_at: datetime | None = None

    def is_fresh(self, now: datetime) -> bool:
        return abs(now - self.beat_at) <= FRESH


@dataclass(frozen=True, slots=True)
class Request:
    """A pass that somebody asked a daemon for. scope and report: JSON, the services' own.

    taken_by: the node that makes it, or died making it. done, total: how many questions of its reading are answered.
    """

    request_id: int
    scope: str
    asked_at: datetime
    asked_by: str
    taken_at: datetime | None = None
    taken_by: str | None = None
    pass_id: int | None = None
    done: int = 0
    total: int = 0
    ended_at: datetime | None = None
    outcome: str | None = None
    exit_code: int | None = None
    report: str = ""
