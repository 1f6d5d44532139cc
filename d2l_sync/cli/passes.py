"""`passes`: those that were, and letting go what the guard held of one."""

import json

import click

from d2l_sync.cli.context import Context, system_user
from d2l_sync.cli.output import Number, is_agreed, json_option, print_json, print_table, short, when, yes_option
from d2l_sync.cli.resync import wait_for
from d2l_sync.cli.sync import progress, show_pass, show_report
from d2l_sync.domain.errors import Busy, UsageError
from d2l_sync.domain.guard import newest_number
from d2l_sync.domain.stored import StoredPass
from d2l_sync.services.guarding import plan_of
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import no_pass
from d2l_sync.services.resync import Wish, read_report, write_wish
from d2l_sync.wiring import now

SHOWN = 20


@click.group()
def passes() -> None:
    """See past passes, and let go what the guard holds."""


@passes.command("list")
@click.option("--limit", type=Number, help=f"At most so many; without it {SHOWN}, and with --json all.")
@json_option
@click.pass_obj
def list_(context: Context, *, limit: int | None, as_json: bool) -> None:
    """List the newest passes, newest first."""
    with context.application(secrets_required=False) as application:
        found = application.state.passes(limit or (None if as_json else SHOWN))
    if as_json:
        print_json([_pass_json(one) for one in found])
        return
    rows = [(one.pass_id, short(one.started_at), one.outcome or "not ended", one.scope) for one in found]
    print_table(("PASS", "STARTED (UTC)", "OUTCOME", "SCOPE"), rows, nothing="No pass yet.")


@passes.command()
@click.argument("number", type=Number)
@json_option
@click.pass_obj
def show(context: Context, *, number: int, as_json: bool) -> None:
    """Show one pass's figures and problems."""
    with context.application(secrets_required=False) as application:
        found = application.state.pass_(number)
    if found is None:
        raise UsageError(f"there is no pass {number}", hint="see: d2l-sync passes list")
    body = _pass_json(found)
    if as_json:
        print_json(body)
        return
    ended = f"{short(found.ended_at)} UTC" if found.ended_at else "nobody knows when"
    click.echo(f"Over {found.scope}, from {short(found.started_at)} UTC to {ended}")
    if found.outcome is None:
        click.echo("It did not end: it still runs, or the program was stopped or killed, or met an error.")
        click.echo(f"  see: d2l-sync log --pass {found.pass_id}")
    else:
        show_report(read_report(found.summary))


@passes.command()
@click.argument("number", type=Number)
@yes_option
@json_option
@click.pass_obj
def release(context: Context, *, number: int, yes: bool, as_json: bool) -> int:
    """Issue the plan that the guard holds, if it is still exactly that plan."""
    with context.application() as application:
        plans = application.held_plans()
        is_newest = plan_of(number, plans, application.state.pass_) == newest_number(plans)
        if is_newest and not is_agreed(f"Issue everything that the guard holds of pass {number}?", yes=yes):
            raise click.Abort
        try:
            with application.pass_lock(), progress() as told:
                report = application.release(number, by=system_user(), progress=told)
        except Busy as error:
            live = {one.name for one in application.live_nodes()}
            if live:
                wish = write_wish(Wish(released=number))
                request = application.service.ask(wish, by=system_user(), at=now(), live=live)
                return wait_for(application, request, as_json=as_json)
            report = no_pass(Problem(str(error), "state database", error.hint), error.exit_code)
    return show_pass(report, as_json=as_json)


def _pass_json(one: StoredPass) -> dict[str, object]:
    summary = json.loads(one.summary) if one.summary else {}
    return {
        "pass": one.pass_id,
        "started_at": when(one.started_at),
        "ended_at": when(one.ended_at),
        "scope": one.scope,
        "outcome": one.outcome,
    } | {name: value for name, value in summary.items() if name not in {"pass", "outcome"}}
