"""How Brightspace spells its values in JSON."""

from datetime import UTC, datetime
from decimal import Decimal

from d2l_sync.sandbox.web import Block


def stamp(at: datetime | None) -> str | None:
    """Write yyyy-MM-ddTHH:mm:ss.fffZ; every seventh second goes without milliseconds, as has been seen."""
    if at is None:
        return None
    utc = at.astimezone(UTC)
    if int(utc.timestamp()) % 7 == 0:
        return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}Z"


def read_stamp(text: str) -> datetime:
    """Read a UTCDateTime from a query. Raises ValueError unless it has milliseconds and ends in Z."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def rich(text: str = "") -> Block:
    return {"Text": text, "Html": f"<p>{text}</p>" if text else ""}


def quiz_text(text: str = "") -> Block:
    """Quiz texts nest once more than others."""
    return {"Text": rich(text), "IsDisplayed": bool(text)}


def grown(block: Block) -> Block:
    """Add a member nobody has heard of: contracts may grow at any time."""
    return block | {"AddedInALaterRelease": {"Value": None, "Items": []}}


def decimal(value: float | str | Decimal) -> Decimal:
    """Read a score given as number or text. Raises ValueError for what is none."""
    read = Decimal(str(value))
    if not read.is_finite():
        raise ValueError(f"{value!r} is no score")
    return read
