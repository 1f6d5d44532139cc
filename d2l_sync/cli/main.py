"""The entry point `d2l-sync`: every command, and the one place where an error becomes a sentence and an exit code."""

import json
import os
import select
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
from d2l_sync.cli.explain import explain
from d2l_sync.cli.log import log
from d2l_sync.cli.passes import passes
from d2l_sync.cli.pathway import pathway
from d2l_sync.cli.report import report
from d2l_sync.cli.resync import resync
from d2l_sync.cli.reviews import reviews
from d2l_sync.cli.run import run
from d2l_sync.cli.status import status
from d2l_sync.cli.sync import plan, sync
from d2l_sync.cli.teams import teams
from d2l_sync.domain.errors import D2lSyncError
from d2l_sync.logs import set_up_logs

EXIT_DEFECT, EXIT_INTERRUPTED = 1, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    set_up_logs(log_format="auto", level="info")  # until the configuration says otherwise
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        _answer_scripts(error.format_message(), hint="see: d2l-sync --help", code=error.exit_code)
        error.show()
        code = error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        code = EXIT_INTERRUPTED
    except D2lSyncError as error:
        _explain(error)
        code = error.exit_code
    except SystemExit as ended:  # click's own way to end where nobody reads any more
        code = 0 if _nobody_reads() else ended.code
    except Exception:  # noqa: BLE001 - the entry: whatever is left is a defect of ours, logged with its traceback
        structlog.get_logger().exception("command_failed")
        click.echo("d2l-sync: a defect of ours, please report it; the log line above says where.", err=True)
        code = EXIT_DEFECT
    sys.exit(code if isinstance(code, int) else 0)


def _nobody_reads() -> bool:
    """Tell whether whoever read the answer has had enough; what is left of it then goes nowhere."""
    poll = select.poll()
    poll.register(1, select.POLLOUT)
    is_gone = any(event & select.POLLERR for _, event in poll.poll(0))
    if is_gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return is_gone


def _answer_scripts(what: str, *, hint: str, code: int) -> None:
    """Give whoever asked for one JSON value the error as one."""
    if "--json" in sys.argv[1:]:
        click.echo(json.dumps({"error": what, "hint": hint, "exit_code": code}))


def _explain(error: D2lSyncError) -> None:
    _answer_scripts(str(error), hint=error.hint, code=error.exit_code)
    click.echo(f"d2l-sync: {error}", err=True)
    if error.hint:
        click.echo(f"  {error.hint}", err=True)
