"""What can happen to quizzes and grades: attempts are made and marked, values are set, cleared and exempted."""

import dataclasses
from datetime import timedelta

from d2l_sync.sandbox.brightspace.gradebook import FINAL, Gradebook, GradeValue
from d2l_sync.sandbox.brightspace.notation import decimal
from d2l_sync.sandbox.brightspace.quizzing import Attempt, Policy, Quizzing
from d2l_sync.sandbox.brightspace.world import World
from d2l_sync.sandbox.clock import moment

Score = float | str
FINAL_MAXIMUM = 100


class GradesScenario:
    """Raises LookupError for an org unit, quiz, attempt or grade object that is not there.

    A marked attempt that counts goes to the linked grade object by the quiz's own policy, as Brightspace exports it.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def take_quiz(self, *, org_unit: int, quiz: int, user: int, score: Score, at: str | None = None) -> int:
        """Make, complete, mark and publish an attempt; return its id."""
        attempt = self.start_attempt(org_unit=org_unit, quiz=quiz, user=user, at=at)
        self.complete_attempt(org_unit=org_unit, attempt=attempt, at=at)
        self.mark_attempt(org_unit=org_unit, attempt=attempt, score=score)
        return attempt

    def start_attempt(
        self, *, org_unit: int, quiz: int, user: int, at: str | None = None, running_score: Score | None = None
    ) -> int:
        """Begin an attempt and return its id."""
        quizzing = self._quizzing(org_unit)
        number = len(quizzing.attempts_at(quizzing.quizzes[quiz].quiz_id, user)) + 1
        started = moment(at, self._world.clock.now()) - timedelta(minutes=20)
        score = None if running_score is None else decimal(running_score)
        attempt = Attempt(next(self._world.made), quiz, user, number, started, score=score)
        quizzing.attempts[attempt.attempt_id] = attempt
        return attempt.attempt_id

    def complete_attempt(self, *, org_unit: int, attempt: int, at: str | None = None) -> None:
        """Hand an attempt in; it is not marked yet."""
        self._change(org_unit, attempt, completed=moment(at, self._world.clock.now()))

    def mark_attempt(self, *, org_unit: int, attempt: int, score: Score, published: bool = True) -> None:
        """Mark an attempt, or mark it anew."""
        self._change(org_unit, attempt, score=decimal(score), is_published=published)

    def publish_attempt(self, *, org_unit: int, attempt: int) -> None:
        """Publish the marks of an attempt."""
        self._change(org_unit, attempt, is_published=True)

    def delete_attempt(self, *, org_unit: int, attempt: int) -> None:
        """Delete an attempt; the grade value stays as it was exported."""
        del self._quizzing(org_unit).attempts[attempt]

    def attempts(self, *, org_unit: int, quiz: int, user: int | None = None) -> list[Attempt]:
        """Return the attempts at a quiz, of all or of one learner."""
        return self._quizzing(org_unit).attempts_at(quiz, user)

    def delete_quiz(self, *, org_unit: int, quiz: int) -> None:
        """Delete a quiz; its attempts come back when it is restored."""
        quizzing = self._quizzing(org_unit)
        quizzing.deleted[quiz] = quizzing.quizzes.pop(quiz)

    def restore_quiz(self, *, org_unit: int, quiz: int) -> None:
        """Bring a deleted quiz back."""
        quizzing = self._quizzing(org_unit)
        quizzing.quizzes[quiz] = quizzing.deleted.pop(quiz)

    def change_policy(self, *, org_unit: int, quiz: int, policy: str) -> None:
        """Let another attempt count: highest, lowest, average, first or last."""
        quizzing = self._quizzing(org_unit)
        changed = dataclasses.replace(quizzing.quizzes[quiz], policy=Policy[policy.upper()])
        quizzing.quizzes[quiz] = changed

    def link_quiz(self, *, org_unit: int, quiz: int, grade_object: int | None) -> None:
        """Link a quiz to another grade object, or to none."""
        quizzing = self._quizzing(org_unit)
        quizzing.quizzes[quiz] = dataclasses.replace(quizzing.quizzes[quiz], grade_object_id=grade_object)

    def set_grade(
        self, *, org_unit: int, user: int, points: Score, grade_object: int = FINAL, at: str | None = None
    ) -> None:
        """Set a grade value, as a teacher in the gradebook would; the final grade unless an object is named."""
        book = self._world.org_units[org_unit].gradebook
        maximum = decimal(FINAL_MAXIMUM) if grade_object == FINAL else book.objects[grade_object].max_points
        changed = moment(at, self._world.clock.now())
        book.values[grade_object, user] = GradeValue(decimal(points), maximum, changed)

    def clear_grade(self, *, org_unit: int, user: int, grade_object: int = FINAL) -> None:
        """Take a grade value away; incremental lists never tell of it."""
        self._book(org_unit).values.pop((grade_object, user), None)

    def exempt(self, *, org_unit: int, user: int, grade_object: int, exempt: bool = True) -> None:
        """Exempt a learner from a grade object, or end that."""
        book = self._book(org_unit)
        key = (book.objects[grade_object].grade_object_id, user)
        book.exemptions.add(key) if exempt else book.exemptions.discard(key)

    def delete_grade_object(self, *, org_unit: int, grade_object: int) -> None:
        """Delete a grade object; its values are not listed any more."""
        del self._book(org_unit).objects[grade_object]

    def change_maximum(self, *, org_unit: int, grade_object: int, points: Score) -> None:
        """Change the points possible of a grade object; values given before keep the maximum of then."""
        book = self._book(org_unit)
        book.objects[grade_object] = dataclasses.replace(book.objects[grade_object], max_points=decimal(points))

    def _book(self, org_unit: int) -> Gradebook:
        return self._world.org_units[org_unit].gradebook

    def _quizzing(self, org_unit: int) -> Quizzing:
        return self._world.org_units[org_unit].quizzing

    def _change(self, org_unit: int, attempt: int, **changes: object) -> None:
        quizzing = self._quizzing(org_unit)
        changed = dataclasses.replace(quizzing.attempts[attempt], **changes)  # type: ignore[arg-type]
        quizzing.attempts[attempt] = changed
        self._export(org_unit, changed)

    def _export(self, org_unit: int, attempt: Attempt) -> None:
        quizzing, book = self._quizzing(org_unit), self._book(org_unit)
        quiz = quizzing.quizzes[attempt.quiz_id]
        grade = book.objects.get(quiz.grade_object_id or -1)
        overall = quizzing.overall(quiz, attempt.user_id)
        if grade is not None and overall is not None:
            value = GradeValue(overall, grade.max_points, attempt.completed or attempt.started)
            book.values[grade.grade_object_id, attempt.user_id] = value
