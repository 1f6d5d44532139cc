"""The time as one pretended server sees it."""

from datetime import UTC, datetime, timedelta


class Clock:
    """This machine's time, moved by an offset that may be set while the server runs."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def set_offset(self, seconds: float) -> None:
        """Run this many seconds ahead of the machine, or behind it when negative."""
        self._offset = timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        self._offset += timedelta(seconds=seconds)


def moment(text: str | None, otherwise: datetime) -> datetime:
    """Read an ISO 8601 time; one without a zone is UTC, none at all is `otherwise`."""
    if text is None:
        return otherwise
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
