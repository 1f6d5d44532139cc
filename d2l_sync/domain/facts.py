"""Facts: what Brightspace said about learners, where it said so, and when we read it.

A `Source` is one thing that can be read (a dropbox folder, a quiz, …). Reading it gives a `Listing`:
every learner's fact, or the reason why there is none. What is known of one learner from one source is a
`Seen`: read, absent from a complete listing, unreadable, or vanished.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from d2l_sync.domain.ids import GroupCategoryId, GroupId, OrgUnitId, UserId


class SourceKind(Enum):
    """The kinds of things in an org unit that facts are read from."""

    FOLDER = "dropbox folder"
    QUIZ = "quiz"
    GRADE = "grade object"
    FINAL_GRADE = "final grade"
    GROUPS = "group category"


@dataclass(frozen=True, slots=True)
class Source:
    """One thing in one org unit; `item_id` is 0 for the final grade, which has none."""

    kind: SourceKind
    org_unit_id: OrgUnitId
    item_id: int = 0

    def __str__(self) -> str:
        item = f" {self.item_id}" if self.item_id else ""
        return f"{self.kind.value}{item} in org unit {self.org_unit_id}"


class AttemptPolicy(Enum):
    """Which of several quiz attempts counts; the values are those of the configuration."""

    HIGHEST = "highest"
    LATEST = "latest"
    FIRST = "first"
    LOWEST = "lowest"
    AVERAGE = "average"


@dataclass(frozen=True, slots=True)
class QuizAttempt:
    """One numbered go at a quiz.

    score: points as marked, None while unmarked. completed_at: None while in progress.
    """

    attempt_id: int
    number: int
    score: Decimal | None
    completed_at: datetime | None
    is_published: bool

    @property
    def counts(self) -> bool:
        """Tell whether the attempt is completed, marked and published."""
        return self.completed_at is not None and self.score is not None and self.is_published


@dataclass(frozen=True, slots=True)
class QuizAttempts:
    """All attempts of one learner at one quiz, ordered by their number."""

    attempts: tuple[QuizAttempt, ...]


@dataclass(frozen=True, slots=True)
class HandIn:
    """What a learner (or the learner's group of now) has in a dropbox folder.

    submitted_at: the first submission's date; None where there are only undated ones, or none.
    count: submissions. score: as marked. is_published: feedback is released to the learner.
    group_id: set when the group handed in. first_seen_at: when we first saw one, where all are undated.
    """

    count: int
    submitted_at: datetime | None
    score: Decimal | None = None
    is_published: bool = False
    completed_at: datetime | None = None
    group_id: GroupId | None = None
    first_seen_at: datetime | None = None

    @property
    def dated_at(self) -> datetime | None:
        return self.submitted_at or self.first_seen_at

    @property
    def is_scored(self) -> bool:
        """Tell whether there is a published score."""
        return self.is_published and self.score is not None


@dataclass(frozen=True, slots=True)
class GradeValue:
    """One learner's mark for a grade object (or the final grade).

    points and max_points come from one value, weighted or not; both None while unmarked. first_seen_at: when we first
    saw this very mark, where it is undated.
    """

    points: Decimal | None
    max_points: Decimal | None
    modified_at: datetime | None
    is_exempt: bool = False
    first_seen_at: datetime | None = None

    @property
    def dated_at(self) -> datetime | None:
        return self.modified_at or self.first_seen_at


@dataclass(frozen=True, slots=True)
class GroupMember:
    """That a user is in a group of a category; Brightspace does not say since when. first_seen_at: without a break."""

    first_seen_at: datetime


Fact = QuizAttempts | HandIn | GradeValue | GroupMember


def nothing_like(fact: Fact) -> Fact:
    """Return the fact of the same kind that says nothing: no attempt, no submission, no mark."""
    if isinstance(fact, QuizAttempts):
        return QuizAttempts(())
    if isinstance(fact, HandIn):
        return HandIn(0, None)
    if isinstance(fact, GradeValue):
        return GradeValue(None, None, None)
    member: GroupMember = fact  # it never vanishes: whoever left a group has left it
    return member


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of the assessed thing itself, besides its learners.

    max_points: points possible (quiz: the linked grade object's). policy: the quiz's own.
    question_points: sum over a quiz's questions, where it can be read.
    group_category_id: set on a group folder. is_gone: Brightspace has no such thing any more; all else, and the facts
    beside it, are what it showed before.
    """

    name: str = ""
    max_points: Decimal | None = None
    policy: AttemptPolicy | None = None
    question_points: Decimal | None = None
    group_category_id: GroupCategoryId | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be read or is not believed: one sentence and a hint.

    doubted: the name of the list that is not believed, empty when nothing was read. is_refused: the system answered
    that we may not have it, or that there is no such thing (is_gone); else it gave no whole answer.
    """

    what: str
    hint: str = ""
    doubted: str = ""
    is_refused: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """One complete reading of a source, or the failure instead of it; never a part.

    facts: by learner, groups already expanded to their members of now.
    rows: how many entries the source listed (for noticing that it shrank). lists: the same of every other list that it
    was made with, by its name. groups: those that handed in.
    vanished: learners whose earlier fact (or a part of it) is gone although they are still listed; beside a failure,
    those of whom that was so when it was last read well.
    """

    source: Source
    read_at: datetime
    item: Item = field(default_factory=Item)
    facts: Mapping[UserId, Fact] = field(default_factory=dict)
    rows: int = 0
    failure: Failure | None = None
    vanished: frozenset[UserId] = frozenset()
    groups: frozenset[GroupId] = frozenset()
    lists: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """The learner's fact, from a complete listing. is_vanished: part of an earlier fact is gone."""

    fact: Fact
    item: Item
    read_at: datetime
    is_vanished: bool = False


@dataclass(frozen=True, slots=True)
class Absent:
    """A complete listing without this learner: there is nothing."""

    read_at: datetime


@dataclass(frozen=True, slots=True)
class Unseen:
    """Nothing can be said: unreadable, forbidden, disbelieved or vanished."""

    why: str
    is_vanished: bool = False


Seen = Read | Absent | Unseen


def look_up(listing: Listing | None, user_id: UserId) -> Seen:
    """Say what a listing tells about one learner who is on the classlist of its org unit."""
    if listing is None:
        return Unseen("not read yet")
    is_vanished = user_id in listing.vanished
    if listing.failure is not None:
        return Unseen(listing.failure.what, is_vanished=is_vanished)
    fact = listing.facts.get(user_id)
    if fact is None:
        return Unseen("what was there before is gone", is_vanished=True) if is_vanished else Absent(listing.read_at)
    return Read(fact, listing.item, listing.read_at, is_vanished)
