"""One line of the service's log, as it is kept for whoever asks later."""

from dataclasses import dataclass
from datetime import datetime

LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class LogLine:
    """What happened, when, and in which pass. level: one of LEVELS. details: its other fields as JSON, redacted."""

    at: datetime
    level: str
    event: str
    pass_id: int | None = None
    user_id: int | None = None
    details: str = "{}"


def levels_from(least: str) -> tuple[str, ...]:
    """Return a level and all that are graver."""
    return LEVELS[LEVELS.index(least) :]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which lines somebody wants to see; all when everything is None. user_ids: all of one person. level: the least."""

    pass_id: int | None = None
    user_ids: frozenset[int] | None = None
    level: str = LEVELS[0]
    since: datetime | None = None
