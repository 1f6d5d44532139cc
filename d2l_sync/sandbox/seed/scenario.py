"""Verbs about the story: what ought to be awarded, who is who, the roster, and the second act."""

from d2l_sync.sandbox.seed import pathway as at
from d2l_sync.sandbox.seed.cast import Cast
from d2l_sync.sandbox.web import Block


class SeedScenario:
    def __init__(self, cast: Cast) -> None:
        self._cast = cast

    def expected(self) -> Block:
        """State what ought to be on the platform in the present act; see seed.expected.Expectations.expected."""
        return self._cast.expectations.expected()

    def begin_second_act(self) -> Block:
        """Let everything happen that was put off (regrades, hand-ins, withdrawals, changed teams and addresses).

        It happens once. Returns what is expected from now on. Read `roster` anew afterwards.
        """
        acts, self._cast.second_act = self._cast.second_act, []
        for act in acts:
            act()
        self._cast.expectations.act = 2
        return self.expected()

    def roster(self) -> str:
        """Return the team roster as CSV text, with the product's columns."""
        return self._cast.roster.text()

    def learners(self, *, kind: str = "") -> list[Block]:
        """Return user_id, kind, address, earns, later, waits, blocked of the learners whose kind contains a text."""
        return [
            {
                "user_id": part.user_id,
                "kind": part.kind,
                "address": part.address,
                "earns": part.earns,
                "later": part.later,
                "waits": part.waits,
                "blocked": part.blocked,
            }
            for part in self._cast.expectations.parts
            if kind in part.kind
        ]

    def pathway(self) -> Block:
        """Return the ids of this world: org units, folders, quiz, grade objects, issuer, badge classes."""
        return {
            "key": at.KEY,
            "org_units": {"level-1": at.LEVEL_1, "level-2": at.LEVEL_2, "level-3": at.LEVEL_3},
            "folders": {
                "reflection-1": at.REFLECTION_1,
                "starter": at.STARTER,
                "draft": at.DRAFT,
                "collaboration": at.COLLABORATION,
                "worksheet": at.WORKSHEET,
                "communication-plan": at.COMMUNICATION,
                "website": at.WEBSITE,
                "infographic": at.INFOGRAPHIC,
                "reflection-3": at.REFLECTION_3,
            },
            "quiz": at.QUIZ,
            "grade_objects": {"quiz": at.QUIZ_GRADE, "videos": at.VIDEOS_GRADE},
            "group_category": at.TEAM_GROUPS,
            "topics": {"videos": at.VIDEOS_TOPIC, "site": at.SITE_TOPIC},
            "forum": at.FORUM,
            "forum_topic": at.FORUM_TOPIC,
            "issuer": at.ISSUER,
            "badge_classes": dict(at.BADGE_CLASSES),
        }
