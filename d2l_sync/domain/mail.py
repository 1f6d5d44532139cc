"""Mail to programme staff: what goes out, when the last one went, and the port that sends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in plain text. It names nobody."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class SentDigest:
    """When a digest went, and what it told of: the same text for the same things waiting."""

    sent_at: datetime
    contents: str


class Mailer(Protocol):
    """Sends to everybody who is configured."""

    def send(self, mail: Mail) -> int:
        """Hand a mail over; return how many recipients the server refused. Raises SourceUnavailable if it took none."""
        ...

    def prove(self) -> int:
        """Go as far as a mail can without being sent; return and raise as `send` does."""
        ...
