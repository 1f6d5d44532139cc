"""`run`: the daemon."""

import logging
import os
import signal
from threading import Event

import click

from d2l_sync.cli.context import Context
from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.daemon.service import SIGNALS, Service
from d2l_sync.wiring import Shared


@click.command()
@click.pass_obj
def run(context: Context) -> None:
    """Run as a service until SIGTERM: a pass now, then by the schedule."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    stop, pulse, figures = Event(), Pulse(), Figures()

    def on_call(service: str, status: int) -> None:
        pulse.beat()
        figures.called(service, status)

    shared = Shared(stop, on_call)
    installation = Installation(lambda: context.application(shared=shared))
    with installation.application.log_book().kept_up():
        has_stopped = Service(installation, stop=stop, pulse=pulse, figures=figures).run()
    if not has_stopped:
        # A request is still out. Everything is in the database: the next start finishes the work.
        logging.shutdown()
        os._exit(0)
    installation.close()
