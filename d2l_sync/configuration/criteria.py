"""Criteria of a badge: tables of every kind, nested ones too, to the domain's rules in their places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from d2l_sync.configuration.offerings import OfferingTable
from d2l_sync.configuration.rules import COMBINED, KINDS, LATER, Kind
from d2l_sync.configuration.table import Table, nearest
from d2l_sync.domain.criterion import AnyCriterion, Attested, Combination, Criterion
from d2l_sync.domain.facts import Source
from d2l_sync.domain.ids import BadgeKey, CriterionKey, OrgUnitId, PathwayKey

READABLE = (*KINDS, *COMBINED, "attested")
RESERVED = ("org_unit", "until")


@dataclass(frozen=True, slots=True)
class Place:
    """What a criterion takes over from what is around it.

    org_unit: the badge's, or that of the criterion around. position: before its own number in a default key.
    """

    pathway: PathwayKey
    badge: BadgeKey
    offerings: tuple[OfferingTable, ...] = ()
    org_unit: OrgUnitId | None = None
    position: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What every kind of criterion has."""

    kind: str
    key: CriterionKey
    name: str
    is_required: bool
    by_team: bool
    org_unit: OrgUnitId | None
    position: str


@dataclass(slots=True)
class CriteriaReader:
    """Reads the criteria of one badge. keys: every key so far, nested ones too, with its place."""

    keys: dict[str, str] = field(default_factory=dict)

    def read(self, tables: Sequence[Table], place: Place) -> tuple[AnyCriterion, ...]:
        """Return the criteria in order; a kind that can't be read is left out, with a fault."""
        found = (self._read_one(table, place, number) for number, table in enumerate(tables, start=1))
        return tuple(criterion for criterion in found if criterion is not None)

    def _read_one(self, table: Table, place: Place, number: int) -> AnyCriterion | None:
        head = self._head(table, place, number)
        build = self._builder(head.kind)
        if build is None:
            _refuse(table, place, head)
            return None
        criterion = build(table, place, head)
        table.finish()
        return criterion

    def _head(self, table: Table, place: Place, number: int) -> Head:
        kind = table.text("kind", is_required=True, instead=f"one of: {', '.join(READABLE)}")
        position = f"{place.position}-{number}"
        key = table.text("key", default=f"{kind or 'criterion'}{position}")
        if not key.strip():
            table.fault("key", "is empty", "a key, or no such line")
        elif key in self.keys:
            table.fault("key", f"{key!r} stands twice in this badge", f"another key than at {self.keys[key]}")
        if key in RESERVED and place.offerings:
            table.fault("key", f"{key!r} means something else in an offering", "another key")
        self.keys.setdefault(key, table.place("key"))
        own = table.id("org_unit")
        return Head(
            kind=kind,
            key=CriterionKey(key),
            name=table.text("name", default=key) or key,
            is_required=table.flag("required", default=True),
            by_team=bool(table.text("by", among=("team",))),
            org_unit=OrgUnitId(own) if own is not None else place.org_unit,
            position=position,
        )

    def _builder(self, kind: str) -> Callable[[Table, Place, Head], AnyCriterion] | None:
        if kind == "attested":
            return _attested
        if kind in COMBINED:
            return self._combination
        return _criterion if kind in KINDS else None

    def _combination(self, table: Table, place: Place, head: Head) -> Combination:
        tables = table.tables("of")
        inner = replace(place, org_unit=head.org_unit, position=head.position)
        of = self.read(tables, inner)
        for offering in place.offerings:
            offering.refuse_ids(head.key, head.kind)
        needed = sum(one.is_required for one in of) + len(tables) - len(of)
        if table.raw("of") in (None, []):
            table.fault("of", "is missing", "the nested criteria: of = [{ kind = … }, …] or [[….of]]")
        elif tables and not needed:
            table.fault("of", "has only criteria with required = false, so nothing decides", "one that is required")
        count = _count(table, needed) if head.kind == "at_least" else {"any": 1, "all": needed}[head.kind]
        return Combination(
            head.key, head.name, head.kind, count, of, is_required=head.is_required, by_team=head.by_team
        )


def _refuse(table: Table, place: Place, head: Head) -> None:
    """Report a kind that can't be read; of one that nobody knows, nobody can say which keys are wrong."""
    if head.kind in LATER:
        table.fault("kind", f"{head.kind!r} is not available in this version", f"one of: {', '.join(READABLE)}")
        table.know(*LATER[head.kind])
        table.finish()
    elif head.kind.strip():
        table.fault("kind", f"{head.kind!r} is not known", nearest(head.kind, [*READABLE, *LATER]))
    for offering in place.offerings:
        offering.table.know(head.key)


def _count(table: Table, needed: int) -> int:
    high = max(needed, 1)
    if "count" not in table:
        table.fault("count", "is missing", f"how many of the nested criteria: a whole number from 1 to {high}")
    return table.whole("count", default=1, low=1, high=high)


def _attested(table: Table, place: Place, head: Head) -> Attested:
    for offering in place.offerings:
        offering.refuse_ids(head.key, head.kind)
    return Attested(
        head.key,
        head.name,
        badge=place.badge,
        pathway=place.pathway,
        options=table.texts("options"),
        is_required=head.is_required,
        by_team=head.by_team,
    )


def _criterion(table: Table, place: Place, head: Head) -> Criterion:
    kind = KINDS[head.kind]
    return Criterion(
        head.key,
        head.name,
        head.kind,
        rule=kind.rule(table),
        sources=_sources(table, kind=kind, place=place, head=head),
        by_team=head.by_team,
        is_required=head.is_required,
    )


def _sources(table: Table, *, kind: Kind, place: Place, head: Head) -> tuple[Source, ...]:
    """Return one source for each offering: its ids before the criterion's own, the criterion's org unit before its."""
    own = table.id(kind.id_key) if kind.id_key else 0
    if not place.offerings:
        if own is None:
            table.fault(kind.id_key, "is missing", f"the id that Brightspace gave the {kind.source.value}")
        if head.org_unit is None:
            table.fault("org_unit", "is missing, here and in the badge", "the id of the course")
        return (Source(kind.source, head.org_unit or OrgUnitId(0), own or 0),)
    sources = (
        Source(
            kind.source,
            head.org_unit if head.org_unit is not None else offering.org_unit_id,
            offering.item_id(head.key, kind=kind, own=own),
        )
        for offering in place.offerings
    )
    return tuple(dict.fromkeys(sources))
