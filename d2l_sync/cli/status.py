"""`status`: the last pass, how fresh the facts are, the ledger, and what needs a person."""

from datetime import UTC, datetime

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, plural, print_json, print_table, short, when
from d2l_sync.wiring import Application


@click.command()
@json_option
@click.pass_obj
def status(context: Context, *, as_json: bool) -> None:
    """Show how things stand, from the state database alone."""
    with context.application(secrets_required=False) as application:
        body = _gather(application)
        last = application.state.latest_pass()
    if as_json:
        print_json(body)
        return
    if last is None:
        click.echo("No pass yet.")
    else:
        outcome = last.outcome or ("still running, or killed" if last.ended_at is None else "ended early")
        click.echo(f"Last pass {last.pass_id}: {outcome}, {short(last.started_at)} UTC, {last.scope}")
        click.echo(f"Next pass, where the service runs: about {body['next_pass']}")
    click.echo(f"Brightspace sign-in: {body['auth']}")
    _print_needs(body)


def _gather(application: Application) -> dict[str, object]:
    state = application.state
    last = state.latest_pass()
    waiting = application.desk().waiting()
    return {
        "mode": application.settings.delivery.mode,
        "last_pass": {
            "pass": last.pass_id,
            "outcome": last.outcome,
            "started_at": when(last.started_at),
            "ended_at": when(last.ended_at),
            "scope": last.scope,
        }
        if last
        else None,
        "next_pass": when(last.started_at + application.settings.schedule.every) if last else None,
        "freshness": [
            {"org_unit": unit, "read_at": when(read_at), "age_s": int((datetime.now(UTC) - read_at).total_seconds())}
            for unit, read_at in sorted(state.freshness().items())
        ],
        "awards": {one.value: count for one, count in state.counts().items()},
        "needs_a_person": {"approvals": len(waiting), "reviews": len(state.reviews())},
        "auth": application.auth_state(),
    }


def _print_needs(body: dict[str, object]) -> None:
    counts = body["awards"]
    if isinstance(counts, dict):
        shown = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        click.echo(f"Awards: {shown or 'none yet'}")
    needs = body["needs_a_person"]
    if isinstance(needs, dict):
        click.echo(f"For a person: {plural(needs['approvals'], 'approval')}, {plural(needs['reviews'], 'review')}")
    rows = body["freshness"]
    if isinstance(rows, list):
        shown_rows = [(row["org_unit"], row["read_at"], row["age_s"]) for row in rows]
        print_table(("ORG UNIT", "LAST READ", "SECONDS AGO"), shown_rows, nothing="No org unit was read yet.")
