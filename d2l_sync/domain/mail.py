"""Mail to programme staff: what goes out, when the last one went, and the port that sends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from d2l_sync.domain.errors import SourceUnavailable


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail in plain text. It names nobody.

    key: the same for the same mail, however often it is tried; "" where it is tried once.
    """

    subject: str
    text: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Handed:
    """What a mail server did with a mail: took it, but for so many addresses. put_off: it wants them later."""

    refused: int = 0
    put_off: int = 0


class MailLost(SourceUnavailable):
    """The mail was handed over whole, and nobody knows whether it was taken."""


@dataclass(frozen=True, slots=True)
class SentDigest:
    """When a digest went, and what it told of: the same text for the same things waiting."""

    sent_at: datetime
    contents: str


class Mailer(Protocol):
    """Sends to everybody who is configured."""

    def send(self, mail: Mail) -> Handed:
        """Hand a mail over to those who were not yet handed one of its key.

        Raises SourceUnavailable if the server took it for nobody, and MailLost if it may have taken it.
        """
        ...

    def prove(self) -> int:
        """Go as far as a mail can without being sent; return how many are refused, and raise as `send` does."""
        ...
