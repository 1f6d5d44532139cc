"""`check`: see whether everything is as a pass needs it."""

import click

from d2l_sync.cli.context import Context
from d2l_sync.cli.output import json_option, plural, print_json
from d2l_sync.services.check import Checked, check_everything, gravest


@click.command()
@click.option("--offline", is_flag=True, help="Only what this machine knows: configuration, secrets, database.")
@json_option
@click.pass_obj
def check(context: Context, *, offline: bool, as_json: bool) -> int:
    """Check configuration, credentials, and every id of every pathway on both systems."""
    with context.application() as application:
        found = [
            Checked("configuration", f"{plural(len(application.pathways), 'pathway')}, no fault"),
            Checked("state database", f"schema {application.schema_version()}"),
        ]
        if not offline:
            found.extend(check_everything(application.reader(), application.platform, application.pathways))
    code = gravest(found)
    if as_json:
        rows = [
            {"subject": one.subject, "ok": one.exit_code == 0, "found": one.found, "hint": one.hint} for one in found
        ]
        print_json({"ok": code == 0, "checks": rows})
        return code
    for one in found:
        click.echo(f"{'ok ' if one.exit_code == 0 else 'BAD'}  {one.subject}: {one.found}")
        if one.hint:
            click.echo(f"     {one.hint}")
    return code
