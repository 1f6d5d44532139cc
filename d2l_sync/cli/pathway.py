"""`pathway`: the rules as a table."""

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, print_json
from d2l_sync.domain.criterion import AnyCriterion, Combination
from d2l_sync.domain.pathway import Badge, Pathway


@click.group()
def pathway() -> None:
    """See the rules."""


@pathway.command()
@json_option
@click.pass_obj
def show(context: Context, *, as_json: bool) -> None:
    """Show every pathway: its badges, what each requires, and where it is read."""
    _, pathways = context.configuration(secrets_required=False)
    if as_json:
        print_json([_pathway_json(one) for one in pathways])
        return
    for one in pathways:
        click.echo(f"{one.name} ({one.key})")
        for badge in one.badges:
            _print_badge(badge)
        click.echo()


def _print_badge(badge: Badge) -> None:
    units = ", ".join(str(unit) for unit in sorted(badge.home_org_units))
    click.echo(f"\n  {badge.name} ({badge.key}), rules {badge.rule_version}")
    click.echo(f"    badge class {badge.badge_class}" + (f", org unit {units}" if units else ""))
    asks = [f"holds {key}" for key in badge.requires]
    asks += ["is on a confirmed team"] if badge.team else []
    asks += ["is approved by an administrator"] if badge.approval else []
    for ask in asks:
        click.echo(f"    - {ask}")
    _print_criteria(badge.criteria, "    - ")


def _print_criteria(criteria: tuple[AnyCriterion, ...], indent: str) -> None:
    for one in criteria:
        where = "; ".join(str(source) for source in one.sources) if not isinstance(one, Combination) else ""
        optional = " (optional)" if not one.is_required else ""
        team = ", by anybody of the team" if getattr(one, "by_team", False) else ""
        click.echo(f"{indent}{one.name}{optional} [{one.kind}{team}{': ' + where if where else ''}]")
        if isinstance(one, Combination):
            _print_criteria(one.of, "  " + indent)


def _pathway_json(one: Pathway) -> dict[str, object]:
    return {
        "key": one.key,
        "name": one.name,
        "badges": [
            {
                "key": badge.key,
                "name": badge.name,
                "badge_class": badge.badge_class,
                "requires": list(badge.requires),
                "team": badge.team,
                "approval": badge.approval,
                "org_units": sorted(badge.home_org_units),
                "rule_version": badge.rule_version,
                "criteria": [_criterion_json(criterion) for criterion in badge.criteria],
            }
            for badge in one.badges
        ],
    }


def _criterion_json(one: AnyCriterion) -> dict[str, object]:
    nested = [_criterion_json(part) for part in one.of] if isinstance(one, Combination) else []
    sources = [] if nested else [str(source) for source in one.sources]
    return {"key": one.key, "name": one.name, "kind": one.kind, "sources": sources, "of": nested}
