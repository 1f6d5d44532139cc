"""`report`: the programme in figures, as text, JSON, CSV or one page to show around."""

import csv
import io
import sys
from dataclasses import asdict
from pathlib import Path

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, print_json, print_table, short, when
from d2l_sync.cli.report_page import page
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.mail import Mail
from d2l_sync.services.programme_report import BadgeFigures, ProgrammeReport, by_age, programme_report
from d2l_sync.wiring import now

file_type = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command()
@click.option("--html", "html", type=file_type, help="Write one self-contained page with pictures; - prints it.")
@click.option("--csv", "table", type=file_type, help="Write every figure as a row; - prints them.")
@click.option("--mail", "mail", is_flag=True, help="Show the mail that tells staff what waits now; none is sent.")
@json_option
@click.pass_obj
def report(context: Context, *, html: Path | None, table: Path | None, mail: bool, as_json: bool) -> None:
    """Show the programme: how far learners come, how long awards take, where they are stuck, what waits.

    Counts only: nobody is named. Files are written as the user whom the state belongs to.
    """
    if mail and (html or table):
        raise UsageError("--mail shows the mail and nothing else", hint="leave the other options out")
    with context.application(secrets_required=False) as application:
        if mail:
            _show(application.mail_of_now(), as_json=as_json)
            return
        made = programme_report(application.state, application.pathways, now=now())
        if html is not None:
            _write(html, page(made))
        if table is not None:
            _write(table, as_csv(made))
    if as_json:
        print_json(as_value(made))
    elif html is None and table is None:
        _print(made)


def _show(mail: Mail | None, *, as_json: bool) -> None:
    if as_json:
        print_json(mail and {"subject": mail.subject, "text": mail.text})
    elif mail is None:
        click.echo("Nothing waits for a person: no mail goes.")
    else:
        click.echo(f"Subject: {mail.subject}\n\n{mail.text}", nl=False)


def _write(file: Path, text: str) -> None:
    if str(file) == "-":
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        hint = "name a file in a folder where the service's user may write, or use -"
        raise UsageError(f"{file} can't be written: {error.strerror}", hint=hint) from error


def as_value(made: ProgrammeReport) -> dict[str, object]:
    """Return the report as scripts read it."""
    return {
        "made_at": when(made.made_at),
        "read_at": when(made.read_at),
        "reviews": made.reviews,
        "pathways": [
            {"pathway": key, "name": name, "badges": [_badge(one) for one in badges]}
            for key, name, badges in made.pathways
        ],
    }


def _badge(one: BadgeFigures) -> dict[str, object]:
    return {
        "badge": one.badge,
        "name": one.name,
        "funnel": {"learners": one.learners, "may_earn": one.may_earn, "earned": one.earned, "issued": one.issued},
        "awards": dict(sorted(one.states.items())),
        "lacks": {"prerequisite": one.lacks_prerequisite, "team": one.lacks_team},
        "criteria": [asdict(criterion) for criterion in one.criteria],
        "days_to_award": {
            "median": None if one.median_days is None else round(one.median_days, 2),
            "by_age": by_age(one.days_to_award),
        },
        "approvals": {
            "waiting": len(one.waiting_days),
            "oldest_days": round(max(one.waiting_days), 1) if one.waiting_days else None,
            "by_age": by_age(one.waiting_days),
        },
    }


def as_csv(made: ProgrammeReport) -> str:
    """Write one row for each figure: pathway, badge, what is counted, of what, how many."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("pathway", "badge", "figure", "of", "count"))
    for _, _, badges in made.pathways:
        for one in badges:
            rows.writerows((one.pathway, one.badge, *figure) for figure in _figures(one))
    return text.getvalue()


def _figures(one: BadgeFigures) -> list[tuple[str, str, int]]:
    stages = {"learners": one.learners, "may_earn": one.may_earn, "earned": one.earned, "issued": one.issued}
    figures = [("funnel", stage, count) for stage, count in stages.items()]
    figures += [("awards", state, count) for state, count in sorted(one.states.items())]
    figures += [("lacks", "prerequisite", one.lacks_prerequisite), ("lacks", "team", one.lacks_team)]
    for criterion in one.criteria:
        figures += [
            (f"criterion_{name}", criterion.key, getattr(criterion, name))
            for name in ("met", "unmet", "unknown", "stuck", "last")
        ]
    figures += [("time_to_award", age, count) for age, count in by_age(one.days_to_award).items()]
    return figures + [("approval_age", age, count) for age, count in by_age(one.waiting_days).items()]


def _print(made: ProgrammeReport) -> None:
    """Tell a person: one table of the funnel, then where people are stuck and what waits."""
    click.echo(f"As of the pass of {short(made.read_at)} UTC." if made.read_at else "No pass yet.")
    for _, name, badges in made.pathways:
        click.echo(f"\n{name}")
        columns = ("BADGE", "LEARNERS", "MAY EARN IT", "EARNED", "ISSUED", "DAYS TO AWARD", "WAIT FOR APPROVAL")
        rows = [
            (one.name, one.learners, one.may_earn, one.earned, one.issued, _days(one), _wait(one)) for one in badges
        ]
        print_table(columns, rows, nothing="No badges.")
        stuck = [
            (one.name, criterion.name, criterion.stuck, criterion.last)
            for one in badges
            for criterion in one.criteria
            if criterion.stuck
        ]
        click.echo()
        print_table(("BADGE", "STUCK AT", "LEARNERS", "LACK ONLY THIS"), stuck, nothing="Nobody is stuck.")
        optional = [(one.name, each.name, each.met) for one in badges for each in one.criteria if not each.is_required]
        if optional:
            click.echo()
            print_table(("BADGE", "NOT REQUIRED", "DONE BY"), optional, nothing="")


def _days(one: BadgeFigures) -> str:
    return "" if one.median_days is None else f"{one.median_days:.1f}"


def _wait(one: BadgeFigures) -> str:
    return f"{len(one.waiting_days)}, oldest {max(one.waiting_days):.0f} days" if one.waiting_days else ""
