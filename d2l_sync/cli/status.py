"""`status`: the last pass, how fresh the facts are, the ledger, and what needs a person."""

from datetime import datetime
from typing import Any

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, plural, print_json, print_table, short, span, when
from d2l_sync.domain.award import State
from d2l_sync.domain.guard import described, newest_number
from d2l_sync.domain.service import Node, Request
from d2l_sync.domain.sign_in import SignIn
from d2l_sync.domain.stored import StoredPass
from d2l_sync.services.resync import told_wish
from d2l_sync.services.standing import Standing
from d2l_sync.wiring import Application, now

Body = dict[str, Any]
MISSING = "missing_there"
COMPLETE = "complete"


@click.command()
@json_option
@click.pass_obj
def status(context: Context, *, as_json: bool) -> None:
    """Show how things stand, from the state database alone."""
    with context.application(secrets_required=False) as application:
        standing = application.standing()
        live = application.live_nodes()
        queued = application.service.queued({one.name for one in live})
        needs = _needs(application, standing)
        held = _held(application)
        sign_in = application.sign_in()
        refusal = application.platform_refusal()
        if as_json:
            print_json(_body(application, standing, needs=needs, held=held, live=live, queued=queued))
            return
    _print_passes(standing, live)
    if not application.settings.delivery.is_live:
        click.echo('Mode: observe, so nothing is sent; to go live, set delivery.mode = "issue"')
    click.echo(f"Brightspace sign-in: {sign_in.needed or _good(sign_in)}")
    if sign_in.needed:
        click.echo(f"  {sign_in.hint}")
    if refusal:
        click.echo(f"Badging platform: {refusal}")
        click.echo("  see: d2l-sync check")
    _print_ledger(standing)
    if held:
        click.echo(f"The guard holds {held['what']}; look: d2l-sync plan; let it go: {held['command']}")
    _print_needs(needs, otherwise="" if sign_in.needed or refusal or held else "Nothing waits for a person.")
    for request in queued:
        click.echo(f"Resync {request.request_id} waits since {short(request.asked_at)} UTC: {told_wish(request.scope)}")
    rows = [
        (unit, f"{short(read_at)} UTC", f"{span(_age_s(read_at))} ago")
        for unit, read_at in sorted(standing.freshness.items())
    ]
    print_table(("ORG UNIT", "LAST READ", ""), rows, nothing="No org unit was read yet.")


def _body(
    application: Application,
    standing: Standing,
    *,
    needs: Body,
    held: Body | None,
    live: list[Node],
    queued: list[Request],
) -> Body:
    since, sign_in = standing.unsent_since, application.sign_in()
    return {
        "mode": application.settings.delivery.mode,
        "last_pass": _pass(standing.last),
        "last_complete_pass": _pass(standing.last_complete),
        "next_pass": when(_next_pass(live)),
        "freshness": [
            {"org_unit": unit, "read_at": when(read_at), "age_s": _age_s(read_at)}
            for unit, read_at in sorted(standing.freshness.items())
        ],
        "awards": {one.value: count for one, count in standing.counts.items()},
        "unsent": {"awards": standing.unsent, "since": when(since), "age_s": _age_s(since) if since else None},
        "held": held,
        "doubtful": standing.counts.get(State.DOUBTFUL, 0),
        "needs_a_person": needs,
        "auth": sign_in.state,
        "auth_renewed_at": when(sign_in.renewed_at),
        "auth_age_s": _age_s(sign_in.renewed_at) if sign_in.renewed_at else None,
        "auth_hint": sign_in.hint if sign_in.needed else None,
        "badging_auth": application.platform_refusal() or "good",
        "resync_requests": [
            {"request": one.request_id, "since": when(one.asked_at), "scope": told_wish(one.scope)} for one in queued
        ],
        "nodes": [
            {
                "name": one.name,
                "started_at": when(one.started_at),
                "beat_at": when(one.beat_at),
                "next_pass": when(one.next_pass_at),
            }
            for one in live
        ],
    }


def _pass(one: StoredPass | None) -> Body | None:
    if one is None:
        return None
    return {
        "pass": one.pass_id,
        "outcome": one.outcome,
        "started_at": when(one.started_at),
        "ended_at": when(one.ended_at),
        "scope": one.scope,
    }


def _needs(application: Application, standing: Standing) -> Body:
    """Count what waits for a person, by what it is."""
    waiting = application.desk().waiting()
    reviews = application.state.reviews()
    return {
        "approvals": len(waiting),
        "approvals_since": min((one.since for one in waiting if one.since), default=None),
        "reviews": len(reviews),
        "missing": sum(one.finding.kind == MISSING for one in reviews),
        "blocked": standing.counts.get(State.BLOCKED, 0),
        "failed": standing.counts.get(State.FAILED, 0),
    }


def _held(application: Application) -> Body | None:
    """Describe the newest plan that the guard holds; only that one can be let go."""
    plans = application.held_plans()
    number = newest_number(plans)
    if number is None:
        return None
    return {"pass": number, "what": described(plans[number]), "command": f"d2l-sync passes release {number}"}


def _next_pass(live: list[Node]) -> datetime | None:
    return min((one.next_pass_at for one in live if one.next_pass_at is not None), default=None)


def _age_s(moment: datetime) -> int:
    return int((now() - moment).total_seconds())


def _good(sign_in: SignIn) -> str:
    """Say how old a sign-in is that needs nobody; one that is asked for anew each time may have no age."""
    if sign_in.renewed_at is None:
        return "good"
    told = span(_age_s(sign_in.renewed_at))
    return f"good, last renewed {told} ago" if sign_in.is_tried else f"good, given {told} ago and not tried yet"


def _print_passes(standing: Standing, live: list[Node]) -> None:
    last, complete = standing.last, standing.last_complete
    if last is None:
        click.echo("No pass yet.")
    else:
        outcome = last.outcome or ("still running, or killed" if last.ended_at is None else "ended early")
        click.echo(f"Last pass {last.pass_id}: {outcome}, {short(last.started_at)} UTC, {last.scope}")
        if outcome != COMPLETE:
            click.echo(f"  see: d2l-sync passes show {last.pass_id}")
    if complete is not None and complete != last:
        click.echo(f"Last complete pass {complete.pass_id}: {short(complete.started_at)} UTC")
    next_pass = _next_pass(live)
    if next_pass is not None:
        click.echo(f"Next pass: {short(next_pass)} UTC, by {plural(len(live), 'running service')}")
    else:
        click.echo("Next pass: none planned" if live else "Next pass: none, for no service is running")


def _print_ledger(standing: Standing) -> None:
    shown = ", ".join(f"{count} {state.value}" for state, count in standing.counts.items())
    click.echo(f"Awards: {shown or 'none yet'}")
    if standing.unsent_since is not None:
        click.echo(f"Not sent yet: {standing.unsent}, the oldest since {short(standing.unsent_since)} UTC")


def _print_needs(needs: Body, *, otherwise: str) -> None:
    """Print what waits for a person, or otherwise that nothing does; nothing where one has been sent for already."""
    since = needs["approvals_since"]
    commands = {
        "approvals": f"d2l-sync approvals list{f' (since {short(since)} UTC)' if since else ''}",
        "reviews": "d2l-sync reviews list",
        "missing": "d2l-sync reviews list; then: d2l-sync awards retry LEARNER",
        "blocked": "d2l-sync awards list --state blocked",
        "failed": "d2l-sync awards list --state failed; then: d2l-sync awards retry",
    }
    rows = [(needs[name], name, command) for name, command in commands.items() if needs[name]]
    heading = "For a person:" if rows else otherwise
    if heading:
        click.echo(heading)
    for count, name, command in rows:
        click.echo(f"  {count} {name}: {command}")
