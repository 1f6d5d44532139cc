"""`check`: see whether everything is as a pass needs it."""

import os
import shutil
from collections.abc import Iterable, Iterator

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, plural, print_json
from d2l_sync.cli.troubles import Trouble, told_once
from d2l_sync.domain.errors import ConfigError, Fault, StateError
from d2l_sync.services.check import Named, check_everything, check_mail
from d2l_sync.services.checked import Checked, asked, gravest
from d2l_sync.wiring import Application, state_directory

LEAST_FREE = 100 * 1024 * 1024
"""Bytes that a disk should have left: a database of ten thousand learners, its log and one backup."""


@click.command()
@click.option("--offline", is_flag=True, help="Only what this machine knows: configuration, secrets, database, disk.")
@json_option
@click.pass_obj
def check(context: Context, *, offline: bool, as_json: bool) -> int:
    """Check configuration, credentials, and every id of every pathway on both systems."""
    with context.application() as application:
        found = list(_here(application))
        if not offline:
            settings = application.settings.brightspace
            named = Named(settings.learner_roles, settings.enrol_role)
            reader, due = application.reader(), application.tokens.proof_due
            found.extend(check_everything(reader, application.platform, application.pathways, named, proof_due=due))
            mailer = application.mailer()
            found.extend([check_mail(mailer)] if mailer else [])
    code = gravest(found)
    if as_json:
        rows = [
            {"subject": one.subject, "ok": one.exit_code == 0, "found": one.found, "hint": one.hint} for one in found
        ]
        print_json({"ok": code == 0, "checks": rows})
        return code
    _show(found)
    return code


def _show(found: Iterable[Checked]) -> None:
    """Print what is well line by line, and then each fault once, with all that it is a fault of."""
    for one in found:
        if one.exit_code == 0:
            click.echo(f"ok   {one.subject}: {one.found}")
    for fault in told_once(Trouble(one.subject, one.found, one.hint) for one in found if one.exit_code):
        click.echo(f"BAD  {fault}")
        for hint in fault.hints:
            click.echo(f"     {hint}")


def _here(application: Application) -> Iterator[Checked]:
    """Check what this machine knows by itself; configuration and secrets have been read already."""
    yield asked("configuration", lambda: own_look(application))
    yield asked("state database", lambda: _database(application))
    yield asked("disk", lambda: _disk(application))


def own_look(application: Application) -> str:
    """Look again as the user whom the state belongs to: root, who gave the command, may read what the service may not.

    Raises ConfigError.
    """
    settings = application.settings
    hidden = [path for path in (settings.source, *settings.pathway_files) if not os.access(path, os.R_OK)]
    if hidden:
        what, instead = "the service's user may not read it", "give it the group and mode of d2l-sync.toml"
        raise ConfigError(tuple(Fault(str(path), what, instead) for path in hidden))
    return f"{plural(len(application.pathways), 'pathway')}, no fault"


def _database(application: Application) -> str:
    faults = application.database_faults()
    if faults:
        raise StateError(f"damaged: {faults[0]}", hint="see: d2l-sync db verify; then restore a backup")
    return f"sound, schema {application.schema_version()}"


def _disk(application: Application) -> str:
    folder = state_directory(application.settings)
    if folder is None:
        return "the database server's"
    if not os.access(folder, os.W_OK):
        raise StateError("the state folder can't be written", hint="check its owner and mode, and how it is mounted")
    free = shutil.disk_usage(folder).free
    shown = f"{free // 1024**2:,} MB free for the state database"
    if free < LEAST_FREE:
        raise StateError(shown, hint="make room: at least 100 MB")
    return shown
