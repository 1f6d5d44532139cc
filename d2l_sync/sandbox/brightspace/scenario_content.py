"""What can happen to content and discussions: topics are completed, posts written, approved and deleted."""

import dataclasses

from d2l_sync.sandbox.brightspace.content import Content, Post
from d2l_sync.sandbox.brightspace.world import World
from d2l_sync.sandbox.clock import moment


class ContentScenario:
    """Raises LookupError for an org unit, topic or post that is not there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def complete_topic(self, *, org_unit: int, topic: int, user: int, at: str | None = None) -> None:
        """Complete a content topic."""
        content = self._content(org_unit)
        known = content.topics[topic].topic_id
        content.completions[known, user] = moment(at, self._world.clock.now())

    def uncomplete_topic(self, *, org_unit: int, topic: int, user: int) -> None:
        """Take a completion back."""
        self._content(org_unit).completions.pop((topic, user), None)

    def post(
        self, *, org_unit: int, forum: int, user: int | None, at: str | None = None, awaits_approval: bool = False
    ) -> int:
        """Write to the topic of a forum, anonymously without a user, and return the post's id."""
        content, number = self._content(org_unit), next(self._world.made)
        topic, posted = content.forums[forum].topic_id, moment(at, self._world.clock.now())
        content.posts[number] = Post(number, topic, user, posted, awaits_approval)
        return number

    def approve_post(self, *, org_unit: int, post: int) -> None:
        """Approve a post that awaits it."""
        self._change(org_unit, post, awaits_approval=False)

    def delete_post(self, *, org_unit: int, post: int) -> None:
        """Delete a post; it stays in lists, marked as deleted."""
        self._change(org_unit, post, is_deleted=True)

    def _content(self, org_unit: int) -> Content:
        return self._world.org_units[org_unit].content

    def _change(self, org_unit: int, post: int, **changes: bool) -> None:
        posts = self._content(org_unit).posts
        posts[post] = dataclasses.replace(posts[post], **changes)  # type: ignore[arg-type]
