"""Unasked: stands for a Brightspace that can't be asked, so that a pass may still deliver what is due."""

from dataclasses import dataclass

from d2l_sync.domain.errors import TokenRefused
from d2l_sync.domain.facts import Failure, Item, Listing, Source
from d2l_sync.domain.ids import GroupCategoryId, OrgUnitId, UserId
from d2l_sync.domain.people import Classlist, GroupSet, UserRecord
from d2l_sync.domain.ports import Clock, Usage


@dataclass(frozen=True, slots=True)
class Unasked:
    """The ports `Brightspace` and `Access` while nobody is signed in: everything is unread, and nothing is sent there.

    Everything is unknown then, which decides nothing: what was due goes out, what is doubtful is looked up, and
    whatever rests on a fact stays as it was.
    """

    failure: Failure
    clock: Clock

    def classlist(self, org_unit_id: OrgUnitId) -> Classlist:
        return Classlist(org_unit_id, self.clock(), {}, self.failure)

    def listing(self, source: Source) -> Listing:
        return Listing(source, self.clock(), Item(), failure=self.failure)

    def groups(self, org_unit_id: OrgUnitId, category_id: GroupCategoryId) -> GroupSet:
        return GroupSet(org_unit_id, category_id, self.clock(), failure=self.failure)

    def user_record(self, user_id: UserId) -> UserRecord:
        return UserRecord(user_id, failure=self.failure)

    def usage(self) -> Usage:
        return Usage()

    def has_role(self, org_unit_id: OrgUnitId, user_id: UserId) -> bool:  # noqa: ARG002 - the port's signature
        raise TokenRefused(self.failure.what, hint=self.failure.hint)

    def enrol(self, org_unit_id: OrgUnitId, user_id: UserId) -> None:  # noqa: ARG002 - the port's signature
        raise TokenRefused(self.failure.what, hint=self.failure.hint)
