"""Brightspace as the services see it: classlists, listings, groups and user records."""

from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.folders import Folders, rows_paged_or_not
from d2l_sync.brightspace.grades import GradeObjects, Grades
from d2l_sync.brightspace.once import Once
from d2l_sync.brightspace.paging import rows_of
from d2l_sync.brightspace.parse import (
    ListedUser,
    group,
    listed_user,
    role,
    supported_versions,
    user_address,
    user_id,
)
from d2l_sync.brightspace.quizzes import Quizzes
from d2l_sync.brightspace.roles import LearnerRoles
from d2l_sync.brightspace.routes import VERSIONS, Routes
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable
from d2l_sync.domain.facts import Failure, Listing, Source, SourceKind
from d2l_sync.domain.ids import GroupCategoryId, OrgUnitId, UserId
from d2l_sync.domain.people import Classlist, ClasslistEntry, Exclusions, GroupSet, UserRecord
from d2l_sync.domain.ports import Clock, Usage
from d2l_sync.domain.settings import BrightspaceSettings

log = structlog.get_logger()

NOT_FOUND = 404
LONGEST_PART = 9
"""Digits of a version's parts."""


class Reader:
    """One reading of Brightspace; implements the port `Brightspace`. Make a new one for each pass.

    points_given: quizzes whose points possible the configuration states, so that no grade object is needed.
    """

    def __init__(
        self,
        settings: BrightspaceSettings,
        client: Client,
        *,
        clock: Clock,
        points_given: Container[Source] = frozenset(),
    ) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self._points_given = points_given
        self._before = client.usage()
        self._routes = Routes(settings)
        self._exclusions = Exclusions(settings.exclude_users)
        self._roles = LearnerRoles(client, self._routes, settings.learner_roles)
        self._groups: Once[tuple[OrgUnitId, GroupCategoryId], GroupSet] = Once()
        grade_objects = GradeObjects(client, self._routes)
        self._grades = Grades(client, self._routes, clock=clock, grade_objects=grade_objects)
        self._quizzes = Quizzes(client, self._routes, clock=clock, grade_objects=grade_objects)
        self._folders = Folders(client, self._routes, clock=clock, groups=self._read_groups)

    def classlist(self, org_unit_id: OrgUnitId) -> Classlist:
        """Read everybody on a classlist, or say why not.

        A role that can't be told leaves its entry with `is_learner` None, and the list readable.
        Source: GET /d2l/api/le/{version}/{orgUnitId}/classlist/paged/
        """
        paged, unpaged = self._routes.classlist(org_unit_id), self._routes.classlist_unpaged(org_unit_id)
        try:
            users = [listed_user(row) for row in rows_paged_or_not(self._client, paged, unpaged)]
        except (SourceUnavailable, SourceRefused) as error:
            failure = _failure(f"classlist of org unit {org_unit_id}", error)
            return Classlist(org_unit_id, self._clock(), failure=failure)
        entries = {user.user_id: self._entry(user, org_unit_id) for user in users}
        log.debug("classlist_read", org_unit_id=org_unit_id, rows=len(entries))
        return Classlist(org_unit_id, self._clock(), entries=entries, lists=self._roles.lists(org_unit_id))

    def _entry(self, user: ListedUser, org_unit_id: OrgUnitId) -> ClasslistEntry:
        return ClasslistEntry(
            user_id=user.user_id,
            is_learner=self._roles.includes(user, org_unit_id),
            address=user.address,
            username=user.username,
            org_defined_id=user.org_defined_id,
            is_excluded=self._exclusions.cover(user.user_id, user.username),
        )

    def listing(self, source: Source) -> Listing:
        """Read one source whole, or say why not."""
        read: dict[SourceKind, Callable[[], Listing]] = {
            SourceKind.FOLDER: lambda: self._folders.listing(source),
            SourceKind.QUIZ: lambda: self._quizzes.listing(source, points_are_given=source in self._points_given),
            SourceKind.GRADE: lambda: self._grades.listing(source),
            SourceKind.FINAL_GRADE: lambda: self._grades.final_listing(source),
        }
        try:
            listing = read[source.kind]()
        except (SourceUnavailable, SourceRefused) as error:
            return Listing(source, self._clock(), failure=_failure(str(source), error))
        log.debug("listing_read", source=str(source), rows=listing.rows)
        return listing

    def groups(self, org_unit_id: OrgUnitId, category_id: GroupCategoryId) -> GroupSet:
        """Read the groups of a category with their members of now, or say why not.

        Source: GET /d2l/api/lp/{version}/{orgUnitId}/groupcategories/{groupCategoryId}/groups/
        """
        unread = GroupSet(org_unit_id, category_id, self._clock())
        try:
            return self._read_groups(org_unit_id, category_id)
        except (SourceUnavailable, SourceRefused) as error:
            return replace(unread, failure=_failure(unread.name, error))

    def _read_groups(self, org_unit_id: OrgUnitId, category_id: GroupCategoryId) -> GroupSet:
        def read() -> GroupSet:
            rows = list(map(group, rows_of(self._client, self._routes.groups(org_unit_id, category_id))))
            members = {group_id: users for group_id, _, users in rows}
            names = {group_id: name for group_id, name, _ in rows}
            return GroupSet(org_unit_id, category_id, self._clock(), groups=members, names=names)

        return self._groups.get((org_unit_id, category_id), read)

    def user_record(self, user_id: UserId) -> UserRecord:
        """Read a user's address from the user record; an unknown user has none.

        Source: GET /d2l/api/lp/{version}/users/{userId}, member ExternalEmail
        """
        try:
            return UserRecord(user_id, user_address(self._client.get(self._routes.user(user_id))))
        except (SourceUnavailable, SourceRefused) as error:
            if isinstance(error, SourceRefused) and error.status == NOT_FOUND:
                return UserRecord(user_id)
            return UserRecord(user_id, failure=_failure(f"user record of user {user_id}", error))

    def usage(self) -> Usage:
        """Tell what this reading cost so far, requests for tokens included."""
        now = self._client.usage()
        return Usage(now.calls - self._before.calls, now.credits - self._before.credits)

    def whoami(self) -> UserId:
        """Tell which user the token stands for. Raises SourceUnavailable, SourceRefused or TokenRefused."""
        return user_id(self._client.get(self._routes.whoami()))

    def roles(self) -> Mapping[int, str]:
        """Tell the tenant's role names by id. Raises as `whoami`.

        Source: GET /d2l/api/lp/{version}/roles/
        """
        rows = [role(row) for row in rows_of(self._client, self._routes.roles())]
        return {one.role_id: one.name for one in rows if one.role_id is not None}

    def clock_skew(self) -> timedelta | None:
        """Tell how far Brightspace's clock is ahead of ours, by whole seconds; None where it does not say."""
        return self._client.clock_skew()

    def versions(self) -> dict[str, tuple[str, ...]]:
        """Tell the API versions that Brightspace supports, by product code (lp, le, …); needs no token."""
        return supported_versions(self._client.get(VERSIONS))

    def unsupported_versions(self) -> tuple[Failure, ...]:
        """Name the pinned versions that Brightspace no longer lists. Raises as `versions`."""
        supported = self.versions()
        pinned = {"lp": self._settings.lp_version, "le": self._settings.le_version}
        lacking = {product: version for product, version in pinned.items() if not _lists(supported, product, version)}
        return tuple(
            Failure(
                f"Brightspace does not list {product} {version} as supported",
                f"set brightspace.{product}_version to a supported one; the newest is {_newest(supported, product)}",
            )
            for product, version in lacking.items()
        )


def _failure(subject: str, error: SourceUnavailable | SourceRefused) -> Failure:
    log.debug("brightspace_unread", subject=subject, status=getattr(error, "status", None), why=str(error))
    is_refused = isinstance(error, SourceRefused)
    is_gone = isinstance(error, SourceRefused) and error.status == NOT_FOUND
    hint = error.hint or "the next pass asks again"
    return Failure(f"{subject} could not be read: {error}", hint, is_refused=is_refused, is_gone=is_gone)


def _pair(version: str) -> tuple[int, ...]:
    """Read a version as two integers: 1.9 is older than 1.82."""
    parts = version.split(".")
    is_version = all(part.isascii() and part.isdecimal() and len(part) <= LONGEST_PART for part in parts)
    return tuple(int(part) for part in parts) if is_version else ()


def _lists(supported: Mapping[str, tuple[str, ...]], product: str, version: str) -> bool:
    return _pair(version) in {_pair(one) for one in supported.get(product, ())}


def _newest(supported: Mapping[str, tuple[str, ...]], product: str) -> str:
    return max(supported.get(product, ()), key=_pair, default="not told")
