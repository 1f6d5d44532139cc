"""What the gradebook says: grade objects, learners' marks for them, and who is exempt."""

from dataclasses import replace

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.once import Once
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.parse import GradeObject, exempted, grade_object, grade_value
from d2l_sync.brightspace.routes import Routes
from d2l_sync.domain.errors import SourceRefused
from d2l_sync.domain.facts import Fact, Item, Listing, Source
from d2l_sync.domain.ids import OrgUnitId, UserId
from d2l_sync.domain.ports import Clock

PAGE_SIZE = 200
"""The most that the route takes."""
FORBIDDEN = 403


class GradeObjects:
    """Reads each grade object once."""

    def __init__(self, client: Client, routes: Routes) -> None:
        self._client = client
        self._routes = routes
        self._one: Once[tuple[OrgUnitId, int], GradeObject] = Once()

    def read(self, org_unit_id: OrgUnitId, grade_object_id: int) -> GradeObject:
        """Read one grade object, from the list where only that may be read. Raises as `Client.get`."""
        return self._one.get((org_unit_id, grade_object_id), lambda: self._read(org_unit_id, grade_object_id))

    def _read(self, org_unit_id: OrgUnitId, grade_object_id: int) -> GradeObject:
        try:
            return grade_object(self._client.get(self._routes.grade_object(org_unit_id, grade_object_id)))
        except SourceRefused as error:
            if error.status != FORBIDDEN:
                raise
            refused = error
        rows = map(grade_object, rows_of(self._client, self._routes.grade_objects(org_unit_id)))
        found = next((one for one in rows if one.grade_object_id == grade_object_id), None)
        if found is None:
            raise refused
        return found


class Grades:
    """Reads grade values and final grades."""

    def __init__(self, client: Client, routes: Routes, *, clock: Clock, grade_objects: GradeObjects) -> None:
        self._client = client
        self._routes = routes
        self._clock = clock
        self._grade_objects = grade_objects

    def listing(self, source: Source) -> Listing:
        """Read every learner's mark for one grade object. Raises SourceUnavailable or SourceRefused.

        Unreleased marks are among them: what staff reads does not tell dependably which are released.
        Source: GET /d2l/api/le/{version}/{orgUnitId}/grades/{gradeObjectId}/values/
        """
        item = self._item(source)
        exempt = self._exempt(source)
        route = self._routes.grade_values(source.org_unit_id, source.item_id)
        rows = [grade_value(row) for row in rows_of(self._client, route, {"pageSize": PAGE_SIZE})]
        facts: dict[UserId, Fact] = {
            user_id: replace(value, is_exempt=user_id in (exempt or ())) for user_id, value in rows
        }
        lists = {f"exemptions of {source}": len(exempt)} if exempt is not None else {}
        return Listing(source, self._clock(), item=item, facts=facts, rows=len(rows), lists=lists)

    def final_listing(self, source: Source) -> Listing:
        """Read every learner's final grade. Raises SourceUnavailable or SourceRefused.

        Source: GET /d2l/api/le/{version}/{orgUnitId}/grades/final/values/
        """
        route = self._routes.final_grades(source.org_unit_id)
        rows = [grade_value(row) for row in rows_of(self._client, route, {"pageSize": PAGE_SIZE})]
        return Listing(source, self._clock(), item=Item("final grade"), facts=dict(rows), rows=len(rows))

    def _item(self, source: Source) -> Item:
        """Describe the grade object; every mark brings its own maximum, so a forbidden one is no obstacle."""
        try:
            found = self._grade_objects.read(source.org_unit_id, source.item_id)
        except SourceRefused as error:
            if error.status != FORBIDDEN:
                raise
            return Item()
        return Item(found.name, found.max_points)

    def _exempt(self, source: Source) -> frozenset[UserId] | None:
        """Read who is exempt; None where that may not be read."""
        try:
            rows = list(rows_of(self._client, self._routes.exemptions(source.org_unit_id, source.item_id)))
        except SourceRefused:
            return None
        return frozenset(user_id for user_id in map(exempted, rows) if user_id is not None)
