"""Criteria: the rules that facts are judged by. A new kind is one class here and one reader in `brightspace/`.

A rule looks at one learner's fact from one source. `Criterion` puts it in its place: which sources, one for each
offering (met in one is met), and whether a team-mate's fact counts. `Combination` nests criteria.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from d2l_sync.domain.facts import (
    Absent,
    AttemptPolicy,
    GradeValue,
    HandIn,
    QuizAttempt,
    QuizAttempts,
    Read,
    Seen,
    Source,
    Unseen,
)
from d2l_sync.domain.ids import CriterionKey, PersonId
from d2l_sync.domain.points import against, counted, plain
from d2l_sync.domain.verdict import Truth, Verdict, at_least, first_met, labelled, latest_date, met, unknown, unmet
from d2l_sync.domain.world import Attestation, World

TEAMS_UNREAD = "the teams could not be read"


class Rule(Protocol):
    """Judges what was read of one learner from one source. Pure; raises nothing."""

    def judge(self, read: Read) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class Submission:
    """Met when the learner, or the learner's group of now, handed in at least once.

    Feedback without a submission is not a hand-in. Source: EntityDropbox.Submissions, res/dropbox.
    """

    def judge(self, read: Read) -> Verdict:
        fact = read.fact
        if not isinstance(fact, HandIn) or fact.count == 0:
            return _gone(read) or unmet("nothing handed in", threshold="one submission")
        how = "handed in by the group" if fact.group_id is not None else "handed in"
        return met(how, value="handed in", threshold="one submission", dated_at=fact.dated_at)


@dataclass(frozen=True, slots=True)
class GradedSubmission:
    """Met when handed in, with published feedback whose score reaches the minimum.

    min_percent: of the folder's points; None: any published score will do.
    Unknown while the feedback is a draft, has no score, or the folder has no points.
    """

    min_percent: Decimal | None = None

    def judge(self, read: Read) -> Verdict:
        fact = read.fact
        if not isinstance(fact, HandIn) or fact.count == 0:
            return _gone(read) or unmet("nothing handed in")
        if fact.score is None or not fact.is_scored:
            return _gone(read) or unknown("handed in, no published score yet")
        if self.min_percent is None:
            score = plain(fact.score)
            return met(f"scored {score}", value=score, threshold="any score", dated_at=fact.dated_at)
        if not read.item.max_points or read.item.max_points < 0:
            return unknown("the folder has no points possible")
        return against(fact.score, read.item.max_points, self.min_percent, fact.dated_at)


@dataclass(frozen=True, slots=True)
class Quiz:
    """Met when the completed, marked, published attempts reach the minimum under the policy.

    policy: None takes the quiz's own. max_points: overrides the linked grade object's points.
    Unknown while the points possible are unknown, or an unmarked attempt, or one that is gone, may change the answer:
    a lower one that is gone changes nothing about the highest, and may have been the one that any other policy takes.
    """

    min_percent: Decimal
    policy: AttemptPolicy | None = None
    max_points: Decimal | None = None

    def judge(self, read: Read) -> Verdict:
        fact = read.fact
        attempts = fact.attempts if isinstance(fact, QuizAttempts) else ()
        counting = [attempt for attempt in attempts if attempt.counts]
        awaited = any(attempt.completed_at is not None and not attempt.counts for attempt in attempts)
        if not counting:
            if awaited:
                return replace(unknown("an attempt is not marked and published yet"), is_vanished=read.is_vanished)
            return _gone(read) or unmet("no completed attempt")
        verdict = self._score(counting, read)
        doubt = self._doubt(verdict, read, awaited=awaited)
        if doubt is None and verdict.truth is not Truth.UNKNOWN:
            return verdict
        because = f"{verdict.because}, and {doubt}" if doubt else verdict.because
        return replace(verdict, truth=Truth.UNKNOWN, because=because, is_vanished=read.is_vanished)

    def _doubt(self, verdict: Verdict, read: Read, *, awaited: bool) -> str | None:
        """Say which other attempt could turn the answer; None when none could."""
        if verdict.truth is Truth.UNMET and awaited:
            return "an attempt is not marked and published yet"
        is_safe = verdict.truth is Truth.MET and (self.policy or read.item.policy) is AttemptPolicy.HIGHEST
        return "an earlier attempt is gone" if read.is_vanished and not is_safe else None

    def _score(self, counting: list[QuizAttempt], read: Read) -> Verdict:
        policy = self.policy or read.item.policy
        maximum = self.max_points or read.item.max_points
        if policy is None:
            return unknown("the quiz does not say which attempt counts")
        if not maximum or maximum < 0:
            return unknown("the points possible are not known: set max_points")
        differs = read.item.question_points not in (None, maximum)
        if self.max_points is None and differs:
            return unknown("the questions' points differ from the grade object's: set max_points")
        points, dated_at = counted(policy, counting)
        return against(points, maximum, self.min_percent, dated_at)


@dataclass(frozen=True, slots=True)
class Grade:
    """Met when the grade value (or the final grade) reaches the minimum, in per cent or in points.

    Unknown while there is no mark, the learner is exempt, or the points possible are zero: a gap decides nothing.
    """

    min_percent: Decimal | None = None
    min_points: Decimal | None = None

    def judge(self, read: Read) -> Verdict:
        fact = read.fact
        if not isinstance(fact, GradeValue) or fact.points is None:
            return _gone(read) or unknown("no mark yet")
        if fact.is_exempt:
            return unknown("exempt")
        if self.min_points is not None:
            return self._by_points(fact.points, self.min_points, fact.dated_at)
        if self.min_percent is None or not fact.max_points or fact.max_points < 0:
            return unknown("the points possible are not known")
        return against(fact.points, fact.max_points, self.min_percent, fact.dated_at)

    def _by_points(self, points: Decimal, minimum: Decimal, dated_at: datetime | None) -> Verdict:
        value, threshold = f"{plain(points)} points", f"at least {plain(minimum)} points"
        if points >= minimum:
            return met(f"has {value}", value=value, threshold=threshold, dated_at=dated_at)
        return unmet(f"has {value}", value=value, threshold=threshold)


def _gone(read: Read) -> Verdict | None:
    return replace(unknown("what was there before is gone"), is_vanished=True) if read.is_vanished else None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One rule in its place.

    sources: where it can be met, one for each offering. by_team: a team-mate's fact counts as well.
    """

    key: CriterionKey
    name: str
    kind: str
    rule: Rule
    sources: tuple[Source, ...]
    by_team: bool = False
    is_required: bool = True

    def judge(self, person_id: PersonId, world: World) -> Verdict:
        people = world.team_mates(person_id) if self.by_team else (person_id,)
        chances = [v for someone in people or (person_id,) for v in self._judge_person(someone, person_id, world)]
        if people is None:
            chances.append(unknown(TEAMS_UNREAD))
        return self._label(first_met(chances, unmet("not on the classlist")))

    def _judge_person(self, someone: PersonId, person_id: PersonId, world: World) -> list[Verdict]:
        verdicts = []
        for source in self.sources:
            for user_id in world.user_ids(someone):
                seen = world.seen(source, user_id)
                verdict = self._judge_seen(seen, source)
                if verdict is not None and someone != person_id and verdict.truth is Truth.MET:
                    verdict = replace(verdict, because=f"{verdict.because}, by a team member (user {someone})")
                if verdict is not None:
                    verdicts.append(verdict)
        return verdicts

    def _judge_seen(self, seen: Seen | None, source: Source) -> Verdict | None:
        if seen is None:
            return None
        if isinstance(seen, Unseen):
            return replace(unknown(seen.why), source=str(source), is_vanished=seen.is_vanished)
        if isinstance(seen, Absent):
            return replace(unmet("nothing there"), source=str(source), read_at=seen.read_at)
        return replace(self.rule.judge(seen), source=str(source), read_at=seen.read_at)

    def _label(self, verdict: Verdict) -> Verdict:
        return labelled(verdict, key=self.key, name=self.name, is_required=self.is_required)


@dataclass(frozen=True, slots=True)
class Attested:
    """Met when an administrator attested it for the learner or for one of the learner's teams.

    options: the values that count; empty: any. by_team: what is attested for a team-mate counts as well.
    """

    key: CriterionKey
    name: str
    badge: str
    pathway: str
    options: tuple[str, ...] = ()
    is_required: bool = True
    by_team: bool = False
    kind: str = "attested"
    sources: tuple[Source, ...] = ()

    def judge(self, person_id: PersonId, world: World) -> Verdict:
        people = world.team_mates(person_id) or (person_id,) if self.by_team else (person_id,)
        found = [one for mate in people for one in world.attestations_for(mate) if self._is_meant(one)]
        fitting = [one for one in found if not self.options or one.value in self.options]
        verdicts = [
            replace(
                met(f"attested by {one.by}", value=one.value or "attested", dated_at=one.at),
                source="attestation",
                read_at=one.at,
            )
            for one in fitting
        ]
        wanted = f"one of {', '.join(self.options)}" if self.options else "an attestation"
        none_yet = unmet("attested with another value" if found else "not attested", threshold=wanted)
        if world.teams.failure is not None:
            none_yet = unknown(TEAMS_UNREAD, threshold=wanted)  # it may be attested for a team of the learner's
        verdict = first_met(verdicts, none_yet)
        return labelled(verdict, key=self.key, name=self.name, is_required=self.is_required)

    def _is_meant(self, attestation: Attestation) -> bool:
        return (attestation.pathway, attestation.badge, attestation.criterion) == (self.pathway, self.badge, self.key)


@dataclass(frozen=True, slots=True)
class Combination:
    """Met when at least `count` of its criteria are; `any` is one of them, `all` is every one.

    by_team: met as soon as one team-mate meets the whole of it; members who each do a part do not add up.
    """

    key: CriterionKey
    name: str
    kind: str
    count: int
    of: tuple["AnyCriterion", ...]
    is_required: bool = True
    by_team: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple(source for part in self.of for source in part.sources)

    def judge(self, person_id: PersonId, world: World) -> Verdict:
        if not self.by_team:
            return self._judge_one(person_id, world)
        mates = world.team_mates(person_id)
        verdicts = [self._judge_one(mate, world) for mate in mates or (person_id,)]
        if mates is None:
            doubt = unknown(TEAMS_UNREAD)
            verdicts.append(labelled(doubt, key=self.key, name=self.name, is_required=self.is_required))
        return first_met(verdicts, verdicts[0])

    def _judge_one(self, person_id: PersonId, world: World) -> Verdict:
        parts = tuple(part.judge(person_id, world) for part in self.of)
        counted = [part for part in parts if part.is_required]
        truth = at_least(self.count, [part.truth for part in counted])
        done = sum(part.truth is Truth.MET for part in counted)
        return Verdict(
            truth,
            f"{done} of {len(counted)} met",
            key=self.key,
            name=self.name,
            value=str(done),
            threshold=f"at least {self.count}",
            dated_at=self._date(counted) if truth is Truth.MET else None,
            is_required=self.is_required,
            parts=parts,
        )

    def _date(self, counted: list[Verdict]) -> datetime | None:
        """Return when the last of the needed ones was met: those met first decide."""
        dates = sorted(part.dated_at for part in counted if part.truth is Truth.MET and part.dated_at)
        return dates[: self.count][-1] if dates else latest_date(counted)


AnyCriterion = Criterion | Attested | Combination
