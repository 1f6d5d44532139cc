"""Persons that somebody said something about, and finding a person by what a human types."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, or_, select

from d2l_sync.domain.ids import PersonId, UserId, address_of, user_id_of
from d2l_sync.domain.people import Person
from d2l_sync.store.classlists import ADDRESS, ENTRY, NUMBER
from d2l_sync.store.statements import mapping, table, upsert
from d2l_sync.store.tables import AwardRow, PersonRow, PersonUserRow

PERSON = table(PersonRow)
USER = table(PersonUserRow)
AWARD = table(AwardRow)


def people(connection: Connection) -> dict[PersonId, Person]:
    """Return the stored persons: linked, overridden or suppressed ones only."""
    users: dict[PersonId, list[UserId]] = {}
    for person_id, user_id in connection.execute(select(USER.c.person_id, USER.c.user_id).order_by(USER.c.position)):
        users.setdefault(person_id, []).append(user_id)
    return {
        row.person_id: Person(
            row.person_id,
            tuple(users.get(row.person_id, ())),
            set_address=row.set_address,
            is_suppressed=row.is_suppressed,
        )
        for row in connection.execute(select(PERSON))
    }


def suppressed(connection: Connection) -> frozenset[PersonId]:
    """Return for whom nothing may leave."""
    return frozenset(connection.scalars(select(PERSON.c.person_id).where(PERSON.c.is_suppressed)))


def save_person(connection: Connection, person: Person) -> None:
    """Store a person with all their users, taking these from whoever had them; who has none left goes."""
    mark = {"set_address": person.set_address, "is_suppressed": person.is_suppressed}
    upsert(connection, PERSON, rows=[{"person_id": person.person_id, **mark}])
    connection.execute(delete(USER).where(USER.c.person_id == person.person_id))
    users = [
        {"user_id": user_id, "person_id": person.person_id, "position": position}
        for position, user_id in enumerate(person.user_ids)
    ]
    upsert(connection, USER, rows=users)
    connection.execute(delete(PERSON).where(PERSON.c.person_id.not_in(select(USER.c.person_id))))


def find_people(connection: Connection, text: str) -> set[PersonId]:
    """Return every person whom a user id, an address or an OrgDefinedId fits; none and several are answers too.

    Looks at stored classlists, last known and set addresses, and awards; where nobody fits, at the OrgDefinedIds of
    those who left. Linked users count as their person. Accounts that were excluded when their classlist was read are
    found by their user id alone.
    """
    wanted = text.strip()
    if not wanted:
        return set()
    users = set(connection.scalars(select(ENTRY.c.user_id).where(ENTRY.c.org_defined_id == wanted)))
    address = address_of(wanted)
    users |= set(connection.scalars(select(ENTRY.c.user_id).where(ENTRY.c.address == address)))
    users |= set(connection.scalars(select(ADDRESS.c.user_id).where(ADDRESS.c.address == address)))
    users -= set(connection.scalars(select(ENTRY.c.user_id).where(ENTRY.c.is_excluded)))
    users |= set(connection.scalars(select(PERSON.c.person_id).where(PERSON.c.set_address == address)))
    users |= set(connection.scalars(select(AWARD.c.person_id).where(AWARD.c.address == address)))
    user_id = user_id_of(wanted)
    if user_id is not None:
        users |= _known_user(connection, user_id)
    if not users:
        users |= set(
            connection.scalars(select(NUMBER.c.user_id).where(func.lower(NUMBER.c.org_defined_id) == wanted.lower()))
        )
    return _persons_of(connection, users)


def _known_user(connection: Connection, user_id: int) -> set[int]:
    places = (
        select(ENTRY.c.user_id).where(ENTRY.c.user_id == user_id),
        select(ADDRESS.c.user_id).where(ADDRESS.c.user_id == user_id),
        select(USER.c.user_id).where(or_(USER.c.user_id == user_id, USER.c.person_id == user_id)),
        select(AWARD.c.person_id).where(AWARD.c.person_id == user_id),
    )
    return {user_id} if any(connection.scalar(place.limit(1)) is not None for place in places) else set()


def _persons_of(connection: Connection, users: Iterable[int]) -> set[PersonId]:
    wanted = set(users)
    owners = mapping(connection, USER.c.user_id, USER.c.person_id, USER.c.user_id.in_(wanted))
    return {PersonId(owners.get(user_id, user_id)) for user_id in wanted}
