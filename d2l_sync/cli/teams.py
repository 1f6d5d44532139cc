"""`teams`: the roster of development teams."""

from datetime import datetime
from pathlib import Path

import click
import structlog

from d2l_sync.cli.context import Context, system_user
from d2l_sync.cli.output import is_agreed, json_option, plural, print_json, print_table, yes_option
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import PathwayKey, UserId, address_of, user_id_of
from d2l_sync.domain.roster import RosterRow
from d2l_sync.services.roster_file import read_roster
from d2l_sync.wiring import Application, now

log = structlog.get_logger()
day_option = click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day; default: today.")


@click.group()
def teams() -> None:
    """Keep the roster: who is on which team, and whether that is confirmed."""


@teams.command("list")
@json_option
@click.pass_obj
def list_(context: Context, *, as_json: bool) -> None:
    """List the roster."""
    with context.application(secrets_required=False) as application:
        rows = application.state.roster()
    if as_json:
        print_json([_as_json(row) for row in rows])
        return
    shown = [
        (row.team, row.user_id or row.org_defined_id or row.address, row.confirmed_on or "not confirmed", row.pathway)
        for row in rows
    ]
    print_table(("TEAM", "WHO", "CONFIRMED", "PATHWAY"), shown, nothing="The roster is empty.")


@teams.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Make the roster equal to the file.")
@yes_option
@click.pass_obj
def import_(context: Context, *, file: Path, replace: bool, yes: bool) -> None:
    """Take over a CSV file: team,email,user_id,org_defined_id,confirmed_on,pathway."""
    text = file.read_text(encoding="utf-8", errors="replace")
    with context.application(secrets_required=False) as application:
        rows = read_roster(text, name=file.name, pathways=[one.key for one in application.pathways])
        if replace and not is_agreed(f"Make the roster equal to {plural(len(rows), 'row')}?", yes=yes):
            raise click.Abort
        changed = application.state.import_roster(rows, replace=replace)
        log.info("team_imported", rows=len(rows), changed=changed, is_replacement=replace, by=system_user())
    click.echo(f"{plural(len(rows), 'row')} read, {changed} of the roster changed. The next pass uses it.")


@teams.command()
@click.argument("team")
@day_option
@click.pass_obj
def confirm(context: Context, *, team: str, day: datetime | None) -> None:
    """Confirm everybody on TEAM who is not confirmed yet."""
    with context.application(secrets_required=False) as application:
        today = now().astimezone(application.settings.schedule.timezone).date()
        count = application.state.confirm_team(team, day.date() if day else today, today=today)
        if count:
            log.info("team_confirmed", team=team, members=count, by=system_user())
    if count is None:
        raise UsageError(f"there is no team {team} on the roster", hint="see: d2l-sync teams list")
    click.echo(f"{plural(count, 'member')} confirmed." if count else "Everybody was confirmed already.")


@teams.command()
@click.argument("team")
@click.argument("learner")
@click.option("--confirmed-on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Since when; else not confirmed.")
@click.option("--pathway", help="Only for this pathway.")
@click.pass_obj
def add(context: Context, *, team: str, learner: str, day: datetime | None, pathway: str | None) -> None:
    """Put LEARNER (user id, address or OrgDefinedId) on TEAM."""
    team = team.strip()
    if not team:
        raise UsageError("the team has no name; nothing was changed", hint="d2l-sync teams add TEAM LEARNER")
    with context.application(secrets_required=False) as application:
        if pathway is not None and pathway not in {one.key for one in application.pathways}:
            raise UsageError(f"there is no pathway {pathway}")
        row = _row(application, team, learner, day=day, pathway=pathway)
        application.state.add_member(row)
        log.info("member_added", team=team, user_id=row.user_id, by=system_user())
    click.echo(f"Added to {team}. The next pass uses it.")


@teams.command()
@click.argument("team")
@click.argument("learner")
@click.pass_obj
def remove(context: Context, *, team: str, learner: str) -> None:
    """Take LEARNER off TEAM; nothing that was awarded is touched."""
    with context.application(secrets_required=False) as application:
        people = {int(one) for one in application.state.find_people(learner)}
        named = {learner.strip().lower()}
        found = [
            row
            for row in application.state.roster()
            if row.team == team
            and (
                row.user_id in people
                or {row.address, row.org_defined_id, str(row.user_id)} & named
                or _means(application, row, people)
            )
        ]
        for row in found:
            application.state.remove_member(row.row_id)
            log.info("member_removed", team=team, user_id=row.user_id, by=system_user())
    if not found:
        raise UsageError("no such learner on that team", hint="see: d2l-sync teams list")
    click.echo(f"{plural(len(found), 'row')} removed.")


def _means(application: Application, row: RosterRow, people: set[int]) -> bool:
    """Tell whether a row's address or OrgDefinedId fits one of the people."""
    named = row.address or row.org_defined_id
    return (
        row.user_id is None
        and bool(named)
        and bool({int(one) for one in application.state.find_people(str(named))} & people)
    )


def _row(application: Application, team: str, learner: str, *, day: datetime | None, pathway: str | None) -> RosterRow:
    found = application.state.find_people(learner)
    if len(found) > 1:
        names = ", ".join(str(one) for one in sorted(found))
        raise UsageError(f"{len(found)} learners fit what was given: users {names}", hint="give the user id")
    user_id = UserId(int(next(iter(found)))) if found else user_id_of(learner)
    is_address = user_id is None and "@" in learner
    return RosterRow(
        team,
        address=address_of(learner) if is_address else None,
        user_id=user_id,
        org_defined_id=learner.strip() if user_id is None and not is_address else None,
        confirmed_on=day.date() if day else None,
        pathway=PathwayKey(pathway) if pathway else None,
    )


def _as_json(row: RosterRow) -> dict[str, object]:
    return {
        "team": row.team,
        "email": row.address,
        "user_id": row.user_id,
        "org_defined_id": row.org_defined_id,
        "confirmed_on": row.confirmed_on.isoformat() if row.confirmed_on else None,
        "pathway": row.pathway,
    }
