"""Who is a learner: the role on a classlist row, or what tells it where that is withheld.

In this order: the row's role id; the enrolment list's role; the classlist's role label. Role names are turned into
ids by the list of roles, where it may be read. What is merely unavailable is not taken for withheld.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.once import Once
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.parse import ListedUser, Role, enrolment, role
from d2l_sync.brightspace.routes import Routes
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable
from d2l_sync.domain.ids import OrgUnitId, UserId


@dataclass(frozen=True, slots=True)
class _Roles:
    """The tenant's role names by id; None where they can't be read, now or at all."""

    names: Mapping[int, str] | None = None
    is_unavailable: bool = False


@dataclass(frozen=True, slots=True)
class _Enrolments:
    """The enrolment list of one org unit, empty where it can't be read.

    is_whole: it was read, and no row withheld its user: then whoever is on the classlist is on it as well.
    """

    by_user: Mapping[UserId, Role] = field(default_factory=dict)
    is_unavailable: bool = False
    is_whole: bool = False

    def name_of(self, role_id: int) -> str:
        return next((one.name for one in self.by_user.values() if one.role_id == role_id and one.name), "")


class LearnerRoles:
    """Tells learners from others by `learner_roles`: ids as digits, or exact names."""

    def __init__(self, client: Client, routes: Routes, learner_roles: tuple[str, ...]) -> None:
        self._client = client
        self._routes = routes
        self._ids = frozenset(int(entry) for entry in learner_roles if entry.isdecimal())
        self._names = frozenset(entry for entry in learner_roles if not entry.isdecimal())
        self._roles: Once[None, _Roles] = Once()
        self._enrolments: Once[OrgUnitId, _Enrolments] = Once()

    def lists(self, org_unit_id: OrgUnitId) -> dict[str, int]:
        """Return how many rows the lists had that roles were taken from there, by their names."""
        roles, enrolments = self._roles.known().get(None), self._enrolments.known().get(org_unit_id)
        found = {} if roles is None or roles.names is None else {"list of roles": len(roles.names)}
        if enrolments is not None and enrolments.is_whole:
            found[f"enrolments of org unit {org_unit_id}"] = len(enrolments.by_user)
        return found

    def includes(self, user: ListedUser, org_unit_id: OrgUnitId) -> bool | None:
        """Tell whether a classlist row is a learner's; None when nothing tells."""
        roles = self._roles.get(None, self._read_roles)
        if self._resolves_nothing(roles):
            return None
        by_id = self._judge(Role(user.role_id, ""), roles)
        if by_id is not None:
            return by_id
        enrolments = self._enrolments.get(org_unit_id, lambda: self._read_enrolments(org_unit_id))
        by_enrolment = self._judge(_enrolled(user, enrolments), roles)
        if by_enrolment is not None:
            return by_enrolment
        return self._judge_label(user.role_label, roles) if _is_withheld(user, roles, enrolments) else None

    def _resolves_nothing(self, roles: _Roles) -> bool:
        """Tell whether no configured role exists here: then nobody is said to be no learner."""
        if roles.names is None or self._ids:
            return False
        return not self._names & set(roles.names.values())

    def _judge(self, given: Role, roles: _Roles) -> bool | None:
        """Judge a role by its id and its name; None while it may still be one of `learner_roles`."""
        names = roles.names or {}
        name = given.name or names.get(given.role_id or 0, "")
        if given.role_id in self._ids or name in self._names:
            return True
        is_none_of_ids = not self._ids or given.role_id is not None
        is_none_of_names = not self._names or bool(name) or given.role_id in names
        return False if is_none_of_ids and is_none_of_names else None

    def _judge_label(self, label: str, roles: _Roles) -> bool | None:
        resolved = {name for role_id, name in (roles.names or {}).items() if role_id in self._ids}
        wanted = self._names | resolved
        return label in wanted if label and wanted else None

    def _read_roles(self) -> _Roles:
        if not self._names:
            return _Roles()
        try:
            rows = [role(row) for row in rows_of(self._client, self._routes.roles())]
        except SourceRefused:
            return _Roles()
        except SourceUnavailable:
            return _Roles(is_unavailable=True)
        return _Roles({one.role_id: one.name for one in rows if one.role_id is not None})

    def _read_enrolments(self, org_unit_id: OrgUnitId) -> _Enrolments:
        try:
            rows = [enrolment(row) for row in rows_of(self._client, self._routes.enrolments(org_unit_id))]
        except SourceRefused:
            return _Enrolments()
        except SourceUnavailable:
            return _Enrolments(is_unavailable=True)
        told = dict(row for row in rows if row is not None)
        return _Enrolments(told, is_whole=None not in rows)


def _is_withheld(user: ListedUser, roles: _Roles, enrolments: _Enrolments) -> bool:
    """Tell whether the label is all that is shown of a role: no list may tell more later, and none tells another."""
    if enrolments.is_unavailable:
        return False
    own = enrolments.by_user.get(user.user_id)
    role_id = user.role_id if user.role_id is not None or own is None else own.role_id
    if role_id is not None:
        return roles.names is None and not roles.is_unavailable  # no label overrules a role that nothing names
    return own is not None or not enrolments.is_whole


def _enrolled(user: ListedUser, enrolments: _Enrolments) -> Role:
    """Take the user's role on the enrolment list; a known role id is not overruled, only named."""
    own = enrolments.by_user.get(user.user_id, Role(None, ""))
    if user.role_id is None or own.role_id == user.role_id:
        return own
    return Role(user.role_id, enrolments.name_of(user.role_id))
