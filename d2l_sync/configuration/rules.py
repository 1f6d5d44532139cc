"""The kinds of criteria that look at facts: which ids each needs, and how its rule is written."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from d2l_sync.configuration.table import Table
from d2l_sync.domain.criterion import Grade, GradedSubmission, Quiz, Rule, Submission
from d2l_sync.domain.facts import AttemptPolicy, SourceKind

HUNDRED = Decimal(100)
POLICIES = ("policy", *(policy.value for policy in AttemptPolicy))


@dataclass(frozen=True, slots=True)
class Kind:
    """id_key: the key that names the thing in its org unit; "" where the org unit is enough."""

    source: SourceKind
    id_key: str
    rule: Callable[[Table], Rule]


def _submission(_table: Table) -> Submission:
    return Submission()


def _graded_submission(table: Table) -> GradedSubmission:
    return GradedSubmission(min_percent=table.number("min_percent", above=0, high=HUNDRED))


def _quiz(table: Table) -> Quiz:
    attempt = table.text("attempt", default="policy", among=POLICIES)
    return Quiz(
        min_percent=_needed(table, table.number("min_percent", above=0, high=HUNDRED)),
        policy=None if attempt == "policy" else AttemptPolicy(attempt),
        max_points=table.number("max_points", above=0),
    )


def _final_grade(table: Table) -> Grade:
    return Grade(min_percent=_needed(table, table.number("min_percent")))


def _grade(table: Table) -> Grade:
    grade = Grade(min_percent=table.number("min_percent"), min_points=table.number("min_points"))
    if grade.min_percent is None and grade.min_points is None:
        table.fault("min_percent", "is missing", "min_percent or min_points")
    elif grade.min_percent is not None and grade.min_points is not None:
        table.fault("min_points", "stands beside min_percent", "exactly one of the two")
    return grade


def _needed(table: Table, min_percent: Decimal | None) -> Decimal:
    if min_percent is None:
        table.fault("min_percent", "is missing", "a number such as 80")
    return min_percent if min_percent is not None else HUNDRED


KINDS = {
    "submission": Kind(SourceKind.FOLDER, "folder", _submission),
    "graded_submission": Kind(SourceKind.FOLDER, "folder", _graded_submission),
    "quiz": Kind(SourceKind.QUIZ, "quiz", _quiz),
    "grade": Kind(SourceKind.GRADE, "grade_object", _grade),
    "final_grade": Kind(SourceKind.FINAL_GRADE, "", _final_grade),
}
COMBINED = ("any", "all", "at_least")
# Known, but not yet read: each with its own keys.
LATER = {"content": ("topic", "all"), "discussion": ("forum", "topic", "min_posts")}
