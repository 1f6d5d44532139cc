"""A programme at the strangers' university: who did what, and, reckoned here alone, who has earned what."""

import random
from datetime import UTC, datetime, timedelta

from tests.strangers.courses import LEARNER, TEACHER, Attempt, Folder, GradeObject, Group, Quiz, University, User

ONE, TWO, THREE = 6601, 6602, 6603
REFLECTION, STARTER, DRAFT, PROOF = 33101, 33201, 33202, 33203
TERMS, TERMS_GRADE, PORTFOLIO = 44101, 55101, 55301
CATEGORY = 7001
CLASSES = {"bc-One-Class-Of-Level-1": "level-1", "-c-Two": "level-2", "_c-Three": "level-3", "bc-Macro": "macro"}

RULES = """\
key = "strange"
name = "A pathway of strangers"

[[badge]]
key = "level-1"
name = "Level 1"
badge_class = "bc-One-Class-Of-Level-1"
org_unit = 6601
  [[badge.criterion]]
  key = "reflection"
  kind = "submission"
  folder = 33101
  [[badge.criterion]]
  key = "quiz"
  kind = "quiz"
  quiz = 44101
  min_percent = 80

[[badge]]
key = "level-2"
name = "Level 2"
badge_class = "-c-Two"
requires = ["level-1"]
team = true
org_unit = 6602
  [[badge.criterion]]
  key = "starter"
  kind = "submission"
  folder = 33201
  [[badge.criterion]]
  key = "draft"
  kind = "submission"
  folder = 33202
  [[badge.criterion]]
  key = "proof"
  kind = "submission"
  folder = 33203
  by = "team"

[[badge]]
key = "level-3"
name = "Level 3"
badge_class = "_c-Three"
requires = ["level-1", "level-2"]
org_unit = 6603
  [[badge.criterion]]
  key = "portfolio"
  kind = "grade"
  grade_object = 55301
  min_percent = 70

[[badge]]
key = "macro"
name = "Macro"
badge_class = "bc-Macro"
requires = ["level-1", "level-2", "level-3"]
approval = true
"""


class Story:
    """People who only ever get further. earned: what everybody has by now; approvals change nothing of it."""

    def __init__(self, dice: random.Random, people: int) -> None:
        self.dice = dice
        self.university = University()
        self.teams: dict[str, list[int]] = {}
        self._attempt = 500
        one, two, three = (self.university.unit(unit) for unit in (ONE, TWO, THREE))
        one.folders[REFLECTION] = Folder(REFLECTION, "Reflection")
        one.quizzes[TERMS] = Quiz(TERMS, "Terms", TERMS_GRADE)
        one.grades[TERMS_GRADE] = GradeObject(TERMS_GRADE, "Terms", 10)
        for folder in (STARTER, PROOF):
            two.folders[folder] = Folder(folder, str(folder))
        two.folders[DRAFT] = Folder(DRAFT, "Draft", group_category=CATEGORY)
        two.categories[CATEGORY] = []
        three.grades[PORTFOLIO] = GradeObject(PORTFOLIO, "Portfolio", 20)
        self.learners = [3000 + number for number in range(people)]
        for user_id in self.learners:
            odd_case = f"Learner{user_id}@Example.EDU" if user_id % 3 else f"learner+{user_id}@example.edu"
            self.university.users[user_id] = User(user_id, f"L{user_id}", odd_case, f"C{user_id}", odd_case)
            for unit in (one, two, three):
                unit.members[user_id] = LEARNER
        self.university.users[8001] = User(8001, "Teacher", "teacher@example.edu", "T1")
        for unit in (one, two, three):
            unit.members[8001] = TEACHER
        for number in range(0, people - 2, 3):
            members = self.learners[number : number + 3]
            self.teams[f"Team {number}"] = members
            two.categories[CATEGORY].append(Group(7100 + number, f"Group {number}", members))

    def roster(self) -> str:
        rows = [f"{team},{user},2026-01-15" for team, members in self.teams.items() for user in members]
        return "team,user_id,confirmed_on\n" + "\n".join(rows) + "\n"

    def something_happens(self) -> None:
        """Let somebody do one thing."""
        user, now = self.dice.choice(self.learners), datetime.now(UTC) - timedelta(minutes=5)
        one, two, three = (self.university.unit(unit) for unit in (ONE, TWO, THREE))
        match self.dice.randrange(7):
            case 0:
                one.folders[REFLECTION].entities.setdefault(user, []).append(now)
            case 1 | 2:
                self._attempt += 1
                number = 1 + sum(one_.user_id == user for one_ in one.quizzes[TERMS].attempts)
                score = self.dice.choice([7.9, 8, 8.000000000, 10, 3])
                made = Attempt(self._attempt, user, number, score, now)
                one.quizzes[TERMS].attempts.append(made)
            case 3:
                two.folders[STARTER].entities.setdefault(user, []).append(now)
            case 4:
                group = self.dice.choice(two.categories[CATEGORY]).group_id
                two.folders[DRAFT].entities.setdefault(group, []).append(now)
            case 5:
                two.folders[PROOF].entities.setdefault(user, []).append(now)
            case 6:
                before = three.grades[PORTFOLIO].values.get(user, (0, 20, now))
                three.grades[PORTFOLIO].values[user] = (max(before[0], self.dice.choice([13.9, 14, 20])), 20, now)

    def _has_level_1(self, user: int) -> bool:
        one = self.university.unit(ONE)
        best = max([a.score or 0 for a in one.quizzes[TERMS].attempts if a.user_id == user], default=0)
        return bool(one.folders[REFLECTION].entities.get(user)) and best >= 8

    def _has_level_2(self, user: int) -> bool:
        two = self.university.unit(TWO)
        mates = [mate for members in self.teams.values() if user in members for mate in members]
        groups = [g.group_id for g in two.categories[CATEGORY] if user in g.members]
        return (
            self._has_level_1(user)
            and bool(mates)
            and bool(two.folders[STARTER].entities.get(user))
            and any(two.folders[DRAFT].entities.get(group) for group in groups)
            and any(two.folders[PROOF].entities.get(mate) for mate in mates)
        )

    def _has_level_3(self, user: int) -> bool:
        value = self.university.unit(THREE).grades[PORTFOLIO].values.get(user)
        return self._has_level_2(user) and value is not None and value[0] >= 14

    def earned(self, *, macro: bool) -> set[tuple[str, str]]:
        """Return (address, badge) of all that is earned by now; macro: whether everybody is approved."""
        found = set()
        for user in self.learners:
            address = (self.university.users[user].email or "").lower()
            levels = (("level-1", self._has_level_1), ("level-2", self._has_level_2), ("level-3", self._has_level_3))
            found |= {(address, badge) for badge, has in levels if has(user)}
            if macro and self._has_level_3(user):
                found.add((address, "macro"))
        return found
