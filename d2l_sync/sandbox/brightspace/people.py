"""Users and roles, as Brightspace keeps them."""

from dataclasses import dataclass
from datetime import datetime

ROLE_NAMES = {
    109: "Instructor",
    110: "Learner",
    111: "Teaching Assistant",
    112: "Auditor",
    117: "Programme Administrator",
    120: "Service Account",
}
"""Ids as one tenant happens to have chosen them."""

LEARNER = 110
IN_CLASSLIST = {109, 110, 111, 112}
SHOWN_IN_GRADES = {110}


@dataclass(frozen=True, slots=True)
class User:
    """One Brightspace user.

    email: the address that a classlist shows; external_email: the one in the user record. Either may be "" or
    None, and they need not be equal. `hides_email`: classlists withhold it, as this user's privacy asks.
    """

    user_id: int
    first_name: str | None
    last_name: str | None
    user_name: str
    email: str | None
    external_email: str | None
    org_defined_id: str | None
    is_active: bool = True
    hides_email: bool = False
    last_accessed: datetime | None = None

    @property
    def display_name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def profile_identifier(self) -> str:
        return f"p{self.user_id * 7919 % 1_000_000_007:09x}"


def role_id(role: str | int) -> int:
    """Return the id of a role given by id or by name. Raises LookupError for an unknown one."""
    if isinstance(role, int):
        return role
    for number, name in ROLE_NAMES.items():
        if name.lower() == role.lower():
            return number
    raise LookupError(f"no role {role!r}; there are {', '.join(ROLE_NAMES.values())}")
