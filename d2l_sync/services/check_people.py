"""Checking what tells learners, their roles and addresses: as far as it goes, and what hides the rest."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from d2l_sync.domain.errors import SourceRefused
from d2l_sync.domain.ids import UserId
from d2l_sync.domain.people import Classlist, UserRecord
from d2l_sync.services.checked import Checked, asked, unwell

ROLE_HINT = "set brightspace.{key} to the role's id or exact name; there are: {names}"


class PeopleOfBrightspace(Protocol):
    def roles(self) -> Mapping[int, str]: ...
    def user_record(self, user_id: UserId) -> UserRecord: ...


def roles(brightspace: PeopleOfBrightspace, *, learner_roles: Iterable[str], enrol_role: str | None) -> Checked:
    """Check that configured roles exist. enrol_role: None where nobody is let into a course."""

    def question() -> str:
        try:
            names = brightspace.roles()
        except SourceRefused as error:
            if enrol_role is not None and not enrol_role.isdecimal():
                raise
            return f"not listed for this account ({error}); enrolment lists and labels tell who is a learner"
        wanted = [("learner_roles", one) for one in learner_roles]
        wanted += [("enrol_role", enrol_role)] if enrol_role is not None else []
        for key, role in wanted:
            fitting = [one for one, name in names.items() if role in (str(one), name)]
            if len(fitting) != 1:
                how_many = "no role is" if not fitting else f"{len(fitting)} roles are"
                shown = ", ".join(f"{name} ({one})" for one, name in sorted(names.items()))
                raise unwell(f"{how_many} called {role}", ROLE_HINT.format(key=key, names=shown))
        return ", ".join(dict.fromkeys(role for _, role in wanted))

    return asked("roles", question)


def told_roles(classlist: Classlist) -> str:
    """Say how many learners a classlist has. Raises where too little tells."""
    people = classlist.entries.values()
    learners = sum(one.is_active_learner for one in people)
    untold = sum(one.is_learner is None and not one.is_excluded for one in people)
    if untold:
        hint = "let the service see roles on the classlist, or read enrolments (enrollment:orgunit:read)"
        raise unwell(f"the role of {untold} of {len(people)} people is told nowhere", hint)
    if people and not learners:
        hint = "set brightspace.learner_roles to the role's id or exact name"
        raise unwell(f"{len(people)} people, and none has a role of learner_roles", hint)
    return f"{learners} learners among {len(people)} people"


def addresses(brightspace: PeopleOfBrightspace, classlists: Iterable[Classlist]) -> Iterator[Checked]:
    """Check user records where classlists show no address; one of them stands for all."""
    without = [
        one.user_id
        for classlist in classlists
        for one in classlist.entries.values()
        if one.is_active_learner and not one.address
    ]
    if not without:
        return

    def question() -> str:
        failure = brightspace.user_record(without[0]).failure
        if failure is not None:
            hint = "let the service read user records (users:userdata:read), or show e-mail on the classlist"
            raise unwell(f"{failure.what}, and {len(without)} learners show no address on a classlist", hint)
        return f"readable; {len(without)} learners show no address on a classlist"

    yield asked("user records", question)
