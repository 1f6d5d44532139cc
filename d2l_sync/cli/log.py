"""`log`: the service's log with what people did, readable and filtered."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import Number, json_option, print_json, when
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.log_line import LEVELS, LogFilter, LogLine
from d2l_sync.services.scope import only_person
from d2l_sync.wiring import Application, now

DURATION = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.command()
@click.option("--pass", "pass_id", type=Number, help="Only lines of this pass.")
@click.option("--learner", help="Only lines about this learner: user id, address or OrgDefinedId.")
@click.option(
    "--level",
    type=click.Choice(LEVELS, case_sensitive=False),
    default=LEVELS[0],
    help="This level and graver ones; default: all.",
)
@click.option("--since", help="Only later lines: a date or time (UTC unless it says), or a while: 30m, 2h, 7d.")
@json_option
@click.pass_obj
def log(
    context: Context, *, pass_id: int | None, learner: str | None, level: str, since: str | None, as_json: bool
) -> None:
    """Show the service's log, and who approved, held, attested and closed what.

    Times are in UTC.
    """
    with context.application(secrets_required=False) as application:
        wanted = LogFilter(
            pass_id=pass_id,
            user_ids=_users(application, learner) if learner is not None else None,
            level=level,
            since=since_when(since, now=now) if since is not None else None,
        )
        lines = application.state.log_lines(wanted)
    if as_json:
        print_json([_as_json(line) for line in lines])
        return
    for line in lines:
        click.echo(sentence(line))
    if not lines:
        click.echo("No such lines.")


def since_when(text: str, *, now: Callable[[], datetime]) -> datetime:
    """Return the instant that a date, a time or a while ago names. Raises UsageError."""
    found = DURATION.fullmatch(text.strip())
    try:
        if found:
            return now() - timedelta(**{UNITS[found[2]]: int(found[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        hint = "such as 2026-03-02, 2026-03-02T14:30, 30m, 2h or 7d"
        raise UsageError("--since is neither a date, nor a time, nor a while", hint=hint) from None


def sentence(line: LogLine) -> str:
    """Put a line as people read it: when, how grave, what, and about whom."""
    parts = [f"{line.at:%Y-%m-%d %H:%M:%S}", f"{line.level:7}", f"{line.event:20}"]
    if line.pass_id is not None:
        parts.append(f"pass {line.pass_id}")
    if line.user_id is not None:
        parts.append(f"user {line.user_id}")
    details = {name: value for name, value in json.loads(line.details).items() if value not in (None, "")}
    traceback = details.pop("exception", None)
    parts.extend(f"{name}={_short(value)}" for name, value in details.items())
    text = "  ".join(parts)
    return f"{text}\n{traceback}" if traceback else text


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if " " in text and isinstance(value, str) else text


def _users(application: Application, learner: str) -> frozenset[int]:
    """Return every user of the person whom a LEARNER means; nobody and two are UsageError."""
    person_id = only_person(application.state.find_people(learner), learner)
    person = application.state.people().get(person_id)
    return frozenset({int(person_id), *(map(int, person.user_ids) if person else ())})


def _as_json(line: LogLine) -> dict[str, object]:
    return {
        "at": when(line.at),
        "level": line.level,
        "event": line.event,
        "pass": line.pass_id,
        "user_id": line.user_id,
        "details": json.loads(line.details),
    }
