"""A judge of its own: reads the sandbox over HTTP and decides by the rules alone, knowing no learner's kind.

It is here to prove that the story's stated ends are what its facts say; the product's judging is not used.
"""

import csv
import io
from collections import Counter, defaultdict
from decimal import Decimal

LEARNER, PUBLISHED_HIGHEST, TODAY = 110, 1, "2026-12-31"
TEAM_FOLDERS = {6602: [33203], 6603: [33301, 33302, 33303]}
OWN_FOLDERS = {6602: [33201], 6603: [33304]}
LEVELS = ["level-1", "level-2", "level-3"]


class Judge:
    """earned() is the set of (address, badge key) that facts, teams and prerequisites ask for, without approval."""

    def __init__(self, brightspace, badgr, formerly=None):
        self.api = brightspace
        self.lists = {ou: self._learners(ou) for ou in (6601, 6602, 6603)}
        self.people = {user: row for rows in self.lists.values() for user, row in rows.items()}
        self.addresses = {user: self._address(user, row) for user, row in self.people.items()}
        self.names = {user: {address, (formerly or {}).get(user)} for user, address in self.addresses.items()}
        self.teams = self._teams()
        every = [(badge, each) for badge in LEVELS for each in badgr.list(badge, include_revoked="1").json()["result"]]
        self.held = {(_address(each), badge) for badge, each in every if not each["revoked"]}
        self.revoked = {(_address(each), badge) for badge, each in every if each["revoked"]}

    def earned(self):
        """Judge in the order of the levels, so that one earned now opens the next."""
        facts = {"level-1": self._level_1(), "level-2": self._level_2(), "level-3": self._level_3()}
        due = {(user, badge) for user in self.people for badge in self._climb(user, facts)}
        return {(self.addresses[user], badge) for user, badge in due if self._may_be_sent(user, badge)}

    def _climb(self, user, facts):
        for number, badge in enumerate(LEVELS):
            if self._holds(user, badge):
                continue
            if user not in facts[badge] or (number and not self._is_confirmed(user)):
                return
            yield badge

    def _holds(self, user, badge):
        return any((name, badge) in self.held for name in self.names[user])

    def _may_be_sent(self, user, badge):
        address = self.addresses[user]
        return address and Counter(self.addresses.values())[address] == 1 and (address, badge) not in self.revoked

    def due_access(self):
        """Who holds what a level requires, is on a confirmed team, and has no role there: (user, org unit)."""
        earned = self.earned()
        return {
            (user, ou)
            for number, ou in ((1, 6602), (2, 6603))
            for user in self.people
            if all(self._holds(user, each) or (self.addresses[user], each) in earned for each in LEVELS[:number])
            and self._is_confirmed(user)
            if user not in self.lists[ou]
            and self.api.ask(f"lp/1.49/enrollments/users/{user}/orgUnits/{ou}").status_code == 404
        }

    def _learners(self, ou):
        rows = self.api.objects(f"le/1.82/{ou}/classlist/paged/")
        learners = [row for row in rows if row["RoleId"] == LEARNER and not row["Username"].startswith("zzdemo")]
        return {int(row["Identifier"]): row for row in learners}

    def _address(self, user, row):
        return (row["Email"] or self.api.get(f"lp/1.49/users/{user}")["ExternalEmail"] or "").lower()

    def _teams(self):
        by_id = {row["OrgDefinedId"]: user for user, row in self.people.items() if row["OrgDefinedId"]}
        by_address = {address: user for user, address in self.addresses.items()}
        teams = defaultdict(list)
        for row in csv.DictReader(io.StringIO(self.api.sandbox.control("roster"))):
            user = int(row["user_id"] or by_id.get(row["org_defined_id"]) or by_address.get(row["email"]) or 0)
            teams[row["team"]].append((user, row["confirmed_on"]))
        return teams

    def _is_confirmed(self, user):
        return any(who == user and on and on <= TODAY for rows in self.teams.values() for who, on in rows)

    def _mates(self, user):
        return {who for rows in self.teams.values() if user in [each for each, _ in rows] for who, _ in rows}

    def _handed_in(self, ou, folder):
        rows = self.api.objects(f"le/1.82/{ou}/dropbox/folders/{folder}/submissions/paged/")
        return {row["Entity"]["EntityId"] for row in rows if row["Submissions"]}

    def _level_1(self):
        attempts = self.api.objects("le/1.82/6601/quizzes/44101/attempts/")
        points = Decimal(str(self.api.get("le/1.82/6601/grades/55101")["MaxPoints"]))
        passed = {
            each["UserId"]
            for each in attempts
            if each["Completed"] and each["IsPublished"] and Decimal(str(each["Score"])) * 100 >= points * 80
        }
        return self.lists[6601].keys() & passed & self._handed_in(6601, 33101)

    def _level_2(self):
        handed_in = self._handed_in(6602, 33202)
        groups = self.api.get("lp/1.49/6602/groupcategories/8201/groups/")
        drafted = {user for each in groups if each["GroupId"] in handed_in for user in each["Enrollments"]}
        return self._own_and_team(6602) & drafted

    def _level_3(self):
        return self._own_and_team(6603)

    def _own_and_team(self, ou):
        met = set(self.lists[ou])
        for folder in OWN_FOLDERS[ou]:
            met &= self._handed_in(ou, folder)
        for folder in TEAM_FOLDERS[ou]:
            active = self._handed_in(ou, folder) & self.lists[ou].keys()
            met &= {user for user in met if self._mates(user) & active}
        return met


def _address(assertion):
    return assertion["recipient"]["plaintextIdentity"]
