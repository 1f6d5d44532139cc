"""What the state remembers, as values for those who ask: past judgements, reviews and passes."""

from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import BadgeKey, PathwayKey, PersonId
from d2l_sync.domain.verdict import Truth, Verdict


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """The last judgement of one person and badge, with everything it rested on."""

    person_id: PersonId
    pathway: PathwayKey
    badge: BadgeKey
    truth: Truth
    judged_at: datetime
    rule_version: str = ""
    pass_id: int | None = None
    earned_at: datetime | None = None
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A finding from when it was first seen. closed_at: by a person. ended_at: when it was found no longer."""

    review_id: int
    finding: Finding
    since: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None and self.ended_at is None


@dataclass(frozen=True, slots=True)
class StoredPass:
    """One pass. ended_at and outcome: None while it runs, or when it was killed. summary: JSON, the services' own."""

    pass_id: int
    started_at: datetime
    scope: str
    ended_at: datetime | None = None
    outcome: str | None = None
    summary: str = ""
