"""`approvals`: what waits for an administrator, and the answer."""

from dataclasses import asdict

import click

from d2l_sync.cli.context import Context, by_option, system_user
from d2l_sync.cli.output import is_agreed, json_option, plural, print_json, print_table, short, when, yes_option
from d2l_sync.domain.errors import UsageError
from d2l_sync.services.desk import Waiting

badge_option = click.option("--badge", help="Only this badge: its key, or PATHWAY/KEY.")


@click.group()
def approvals() -> None:
    """Approve or reject awards that ask for it."""


@approvals.command("list")
@json_option
@click.pass_obj
def list_(context: Context, *, as_json: bool) -> None:
    """List what waits for approval, longest first."""
    with context.application(secrets_required=False) as application:
        rows = application.desk().waiting()
    if as_json:
        print_json([_as_json(row) for row in rows])
        return
    shown = [(row.pathway, row.badge, row.user_id, row.email, short(row.since), row.team) for row in rows]
    print_table(
        ("PATHWAY", "BADGE", "USER", "ADDRESS", "SINCE (UTC)", "TEAM"), shown, nothing="Nothing waits for approval."
    )


@approvals.command()
@click.argument("learners", nargs=-1)
@click.option("--team", help="All of this team who wait now.")
@click.option("--all", "everybody", is_flag=True, help="All who wait now.")
@badge_option
@by_option
@yes_option
@click.pass_obj
def approve(
    context: Context,
    *,
    learners: tuple[str, ...],
    team: str | None,
    everybody: bool,
    badge: str | None,
    by: str | None,
    yes: bool,
) -> None:
    """Approve awards; LEARNERS also before they have earned it."""
    if sum([bool(learners), team is not None, everybody]) != 1:
        raise UsageError("say whom: LEARNERS, --team or --all", hint="see: d2l-sync approvals approve --help")
    with context.application(secrets_required=bool(learners)) as application:
        desk, who = application.desk(), system_user(by)
        if learners:
            made = desk.approve(learners, badge=badge, by=who)
        else:
            count = len(desk.waiting_for(team=team, badge=badge))
            if count and not is_agreed(f"Approve {plural(count, 'award')}?", yes=yes):
                raise click.Abort
            made = desk.approve_waiting(team=team, badge=badge, by=who)
    if made:
        click.echo(f"{plural(len(made), 'approval')} recorded; the next pass issues what is earned.")
    else:
        of_team = f" of team {team}" if team is not None else ""
        why = "approved already" if learners else f"nothing{of_team} waits for approval"
        click.echo(f"Nothing to do: {why}.")


@approvals.command()
@click.argument("learner")
@click.option("--reason", required=True, help="Why; shown to whoever asks.")
@badge_option
@by_option
@click.pass_obj
def reject(context: Context, *, learner: str, reason: str, badge: str | None, by: str | None) -> None:
    """Reject until an approval names the learner."""
    with context.application() as application:
        made = application.desk().reject(learner, badge=badge, by=system_user(by), reason=reason)
    click.echo(f"{plural(len(made), 'rejection')} recorded.")


def _as_json(row: Waiting) -> dict[str, object]:
    return asdict(row) | {"since": when(row.since)}
