"""A badge's rule version: a short hash that moves when, and only when, what decides of the badge moves."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from decimal import Decimal
from enum import Enum

from d2l_sync.domain.criterion import AnyCriterion, Attested, Combination, Rule
from d2l_sync.domain.pathway import Badge, TeamSource
from d2l_sync.domain.points import plain

LENGTH = 12


def rule_version(badge: Badge, teams: TeamSource) -> str:
    """Hash the badge canonically: names, spelling, order and the way numbers are written do not count."""
    decides = {
        "badge": [badge.pathway, badge.key, badge.badge_class],
        "requires": sorted(badge.requires),
        "criteria": _deciding(badge.criteria),
        "offerings": sorted([one.org_unit_id, str(one.until)] for one in badge.offerings),
        "teams": [teams.org_unit_id, teams.category_id],
        "people": [badge.team, badge.approval, badge.by_platform],
    }
    return hashlib.sha256(_text(decides).encode()).hexdigest()[:LENGTH]


def _deciding(criteria: Iterable[AnyCriterion]) -> list[str]:
    return sorted(_canonical(criterion) for criterion in criteria if criterion.is_required)


def _canonical(criterion: AnyCriterion) -> str:
    match criterion:
        case Attested():
            # The key decides here: attestations are kept by it.
            return _text(["attested", criterion.key, criterion.by_team, sorted(criterion.options)])
        case Combination():
            return _text(["combination", criterion.count, criterion.by_team, _deciding(criterion.of)])
    sources = sorted([one.kind.value, one.org_unit_id, one.item_id] for one in criterion.sources)
    return _text([criterion.kind, criterion.by_team, sources, _rule(criterion.rule)])


def _rule(rule: Rule) -> dict[str, str]:
    names = (one.name for one in fields(rule))  # type: ignore[arg-type]  # every rule is a dataclass
    return {name: _value(getattr(rule, name)) for name in names}


def _value(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return str(value.value) if isinstance(value, Enum) else str(value)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
