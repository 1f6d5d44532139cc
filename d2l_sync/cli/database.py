"""`db`: the state database."""

import click

from d2l_sync.cli.context import Context


@click.group()
def db() -> None:
    """Look after the state database."""


@db.command()
@click.pass_obj
def upgrade(context: Context) -> None:
    """Bring the schema to this program's; a copy of the old database is kept beside it."""
    with context.application(secrets_required=False) as application:
        version = application.schema_version()
    click.echo(f"The state database is at schema {version}.")
