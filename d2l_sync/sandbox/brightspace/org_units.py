"""Org units, with everything that happens inside one."""

from dataclasses import dataclass, field
from datetime import datetime

from d2l_sync.sandbox.brightspace.content import Content
from d2l_sync.sandbox.brightspace.dropbox import Dropbox
from d2l_sync.sandbox.brightspace.gradebook import Gradebook
from d2l_sync.sandbox.brightspace.quizzing import Quizzing


@dataclass(frozen=True, slots=True)
class Enrolment:
    role_id: int
    at: datetime
    is_active: bool = True


@dataclass(slots=True)
class Group:
    group_id: int
    category_id: int
    name: str
    members: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class GroupCategory:
    category_id: int
    name: str


@dataclass(slots=True)
class OrgUnit:
    """One course offering. `enrolments` is by user id; who is not in it is not on the classlist."""

    org_unit_id: int
    name: str
    code: str
    start: datetime | None = None
    end: datetime | None = None
    is_active: bool = True
    enrolments: dict[int, Enrolment] = field(default_factory=dict)
    categories: dict[int, GroupCategory] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    dropbox: Dropbox = field(default_factory=Dropbox)
    quizzing: Quizzing = field(default_factory=Quizzing)
    gradebook: Gradebook = field(default_factory=Gradebook)
    content: Content = field(default_factory=Content)

    def members_with(self, role_ids: set[int]) -> list[int]:
        return [user_id for user_id, enrolment in self.enrolments.items() if enrolment.role_id in role_ids]
