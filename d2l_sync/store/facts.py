"""Listings: each source as it was last read well, with every learner's fact."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Executable, Table, and_, bindparam, delete, select, update

from d2l_sync.domain.facts import Fact, Listing, Source, SourceKind, nothing_like
from d2l_sync.domain.ids import OrgUnitId, UserId
from d2l_sync.store.classlists import CLASSLIST
from d2l_sync.store.codec import fact_of, fact_text, item_of, item_text
from d2l_sync.store.statements import Values, mapping, table, upsert
from d2l_sync.store.tables import FactRow, ListingSizeRow, SourceRow

SOURCE = table(SourceRow)
FACT = table(FactRow)
SIZE = table(ListingSizeRow)


def record_listings(connection: Connection, listings: Iterable[Listing], at: datetime) -> int:
    """Store good listings in place of earlier ones; return how many facts are new, different or gone.

    Being read again is no change. Whoever is in `vanished` and not in `facts` keeps the stored fact: it is what the
    next listing is compared with, until it is back or a person accepts that it is gone.
    """
    return sum(_record(connection, listing, at) for listing in listings if listing.failure is None)


def listings(connection: Connection) -> dict[Source, Listing]:
    """Return the last good listing of every source ever read."""
    facts: dict[Source, dict[UserId, Fact]] = {}
    vanished: dict[Source, set[UserId]] = {}
    columns = (FACT.c.kind, FACT.c.org_unit_id, FACT.c.item_id, FACT.c.user_id, FACT.c.value, FACT.c.is_vanished)
    for kind, org_unit_id, item_id, user_id, value, is_vanished in connection.execute(select(*columns)):
        source = Source(SourceKind[kind], org_unit_id, item_id)
        facts.setdefault(source, {})[user_id] = fact_of(value)
        if is_vanished:
            vanished.setdefault(source, set()).add(user_id)
    found = {}
    for row in connection.execute(select(SOURCE)):
        source = Source(SourceKind[row.kind], OrgUnitId(row.org_unit_id), row.item_id)
        found[source] = Listing(
            source,
            row.read_at,
            item_of(row.item),
            facts=facts.get(source, {}),
            rows=row.rows,
            vanished=frozenset(vanished.get(source, ())),
        )
    return found


def record_sizes(connection: Connection, sizes: Mapping[str, int]) -> None:
    upsert(connection, SIZE, rows=[{"name": name, "rows": rows} for name, rows in sorted(sizes.items())])


def sizes(connection: Connection) -> dict[str, int]:
    return mapping(connection, SIZE.c.name, SIZE.c.rows)


def forget_size(connection: Connection, name: str) -> bool:
    """Drop what was believed of a listing, so that its next size is believed whatever it is; False if unknown."""
    return connection.execute(delete(SIZE).where(SIZE.c.name == name)).rowcount > 0


def forget_fact(connection: Connection, source: Source, user_id: UserId) -> bool:
    """Keep nothing of one stored fact, so that the next listing is believed without it; False if there is none.

    Until that listing, whatever had vanished has: nothing is concluded from a fact that nobody has read anew.
    """
    this = (_in(FACT, source), FACT.c.user_id == user_id)
    value = connection.scalar(select(FACT.c.value).where(*this))
    if value is None:
        return False
    connection.execute(
        update(FACT).where(*this).values(value=fact_text(nothing_like(fact_of(value))), is_vanished=True)
    )
    return True


def freshness(connection: Connection, sources: Collection[Source]) -> dict[OrgUnitId, datetime]:
    """Return when each org unit was last read: its classlist, or whatever of the given sources is older."""
    oldest = mapping(connection, CLASSLIST.c.org_unit_id, CLASSLIST.c.read_at, CLASSLIST.c.read_at.is_not(None))
    columns = (SOURCE.c.kind, SOURCE.c.org_unit_id, SOURCE.c.item_id, SOURCE.c.read_at)
    for kind, org_unit_id, item_id, read_at in connection.execute(select(*columns)):
        if Source(SourceKind[kind], org_unit_id, item_id) in sources:
            oldest[org_unit_id] = min(oldest.get(org_unit_id, read_at), read_at)
    return oldest


def _record(connection: Connection, listing: Listing, at: datetime) -> int:
    """Write one listing.

    1. Facts new or different.
    2. Facts gone: stored, no longer listed, not vanished.
    3. Who vanished and who is back, and on all others the time of this reading.
    """
    source = listing.source
    stored = mapping(connection, FACT.c.user_id, FACT.c.is_vanished, _in(FACT, source))
    _record_source(connection, listing)
    rows = (_row(listing, user_id, at) | {"value": fact_text(fact)} for user_id, fact in sorted(listing.facts.items()))
    changed = upsert(connection, FACT, rows=rows, compare=["value"], keep=["first_seen_at"])
    gone = stored.keys() - listing.facts.keys() - listing.vanished
    _each(connection, delete(FACT).where(_one(source)), gone)
    _mark(connection, listing, stored)
    connection.execute(
        update(FACT).where(_in(FACT, source), FACT.c.is_vanished.is_(False)).values(read_at=listing.read_at)
    )
    return changed + len(gone)


def _record_source(connection: Connection, listing: Listing) -> None:
    row = {"item": item_text(listing.item), "rows": listing.rows, "read_at": listing.read_at}
    upsert(connection, SOURCE, rows=[_key(listing.source) | row])


def _mark(connection: Connection, listing: Listing, stored: Mapping[UserId, bool]) -> None:
    """Note who vanished now and who is back; most have done neither."""
    marked = {user_id for user_id, is_vanished in stored.items() if is_vanished}
    one = update(FACT).where(_one(listing.source))
    _each(connection, one.values(is_vanished=True), listing.vanished - marked)
    _each(connection, one.values(is_vanished=False), marked - listing.vanished)


def _each(connection: Connection, statement: Executable, user_ids: Iterable[UserId]) -> None:
    rows = [{"for_user": user_id} for user_id in sorted(user_ids)]
    if rows:
        connection.execute(statement, rows)


def _key(source: Source) -> Values:
    return {"kind": source.kind.name, "org_unit_id": source.org_unit_id, "item_id": source.item_id}


def _row(listing: Listing, user_id: UserId, at: datetime) -> Values:
    times = {"read_at": listing.read_at, "first_seen_at": at, "is_vanished": False}
    return _key(listing.source) | {"user_id": user_id} | times


def _in(target: Table, source: Source) -> ColumnElement[bool]:
    return and_(*(target.c[name] == value for name, value in _key(source).items()))


def _one(source: Source) -> ColumnElement[bool]:
    return and_(_in(FACT, source), FACT.c.user_id == bindparam("for_user"))
