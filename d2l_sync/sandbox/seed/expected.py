"""What the platform ought to show in the end, told from how each learner was made and never by judging."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from d2l_sync.sandbox.seed.pathway import MACRO
from d2l_sync.sandbox.web import Block

Pair = tuple[str, str]
"""An address in lower case, and the key of a badge."""


@dataclass(slots=True)
class Part:
    """One learner's part in the story.

    earns: badges due in the first act; later: those due only after the second. waits, waits_later: has all that
    the macro-badge requires, from which act on, and gets it once approved. later_address: where awards of the
    second act go, when not to `address`. blocked: why nothing may be issued, though `meets` is fulfilled.
    """

    user_id: int
    kind: str
    address: str
    earns: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    waits: bool = False
    waits_later: bool = False
    later_address: str | None = None
    blocked: str | None = None
    meets: tuple[str, ...] = ()


@dataclass(slots=True)
class Expectations:
    """parts: every learner's. hand_made: awards that stand on the platform from the beginning, and stay.

    enrolments, enrolments_later: (user id, org unit id) of those who ought to be given access.
    """

    parts: list[Part] = field(default_factory=list)
    hand_made: set[Pair] = field(default_factory=set)
    enrolments: set[tuple[int, int]] = field(default_factory=set)
    enrolments_later: set[tuple[int, int]] = field(default_factory=set)
    act: int = 1

    def expected(self) -> Block:
        """State what ought to be, in the present act; pairs are [address, badge key].

        before_approvals, after_approvals: all live assertions, the hand-made ones included, without any approval
        and when all who wait are approved. hand_made: those that were there from the beginning. waiting: the
        difference that approvals make. enrolments: [user id, org unit id] of access to be given. blocked:
        [user id, badge key, reason]. After the second act the sets hold for a service that made a complete pass
        before it.
        """
        before = self._before_approvals()
        waiting = {(self._address(part), MACRO) for part in self.parts if self._waits(part)} - before
        given = self.enrolments | (self.enrolments_later if self.act > 1 else set())
        return {
            "act": self.act,
            "learners": len(self.parts),
            "before_approvals": _listed(before),
            "after_approvals": _listed(before | waiting),
            "waiting": _listed(waiting),
            "hand_made": _listed(self.hand_made),
            "enrolments": _listed(given),
            "blocked": sorted(
                [each.user_id, badge, each.blocked] for each in self.parts if each.blocked for badge in each.meets
            ),
        }

    def _before_approvals(self) -> set[Pair]:
        first = {(part.address, badge) for part in self.parts for badge in part.earns}
        later = {(self._address(part), badge) for part in self.parts for badge in part.later}
        return self.hand_made | first | (later if self.act > 1 else set())

    def _address(self, part: Part) -> str:
        return part.later_address if self.act > 1 and part.later_address else part.address

    def _waits(self, part: Part) -> bool:
        return part.waits or (self.act > 1 and part.waits_later)


def _listed(pairs: Iterable[tuple[object, object]]) -> list[list[object]]:
    return sorted([*pair] for pair in pairs)
