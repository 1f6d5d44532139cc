"""`run`: the daemon."""

import logging
import os

import click

from d2l_sync.cli.context import Context
from d2l_sync.daemon import Daemon


@click.command()
@click.pass_obj
def run(context: Context) -> None:
    """Run as a service until SIGTERM: a pass now, then by the schedule."""
    with context.application() as application:
        daemon = Daemon(application)
        with application.log_book().kept_up():
            code = daemon.run()
        if not daemon.has_stopped:
            # A request is still out. Everything is in the database: the next start finishes the work.
            logging.shutdown()
            os._exit(code)
