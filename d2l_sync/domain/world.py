"""The world of one pass: everything that was read and everything administrators said, ready to be judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from d2l_sync.domain.facts import Listing, Seen, Source, Unseen, look_up
from d2l_sync.domain.ids import CriterionKey, OrgUnitId, PathwayKey, PersonId, UserId
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.domain.verdict import Truth


@dataclass(frozen=True, slots=True)
class Attestation:
    """What an administrator attested for a person or for a team (one of the two is set)."""

    pathway: PathwayKey
    badge: str
    criterion: CriterionKey
    person_id: PersonId | None
    team: str | None
    value: str
    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """A development team as one pathway sees it.

    members: by person, the day on which the membership was confirmed, None while it is not. A future day does not
    confirm yet. since: when a member was first seen on it, where nobody gave a day.
    """

    name: str
    members: Mapping[PersonId, date | None]
    since: Mapping[PersonId, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Teams:
    """The teams of one pathway; `failure` when they could not be read."""

    teams: tuple[Team, ...] = ()
    failure: str | None = None

    def of(self, person_id: PersonId) -> tuple[Team, ...]:
        return tuple(team for team in self.teams if person_id in team.members)


@dataclass(frozen=True, slots=True)
class World:
    """What one pathway's criteria are judged on. The same for every learner of the pathway.

    today: the calendar day in the schedule's time zone.
    """

    today: date
    people: Mapping[PersonId, Person]
    classlists: Mapping[OrgUnitId, Classlist]
    listings: Mapping[Source, Listing]
    teams: Teams = field(default_factory=Teams)
    attestations: tuple[Attestation, ...] = ()

    def user_ids(self, person_id: PersonId) -> tuple[UserId, ...]:
        person = self.people.get(person_id)
        return person.user_ids if person else (UserId(int(person_id)),)

    def is_learner(self, org_unit_id: OrgUnitId, person_id: PersonId) -> Truth:
        """Tell whether any user of the person is an active learner of the org unit."""
        classlist = self.classlists.get(org_unit_id)
        if classlist is None:
            return Truth.UNKNOWN
        answers = [classlist.lists_learner(user_id) for user_id in self.user_ids(person_id)]
        if any(answers):
            return Truth.MET
        return Truth.UNKNOWN if None in answers else Truth.UNMET

    def seen(self, source: Source, user_id: UserId) -> Seen | None:
        """Say what is known of one user from one source; None when the user is no active learner there."""
        classlist = self.classlists.get(source.org_unit_id)
        is_learner = classlist.lists_learner(user_id) if classlist is not None else None
        if is_learner is not None:
            return look_up(self.listings.get(source), user_id) if is_learner else None
        listing = self.listings.get(source)
        is_vanished = listing is not None and user_id in listing.vanished
        return Unseen(_why_unseen(source.org_unit_id, classlist), is_vanished)

    def team_mates(self, person_id: PersonId) -> tuple[PersonId, ...] | None:
        """Return the person and everybody on any of the person's teams; None when teams could not be read."""
        if self.teams.failure is not None:
            return None
        mates = {mate for team in self.teams.of(person_id) for mate in team.members}
        return (person_id, *sorted(mates - {person_id}))

    def confirmed_on(self, person_id: PersonId) -> tuple[Truth, date | None]:
        """Tell whether the person is on a confirmed team, and since which day; one of several is enough."""
        if self.teams.failure is not None:
            return Truth.UNKNOWN, None
        days = [team.members[person_id] for team in self.teams.of(person_id)]
        past = [day for day in days if day is not None and day <= self.today]
        return (Truth.MET, min(past)) if past else (Truth.UNMET, None)

    def first_seen_on_team(self, person_id: PersonId) -> datetime | None:
        """Tell when the person was first seen on a team that nobody dated."""
        seen = [team.since[person_id] for team in self.teams.of(person_id) if person_id in team.since]
        return min(seen, default=None)

    def attestations_for(self, person_id: PersonId) -> tuple[Attestation, ...]:
        names = {team.name for team in self.teams.of(person_id)}
        return tuple(one for one in self.attestations if one.person_id == person_id or one.team in names)


def _why_unseen(org_unit_id: OrgUnitId, classlist: Classlist | None) -> str:
    if classlist is None:
        return f"the classlist of org unit {org_unit_id} was not read"
    return classlist.failure.what if classlist.failure else "the role on the classlist could not be read"
