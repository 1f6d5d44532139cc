"""The pathway "UMS Micro-Credential Development" on both systems: ids, folders, quizzes, badge classes."""

from datetime import timedelta
from decimal import Decimal

from d2l_sync.sandbox.badgr.assertions import BadgeClass, Issuer
from d2l_sync.sandbox.badgr.platform import Platform
from d2l_sync.sandbox.brightspace.content import ContentTopic, Forum
from d2l_sync.sandbox.brightspace.dropbox import Folder
from d2l_sync.sandbox.brightspace.gradebook import QUIZZES_TOOL, GradeObject, GradeType
from d2l_sync.sandbox.brightspace.org_units import GroupCategory, OrgUnit
from d2l_sync.sandbox.brightspace.quizzing import Quiz
from d2l_sync.sandbox.brightspace.world import World

KEY = "ums-mcd"
NAME = "UMS Micro-Credential Development"
LEVEL_1, LEVEL_2, LEVEL_3 = 6601, 6602, 6603
LEVELS = ("level-1", "level-2", "level-3")
MACRO = "micro-credential"

REFLECTION_1, QUIZ, QUIZ_GRADE, VIDEOS_GRADE = 33101, 44101, 55101, 55102
STARTER, DRAFT, COLLABORATION, WORKSHEET = 33201, 33202, 33203, 33204
COMMUNICATION, WEBSITE, INFOGRAPHIC, REFLECTION_3 = 33301, 33302, 33303, 33304
TEAM_GROUPS = 8201
VIDEOS_TOPIC, SITE_TOPIC, FORUM, FORUM_TOPIC = 30101, 30102, 71001, 72001
QUIZ_POINTS = 10

ISSUER = "4xhdOzWAQ0eS7mYbKc2LtA"
BADGE_CLASSES = {
    "level-1": "tGnSYrBbReW7Voa8FsVWRw",
    "level-2": "_8iD9YFiS5GZH9ZZrjG8Jw",  # ids may begin with a dash or an underscore
    "level-3": "-Mjs5VtYQz2UWec3EgVyvw",
    MACRO: "hV0nT3pLQ6C1xkE9aRrJdg",
}
BADGE_NAMES = {
    "level-1": f"{NAME} Level 1",
    "level-2": f"{NAME} Level 2",
    "level-3": f"{NAME} Level 3",
    MACRO: NAME,
}


def add_courses(world: World) -> None:
    """Put the three courses into the world, with everything that can be done in them and nobody there."""
    start = world.clock.now() - timedelta(days=200)
    for unit in (_level_1(), _level_2(), _level_3()):
        unit.start = start
        world.org_units[unit.org_unit_id] = unit


def add_badge_classes(platform: Platform) -> None:
    platform.issuers[ISSUER] = Issuer(ISSUER, "UMS Micro-Credential Initiative")
    for key, entity_id in BADGE_CLASSES.items():
        platform.badge_classes[entity_id] = BadgeClass(entity_id, ISSUER, key, BADGE_NAMES[key])


def _level_1() -> OrgUnit:
    unit = OrgUnit(LEVEL_1, f"{NAME}: Level 1", "UMS-MCD-1")
    _add_folders(unit, Folder(33100, "Say hello"), Folder(REFLECTION_1, "Reflection"))
    points = tuple(Decimal(1) for _ in range(QUIZ_POINTS))
    quizzes = (
        Quiz(44100, "Try the quiz tool", question_points=points[:3]),
        Quiz(QUIZ, "Terms and definitions", grade_object_id=QUIZ_GRADE, question_points=points),
        Quiz(44102, "Last year's quiz", question_points=points[:5], is_active=False),
    )
    unit.quizzing.quizzes = {each.quiz_id: each for each in quizzes}
    grades = (
        GradeObject(QUIZ_GRADE, "Terms and definitions", can_exceed=True, tool=(QUIZZES_TOOL, QUIZ)),
        GradeObject(VIDEOS_GRADE, "Videos watched", max_points=Decimal(4)),
        GradeObject(55103, "A word from your instructor", GradeType.TEXT, None),
        GradeObject(55104, "So far", GradeType.CALCULATED, Decimal(0), is_hidden=True),
    )
    unit.gradebook.objects = {each.grade_object_id: each for each in grades}
    topics = (
        ContentTopic(VIDEOS_TOPIC, "Four videos"),
        ContentTopic(SITE_TOPIC, "The initiative's site"),
        ContentTopic(30103, "Thanks", is_required=False),
    )
    unit.content.topics = {each.topic_id: each for each in topics}
    return unit


def _level_2() -> OrgUnit:
    unit = OrgUnit(LEVEL_2, f"{NAME}: Level 2", "UMS-MCD-2")
    unit.categories = {
        TEAM_GROUPS: GroupCategory(TEAM_GROUPS, "Development teams"),
        8202: GroupCategory(8202, "Discussion circles"),
    }
    _add_folders(
        unit,
        Folder(STARTER, "Micro-Credential Starter"),
        Folder(DRAFT, "Meta-data template, team draft", group_category_id=TEAM_GROUPS),
        Folder(COLLABORATION, "Verification of collaboration"),
        Folder(WORKSHEET, "Worksheet", denominator=Decimal("20.0")),
    )
    unit.content.forums[FORUM] = Forum(FORUM, FORUM_TOPIC, "Meet the teams")
    return unit


def _level_3() -> OrgUnit:
    unit = OrgUnit(LEVEL_3, f"{NAME}: Level 3", "UMS-MCD-3")
    _add_folders(
        unit,
        Folder(COMMUNICATION, "Communication plan"),
        Folder(WEBSITE, "Campus or organization website"),
        Folder(INFOGRAPHIC, "Infographic"),
        Folder(REFLECTION_3, "Reflection"),
    )
    return unit


def _add_folders(unit: OrgUnit, *folders: Folder) -> None:
    unit.dropbox.folders = {each.folder_id: each for each in folders}
