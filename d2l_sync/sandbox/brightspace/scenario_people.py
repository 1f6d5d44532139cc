"""What can happen to people: they come, go, change names and addresses, join groups; and may be looked up."""

import dataclasses

from d2l_sync.sandbox.brightspace.org_units import Enrolment, Group
from d2l_sync.sandbox.brightspace.people import ROLE_NAMES, User, role_id
from d2l_sync.sandbox.brightspace.world import EVERYWHERE, World
from d2l_sync.sandbox.clock import moment
from d2l_sync.sandbox.web import Block


class PeopleScenario:
    """Raises LookupError for a user, org unit, role or group that is not there."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_user(
        self,
        *,
        first_name: str,
        last_name: str,
        email: str | None = None,
        external_email: str | None = None,
        user_name: str | None = None,
        org_defined_id: str | None = None,
    ) -> int:
        """Make a user and return the user id. external_email: the user record's address, as email unless given."""
        user_id = next(self._world.made)
        self._world.users[user_id] = User(
            user_id=user_id,
            first_name=first_name,
            last_name=last_name,
            user_name=user_name or f"{first_name}.{last_name}.{user_id}".lower(),
            email=email,
            external_email=email if external_email is None else external_email,
            org_defined_id=org_defined_id,
        )
        return user_id

    def enrol(self, *, user: int, org_unit: int, role: str | int = "Learner", at: str | None = None) -> None:
        """Enrol a user, or give another role."""
        unit, known = self._world.org_units[org_unit], self._world.users[user]
        unit.enrolments[known.user_id] = Enrolment(role_id(role), moment(at, self._world.clock.now()))

    def withdraw(self, *, user: int, org_unit: int | None = None) -> None:
        """Let a user vanish from one classlist, or from all. Work that was handed in stays."""
        units = self._world.org_units.values() if org_unit is None else [self._world.org_units[org_unit]]
        for unit in units:
            unit.enrolments.pop(user, None)

    def rename(self, *, user: int, first_name: str | None = None, last_name: str | None = None) -> None:
        """Change a user's names; null hides one."""
        self._change(user, first_name=first_name, last_name=last_name)

    def change_address(self, *, user: int, email: str | None, external_email: str | None = None) -> None:
        """Change the classlist's address, and the user record's: the same unless given."""
        self._change(user, email=email, external_email=email if external_email is None else external_email)

    def hide_address(self, *, user: int, hidden: bool = True) -> None:
        """Let classlists withhold this user's address; the user record still has it."""
        self._change(user, hides_email=hidden)

    def deactivate(self, *, user: int, active: bool = False) -> None:
        """Switch a user account off, or on again."""
        self._change(user, is_active=active)

    def add_group(self, *, org_unit: int, category: int, name: str, members: list[int] | None = None) -> int:
        """Make a group in a category and return its id."""
        unit = self._world.org_units[org_unit]
        group_id = next(self._world.made)
        unit.groups[group_id] = Group(group_id, unit.categories[category].category_id, name, list(members or []))
        return group_id

    def join_group(self, *, user: int, org_unit: int, group: int) -> None:
        """Move a user into a group, out of any other of the same category."""
        groups = self._world.org_units[org_unit].groups
        for each in groups.values():
            if each.category_id == groups[group].category_id and user in each.members:
                each.members.remove(user)
        groups[group].members.append(user)

    def leave_group(self, *, user: int, org_unit: int, group: int) -> None:
        """Take a user out of a group; nothing happens to one who is not in it."""
        members = self._world.org_units[org_unit].groups[group].members
        members[:] = [each for each in members if each != user]

    def groups(self, *, org_unit: int) -> list[Group]:
        """Return the groups of an org unit."""
        return list(self._world.org_units[org_unit].groups.values())

    def close_course(self, *, org_unit: int, closed: bool = True) -> None:
        """End a course, so that nothing in it may be read; or open it again."""
        unit = self._world.org_units[org_unit]
        unit.is_active, unit.end = not closed, self._world.clock.now() if closed else None
        self.deny(org_unit=org_unit) if closed else self.allow(org_unit=org_unit)

    def deny(self, *, org_unit: int = EVERYWHERE, tool: str = "*", shape: str | None = None) -> None:
        """Answer 403 for a tool of an org unit, or of all.

        tool: classlist, enrolments, groups, grades, quizzes, attempts, dropbox, submissions, content,
        discussions, users, roles, courses.
        shape: one of error_bodies.SHAPES, from now on for all denials.
        """
        self._world.denied.add((org_unit, tool))
        if shape is not None:
            self._world.habits.denial_shape = shape

    def allow(self, *, org_unit: int = EVERYWHERE, tool: str = "*") -> None:
        """Take one denial back."""
        self._world.denied.discard((org_unit, tool))

    def user(self, *, user: int) -> Block:
        """Return a user with names, addresses and enrolments."""
        known = self._world.users[user]
        roles = {
            unit.org_unit_id: ROLE_NAMES[unit.enrolments[user].role_id]
            for unit in self._world.org_units.values()
            if user in unit.enrolments
        }
        return {each.name: getattr(known, each.name) for each in dataclasses.fields(known)} | {"roles": roles}

    def _change(self, user: int, **changes: str | bool | None) -> None:
        self._world.users[user] = dataclasses.replace(self._world.users[user], **changes)  # type: ignore[arg-type]
