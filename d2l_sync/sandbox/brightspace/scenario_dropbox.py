"""What can happen in dropbox folders: work is handed in, taken back, and commented upon."""

import dataclasses
from datetime import datetime

from d2l_sync.sandbox.brightspace.dropbox import Dropbox, Entity, Feedback, Submission
from d2l_sync.sandbox.brightspace.notation import decimal
from d2l_sync.sandbox.brightspace.world import World
from d2l_sync.sandbox.clock import moment


class DropboxScenario:
    """Raises LookupError for an org unit or folder that is not there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def submit(self, *, org_unit: int, folder: int, user: int, at: str | None = None) -> int:
        """Hand in as oneself and return the submission's id."""
        return self._hand_in(org_unit, folder, entity=Entity("User", user), by=user, at=self._moment(at))

    def submit_for_group(self, *, org_unit: int, folder: int, group: int, user: int, at: str | None = None) -> int:
        """Hand in for a group, as one of its members, and return the submission's id."""
        return self._hand_in(org_unit, folder, entity=Entity("Group", group), by=user, at=self._moment(at))

    def remove_submission(
        self, *, org_unit: int, folder: int, user: int | None = None, group: int | None = None
    ) -> None:
        """Take back all that a user or a group handed in."""
        self._box(org_unit, folder).take_back(folder, _entity(user, group))

    def give_feedback(
        self,
        *,
        org_unit: int,
        folder: int,
        user: int | None = None,
        group: int | None = None,
        score: float | str | None = None,
        published: bool = True,
    ) -> None:
        """Give feedback, as a draft unless published; it needs no submission."""
        read = None if score is None else decimal(score)
        self._box(org_unit, folder).feedback[folder, _entity(user, group)] = Feedback(read, published)

    def publish_feedback(
        self, *, org_unit: int, folder: int, user: int | None = None, group: int | None = None
    ) -> None:
        """Publish feedback that was a draft."""
        box, key = self._box(org_unit, folder), (folder, _entity(user, group))
        box.feedback[key] = dataclasses.replace(box.feedback[key], is_published=True)

    def delete_folder(self, *, org_unit: int, folder: int) -> None:
        """Delete a folder; what was handed in goes with it."""
        del self._box(org_unit, folder).folders[folder]

    def _moment(self, at: str | None) -> datetime:
        return moment(at, self._world.clock.now())

    def _box(self, org_unit: int, folder: int) -> Dropbox:
        box = self._world.org_units[org_unit].dropbox
        if folder not in box.folders:
            raise LookupError(f"org unit {org_unit} has no folder {folder}")
        return box

    def _hand_in(self, org_unit: int, folder: int, *, entity: Entity, by: int, at: datetime) -> int:
        number = next(self._world.made)
        self._box(org_unit, folder).hand_in(Submission(number, folder, entity, by, at))
        return number


def _entity(user: int | None, group: int | None) -> Entity:
    if (user is None) == (group is None):
        raise ValueError("name a user or a group")
    return Entity("User", user) if user is not None else Entity("Group", group or 0)
