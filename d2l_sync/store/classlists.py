"""Classlists as they were last read well, and the last address seen of every user."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from d2l_sync.domain.ids import Address, OrgUnitId, UserId
from d2l_sync.domain.people import Classlist, ClasslistEntry
from d2l_sync.store.statements import mapping, table, upsert
from d2l_sync.store.tables import ClasslistEntryRow, ClasslistRow, UserAddressRow, UserNumberRow

CLASSLIST = table(ClasslistRow)
ENTRY = table(ClasslistEntryRow)
ADDRESS = table(UserAddressRow)
NUMBER = table(UserNumberRow)


def record_classlists(connection: Connection, classlists: Iterable[Classlist]) -> None:
    """Store good classlists in place of earlier ones; whoever is on them no longer goes."""
    for classlist in classlists:
        if classlist.failure is None:
            _record(connection, classlist)


def classlists(connection: Connection) -> dict[OrgUnitId, Classlist]:
    """Return the last good classlist of every org unit ever read."""
    entries: dict[OrgUnitId, dict[UserId, ClasslistEntry]] = {}
    columns = [ENTRY.c[field.name] for field in fields(ClasslistEntry)]
    for org_unit_id, *values in connection.execute(select(ENTRY.c.org_unit_id, *columns)):
        entry = ClasslistEntry(*values)
        entries.setdefault(org_unit_id, {})[entry.user_id] = entry
    return {
        org_unit_id: Classlist(org_unit_id, read_at, entries.get(org_unit_id, {}))
        for org_unit_id, read_at in connection.execute(select(CLASSLIST.c.org_unit_id, CLASSLIST.c.read_at))
    }


def record_addresses(connection: Connection, addresses: Mapping[UserId, Address], at: datetime) -> None:
    """Store the last known addresses; seen_at tells since when each is the last one."""
    rows = [{"user_id": key, "address": value, "seen_at": at} for key, value in sorted(addresses.items())]
    upsert(connection, ADDRESS, rows=rows, compare=["address"])


def last_known(connection: Connection) -> dict[UserId, Address]:
    return mapping(connection, ADDRESS.c.user_id, ADDRESS.c.address)


def org_defined_ids(connection: Connection) -> dict[UserId, str]:
    """Return the last OrgDefinedId seen of every user who has one."""
    return mapping(connection, NUMBER.c.user_id, NUMBER.c.org_defined_id)


def _record(connection: Connection, classlist: Classlist) -> None:
    org_unit_id = classlist.org_unit_id
    upsert(connection, CLASSLIST, rows=[{"org_unit_id": org_unit_id, "read_at": classlist.read_at}])
    here = ENTRY.c.org_unit_id == org_unit_id
    gone = set(connection.scalars(select(ENTRY.c.user_id).where(here))) - set(classlist.entries)
    if gone:
        leave = delete(ENTRY).where(here, ENTRY.c.user_id == bindparam("for_user"))
        connection.execute(leave, [{"for_user": user_id} for user_id in sorted(gone)])
    entries = sorted(classlist.entries.values(), key=lambda one: one.user_id)
    upsert(connection, ENTRY, rows=({"org_unit_id": org_unit_id, **asdict(entry)} for entry in entries))
    numbered = [one for one in entries if one.org_defined_id and not one.is_excluded]
    numbers = [{"user_id": one.user_id, "org_defined_id": one.org_defined_id} for one in numbered]
    upsert(connection, NUMBER, rows=numbers)
