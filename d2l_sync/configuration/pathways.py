"""Rule files to pathways: badges in order, each with its criteria in their places; every fault at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from d2l_sync.configuration import forms
from d2l_sync.configuration.checks import BadgeTable, check_requires, check_twice, in_order
from d2l_sync.configuration.criteria import CriteriaReader, Place
from d2l_sync.configuration.document import read_document
from d2l_sync.configuration.offerings import OfferingTable, read_offerings
from d2l_sync.configuration.table import Table
from d2l_sync.configuration.versions import rule_version
from d2l_sync.domain.criterion import AnyCriterion
from d2l_sync.domain.errors import ConfigError, Fault
from d2l_sync.domain.ids import BadgeClassId, BadgeKey, GroupCategoryId, OrgUnitId, PathwayKey
from d2l_sync.domain.pathway import Badge, Offering, Pathway, TeamSource


@dataclass(frozen=True, slots=True)
class PathwayTable:
    """A pathway that was read, with the tables that it came from."""

    table: Table
    pathway: Pathway
    badges: tuple[BadgeTable, ...]


def load_pathways(files: Sequence[Path]) -> tuple[Pathway, ...]:
    """Read rule files, in order. ConfigError with the faults of all of them."""
    faults: list[Fault] = []
    pathways = read_pathways(files, faults)
    if faults:
        raise ConfigError(tuple(faults))
    return pathways


def read_pathways(files: Sequence[Path], faults: list[Fault]) -> tuple[Pathway, ...]:
    """Read rule files as far as they go. Not to be used when faults were added."""
    read = [one for path in files if (one := _pathway(path, faults)) is not None]
    check_twice("key", [(one.table, one.pathway.key) for one in read], among="among the pathways")
    every = [badge for one in read for badge in one.badges]
    check_twice("badge_class", [(one.table, one.badge.badge_class) for one in every], among="among all badges")
    return tuple(one.pathway for one in read)


def _pathway(path: Path, faults: list[Fault]) -> PathwayTable | None:
    read = read_document(path, faults)
    if read is None:
        return None
    document, values = read
    table = Table(values, document)
    key = PathwayKey(_key(table))
    name, contact = table.text("name", is_required=True), table.text("contact")
    page = table.form("page", forms.PAGE, default="")
    teams = _teams(table.table("teams"))
    tables = table.tables("badge")
    if not tables and not table.raw("badge"):
        table.fault("badge", "is missing", "at least one [[badge]]")
    badges = tuple(BadgeTable(one, _badge(one, key, teams)) for one in tables)
    table.finish()
    check_twice("key", [(one.table, one.badge.key) for one in badges], among="in this pathway")
    check_requires(badges)
    ordered = in_order([one.badge for one in badges])
    return PathwayTable(table, Pathway(key, name, ordered, page, contact, teams), badges)


def _key(table: Table) -> str:
    """Read the key of a pathway or badge. People write PATHWAY/BADGE on a command line."""
    key = table.text("key", is_required=True, instead='one word in quotes, such as "level-1"')
    if re.search(r"[\s/]", key.strip()) or key != key.strip():
        table.fault("key", f"{key!r} has a space or a slash in it", 'one word, such as "level-1"')
    return key


def _teams(table: Table) -> TeamSource:
    source = table.text("source", default="roster", among=("roster", "groups"))
    org_unit, category = table.id("org_unit"), table.id("group_category")
    for key, value in (("org_unit", org_unit), ("group_category", category)):
        if source == "groups" and value is None:
            table.fault(key, "is missing", "source = 'groups' needs org_unit and group_category")
        # Ids without a source are those of groups that somebody forgot to name, too.
        if source == "roster" and value is not None:
            table.fault(key, "means nothing for the roster", "source = 'groups', or no such line")
    table.finish()
    if org_unit is None or category is None:
        return TeamSource()
    return TeamSource(OrgUnitId(org_unit), GroupCategoryId(category))


def _badge(table: Table, pathway: PathwayKey, teams: TeamSource) -> Badge:
    key = BadgeKey(_key(table))
    org_unit = table.id("org_unit")
    offerings = read_offerings(table)
    if org_unit is not None and offerings:
        table.fault("org_unit", "stands beside offerings", "either org_unit or [[badge.offering]]")
    criteria = _criteria(table, pathway=pathway, badge=key, org_unit=org_unit, offerings=offerings)
    badge = Badge(
        key=key,
        name=table.text("name", is_required=True),
        badge_class=BadgeClassId(
            table.text("badge_class", is_required=True, instead="its id on the badging platform, in quotes")
        ),
        pathway=pathway,
        requires=tuple(dict.fromkeys(map(BadgeKey, table.texts("requires")))),
        criteria=criteria,
        offerings=_offerings(org_unit, offerings),
        team=table.flag("team"),
        enrol=table.flag("enrol"),
        approval=table.flag("approval"),
        by_platform=bool(table.text("awarded_by", among=("platform",))),
    )
    _check_sense(table, badge)
    table.finish()
    return replace(badge, rule_version=rule_version(badge, teams))


def _criteria(
    table: Table,
    *,
    pathway: PathwayKey,
    badge: BadgeKey,
    org_unit: int | None,
    offerings: tuple[OfferingTable, ...],
) -> tuple[AnyCriterion, ...]:
    reader = CriteriaReader()
    shared = OrgUnitId(org_unit) if org_unit is not None and not offerings else None
    criteria = reader.read(table.tables("criterion"), Place(pathway, badge, offerings, org_unit=shared))
    for offering in offerings:
        offering.finish()
    return criteria


def _offerings(org_unit: int | None, offerings: tuple[OfferingTable, ...]) -> tuple[Offering, ...]:
    if offerings:
        return tuple(one.offering for one in offerings)
    return (Offering(OrgUnitId(org_unit)),) if org_unit is not None else ()


def _check_sense(table: Table, badge: Badge) -> None:
    """Report a badge that nobody has to do anything for, and access to nowhere."""
    asks = any(one.is_required for one in badge.criteria) or badge.requires or badge.team or badge.approval
    if not asks and not badge.by_platform and not table.raw("criterion"):
        table.fault("", "asks for nothing", "criteria, or requires = [other badges]")
    elif not asks and badge.criteria:
        table.fault("", "has only criteria with required = false, so nothing decides", "one that is required")
    if badge.enrol and not badge.offerings:
        table.fault("enrol", "gives access to no org unit", "org_unit or [[badge.offering]] in this badge")
