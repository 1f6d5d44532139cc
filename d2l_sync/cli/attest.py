"""`attest`: what only an administrator can know."""

from dataclasses import replace
from pathlib import Path

import click
import structlog

from d2l_sync.cli.context import Context, by_option, system_user
from d2l_sync.cli.output import plural
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.world import Attestation
from d2l_sync.services.attesting import Request, attestation_for, read_attestations
from d2l_sync.wiring import Application, now

log = structlog.get_logger()


@click.command()
@click.argument("words", nargs=-1, metavar="[LEARNER] [BADGE CRITERION]")
@click.option("--team", help="Attest it for a team instead of a learner.")
@click.option("--value", default="", help="One of the criterion's options.")
@click.option("--note", default="", help="Kept beside it.")
@click.option("--import", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="CSV rows.")
@click.option("--undo", is_flag=True, help="Take it back.")
@by_option
@click.pass_obj
def attest(
    context: Context,
    *,
    words: tuple[str, ...],
    team: str | None,
    value: str,
    note: str,
    file: Path | None,
    undo: bool,
    by: str | None,
) -> None:
    """Attest CRITERION of BADGE for LEARNER or --team.

    A file has the columns learner or team, badge, criterion, and optionally value and note.
    """
    text = file.read_text(encoding="utf-8-sig", errors="replace") if file else ""
    with context.application() as application:
        if file is not None:
            done = _import(application, text, name=file.name, by=system_user(by))
        else:
            request = replace(_request(words, team, value, note), is_undo=undo)
            done = (_take_back if undo else _attest)(application, request, by=system_user(by))
    click.echo(done)


def _import(application: Application, text: str, *, name: str, by: str) -> str:
    rows = read_attestations(text, application.pathways, application.desk(), name=name, by=by, at=now())
    _store(application, rows)
    return f"{plural(len(rows), 'attestation')} recorded. The next pass uses them."


def _attest(application: Application, request: Request, *, by: str) -> str:
    _store(application, [attestation_for(request, application.pathways, application.desk(), by=by, at=now())])
    return "Attested. The next pass uses it."


def _take_back(application: Application, request: Request, *, by: str) -> str:
    one = attestation_for(request, application.pathways, application.desk(), by=by, at=now())
    if not application.state.undo_attestation(one):
        return "Nothing of the kind was attested."
    log.info(
        "attestation_undone", user_id=one.person_id, team=one.team, badge=one.badge, criterion=one.criterion, by=one.by
    )
    return "Taken back."


def _request(words: tuple[str, ...], team: str | None, value: str, note: str) -> Request:
    expected = 2 if team is not None else 3
    if len(words) != expected:
        shape = "--team T BADGE CRITERION" if team is not None else "LEARNER BADGE CRITERION"
        raise UsageError(f"{plural(len(words), 'word')} given, {expected} are needed: {shape}")
    learner = words[0] if team is None else None
    return Request(learner, team, badge=words[-2], criterion=words[-1], value=value, note=note)


def _store(application: Application, made: list[Attestation]) -> None:
    application.state.attest(made)
    for one in made:
        log.info(
            "attestation_made",
            user_id=one.person_id,
            team=one.team,
            badge=one.badge,
            criterion=one.criterion,
            by=one.by,
        )
