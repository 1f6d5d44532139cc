"""`db`: the state database."""

from pathlib import Path

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, print_json


@click.group()
def db() -> None:
    """Look after the state database."""


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(context: Context, *, file: Path) -> None:
    """Copy the database to FILE while it is in use, and verify the copy. Tokens are not in it.

    Root becomes the service's user here too: FILE has to stand where that user may write.
    """
    with context.application(secrets_required=False) as application:
        application.backup(file)
    click.echo(f"Copied and verified: {file}")


@db.command()
@json_option
@click.pass_obj
def verify(context: Context, *, as_json: bool) -> int:
    """Read the whole database and say whether it is sound."""
    with context.application(secrets_required=False) as application:
        faults = application.database_faults()
    if as_json:
        print_json({"ok": not faults, "faults": list(faults)})
    else:
        for fault in faults:
            click.echo(fault)
        click.echo("The database is damaged." if faults else "The database is sound.")
    return 74 if faults else 0


@db.command()
@click.pass_obj
def upgrade(context: Context) -> None:
    """Bring the schema to this program's; a copy of the old database is kept beside it."""
    with context.application(secrets_required=False) as application:
        version = application.schema_version()
    click.echo(f"The state database is at schema {version}.")
