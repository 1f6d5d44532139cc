"""Dropbox folders of one org unit, what was handed in, and what was said about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

EntityKind = Literal["User", "Group"]


@dataclass(frozen=True, slots=True)
class Folder:
    """group_category_id makes it a group folder; denominator None has no score."""

    folder_id: int
    name: str
    denominator: Decimal | None = None
    group_category_id: int | None = None
    grade_object_id: int | None = None
    is_hidden: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """Whose row it is in a folder: a user's, or a group's."""

    kind: EntityKind
    entity_id: int


@dataclass(frozen=True, slots=True)
class Submission:
    submission_id: int
    folder_id: int
    entity: Entity
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    score: Decimal | None
    is_published: bool


@dataclass(slots=True)
class Dropbox:
    folders: dict[int, Folder] = field(default_factory=dict)
    submissions: dict[tuple[int, Entity], list[Submission]] = field(default_factory=dict)
    feedback: dict[tuple[int, Entity], Feedback] = field(default_factory=dict)

    def handed_in(self, folder_id: int, entity: Entity) -> list[Submission]:
        return self.submissions.get((folder_id, entity), [])

    def hand_in(self, submission: Submission) -> None:
        self.submissions.setdefault((submission.folder_id, submission.entity), []).append(submission)

    def take_back(self, folder_id: int, entity: Entity) -> None:
        """Remove all that an entity handed in."""
        self.submissions.pop((folder_id, entity), None)

    def seen_in(self, folder_id: int) -> Iterator[Entity]:
        """Yield everybody with a submission or feedback in the folder, perhaps twice."""
        yield from (entity for folder, entity in self.submissions if folder == folder_id)
        yield from (entity for folder, entity in self.feedback if folder == folder_id)
