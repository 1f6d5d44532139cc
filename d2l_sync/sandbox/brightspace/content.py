"""Content topics of one org unit, who completed them, and its discussions."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ContentTopic:
    topic_id: int
    title: str
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class Forum:
    """A discussion forum with one topic."""

    forum_id: int
    topic_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Post:
    """user_id None: posted anonymously. awaits_approval: not shown to others yet."""

    post_id: int
    topic_id: int
    user_id: int | None
    at: datetime
    awaits_approval: bool = False
    is_deleted: bool = False


@dataclass(slots=True)
class Content:
    """completions: when, by (topic id, user id)."""

    topics: dict[int, ContentTopic] = field(default_factory=dict)
    completions: dict[tuple[int, int], datetime] = field(default_factory=dict)
    forums: dict[int, Forum] = field(default_factory=dict)
    posts: dict[int, Post] = field(default_factory=dict)

    def completed_by(self, user_id: int) -> int:
        """Count the required topics that a user completed."""
        return sum((each.topic_id, user_id) in self.completions for each in self.topics.values() if each.is_required)
