"""The routes we read, each with the scope it asks for.

Source: docs.valence.desire2learn.com, the reference pages and the table of scopes. Collections end in a slash.
"""

from dataclasses import dataclass, replace

from d2l_sync.brightspace.origin import API
from d2l_sync.domain.ids import GroupCategoryId, OrgUnitId, UserId
from d2l_sync.domain.settings import BrightspaceSettings

SCOPES = (
    "users:own_profile:read",
    "users:userdata:read",
    "role:detail:read",
    "enrollment:orgunit:read",
    "grades:gradeobjects:read",
    "grades:gradevalues:read",
    "quizzing:quizzes:read",
    "quizzing:attempts:read",
    "dropbox:folders:read",
    "groups:group:read",
)
"""What the routes below need, all of them, and nothing but reading."""
ENROL_SCOPE = "enrollment:orgunit:create"
"""Asked for besides where a badge has `enrol = true`."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path (and query) below the API, and the scope it asks for; without a scope it is asked for anonymously."""

    path: str
    scope: str = ""

    def at(self, path: str) -> "Route":
        return replace(self, path=path)


VERSIONS = Route(f"{API}versions/")


class Routes:
    """Paths in the pinned versions."""

    def __init__(self, settings: BrightspaceSettings) -> None:
        self._lp = f"{API}lp/{settings.lp_version}"
        self._le = f"{API}le/{settings.le_version}"

    def whoami(self) -> Route:
        return Route(f"{self._lp}/users/whoami", "users:own_profile:read")

    def user(self, user_id: UserId) -> Route:
        return Route(f"{self._lp}/users/{user_id}", "users:userdata:read")

    def roles(self) -> Route:
        return Route(f"{self._lp}/roles/", "role:detail:read")

    def enrolments(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._lp}/enrollments/orgUnits/{org_unit_id}/users/", "enrollment:orgunit:read")

    def enrolment(self, org_unit_id: OrgUnitId, user_id: UserId) -> Route:
        return Route(f"{self._lp}/enrollments/orgUnits/{org_unit_id}/users/{user_id}", "enrollment:orgunit:read")

    def enrol(self) -> Route:
        return Route(f"{self._lp}/enrollments/", ENROL_SCOPE)

    def groups(self, org_unit_id: OrgUnitId, category_id: GroupCategoryId) -> Route:
        return Route(f"{self._lp}/{org_unit_id}/groupcategories/{category_id}/groups/", "groups:group:read")

    def classlist(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._le}/{org_unit_id}/classlist/paged/", "enrollment:orgunit:read")

    def classlist_unpaged(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._le}/{org_unit_id}/classlist/", "enrollment:orgunit:read")

    def folders(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._le}/{org_unit_id}/dropbox/folders/", "dropbox:folders:read")

    def submissions(self, org_unit_id: OrgUnitId, folder_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/dropbox/folders/{folder_id}/submissions/paged/", "dropbox:folders:read")

    def submissions_unpaged(self, org_unit_id: OrgUnitId, folder_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/dropbox/folders/{folder_id}/submissions/", "dropbox:folders:read")

    def quizzes(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._le}/{org_unit_id}/quizzes/", "quizzing:quizzes:read")

    def quiz(self, org_unit_id: OrgUnitId, quiz_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/quizzes/{quiz_id}", "quizzing:quizzes:read")

    def questions(self, org_unit_id: OrgUnitId, quiz_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/quizzes/{quiz_id}/questions/", "quizzing:quizzes:read")

    def attempts(self, org_unit_id: OrgUnitId, quiz_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/quizzes/{quiz_id}/attempts/", "quizzing:attempts:read")

    def grade_objects(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._le}/{org_unit_id}/grades/", "grades:gradeobjects:read")

    def grade_object(self, org_unit_id: OrgUnitId, grade_object_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/grades/{grade_object_id}", "grades:gradeobjects:read")

    def grade_values(self, org_unit_id: OrgUnitId, grade_object_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/grades/{grade_object_id}/values/", "grades:gradevalues:read")

    def exemptions(self, org_unit_id: OrgUnitId, grade_object_id: int) -> Route:
        return Route(f"{self._le}/{org_unit_id}/grades/{grade_object_id}/exemptions/", "grades:gradeobjects:read")

    def final_grades(self, org_unit_id: OrgUnitId) -> Route:
        return Route(f"{self._le}/{org_unit_id}/grades/final/values/", "grades:gradevalues:read")
