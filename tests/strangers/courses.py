"""What is true in the pretended courses: plain tables that a test writes and a server shows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

LEARNER, TEACHER = 110, 109
ROLES = {LEARNER: "Learner", TEACHER: "Instructor"}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass
class User:
    user_id: int
    name: str
    email: str | None
    code: str | None = None
    email_on_record: str | None = None


@dataclass
class Folder:
    """entities: what each user (or group, in a group folder) handed in, as moments; feedback: score, published."""

    folder_id: int
    name: str
    group_category: int | None = None
    entities: dict[int, list[datetime]] = field(default_factory=dict)
    feedback: dict[int, tuple[float | None, bool]] = field(default_factory=dict)
    points: float | None = None


@dataclass
class Attempt:
    attempt_id: int
    user_id: int
    number: int
    score: float | None
    completed: datetime | None
    published: bool = True


@dataclass
class Quiz:
    quiz_id: int
    name: str
    grade_id: int | None
    policy: int = 1
    attempts: list[Attempt] = field(default_factory=list)


@dataclass
class GradeObject:
    grade_id: int
    name: str
    points: float
    values: dict[int, tuple[float, float, datetime]] = field(default_factory=dict)


@dataclass
class Group:
    group_id: int
    name: str
    members: list[int] = field(default_factory=list)


@dataclass
class OrgUnit:
    """members: the role of each user. categories: the groups of each group category. denied: how a 403 looks."""

    org_unit_id: int
    members: dict[int, int] = field(default_factory=dict)
    folders: dict[int, Folder] = field(default_factory=dict)
    quizzes: dict[int, Quiz] = field(default_factory=dict)
    grades: dict[int, GradeObject] = field(default_factory=dict)
    categories: dict[int, list[Group]] = field(default_factory=dict)
    denied: str = ""

    def has(self, user_id: int, role: int = LEARNER) -> bool:
        return self.members.get(user_id) == role


@dataclass
class University:
    users: dict[int, User] = field(default_factory=dict)
    units: dict[int, OrgUnit] = field(default_factory=dict)

    def unit(self, org_unit_id: int) -> OrgUnit:
        return self.units.setdefault(org_unit_id, OrgUnit(org_unit_id))
