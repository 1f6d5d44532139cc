"""Grade objects of one org unit and the learners' values for them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum

QUIZZES_TOOL = 51000
DROPBOX_TOOL = 2000


class GradeType(IntEnum):
    """GRADEOBJ_T."""

    NUMERIC = 1
    PASS_FAIL = 2
    SELECT_BOX = 3
    TEXT = 4
    CALCULATED = 5
    FORMULA = 6
    FINAL_CALCULATED = 7
    FINAL_ADJUSTED = 8
    CATEGORY = 9


TYPE_NAMES = {
    GradeType.NUMERIC: "Numeric",
    GradeType.PASS_FAIL: "PassFail",
    GradeType.SELECT_BOX: "SelectBox",
    GradeType.TEXT: "Text",
    GradeType.CALCULATED: "Calculated",
    GradeType.FORMULA: "Formula",
    GradeType.FINAL_CALCULATED: "Final Calculated",
    GradeType.FINAL_ADJUSTED: "Final Adjusted",
    GradeType.CATEGORY: "Category",
}


@dataclass(frozen=True, slots=True)
class GradeObject:
    """tool: (ToolId, ToolItemId) of the activity that it is linked to."""

    grade_object_id: int
    name: str
    grade_type: GradeType = GradeType.NUMERIC
    max_points: Decimal | None = Decimal(10)
    can_exceed: bool = False
    is_hidden: bool = False
    tool: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class GradeValue:
    """points None with a text: a value of a text object."""

    points: Decimal | None
    max_points: Decimal | None
    modified: datetime
    text: str | None = None


FINAL = 0
"""Stands for the final grade where a grade object's id would."""


@dataclass(slots=True)
class Gradebook:
    """values and exemptions are kept by (grade object id, user id); FINAL is the final grade."""

    objects: dict[int, GradeObject] = field(default_factory=dict)
    values: dict[tuple[int, int], GradeValue] = field(default_factory=dict)
    exemptions: set[tuple[int, int]] = field(default_factory=set)
