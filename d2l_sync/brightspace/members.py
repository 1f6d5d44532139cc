"""One member of their JSON into one plain value; what is neither that nor absent makes the answer malformed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import NoReturn

from d2l_sync.brightspace.wire import Json
from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.ids import LARGEST_ID, Address, address_of

NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
LARGEST_EXPONENT = 30
UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
REPLACEMENT = "\ufffd"
"""Stands for what no text holds: control characters, and halves of characters that somebody cut in two."""


def malformed(what: str) -> NoReturn:
    raise SourceUnavailable(f"the answer is malformed: {what}")


def block(value: Json, what: str) -> Mapping[str, Json]:
    """Take a JSON object."""
    return value if isinstance(value, dict) else malformed(what)


def part(row: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    """Take a member that is an object, null or missing."""
    value = row.get(name)
    return {} if value is None else block(value, name)


def number_or_none(value: Json, what: str) -> int | None:
    """Read an id or a count that may come as number or as string; None for null and ""."""
    match value:
        case None | "":
            return None
        case bool():
            malformed(what)
        case int():
            number = value
        case Decimal() if value.adjusted() < LARGEST_EXPONENT and value == value.to_integral_value():
            number = int(value)
        case str() if re.fullmatch(r"\s*\d{1,19}\s*", value, re.ASCII):
            number = int(value)
        case _:
            malformed(what)
    return number if abs(number) <= LARGEST_ID else malformed(what)


def id_of(value: Json, what: str) -> int:
    """Read what a row can't be without."""
    number = number_or_none(value, what)
    return number if number is not None and number > 0 else malformed(what)


def decimal_or_none(value: Json, what: str) -> Decimal | None:
    """Read a number with up to nine places, exactly as it was written."""
    match value:
        case None | "":
            return None
        case bool():
            malformed(what)
        case int() if abs(value) < 10**LARGEST_EXPONENT:
            return Decimal(value)
        case Decimal() if value.is_finite() and abs(_exponent(value)) <= LARGEST_EXPONENT:
            return value
        case str() if NUMBER.fullmatch(value):
            return Decimal(value)
    malformed(what)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(abs(int(exponent)), abs(value.adjusted()))


def moment_or_none(value: Json, what: str) -> datetime | None:
    """Read a UTC time with or without milliseconds; some are written with a leading U, and year 1 means none."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        malformed(what)
    try:
        moment = datetime.fromisoformat(value.strip().removeprefix("U"))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        malformed(what)
    return moment if moment.year > 1 else None


def text_of(value: Json) -> str:
    """Take a text that may be null, missing or padded, as it may be stored and shown."""
    return UNWRITABLE.sub(REPLACEMENT, value.strip()) if isinstance(value, str) else ""


def address(value: Json) -> Address | None:
    """Take an address; one that no text holds is none, and nothing is sent to what is left of it."""
    text = text_of(value)
    return None if REPLACEMENT in text else address_of(text)
