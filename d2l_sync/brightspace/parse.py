"""Their JSON into our values: the only place that knows how Brightspace spells things.

Unknown members are ignored, comments and feedback texts are never looked at. A row without what identifies it is an
error, since a list that is read in part is not read. Source: docs.valence.desire2learn.com (res/user, res/enroll,
res/grade, res/quiz, res/dropbox, res/groups).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from d2l_sync.brightspace.members import (
    address,
    block,
    decimal_or_none,
    id_of,
    malformed,
    moment_or_none,
    number_or_none,
    part,
    text_of,
)
from d2l_sync.brightspace.wire import Json
from d2l_sync.domain.facts import AttemptPolicy, GradeValue, HandIn, QuizAttempt
from d2l_sync.domain.ids import Address, GroupCategoryId, GroupId, UserId, user_id_of

POLICIES = {
    1: AttemptPolicy.HIGHEST,
    2: AttemptPolicy.LOWEST,
    3: AttemptPolicy.AVERAGE,
    4: AttemptPolicy.FIRST,
    5: AttemptPolicy.LATEST,
}
PUBLISHED = {"3", "published", "publishedfeedback"}


@dataclass(frozen=True, slots=True)
class ListedUser:
    """A row of the classlist. role_id: None where it is withheld; role_label: as shown there, may be empty."""

    user_id: UserId
    role_id: int | None
    role_label: str
    address: Address | None
    username: str | None
    org_defined_id: str | None


def listed_user(row: Json) -> ListedUser:
    row = block(row, "a classlist row")
    return ListedUser(
        user_id=UserId(id_of(row.get("Identifier"), "a classlist row without Identifier")),
        role_id=number_or_none(row.get("RoleId"), "RoleId"),
        role_label=text_of(row.get("ClasslistRoleDisplayName")),
        address=address(row.get("Email")),
        username=text_of(row.get("Username", row.get("UserName"))) or None,
        org_defined_id=text_of(row.get("OrgDefinedId")) or None,
    )


@dataclass(frozen=True, slots=True)
class Role:
    """A role; in an enrolment either part may be withheld."""

    role_id: int | None
    name: str


def role(row: Json) -> Role:
    row = block(row, "a role")
    return Role(id_of(row.get("Identifier"), "a role without Identifier"), text_of(row.get("DisplayName")))


def enrolment(row: Json) -> tuple[UserId, Role] | None:
    """Read who has which role; None for a user whose id is withheld (documented for `User.Identifier`)."""
    row = block(row, "an enrolment")
    user_id = number_or_none(part(row, "User").get("Identifier"), "User.Identifier")
    given = part(row, "Role")
    if user_id is None:
        return None
    return UserId(user_id), Role(number_or_none(given.get("Id"), "Role.Id"), text_of(given.get("Name")))


def group(row: Json) -> tuple[GroupId, str, frozenset[UserId]]:
    row = block(row, "a group")
    members = row.get("Enrollments")
    if not isinstance(members, list):
        malformed("a group without Enrollments")
    users = frozenset(UserId(id_of(member, "a member of a group")) for member in members)
    return GroupId(id_of(row.get("GroupId"), "a group without GroupId")), text_of(row.get("Name")), users


@dataclass(frozen=True, slots=True)
class Folder:
    """A dropbox folder. group_category_id: set where groups hand in."""

    folder_id: int
    name: str
    max_points: Decimal | None
    group_category_id: GroupCategoryId | None


def folder(row: Json) -> Folder:
    row = block(row, "a dropbox folder")
    category = number_or_none(row.get("GroupTypeId"), "GroupTypeId")
    return Folder(
        folder_id=id_of(row.get("Id"), "a dropbox folder without Id"),
        name=text_of(row.get("Name")),
        max_points=decimal_or_none(part(row, "Assessment").get("ScoreDenominator"), "ScoreDenominator"),
        group_category_id=GroupCategoryId(category) if category else None,
    )


@dataclass(frozen=True, slots=True)
class Entity:
    """Who handed in: a user, or a group as a whole."""

    entity_id: int
    is_group: bool
    hand_in: HandIn


def entity(row: Json) -> Entity:
    """Read one row of a folder. Status 2 and 3 come without any submission, too: feedback is no hand-in."""
    row = block(row, "a submission row")
    who, feedback = part(row, "Entity"), part(row, "Feedback")
    entity_id = id_of(who.get("EntityId"), "a submission row without EntityId")
    kind = text_of(who.get("EntityType")).lower()
    if kind not in {"user", "group"}:
        malformed("a submission row of neither user nor group")
    submissions = [] if row.get("Submissions") is None else row["Submissions"]
    if not isinstance(submissions, list):
        malformed("Submissions")
    dates = [moment_or_none(block(one, "a submission").get("SubmissionDate"), "SubmissionDate") for one in submissions]
    status = text_of(str(row.get("Status"))).lower().replace(" ", "")
    hand_in = HandIn(
        count=len(submissions),
        submitted_at=min((date for date in dates if date is not None), default=None),
        score=decimal_or_none(feedback.get("Score"), "Score"),
        is_published=status in PUBLISHED and feedback.get("IsGraded") is not False,
        completed_at=moment_or_none(row.get("CompletionDate"), "CompletionDate"),
        group_id=GroupId(entity_id) if kind == "group" else None,
    )
    return Entity(entity_id, is_group=kind == "group", hand_in=hand_in)


@dataclass(frozen=True, slots=True)
class QuizHead:
    """A quiz without its attempts. It has no points of its own: those are the linked grade object's."""

    quiz_id: int
    name: str
    policy: AttemptPolicy | None
    grade_object_id: int | None


def quiz(row: Json) -> QuizHead:
    row = block(row, "a quiz")
    return QuizHead(
        quiz_id=id_of(row.get("QuizId"), "a quiz without QuizId"),
        name=text_of(row.get("Name")),
        policy=POLICIES.get(number_or_none(row.get("CalcTypeId"), "CalcTypeId") or 0),
        grade_object_id=number_or_none(row.get("GradeItemId"), "GradeItemId") or None,
    )


def attempt(row: Json) -> tuple[UserId, QuizAttempt]:
    row = block(row, "a quiz attempt")
    return UserId(id_of(row.get("UserId"), "a quiz attempt without UserId")), QuizAttempt(
        attempt_id=id_of(row.get("AttemptId"), "a quiz attempt without AttemptId"),
        number=id_of(row.get("AttemptNumber"), "a quiz attempt without AttemptNumber"),
        score=decimal_or_none(row.get("Score"), "Score"),
        completed_at=moment_or_none(row.get("Completed"), "Completed"),
        is_published=row.get("IsPublished") is True,
    )


def question_points(rows: Iterable[Json]) -> Decimal | None:
    """Add up the questions' points without bonus ones; None where there are none, or one has no points."""
    questions = [block(row, "a question") for row in rows]
    points = [decimal_or_none(one.get("Points"), "Points") for one in questions if one.get("Bonus") is not True]
    known = [one for one in points if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(points) else None


@dataclass(frozen=True, slots=True)
class GradeObject:
    """A grade object; a text object has no points."""

    grade_object_id: int
    name: str
    max_points: Decimal | None


def grade_object(row: Json) -> GradeObject:
    row = block(row, "a grade object")
    return GradeObject(
        id_of(row.get("Id"), "a grade object without Id"),
        text_of(row.get("Name")),
        decimal_or_none(row.get("MaxPoints"), "MaxPoints"),
    )


def grade_value(row: Json) -> tuple[UserId, GradeValue]:
    """Read a learner's mark: the pair of points, else the weighted pair, each only with a maximum above zero.

    No value, or no numerator: no mark. `DisplayedGrade` is for people and depends on their language.
    """
    row = block(row, "a grade value")
    user_id = UserId(id_of(part(row, "User").get("Identifier"), "a grade value without user"))
    value = part(row, "GradeValue")
    modified_at = moment_or_none(value.get("LastModified"), "LastModified")
    points, denominator = _pair(value, "Points")
    weighted, weight = _pair(value, "Weighted")
    if not _is_positive(denominator) and weighted is not None and _is_positive(weight):
        points, denominator = weighted, weight
    return user_id, GradeValue(points, denominator if points is not None else None, modified_at)


def _is_positive(value: Decimal | None) -> bool:
    return value is not None and value > 0


def _pair(value: Mapping[str, Json], kind: str) -> tuple[Decimal | None, Decimal | None]:
    numerator, denominator = f"{kind}Numerator", f"{kind}Denominator"
    return decimal_or_none(value.get(numerator), numerator), decimal_or_none(value.get(denominator), denominator)


def exempted(row: Json) -> UserId | None:
    """Read whom an exemption is for; the reference does not say how it is spelled, so None where none of these fits."""
    if not isinstance(row, dict):
        return None
    user = row.get("User")
    nested = user.get("Identifier") if isinstance(user, dict) else user
    given = (row.get("UserId"), row.get("Identifier"), nested)
    texts = [str(value) for value in given if isinstance(value, (int, str)) and not isinstance(value, bool)]
    return next((one for one in map(user_id_of, texts) if one is not None), None)


def user_id(value: Json) -> UserId:
    return UserId(id_of(block(value, "whoami").get("Identifier"), "whoami without Identifier"))


def user_address(value: Json) -> Address | None:
    return address(block(value, "a user record").get("ExternalEmail"))


def supported_versions(rows: Json) -> dict[str, tuple[str, ...]]:
    """Read the versions that each product supports, by its code in lower case."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows if isinstance(rows, list) else malformed("versions"):
        product = block(row, "a product")
        versions = product.get("SupportedVersions")
        if not isinstance(versions, list):
            malformed("SupportedVersions")
        found[text_of(product.get("ProductCode")).lower()] = tuple(text_of(version) for version in versions)
    return found
