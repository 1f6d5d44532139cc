"""What a quiz says: everybody's attempts, and the points possible, which the quiz itself does not hold."""

from decimal import Decimal

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.grades import GradeObjects
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.parse import QuizHead, attempt, question_points, quiz
from d2l_sync.brightspace.routes import Routes
from d2l_sync.domain.errors import SourceRefused
from d2l_sync.domain.facts import Fact, Item, Listing, QuizAttempt, QuizAttempts, Source
from d2l_sync.domain.ids import OrgUnitId, UserId
from d2l_sync.domain.ports import Clock

FORBIDDEN = 403
NOT_FOUND = 404


class Quizzes:
    """Reads quizzes."""

    def __init__(self, client: Client, routes: Routes, *, clock: Clock, grade_objects: GradeObjects) -> None:
        self._client = client
        self._routes = routes
        self._clock = clock
        self._grade_objects = grade_objects

    def listing(self, source: Source, *, points_are_given: bool) -> Listing:
        """Read a quiz with all attempts, those in progress included. Raises SourceUnavailable or SourceRefused.

        points_are_given: the configuration says the points possible, so they need not be read.
        Source: GET /d2l/api/le/{version}/{orgUnitId}/quizzes/{quizId}/attempts/
        """
        head = self._head(source.org_unit_id, source.item_id)
        max_points, in_questions = (None, None) if points_are_given else self._points(source.org_unit_id, head)
        rows = rows_of(self._client, self._routes.attempts(source.org_unit_id, source.item_id))
        taken = {one.attempt_id: (user_id, one) for user_id, one in map(attempt, rows)}
        return Listing(
            source=source,
            read_at=self._clock(),
            item=Item(head.name, max_points, policy=head.policy, question_points=in_questions),
            facts=_by_learner(list(taken.values())),
            rows=len(taken),
        )

    def _head(self, org_unit_id: OrgUnitId, quiz_id: int) -> QuizHead:
        """Read the quiz by itself, or from the list of quizzes where only that may be read."""
        try:
            return quiz(self._client.get(self._routes.quiz(org_unit_id, quiz_id)))
        except SourceRefused as error:
            if error.status != FORBIDDEN:
                raise
            refused = error
        rows = map(quiz, rows_of(self._client, self._routes.quizzes(org_unit_id)))
        found = next((one for one in rows if one.quiz_id == quiz_id), None)
        if found is None:
            raise refused
        return found

    def _points(self, org_unit_id: OrgUnitId, head: QuizHead) -> tuple[Decimal | None, Decimal | None]:
        return self._linked_points(org_unit_id, head.grade_object_id), self._in_questions(org_unit_id, head.quiz_id)

    def _linked_points(self, org_unit_id: OrgUnitId, grade_object_id: int | None) -> Decimal | None:
        """Read the linked grade object's points; a deleted one has none, a forbidden one may well have some."""
        if grade_object_id is None:
            return None
        try:
            return self._grade_objects.read(org_unit_id, grade_object_id).max_points
        except SourceRefused as error:
            if error.status != NOT_FOUND:
                raise
            return None

    def _in_questions(self, org_unit_id: OrgUnitId, quiz_id: int) -> Decimal | None:
        try:
            return question_points(list(rows_of(self._client, self._routes.questions(org_unit_id, quiz_id))))
        except SourceRefused:
            return None


def _by_learner(taken: list[tuple[UserId, QuizAttempt]]) -> dict[UserId, Fact]:
    attempts: dict[UserId, list[QuizAttempt]] = {}
    for user_id, one in taken:
        attempts.setdefault(user_id, []).append(one)
    return {
        user_id: QuizAttempts(tuple(sorted(own, key=lambda one: (one.number, one.attempt_id))))
        for user_id, own in attempts.items()
    }
