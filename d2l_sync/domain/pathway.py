"""Pathways: badges in order, each with the criteria, prerequisites and people it asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from d2l_sync.domain.criterion import AnyCriterion, Combination
from d2l_sync.domain.facts import Source
from d2l_sync.domain.ids import BadgeClassId, BadgeKey, GroupCategoryId, OrgUnitId, PathwayKey


@dataclass(frozen=True, slots=True)
class Offering:
    """An org unit in which a badge can be earned. until: its last day, in the schedule's time zone; None: no end."""

    org_unit_id: OrgUnitId
    until: date | None = None

    def has_ended(self, today: date) -> bool:
        return self.until is not None and today > self.until


@dataclass(frozen=True, slots=True)
class TeamSource:
    """Where confirmed teams come from: the roster, or the groups of one category (then both ids are set)."""

    org_unit_id: OrgUnitId | None = None
    category_id: GroupCategoryId | None = None


@dataclass(frozen=True, slots=True, order=True)
class RuleVersion:
    """One version of the rules of one badge."""

    pathway: PathwayKey
    badge: BadgeKey
    version: str


@dataclass(frozen=True, slots=True)
class Badge:
    """One badge of a pathway: who gets it, and what it becomes on the platform.

    requires: keys of badges of the same pathway. by_platform: a platform pathway awards it, we only track it.
    rule_version: changes whenever anything that decides changes in the file.
    """

    key: BadgeKey
    name: str
    badge_class: BadgeClassId
    pathway: PathwayKey
    requires: tuple[BadgeKey, ...] = ()
    criteria: tuple[AnyCriterion, ...] = ()
    offerings: tuple[Offering, ...] = ()
    team: bool = False
    enrol: bool = False
    approval: bool = False
    by_platform: bool = False
    rule_version: str = ""

    @property
    def rule(self) -> RuleVersion:
        return RuleVersion(self.pathway, self.key, self.rule_version)

    @property
    def sources(self) -> frozenset[Source]:
        return frozenset(source for criterion in self.criteria for source in criterion.sources)

    @property
    def home_org_units(self) -> frozenset[OrgUnitId]:
        """The org units whose active learners can earn it; empty when no enrolment is asked for."""
        return frozenset(one.org_unit_id for one in self.offerings) or self.source_org_units

    @property
    def source_org_units(self) -> frozenset[OrgUnitId]:
        return frozenset(source.org_unit_id for source in self.sources)

    @property
    def org_units(self) -> frozenset[OrgUnitId]:
        return self.home_org_units | self.source_org_units


@dataclass(frozen=True, slots=True)
class Pathway:
    """One rule file. badges: ordered so that every badge stands behind all that it requires."""

    key: PathwayKey
    name: str
    badges: tuple[Badge, ...]
    page: str = ""
    contact: str = ""
    teams: TeamSource = TeamSource()

    @property
    def org_units(self) -> frozenset[OrgUnitId]:
        """Every org unit that is read for this pathway."""
        units = frozenset(unit for badge in self.badges for unit in badge.org_units)
        return units | ({self.teams.org_unit_id} if self.teams.org_unit_id else frozenset())

    def ended_org_units(self, today: date) -> frozenset[OrgUnitId]:
        """Return the org units of offerings that are over everywhere they stand."""
        over = {one.org_unit_id for badge in self.badges for one in badge.offerings if one.has_ended(today)}
        open_ = {one.org_unit_id for badge in self.badges for one in badge.offerings if not one.has_ended(today)}
        return frozenset(over - open_)


def leaves(criteria: Iterable[AnyCriterion]) -> list[AnyCriterion]:
    """Flatten nested criteria to those that look at facts themselves."""
    found: list[AnyCriterion] = []
    for criterion in criteria:
        found.extend(leaves(criterion.of) if isinstance(criterion, Combination) else [criterion])
    return found


def with_prerequisites(pathway: Pathway, keys: Iterable[BadgeKey]) -> tuple[Badge, ...]:
    """Return the badges and everything they require, however deep, in the pathway's order."""
    wanted = set(keys)
    for badge in reversed(pathway.badges):
        if badge.key in wanted:
            wanted |= set(badge.requires)
    return tuple(badge for badge in pathway.badges if badge.key in wanted)
