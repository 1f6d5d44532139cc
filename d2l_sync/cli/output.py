"""How answers look: one JSON value for scripts, tables and sentences for people."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum

import click
from rich.console import Console
from rich.table import Table

from d2l_sync.domain.ids import LARGEST_ID

WIDE = 10_000
json_option = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON value.")


class _Number(click.IntRange):
    """A whole number from 1 on, called that: nobody is shown the nineteen digits that a database can hold."""

    name = "number"

    def _describe_range(self) -> str:
        return "1 or more"


Number = _Number(1, LARGEST_ID)
"""What an id, of theirs or of ours, can be."""
yes_option = click.option("--yes", is_flag=True, help="Ask no questions.")


def is_agreed(question: str, *, yes: bool) -> bool:
    """Ask a person on a terminal; whoever said --yes, and a script, has agreed.

    A person who would not see the question, for standard error goes elsewhere, is not asked: they would wait for ever.
    """
    is_seen = sys.stdin.isatty() and sys.stderr.isatty()
    return yes or not is_seen or click.confirm(question, err=True)


def console(*, on_stderr: bool = False) -> Console:
    """Make a console that fits the terminal; where there is none, one row is one line, however long."""
    made = Console(stderr=on_stderr, highlight=False, emoji=False, markup=False)
    return (
        made if made.is_terminal else Console(stderr=on_stderr, highlight=False, emoji=False, markup=False, width=WIDE)
    )


def print_json(value: object) -> None:
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def when(moment: datetime | None) -> str | None:
    """Write an instant as scripts read it: ISO 8601 in UTC, to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def short(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""


def span(seconds: float) -> str:
    """Write how long something lasts, roughly: in the largest unit of which there are two."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, nothing: str) -> None:
    """Print rows under their columns, or one sentence when there are none."""
    shown = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not shown:
        click.echo(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in shown:
        table.add_row(*row)
    made = console()
    with made.capture() as captured:
        made.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
