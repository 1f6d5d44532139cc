"""Quizzes of one org unit and the attempts at them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum


class Policy(IntEnum):
    """CalcTypeId: which attempt counts."""

    HIGHEST = 1
    LOWEST = 2
    AVERAGE = 3
    FIRST = 4
    LAST = 5


@dataclass(frozen=True, slots=True)
class Quiz:
    """question_points: points of each question, in order. A quiz itself states no maximum."""

    quiz_id: int
    name: str
    policy: Policy = Policy.HIGHEST
    grade_object_id: int | None = None
    question_points: tuple[Decimal, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Attempt:
    """completed None: still in progress. score None: not marked. Attempts count once published."""

    attempt_id: int
    quiz_id: int
    user_id: int
    number: int
    started: datetime
    completed: datetime | None = None
    score: Decimal | None = None
    is_published: bool = False

    @property
    def counts(self) -> bool:
        return self.completed is not None and self.score is not None and self.is_published


@dataclass(slots=True)
class Quizzing:
    quizzes: dict[int, Quiz] = field(default_factory=dict)
    deleted: dict[int, Quiz] = field(default_factory=dict)
    attempts: dict[int, Attempt] = field(default_factory=dict)

    def attempts_at(self, quiz_id: int, user_id: int | None = None) -> list[Attempt]:
        return [each for each in self.attempts.values() if each.quiz_id == quiz_id and user_id in {None, each.user_id}]

    def overall(self, quiz: Quiz, user_id: int) -> Decimal | None:
        """Return the score that the gradebook would get for one user, None without an attempt that counts."""
        counted = [each for each in self.attempts_at(quiz.quiz_id, user_id) if each.counts]
        scores = [each.score or Decimal(0) for each in sorted(counted, key=lambda each: each.number)]
        if not scores:
            return None
        return {
            Policy.HIGHEST: max(scores),
            Policy.LOWEST: min(scores),
            Policy.AVERAGE: sum(scores, Decimal(0)) / len(scores),
            Policy.FIRST: scores[0],
            Policy.LAST: scores[-1],
        }[quiz.policy]
