"""`demo` and `sandbox`: everything on this machine, with pretended systems on real HTTP."""

import os
import tempfile
from collections import Counter
from pathlib import Path

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import plural, print_table
from d2l_sync.cli.sync import show_report
from d2l_sync.configuration.load import load
from d2l_sync.domain.award import State
from d2l_sync.domain.ids import PersonId
from d2l_sync.domain.settings import Settings
from d2l_sync.logs import set_up_logs
from d2l_sync.sandbox.ending import stop_signals, wait_for
from d2l_sync.sandbox.remote import SandboxProcess
from d2l_sync.services.explain import explain, sentence_of
from d2l_sync.services.roster_file import read_roster
from d2l_sync.services.scope import Scope
from d2l_sync.wiring import Application, open_application

BY = "demo"


@click.command()
@click.option("--learners", default=60, show_default=True, help="How many people the sandbox's courses have.")
@click.pass_obj
def demo(context: Context, *, learners: int) -> int:  # noqa: ARG001 - it brings its own configuration
    """Run the whole loop against the sandbox, and show who earned what."""
    with tempfile.TemporaryDirectory(prefix="d2l-sync-demo-") as folder:
        click.echo("Starting a Brightspace and a badging platform on this machine ...")
        with SandboxProcess(Path(folder), learners=learners) as sandbox:
            click.echo(f"  Brightspace {sandbox.addresses.brightspace}, platform {sandbox.addresses.badgr}\n")
            settings, pathways = load(sandbox.configuration, os.environ)
            set_up_logs(log_format="text", level="warning", secrets=settings.secrets)
            with open_application(settings, pathways) as application:
                return _show_loop(application, settings, sandbox.directory)


def _show_loop(application: Application, settings: Settings, directory: Path) -> int:
    application.tokens.import_refresh_token((directory / "refresh-token.txt").read_text(encoding="utf-8"))
    roster = (directory / "roster.csv").read_text(encoding="utf-8")
    keys = [pathway.key for pathway in application.pathways]
    rows = read_roster(roster, name="roster.csv", pathways=keys)
    application.state.import_roster(rows, replace=True)
    click.echo(f"$ d2l-sync teams import roster.csv     # {plural(len(rows), 'row')}")
    code = _pass(application, "the first pass")
    _show_badges(application)
    _show_waiting(application)
    _show_blocked(application)
    click.echo("$ d2l-sync approvals approve --all")
    made = application.desk().approve_waiting(team=None, badge=None, by=BY)
    click.echo(f"  {plural(len(made), 'approval')} recorded\n")
    code = max(code, _pass(application, "the approved ones"))
    _show_badges(application)
    code = max(code, _pass(application, "nothing is left to do"))
    _show_reviews(application)
    _show_explanation(application)
    click.echo(f"The sandbox is gone now; its configuration stood in {settings.source.parent}.")
    return code


def _pass(application: Application, comment: str) -> int:
    click.echo(f"$ d2l-sync sync                        # {comment}")
    with application.pass_lock():
        report = application.sync_pass(Scope()).run()
    show_report(report)
    click.echo()
    return report.exit_code


def _show_badges(application: Application) -> None:
    held: Counter[tuple[str, State]] = Counter((one.badge, one.state) for one in application.state.awards())
    columns = (State.ISSUED, State.AWAITING_APPROVAL, State.BLOCKED, State.FAILED)
    rows = [
        (badge.name, *(held[badge.key, state] or "-" for state in columns))
        for pathway in application.pathways
        for badge in pathway.badges
    ]
    print_table(("BADGE", "ISSUED", "WAITS FOR APPROVAL", "BLOCKED", "REFUSED"), rows, nothing="No badges.")
    click.echo()


def _show_waiting(application: Application) -> None:
    click.echo("Who waits for approval:")
    rows = [(one.user_id, one.badge, one.team or "") for one in application.desk().waiting()]
    print_table(("USER", "BADGE", "TEAM"), rows, nothing="  nobody")
    click.echo()


def _show_blocked(application: Application) -> None:
    click.echo("Who is blocked, and why:")
    blocked = application.desk().awards(state=State.BLOCKED)
    print_table(
        ("USER", "BADGE", "WHY"), [(one.person_id, one.badge, one.reason) for one in blocked], nothing="  nobody"
    )
    click.echo()


def _show_reviews(application: Application) -> None:
    click.echo("What a person should look at:")
    rows = [(one.finding.kind, one.finding.what) for one in application.state.reviews()]
    print_table(("KIND", "WHAT"), rows, nothing="  nothing")
    click.echo()


def _show_explanation(application: Application) -> None:
    """Explain one badge that somebody in its course does not have, as a help desk would paste it."""
    learners = {one for entries in application.state.snapshot().classlists.values() for one in entries.entries}
    for user_id in sorted(learners):
        for one in explain(application.state, application.pathways, PersonId(int(user_id))):
            blockers = one.blockers()
            if one.award is None and len(blockers) == 1 and blockers[0].value:
                click.echo(f"$ d2l-sync explain {user_id} --badge {one.badge.key}\n{one.sentence}")
                click.echo(f"  {sentence_of(blockers[0])}\n")
                return


@click.command()
@click.option("--learners", default=60, show_default=True, help="How many people its courses have.")
@click.option("--directory", type=click.Path(path_type=Path, file_okay=False), help="Where its configuration goes.")
def sandbox(learners: int, directory: Path | None) -> None:
    """Run the pretended Brightspace and badging platform until Ctrl-C."""
    over = stop_signals()
    with (
        tempfile.TemporaryDirectory(prefix="d2l-sync-sandbox-") as folder,
        _started(directory, folder, learners) as running,
    ):
        click.echo(f"Brightspace {running.addresses.brightspace}, platform {running.addresses.badgr}\n")
        click.echo(f"  export D2L_SYNC_CONFIG={running.configuration}")
        click.echo(f"  d2l-sync auth import < {running.directory}/refresh-token.txt")
        click.echo(f"  d2l-sync teams import {running.directory}/roster.csv")
        click.echo("  d2l-sync sync\n\nCtrl-C ends it.")
        wait_for(over)


def _started(directory: Path | None, folder: str, learners: int) -> SandboxProcess:
    return SandboxProcess((directory or Path(folder)).absolute(), learners=learners)
