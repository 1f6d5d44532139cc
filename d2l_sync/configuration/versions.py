"""A badge's rule version: a short hash that moves when, and only when, what decides of the badge moves."""

import hashlib
import json
from dataclasses import fields
from decimal import Decimal
from enum import Enum

from d2l_sync.domain.criterion import AnyCriterion, Attested, Combination, Rule, plain
from d2l_sync.domain.pathway import Badge, TeamSource

LENGTH = 12


def rule_version(badge: Badge, teams: TeamSource) -> str:
    """Hash the badge canonically: names, spelling, order and the way numbers are written do not count."""
    decides = {
        "badge": [badge.pathway, badge.key, badge.badge_class],
        "requires": sorted(badge.requires),
        "criteria": sorted(_canonical(criterion) for criterion in badge.criteria),
        "offerings": sorted([one.org_unit_id, str(one.until)] for one in badge.offerings),
        "teams": [teams.org_unit_id, teams.category_id],
        "people": [badge.team, badge.approval, badge.by_platform],
    }
    return hashlib.sha256(_text(decides).encode()).hexdigest()[:LENGTH]


def _canonical(criterion: AnyCriterion) -> str:
    match criterion:
        case Attested():
            # The key decides here: attestations are kept by it.
            return _text(["attested", criterion.is_required, criterion.key, sorted(criterion.options)])
        case Combination():
            parts = sorted(_canonical(part) for part in criterion.of)
            return _text(["combination", criterion.is_required, criterion.count, parts])
    sources = sorted([one.kind.value, one.org_unit_id, one.item_id] for one in criterion.sources)
    return _text([criterion.kind, criterion.is_required, criterion.by_team, sources, _rule(criterion.rule)])


def _rule(rule: Rule) -> dict[str, str]:
    names = (one.name for one in fields(rule))  # type: ignore[arg-type]  # every rule is a dataclass
    return {name: _value(getattr(rule, name)) for name in names}


def _value(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return str(value.value) if isinstance(value, Enum) else str(value)


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
