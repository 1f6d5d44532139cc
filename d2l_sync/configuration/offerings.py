"""Offerings of a badge: an org unit each, with the ids that the criteria have there."""

from dataclasses import dataclass
from datetime import date

from d2l_sync.configuration.rules import Kind
from d2l_sync.configuration.table import Table
from d2l_sync.domain.ids import OrgUnitId
from d2l_sync.domain.pathway import Offering


@dataclass(frozen=True, slots=True)
class OfferingTable:
    """One [[badge.offering]] while the criteria are read."""

    table: Table
    org_unit_id: OrgUnitId
    until: date | None

    @property
    def offering(self) -> Offering:
        return Offering(self.org_unit_id, self.until)

    def item_id(self, criterion: str, *, kind: Kind, own: int | None) -> int:
        """Return a criterion's id here: the offering's, else its own; a fault where there is neither."""
        is_named = criterion in self.table
        ids = self.table.table(criterion)
        here = ids.id(kind.id_key) if kind.id_key else None
        ids.finish()
        if here is None and own is None:
            hint = f"{criterion} = {{ {kind.id_key} = … }}"
            what = f"gives no {kind.id_key}" if is_named else f"gives no {kind.id_key} for criterion {criterion!r}"
            self.table.fault(criterion if is_named else "", what, f"{hint}, or {kind.id_key} in the criterion itself")
        return here or own or 0

    def refuse_ids(self, criterion: str, kind: str) -> None:
        """Report ids for a criterion that has none."""
        if criterion in self.table:
            self.table.know(criterion)
            self.table.fault(criterion, f"a criterion of kind {kind!r} has no ids", "no such line")

    def finish(self) -> None:
        """Report keys that name no criterion, once all criteria were read."""
        self.table.finish()


def read_offerings(badge: Table) -> tuple[OfferingTable, ...]:
    """Read a badge's offerings; its `org_unit` is one offering, read by the caller."""
    found: list[OfferingTable] = []
    for table in badge.tables("offering"):
        org_unit = table.id("org_unit")
        if org_unit is None:
            table.fault("org_unit", "is missing", "the id of the course")
        elif org_unit in {one.org_unit_id for one in found}:
            table.fault("org_unit", "has an offering already", "each org unit once in a badge")
        found.append(OfferingTable(table, OrgUnitId(org_unit or 0), table.day("until")))
    return tuple(found)
