"""Names for the numbers and strings by which the two other systems know their things."""

from typing import NewType
from unicodedata import normalize

OrgUnitId = NewType("OrgUnitId", int)
UserId = NewType("UserId", int)
PersonId = NewType("PersonId", int)
"""The Brightspace user id that stands for one human; without a link, the user's own."""
GroupId = NewType("GroupId", int)
GroupCategoryId = NewType("GroupCategoryId", int)

PathwayKey = NewType("PathwayKey", str)
BadgeKey = NewType("BadgeKey", str)
"""Unique within a pathway only."""
CriterionKey = NewType("CriterionKey", str)

BadgeClassId = NewType("BadgeClassId", str)
AssertionId = NewType("AssertionId", str)
AwardKey = NewType("AwardKey", str)
Address = NewType("Address", str)
"""An e-mail address: stripped, lower-cased, and composed (NFC)."""


LARGEST_ID = 2**63 - 1
"""Brightspace's ids are 64 bits wide, and so is what the state database stores."""


def number_of(text: str) -> int | None:
    """Read a number as people write ids, None for anything else and for what no id can be."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > len(str(LARGEST_ID)):
        return None
    return number if 0 < (number := int(digits)) <= LARGEST_ID else None


def user_id_of(text: str) -> UserId | None:
    number = number_of(text)
    return None if number is None else UserId(number)


def address_of(text: str | None) -> Address | None:
    """Bring an address into the one form that is compared, stored and sent; None when there is none.

    What looks the same is the same: a letter and its accent may come as one character or as two (RFC 6532, 3.1).
    """
    cleaned = normalize("NFC", (text or "").strip().lower())
    return Address(cleaned) if cleaned else None
