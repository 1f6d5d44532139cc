"""Making people and letting them do things: the vocabulary in which kinds of learners and teams are told."""

import dataclasses
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from d2l_sync.sandbox.badgr.scenario import BadgrScenario
from d2l_sync.sandbox.brightspace.people import User
from d2l_sync.sandbox.brightspace.scenario_dropbox import DropboxScenario
from d2l_sync.sandbox.brightspace.scenario_grades import GradesScenario
from d2l_sync.sandbox.brightspace.scenario_people import PeopleScenario
from d2l_sync.sandbox.brightspace.world import World
from d2l_sync.sandbox.seed import pathway as at
from d2l_sync.sandbox.seed.expected import Expectations, Part
from d2l_sync.sandbox.seed.roster import Roster, RosterRow

FIRST_NAMES = (
    "Ada", "Grace", "Alan", "Katherine", "Edsger", "Barbara", "Radia", "Donald", "Mary", "Dorothy",
    "Annie", "Evelyn", "Frances", "Hedy", "Jean", "Joan", "Karen", "Leslie", "Niklaus", "Tony",
)  # fmt: skip
FIRST_USER_ID = 30_000
CONFIRMED = "2026-02-10"


@dataclass(slots=True)
class Cast:
    """Everybody in the story. Days are counted from its beginning, about a hundred days ago.

    `later` keeps what happens in the second act, told next to what happened in the first.
    """

    world: World
    platform: BadgrScenario
    dice: random.Random
    learners: int
    expectations: Expectations = field(default_factory=Expectations)
    roster: Roster = field(default_factory=lambda: Roster(at.KEY))
    second_act: list[Callable[[], object]] = field(default_factory=list)
    people: PeopleScenario = field(init=False)
    dropbox: DropboxScenario = field(init=False)
    grades: GradesScenario = field(init=False)
    _ids: list[int] = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.people = PeopleScenario(self.world)
        self.dropbox = DropboxScenario(self.world)
        self.grades = GradesScenario(self.world)
        pool = range(FIRST_USER_ID, FIRST_USER_ID + 3 * self.learners + 100)
        self._ids = self.dice.sample(pool, self.learners + 50)

    def day(self, number: int) -> str:
        """Return a moment on a day of the story."""
        begun = self.world.clock.now() - timedelta(days=100)
        return (begun + timedelta(days=number, seconds=self.dice.randrange(36_000))).isoformat()

    def later(self, act: Callable[[], object]) -> None:
        """Put off something to the second act."""
        self.second_act.append(act)

    def learner(
        self, part: Part | None = None, *, courses: tuple[int, ...] = (at.LEVEL_1,), role: str = "Learner"
    ) -> int:
        """Make a person, enrol them, and return the user id; the part gets its id and address. No part: staff."""
        user = self._user()
        self.world.users[user.user_id] = user
        for course in courses:
            self.people.enrol(user=user.user_id, org_unit=course, role=role, at=self.day(0))
        if part is not None:
            part.user_id, part.address = user.user_id, (user.email or "").lower()
            self.expectations.parts.append(part)
        return user.user_id

    def change(self, user: int, **changes: str | bool | None) -> None:
        """Change fields of a user; a part's address follows the classlist's."""
        self.world.users[user] = dataclasses.replace(self.world.users[user], **changes)  # type: ignore[arg-type]

    def reflects(self, user: int, *, day: int = 1) -> None:
        self.dropbox.submit(org_unit=at.LEVEL_1, folder=at.REFLECTION_1, user=user, at=self.day(day))

    def takes_quiz(self, user: int, score: str, *, day: int = 2) -> int:
        return self.grades.take_quiz(org_unit=at.LEVEL_1, quiz=at.QUIZ, user=user, score=score, at=self.day(day))

    def does_level_1(self, user: int) -> None:
        """Hand in the reflection and pass the quiz, with some mark from 80 to 100 %; perhaps watch the videos."""
        self.reflects(user)
        self.takes_quiz(user, str(Decimal(self.dice.randrange(80, 101)) / 10))
        if self.dice.random() < 1 / 2:
            watched = str(self.dice.randrange(5))
            self.grades.set_grade(
                org_unit=at.LEVEL_1, user=user, grade_object=at.VIDEOS_GRADE, points=watched, at=self.day(1)
            )

    def hands_in(self, user: int, *folders: int, day: int = 20) -> None:
        """Hand in, as oneself, to folders of Level 2 or 3."""
        for folder in folders:
            org_unit = at.LEVEL_2 if folder in {at.STARTER, at.COLLABORATION, at.WORKSHEET} else at.LEVEL_3
            self.dropbox.submit(org_unit=org_unit, folder=folder, user=user, at=self.day(day))

    def group(self, *members: int) -> int:
        """Form a group in Level 2 and return its id."""
        name = f"Group {next(self._numbers)}"
        return self.people.add_group(org_unit=at.LEVEL_2, category=at.TEAM_GROUPS, name=name, members=list(members))

    def drafts(self, group: int, user: int, *, day: int = 22) -> None:
        """Hand in the meta-data draft for a group."""
        self.dropbox.submit_for_group(org_unit=at.LEVEL_2, folder=at.DRAFT, group=group, user=user, at=self.day(day))

    def does_level_2(self, *team: int) -> int:
        """Let a team do all of Level 2; the first hands in the draft and the collaboration for all."""
        group = self.group(*team)
        for user in team:
            self.hands_in(user, at.STARTER)
        self.drafts(group, team[0])
        self.hands_in(team[0], at.COLLABORATION)
        return group

    def does_level_3(self, *team: int) -> None:
        """Let a team do all of Level 3; its members share the collaborative assignments among them."""
        for number, folder in enumerate((at.COMMUNICATION, at.WEBSITE, at.INFOGRAPHIC)):
            self.hands_in(team[number % len(team)], folder, day=40)
        for user in team:
            self.hands_in(user, at.REFLECTION_3, day=45)

    def on_team(self, *members: int, confirmed_on: str = CONFIRMED, by: str | None = None) -> str:
        """Put people on a new team and return its name. by: user_id, org_defined_id or email; else one or another."""
        team = f"Team {next(self._numbers)}"
        for user in members:
            row = RosterRow(team, user, confirmed_on=confirmed_on)
            self._name(row, by)
            self.roster.rows.append(row)
        return team

    def _name(self, row: RosterRow, by: str | None) -> None:
        known = self.world.users[row.member]
        way = by or ("user_id", "org_defined_id", "email")[next(self._numbers) % 3]
        if way == "email" and known.email:
            row.email = known.email
        elif way == "org_defined_id" and known.org_defined_id:
            row.org_defined_id = known.org_defined_id
        else:
            row.user_id = str(row.member)

    def awarded_by_hand(self, user: int, badge: str) -> None:
        """Let staff have awarded a badge before the story begins; it stays."""
        email = str(self.world.users[user].email).lower()
        self.platform.award_by_hand(badge=badge, email=email, issued_on=self.day(5))
        self.expectations.hand_made.add((email, badge))

    def _user(self) -> User:
        number = next(self._numbers)
        first = FIRST_NAMES[number % len(FIRST_NAMES)]
        last = f"{chr(ord('A') + number % 26)}{number}"
        name = f"{first}.{last}".lower()
        email = f"{name}@example.{'edu' if number % 3 else 'org'}"
        org_defined_id = (None, "", f"UMS{1_000_000 + number}")[min(number % 5, 2)]
        return User(self._ids.pop(), first, last, name, email, email, org_defined_id)
