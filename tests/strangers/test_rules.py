"""A pathway file with everything in it, between the strangers' systems: every award is reckoned here by hand."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.strangers.courses import LEARNER, Attempt, Folder, GradeObject, Group, Quiz, User

LAST_YEAR, THIS_YEAR, TOGETHER = 7101, 7102, 7103
REFLECTION, DRAFT, PROOF, TERMS, TERMS_GRADE, ESSAY = 31, 33, 34, 41, 51, 55
ADA, GRACE, ALAN = 301, 302, 303
RULES = """\
key = "years"
name = "A pathway of two years"

[[badge]]
key = "start"
name = "Start"
badge_class = "bc-One-Class-Of-Level-1"
  [[badge.offering]]
  org_unit = 7101
  until = {until}
  reflection = {{ folder = 31 }}
  quiz = {{ quiz = 41 }}
  [[badge.offering]]
  org_unit = 7102
  reflection = {{ folder = 31 }}
  quiz = {{ quiz = 41 }}
  [[badge.criterion]]
  key = "reflection"
  kind = "submission"
  [[badge.criterion]]
  key = "quiz"
  kind = "quiz"
  min_percent = 80

[[badge]]
key = "together"
name = "Together"
badge_class = "-c-Two"
requires = ["start"]
team = true
org_unit = 7103
  [[badge.criterion]]
  kind = "submission"
  folder = 33
  [[badge.criterion]]
  kind = "graded_submission"
  folder = 34
  min_percent = 70
  by = "team"
  [[badge.criterion]]
  kind = "any"
  of = [{{ kind = "grade", grade_object = 55, min_points = 15 }}, {{ kind = "submission", folder = 31 }}]

[[badge]]
key = "both"
name = "Both"
badge_class = "_c-Three"
requires = ["start", "together"]
"""
START, TOGETHER_BADGE, BOTH = "level-1", "level-2", "level-3"


def day(days):
    return datetime.now(UTC) - timedelta(days=days)


def fill(university):
    """Let Ada begin last year and Grace now, and all three work together; Alan never takes the quiz."""
    for user_id, name in ((ADA, "ada"), (GRACE, "grace"), (ALAN, "alan")):
        university.users[user_id] = User(user_id, name.capitalize(), f"{name}@example.edu", f"C{user_id}")
    for unit, users in ((LAST_YEAR, (ADA,)), (THIS_YEAR, (GRACE, ALAN)), (TOGETHER, (ADA, GRACE, ALAN))):
        course = university.unit(unit)
        course.members |= dict.fromkeys(users, LEARNER)
        course.folders[REFLECTION] = Folder(REFLECTION, "Reflection")
        course.quizzes[TERMS] = Quiz(TERMS, "Terms", TERMS_GRADE, policy=5)
        course.grades[TERMS_GRADE] = GradeObject(TERMS_GRADE, "Terms", 10)
    for unit, user in ((LAST_YEAR, ADA), (THIS_YEAR, GRACE), (THIS_YEAR, ALAN)):
        university.unit(unit).folders[REFLECTION].entities[user] = [day(30)]
    # The policy is the last attempt: exactly the minimum, after a failure and before one that is still unmarked.
    taken = [Attempt(1, ADA, 1, 3, day(29)), Attempt(2, ADA, 2, 8.0, day(28)), Attempt(3, ADA, 3, None, day(27))]
    university.unit(LAST_YEAR).quizzes[TERMS].attempts = taken
    university.unit(THIS_YEAR).quizzes[TERMS].attempts = [Attempt(4, GRACE, 1, 10, day(3), published=False)]
    together = university.unit(TOGETHER)
    together.categories[7] = [Group(71, "Pair", [ADA, GRACE]), Group(72, "One", [ALAN])]
    together.folders[DRAFT] = Folder(DRAFT, "Draft", group_category=7, entities={71: [day(20)]})
    together.folders[PROOF] = Folder(PROOF, "Proof", points=20, entities={GRACE: [day(10)]})
    together.folders[PROOF].feedback = {GRACE: (14, False), ADA: (20, True)}  # a draft; and no hand-in
    together.grades[ESSAY] = GradeObject(ESSAY, "Essay", 20, {ADA: (15, 20, day(9)), GRACE: (14.999999999, 20, day(9))})
    together.folders[REFLECTION].entities[GRACE] = [day(8)]


def desk_with(open_desk, until):
    desk = open_desk(5, people=0)
    fill(desk.story.university)
    write(desk, until)
    (desk.folder / "team.csv").write_text("team,user_id,confirmed_on\nOwls,301,2026-01-05\nOwls,302,2026-01-05\n")
    assert desk.run("teams", "import", desk.folder / "team.csv").code == 0
    return desk


def write(desk, until):
    (desk.configuration.parent / "rules.toml").write_text(RULES.format(until=until.date()))


def held_by(name, *badges):
    return Counter((f"{name}@example.edu", badge) for badge in badges)


def test_everything_that_a_pathway_file_can_ask_for_is_asked_for(open_desk):
    desk = desk_with(open_desk, day(-1))
    university = desk.story.university

    first, held_first = desk.run("sync", "--json"), desk.held()
    university.unit(TOGETHER).folders[PROOF].feedback[GRACE] = (14, True)
    university.unit(THIS_YEAR).quizzes[TERMS].attempts[0].published = True
    second, held_second = desk.run("sync", "--json"), desk.held()

    assert (first.code, first.json["outcome"], held_first) == (0, "complete", held_by("ada", START))
    all_three = (START, TOGETHER_BADGE, BOTH)
    assert (second.code, held_second) == (0, held_by("ada", *all_three) + held_by("grace", *all_three))


def test_what_an_ended_offering_showed_stays_and_it_is_read_no_longer(open_desk):
    """Ada is on no other offering's classlist; last year's course is closed to the service by now."""
    desk = desk_with(open_desk, day(-1))
    university = desk.story.university
    desk.run("sync", "--json")
    university.unit(LAST_YEAR).denied = "errors"
    university.unit(LAST_YEAR).members.clear()
    university.unit(TOGETHER).folders[PROOF].feedback[GRACE] = (14, True)

    write(desk, day(1))
    answer = desk.run("sync", "--json")

    assert (answer.code, answer.json["outcome"]) == (0, "complete")
    assert desk.held() == held_by("ada", START, TOGETHER_BADGE, BOTH)
    assert desk.run("reviews", "list", "--json").json == []
