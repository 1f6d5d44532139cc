"""What differs from one Brightspace to the next without being wrong: each a switch."""

from dataclasses import dataclass, field
from typing import Literal

PAGE_SIZES = {
    "classlist": 20,
    "enrolments": 20,
    "users": 20,
    "grade_values": 20,
    "quizzes": 2,
    "questions": 3,
    "attempts": 20,
    "submissions": 20,
    "completions": 20,
}

Withheld = Literal["null", "empty", "missing"]
WITHHELD_MEMBERS = {"Email", "RoleId", "Username", "OrgDefinedId", "ClasslistRoleDisplayName", "FirstName", "LastName"}


@dataclass(slots=True)
class Habits:
    """page_sizes: rows a page, by list. A `pageSize` in a request wins where the route has one.

    next_form: whether Next is absolute or a path. submissions_envelope: which of the two submissions/paged/ uses.
    submitted_by: how SubmittedBy spells its id. lists_untouched: whether learners without a submission have rows.
    last_bookmark: whether the last page of a PagedResultSet still has one. withheld: classlist members hidden
    from the caller, and how. modified_since_inclusive: whether a value changed at that very moment is listed.
    user_names_withheld: enrolment lists leave UserName and EmailAddress out.
    """

    page_sizes: dict[str, int] = field(default_factory=lambda: dict(PAGE_SIZES))
    next_form: Literal["absolute", "path"] = "absolute"
    submissions_envelope: Literal["Objects", "Items"] = "Objects"
    submitted_by: Literal["Identifier", "Id"] = "Identifier"
    lists_untouched: bool = True
    last_bookmark: bool = True
    modified_since_inclusive: bool = True
    withheld: dict[str, Withheld] = field(default_factory=dict)
    enrolment_roles_withheld: bool = False
    token_lifetime_s: int = 3600
    supported: dict[str, tuple[int, int]] = field(
        default_factory=lambda: {"lp": (46, 63), "le": (75, 99), "bas": (3, 4)}
    )
    denial_shape: str = "errors"
