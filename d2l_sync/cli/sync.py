"""`sync` and `plan`: one pass now, and what it would do; how every command shows a pass."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import Number, console, json_option, plural, print_json, print_table
from d2l_sync.cli.troubles import Trouble, told_once
from d2l_sync.domain.errors import Busy
from d2l_sync.domain.ids import OrgUnitId
from d2l_sync.services.observe import Progress as Told
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import PassReport, no_pass
from d2l_sync.services.scope import Scope
from d2l_sync.wiring import Application


def scope_options(command: Any) -> Any:  # noqa: ANN401 - click decorates anything
    for option in (
        click.option("--full", is_flag=True, help="Trust no bookmark: read everything anew."),
        click.option("--badge", help="Only this badge: its key, or PATHWAY/KEY."),
        click.option("--learner", help="Only this learner: user id, address or OrgDefinedId."),
        click.option("--org-unit", type=Number, help="Only the badges earned in this org unit."),
    ):
        command = option(command)
    return command


@click.command()
@scope_options
@click.option("--dry-run", is_flag=True, help="Only say what would happen; write nothing.")
@json_option
@click.pass_obj
def sync(context: Context, /, *, dry_run: bool, as_json: bool, **scope: Any) -> int:  # noqa: ANN401 - see scope_options
    """Make one pass now: read, decide, issue."""
    with context.application() as application, progress() as told:
        wanted = scope_of(scope)
        report = _plan(application, wanted, told) if dry_run else _sync(application, wanted, told)
    return show_pass(report, as_json=as_json)


@click.command()
@scope_options
@json_option
@click.pass_obj
def plan(context: Context, /, *, as_json: bool, **scope: Any) -> int:  # noqa: ANN401 - see scope_options
    """Say exactly who would get what, and why not. Writes nothing."""
    with context.application() as application, progress() as told:
        report = _plan(application, scope_of(scope), told)
    return show_pass(report, as_json=as_json)


def scope_of(given: dict[str, Any]) -> Scope:
    unit = given["org_unit"]
    return Scope(
        org_unit_id=OrgUnitId(unit) if unit is not None else None,
        learner=given["learner"],
        badge=given["badge"],
        full=given["full"],
    )


def _sync(application: Application, scope: Scope, told: Told | None) -> PassReport:
    try:
        with application.pass_lock():
            return application.sync_pass(scope, progress=told).run()
    except Busy as error:
        return no_pass(Problem(str(error), "state database", error.hint), error.exit_code)


def _plan(application: Application, scope: Scope, told: Told | None) -> PassReport:
    try:
        return application.sync_pass(scope, progress=told).plan()
    finally:
        application.log_book().drop()


@contextmanager
def progress() -> Iterator[Told | None]:
    """Show a bar while Brightspace is read, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    with progress_bar() as told:
        yield told


@contextmanager
def progress_bar() -> Iterator[Told]:
    columns = (TextColumn("Reading Brightspace"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console(on_stderr=True), transient=True) as bar:
        task = bar.add_task("read", total=None)

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield told


def show_pass(report: PassReport, *, as_json: bool) -> int:
    if as_json:
        print_json(report.as_json())
    else:
        show_report(report)
    return report.exit_code


def show_report(report: PassReport) -> None:
    """Tell a person what a pass saw and did."""
    if report.outcome is None:
        click.echo("No pass was made.")
    else:
        _show_counts(report)
    if report.would_issue:
        rows = [(one.pathway, one.badge, one.user_id) for one in report.would_issue]
        print_table(("PATHWAY", "BADGE", "USER"), rows, nothing="")
    if report.would_enrol:
        people = [(one.pathway, one.badge, one.user_id, one.org_unit) for one in report.would_enrol]
        print_table(("PATHWAY", "BADGE", "USER", "LET INTO ORG UNIT"), people, nothing="")
    for one in told_once(Trouble(problem.where, problem.what, problem.hint) for problem in report.problems):
        click.echo(f"  ! {one}")
        for hint in one.hints:
            click.echo(f"    {hint}")


def _show_counts(report: PassReport) -> None:
    awards, is_plan = report.awards, report.would_issue is not None
    name = "Plan" if is_plan else f"Pass {report.pass_id}"
    click.echo(f"{name}: {report.outcome}, {plural(report.learners, 'learner')}, {report.seconds:.1f} s")
    done = f"{len(report.would_issue or ())} would be issued" if is_plan else f"{awards.issued} issued"
    let_in = f", {report.enrolled} let into a course" if report.enrolled else ""
    click.echo(f"  {awards.earned} earned, {done}, {awards.adopted} adopted{let_in}")
    waits = {
        "awaiting approval": awards.awaiting_approval,
        "blocked": awards.blocked,
        "refused by the platform": awards.failed,
        "doubtful": awards.doubtful,
        "held": awards.held,
    }
    waiting = ", ".join(f"{count} {name}" for name, count in waits.items() if count)
    click.echo(f"  {waiting or 'nothing waits'}")
