"""Judging everybody against every badge, in one sweep: badges stand in order, so prerequisites are judged first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from d2l_sync.domain.award import Award, Pair, State
from d2l_sync.domain.ids import BadgeKey, PersonId
from d2l_sync.domain.judgement import Judgement, judge, prerequisite
from d2l_sync.domain.ledger import Approval, Ledger
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.domain.world import World

Judged = dict[tuple[PersonId, BadgeKey], Judgement]
Approvals = Mapping[tuple[PersonId, BadgeKey], Approval]
Prerequisite = tuple[Truth, str, datetime | None]
"""How a required badge counts, because of what, and since when."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What one pathway's judging needs: the world, and what was decided before.

    badges: in the pathway's order, every prerequisite among them. approvals: of this pathway.
    """

    badges: tuple[Badge, ...]
    world: World
    ledger: Ledger = field(default_factory=dict)
    approvals: Approvals = field(default_factory=dict)

    def judge_everyone(self, people: Iterable[PersonId]) -> Judged:
        """Judge each person against each badge, to the fixpoint."""
        judged: Judged = {}
        by_key = {badge.key: badge for badge in self.badges}
        for person_id in people:
            for badge in self.badges:
                held = tuple(self._holds(person_id, by_key[key], judged) for key in badge.requires)
                judged[person_id, badge.key] = judge(person_id, badge, self.world, held)
        return judged

    def _holds(self, person_id: PersonId, badge: Badge, judged: Judged) -> Verdict:
        """Tell whether a required badge counts: issued, or earned and approved, delivered or not."""
        truth, because, dated_at = self._standing(person_id, badge, judged[person_id, badge.key])
        return prerequisite(badge, truth, because, dated_at)

    def _standing(self, person_id: PersonId, badge: Badge, judgement: Judgement) -> Prerequisite:
        award = self.ledger.get(Pair(person_id, badge.badge_class))
        settled = _settled(award) if award is not None else None
        if settled is not None:
            return settled
        approval = self.approvals.get((person_id, badge.key))
        if approval is not None and not approval.is_approved:
            return Truth.UNMET, "rejected", None
        if judgement.truth is Truth.MET and badge.approval and approval is None:
            return Truth.UNMET, "waits for approval", None
        because = "earned" if judgement.truth is Truth.MET else judgement.because
        return judgement.truth, because, judgement.earned_at


def _settled(award: Award) -> Prerequisite | None:
    """Say how an award stands as a prerequisite, whatever its criteria say now; None where they decide."""
    if award.state is State.ISSUED:
        return Truth.MET, "issued", award.earned_at or award.issued_on or award.issued_at
    if award.state is State.REVOKED:
        return Truth.UNMET, "revoked", None
    if award.is_held_by_person:
        return Truth.UNMET, "held by a person", None
    return None
