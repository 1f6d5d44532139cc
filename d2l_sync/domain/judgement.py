"""Judging one person against one badge: enrolment, criteria, team and prerequisites, explained."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.pathway import Badge
from d2l_sync.domain.verdict import Truth, Verdict, at_least, every, latest_date
from d2l_sync.domain.world import World


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided about one person and one badge, with everything it rests on.

    verdicts: enrolment, prerequisites, team and criteria, in this order; those that are not required never decide.
    earned_at: the latest date among what decided; None unless met, or when nothing is dated.
    """

    person_id: PersonId
    badge: Badge
    truth: Truth
    verdicts: tuple[Verdict, ...]
    earned_at: datetime | None = None

    @property
    def because(self) -> str:
        """Name the first thing that stands in the way, or say that nothing does."""
        for wanted in (Truth.UNMET, Truth.UNKNOWN):
            for verdict in self.verdicts:
                if verdict.is_required and verdict.truth is wanted:
                    return f"{verdict.name}: {verdict.because}"
        return "everything is met"


def judge(person_id: PersonId, badge: Badge, world: World, prerequisites: tuple[Verdict, ...]) -> Judgement:
    """Judge a badge for a person. prerequisites: one verdict for each badge it requires, already judged."""
    verdicts = [*_enrolment(person_id, badge, world), *prerequisites, *_team(person_id, badge, world)]
    verdicts.extend(criterion.judge(person_id, world) for criterion in badge.criteria)
    truth = every([verdict.truth for verdict in verdicts if verdict.is_required])
    earned_at = latest_date(verdicts) if truth is Truth.MET else None
    return Judgement(person_id, badge, truth, tuple(verdicts), earned_at)


def _enrolment(person_id: PersonId, badge: Badge, world: World) -> list[Verdict]:
    """Ask for an active learner of an offering where there are criteria, and for nothing where there are none."""
    if not badge.criteria or not badge.home_org_units:
        return []
    answers = {unit: world.is_learner(unit, person_id) for unit in sorted(badge.home_org_units)}
    units = ", ".join(str(unit) for unit in answers)
    truth = at_least(1, list(answers.values()))
    because = {
        Truth.MET: "is on the classlist as a learner",
        Truth.UNMET: "is not on the classlist as a learner",
        Truth.UNKNOWN: "the classlist could not be read",
    }[truth]
    return [Verdict(truth, because, key="enrolment", name=f"Learner of org unit {units}", source="classlist")]


def _team(person_id: PersonId, badge: Badge, world: World) -> list[Verdict]:
    """Ask for a confirmed team where the badge does; name the teams, too, where a person approves by them."""
    names = ", ".join(team.name for team in world.teams.of(person_id))
    if not badge.team:
        told = Verdict(
            Truth.MET,
            f"on {names}",
            key="team",
            name="Development team",
            value=names,
            source="teams",
            is_required=False,
        )
        return [told] if badge.approval and names else []
    truth, confirmed_on = world.confirmed_on(person_id)
    day = None if confirmed_on == date.min else confirmed_on  # a group confirms without a date
    because = {
        Truth.MET: f"on a confirmed team{f' since {day}' if day else ''}",
        Truth.UNMET: "not on a confirmed team",
        Truth.UNKNOWN: "the teams could not be read",
    }[truth]
    dated_at = datetime.combine(day, time(), UTC) if day else world.first_seen_on_team(person_id)
    name = "Confirmed development team"
    return [Verdict(truth, because, key="team", name=name, value=names, source="teams", dated_at=dated_at)]


def prerequisite(badge: Badge, truth: Truth, because: str, dated_at: datetime | None) -> Verdict:
    """Word the verdict on one required badge."""
    return Verdict(truth, because, key=badge.key, name=f"Holds {badge.name}", source="ledger", dated_at=dated_at)
