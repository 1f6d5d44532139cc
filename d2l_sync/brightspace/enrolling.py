"""Enrolling: reading one person's role in an org unit, and giving one to somebody who has none."""

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.parse import role
from d2l_sync.brightspace.routes import ENROL_SCOPE, Routes
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable
from d2l_sync.domain.ids import OrgUnitId, UserId
from d2l_sync.domain.settings import BrightspaceSettings

OK, MULTIPLE_CHOICES, BAD_REQUEST, NOT_FOUND, SERVER_FAULT = 200, 300, 400, 404, 500


class Enroller:
    """Implements the port `Access`. Posting for somebody with a role would change it, so `has_role` comes first."""

    def __init__(self, settings: BrightspaceSettings, client: Client) -> None:
        self._client = client
        self._routes = Routes(settings)
        self._role = settings.enrol_role
        self._role_id: int | None = int(settings.enrol_role) if settings.enrol_role.isdecimal() else None

    def has_role(self, org_unit_id: OrgUnitId, user_id: UserId) -> bool:
        """Tell whether the user has any role there. Raises SourceUnavailable, SourceRefused or TokenRefused.

        Source: GET /d2l/api/lp/{version}/enrollments/orgUnits/{orgUnitId}/users/{userId}: 404 when not enrolled.
        """
        try:
            self._client.get(self._routes.enrolment(org_unit_id, user_id))
        except SourceRefused as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    def enrol(self, org_unit_id: OrgUnitId, user_id: UserId) -> None:
        """Enrol a user as `enrol_role`, in one request that is never repeated.

        Raises SourceUnavailable (nobody knows whether it was done: read before asking again), SourceRefused (it was
        not done) or TokenRefused. Source: POST /d2l/api/lp/{version}/enrollments/.
        """
        body = {"OrgUnitId": int(org_unit_id), "UserId": int(user_id), "RoleId": self._resolved_role()}
        status = self._client.post(self._routes.enrol(), body)
        if OK <= status < MULTIPLE_CHOICES:
            return
        if not BAD_REQUEST <= status < SERVER_FAULT:
            raise SourceUnavailable(f"Brightspace answered {status} to an enrolment")
        hint = f"the account needs the permission to enrol there, and the scope {ENROL_SCOPE}"
        raise SourceRefused(f"Brightspace refused an enrolment ({status})", hint=hint, status=status)

    def _resolved_role(self) -> int:
        if self._role_id is None:
            roles = [role(row) for row in rows_of(self._client, self._routes.roles())]
            found = [one.role_id for one in roles if one.name == self._role and one.role_id is not None]
            if len(found) != 1:
                hint = "set brightspace.enrol_role to the role's id or exact name"
                raise SourceRefused(f"{len(found)} roles are called as enrol_role says", hint=hint)
            self._role_id = found[0]
        return self._role_id
