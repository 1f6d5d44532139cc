"""The entry point `d2l-sync`: every command, and the one place where an error becomes a sentence and an exit code."""

import json
import sys
from pathlib import Path

import click
import structlog

from d2l_sync import __version__
from d2l_sync.cli.approvals import approvals
from d2l_sync.cli.attest import attest
from d2l_sync.cli.auth import auth
from d2l_sync.cli.awards import awards
from d2l_sync.cli.check import check
from d2l_sync.cli.context import Context
from d2l_sync.cli.database import db
from d2l_sync.cli.demo import demo, sandbox
from d2l_sync.cli.exit_codes import IN_SHORT
from d2l_sync.cli.explain import explain
from d2l_sync.cli.log import log
from d2l_sync.cli.outlet import Outlet, take_over
from d2l_sync.cli.passes import passes
from d2l_sync.cli.pathway import pathway
from d2l_sync.cli.report import report
from d2l_sync.cli.resync import resync
from d2l_sync.cli.reviews import reviews
from d2l_sync.cli.run import run
from d2l_sync.cli.status import status
from d2l_sync.cli.sync import plan, sync
from d2l_sync.cli.teams import teams
from d2l_sync.domain.errors import D2lSyncError, UsageError
from d2l_sync.logs import priority_of, set_up_logs

EXIT_DONE, EXIT_DEFECT, EXIT_INTERRUPTED = 0, 1, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}, epilog=IN_SHORT)
@click.version_option(__version__, prog_name="d2l-sync")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The service file. Else $D2L_SYNC_CONFIG, ./config/d2l-sync.toml, /etc/d2l-sync/d2l-sync.toml.",
)
@click.pass_context
def cli(click_context: click.Context, config: Path | None) -> None:
    """Watch Brightspace courses and issue each earned badge exactly once."""
    click_context.obj = Context(config)


for command in (
    approvals,
    attest,
    auth,
    awards,
    check,
    db,
    demo,
    explain,
    log,
    passes,
    pathway,
    plan,
    report,
    resync,
    reviews,
    run,
    sandbox,
    status,
    sync,
    teams,
):
    cli.add_command(command)


def main() -> None:
    """Run a command; people get one sentence and a hint, never a traceback."""
    output = take_over()
    set_up_logs(log_format="auto", level="info")  # until the configuration says otherwise
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        _answer_scripts(output, error.format_message(), hint="see: d2l-sync --help", code=error.exit_code)
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = EXIT_INTERRUPTED
        _answer_scripts(output, "stopped", hint="what was recorded stays; the next pass goes on from there", code=code)
        click.echo("Stopped.", err=True)
    except D2lSyncError as error:
        code = error.exit_code
        _answer_scripts(output, str(error), hint=error.hint, code=code)
        _explain(str(error), error.hint)
    except Exception:  # noqa: BLE001 - the entry: whatever is left is a defect of ours, logged with its traceback
        code = EXIT_DEFECT
        structlog.get_logger().exception("command_failed")
        _answer_scripts(output, "a defect of ours", hint="please report it; the log line says where", code=code)
        _explain("a defect of ours, please report it; the log line above says where.")
    sys.exit(_with_answer(output, code if isinstance(code, int) else EXIT_DONE))


def _with_answer(output: Outlet, code: int) -> int:
    """End as the command did; one that did all, but could not say so, ends as after any file that can't be written."""
    sys.stdout.flush()
    if not output.is_at_fault:
        return code
    why = output.lost.strerror if output.lost else ""
    _explain(f"standard output can't be written: {why}", "what was done stays done; only the answer is lost")
    return code or UsageError.exit_code


def _answer_scripts(output: Outlet, what: str, *, hint: str, code: int) -> None:
    """Give whoever asked for one JSON value the error as one, unless there was an answer already."""
    sys.stdout.flush()
    if "--json" in sys.argv[1:] and not output.is_used:
        click.echo(json.dumps({"error": what, "hint": hint, "exit_code": code}))


def _explain(what: str, hint: str = "") -> None:
    lines = f"d2l-sync: {what}\n  {hint}".rstrip().splitlines()
    priority = priority_of("error", sys.stderr)
    click.echo("\n".join(priority + line for line in lines), err=True)
