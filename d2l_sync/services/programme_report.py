"""The programme in figures: how far learners come, how long awards take, where learners are stuck, what waits.

Counts and ages only: nobody is named, so a report can be shown to whoever asks.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from d2l_sync.domain.award import Award, State
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.pathway import Badge, Pathway
from d2l_sync.domain.records import Records
from d2l_sync.domain.stored import StoredJudgement
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.services.desk import Desk, Waiting

AGES = {
    "less than a day": timedelta(days=1),
    "1 to 7 days": timedelta(days=7),
    "1 to 4 weeks": timedelta(days=28),
    "longer": timedelta.max,
}
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class CriterionFigures:
    """One criterion among a badge's learners. stuck: those who may earn the badge, do not have it, and lack this.

    last: those of them who lack nothing else. Both are 0 for a criterion that is not required: it decides nothing.
    """

    key: str
    name: str
    is_required: bool
    met: int = 0
    unmet: int = 0
    unknown: int = 0
    stuck: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class BadgeFigures:
    """One badge. learners: active ones of its offerings, and whoever holds it; the later stages are among these.

    may_earn: prerequisites and team hold. earned: all holds now, or it is held. issued: held. states: rows of the
    ledger, as `awards list` shows them. days_to_award: from earned to issued, of those that have both dates.
    """

    pathway: str
    badge: str
    name: str
    learners: int
    may_earn: int
    earned: int
    issued: int
    states: Mapping[str, int]
    criteria: tuple[CriterionFigures, ...]
    lacks_prerequisite: int
    lacks_team: int
    days_to_award: tuple[float, ...]
    waiting_days: tuple[float, ...]

    @property
    def waiting(self) -> int:
        return len(self.waiting_days)

    @property
    def median_days(self) -> float | None:
        return median(self.days_to_award) if self.days_to_award else None


@dataclass(frozen=True, slots=True)
class ProgrammeReport:
    """All badges of all pathways, in their order. read_at: when the last pass began; None before the first."""

    made_at: datetime
    read_at: datetime | None
    pathways: tuple[tuple[str, str, tuple[BadgeFigures, ...]], ...]
    reviews: int


def programme_report(records: Records, pathways: Sequence[Pathway], *, now: datetime) -> ProgrammeReport:
    """Compute the report from what the last passes recorded. Raises StateError."""
    judged: dict[tuple[str, str], list[StoredJudgement]] = {}
    for judgement in records.all_judgements():
        judged.setdefault((judgement.pathway, judgement.badge), []).append(judgement)
    awards = records.awards()
    waiting = Desk(records, tuple(pathways), clock=lambda: now).waiting()
    last = records.latest_pass()
    return ProgrammeReport(
        made_at=now,
        read_at=last.started_at if last else None,
        pathways=tuple(
            (
                pathway.key,
                pathway.name,
                tuple(
                    badge_figures(
                        badge,
                        judged.get((pathway.key, badge.key), []),
                        [one for one in awards if (one.pathway, one.badge) == (pathway.key, badge.key)],
                        waiting=[one for one in waiting if (one.pathway, one.badge) == (pathway.key, badge.key)],
                        now=now,
                    )
                    for badge in pathway.badges
                ),
            )
            for pathway in pathways
        ),
        reviews=len(records.reviews()),
    )


def badge_figures(
    badge: Badge,
    judgements: Iterable[StoredJudgement],
    awards: Iterable[Award],
    *,
    waiting: Iterable[Waiting],
    now: datetime,
) -> BadgeFigures:
    """Count one badge's people stage by stage; who is in a later stage is in every earlier one."""
    rows, before = list(awards), {*badge.requires, "team"}
    issued = {one.person_id for one in rows if one.state is State.ISSUED}
    judged = {one.person_id: one for one in judgements}
    earned = issued | {one.person_id for one in judged.values() if one.truth is Truth.MET}
    may_earn = earned | {one.person_id for one in judged.values() if not _lacking(one, {*before, "enrolment"})}
    takes_part = {one.person_id for one in judged.values() if not _lacking(one, {"enrolment"})}
    learners = takes_part | earned if badge.home_org_units else may_earn
    outside = [judged[one] for one in takes_part - may_earn]
    return BadgeFigures(
        pathway=badge.pathway,
        badge=badge.key,
        name=badge.name,
        learners=len(learners),
        may_earn=len(may_earn),
        earned=len(earned),
        issued=len(issued),
        states=Counter(one.state.value for one in rows),
        criteria=_criteria(badge, [one for key, one in judged.items() if key in learners], may_earn - earned),
        lacks_prerequisite=sum(bool(_lacking(one, set(badge.requires))) for one in outside),
        lacks_team=sum(bool(_lacking(one, {"team"})) for one in outside),
        days_to_award=tuple(
            sorted(
                max(0.0, (one.issued_at - one.earned_at).total_seconds() / DAY_S)
                for one in rows
                if one.state is State.ISSUED and one.issued_at and one.earned_at
            )
        ),
        waiting_days=tuple(sorted((now - one.since).total_seconds() / DAY_S for one in waiting if one.since)),
    )


def by_age(days: Iterable[float]) -> dict[str, int]:
    """Count ages by the intervals of AGES, all of them, in order."""
    counts = dict.fromkeys(AGES, 0)
    for age in days:
        counts[next(name for name, end in AGES.items() if age < end.total_seconds() / DAY_S)] += 1
    return counts


def _lacking(judgement: StoredJudgement, keys: set[str]) -> list[Verdict]:
    """Return what of the named is asked for and not met."""
    return [one for one in judgement.verdicts if one.key in keys and one.is_required and one.truth is not Truth.MET]


def _criteria(
    badge: Badge, learners: Iterable[StoredJudgement], without: set[PersonId]
) -> tuple[CriterionFigures, ...]:
    """Count each criterion. without: who may earn the badge and does not have it."""
    keys = {criterion.key for criterion in badge.criteria}
    truths, stuck, last = Counter[tuple[str, Truth]](), Counter[str](), Counter[str]()
    for judgement in learners:
        truths.update((one.key, one.truth) for one in judgement.verdicts if one.key in keys)
        if judgement.person_id in without:
            lacking = [one.key for one in _lacking(judgement, set(keys))]
            stuck.update(lacking)
            last.update(lacking if len(lacking) == 1 else [])
    return tuple(
        CriterionFigures(
            one.key,
            one.name,
            one.is_required,
            met=truths[one.key, Truth.MET],
            unmet=truths[one.key, Truth.UNMET],
            unknown=truths[one.key, Truth.UNKNOWN],
            stuck=stuck[one.key],
            last=last[one.key],
        )
        for one in badge.criteria
    )
