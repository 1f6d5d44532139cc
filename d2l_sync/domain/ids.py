"""Names for the numbers and strings by which the two other systems know their things."""

from typing import NewType

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
"""An e-mail address, stripped and lower-cased."""


def address_of(text: str | None) -> Address | None:
    """Bring an address into the one form that is compared, stored and sent; None when there is none."""
    cleaned = (text or "").strip().lower()
    return Address(cleaned) if cleaned else None
