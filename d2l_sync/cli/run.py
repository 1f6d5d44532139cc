"""`run`: the daemon."""

import logging
import os
import signal
import time
from threading import Event, Thread

import click

from d2l_sync.cli.context import Context
from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation, LogShelf
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.daemon.service import LONGEST_STOP_S, SIGNALS, STOP_SIGNALS, Service
from d2l_sync.domain.settings import Settings
from d2l_sync.logs import set_up_logs
from d2l_sync.wiring import Shared, log_book_on

FAREWELL_S = 1.0
"""How long, after the wait for the work in hand, the last words may take; the database may be locked by somebody."""
LOOK_S = 0.5


@click.command()
@click.pass_obj
def run(context: Context) -> None:
    """Run as a service until SIGTERM: a pass now, then by the schedule."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    started, stop, pulse, figures = Event(), Event(), Pulse(), Figures()
    Thread(target=_end_before_start, args=(started,), name="start", daemon=True).start()

    def on_call(service: str, status: int) -> None:
        pulse.beat()
        figures.called(service, status)

    shared = Shared(stop, on_call, stores_log=False)
    installation = Installation(lambda: context.reread(shared), taken_over=_LogSetUp())
    with log_book_on(LogShelf(installation)).kept_up():
        service = Service(installation, started=started, stop=stop, pulse=pulse, figures=figures)
        Thread(target=_end_in_time, args=(stop, service), name="end", daemon=True).start()
        has_stopped = service.run()
    if not has_stopped:
        # A request is still out. Everything is in the database: the next start finishes the work.
        logging.shutdown()
        os._exit(_code_of(service))
    installation.close()
    if service.replaced:
        raise service.replaced


class _LogSetUp:
    """Sets the log up by each configuration that takes over. What was a secret once stays hidden."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def __call__(self, settings: Settings) -> None:
        self._secrets.update(settings.secrets)
        set_up_logs(log_format=settings.log.format, level=settings.log.level, secrets=self._secrets)


def _end_before_start(started: Event) -> None:
    """End the process at a signal to stop that comes while a locked database, say, keeps it from starting.

    Nobody waits for signals yet, and nothing is in hand.
    """
    while not started.wait(LOOK_S):
        if signal.sigpending() & STOP_SIGNALS:
            os._exit(0)


def _end_in_time(stop: Event, service: Service) -> None:
    """End the process for good soon after `stop`: a killed one loses nothing either, and nobody waits for ever."""
    stop.wait()
    time.sleep(LONGEST_STOP_S + FAREWELL_S)
    os._exit(_code_of(service))


def _code_of(service: Service) -> int:
    """Return what a service ends with: what systemd is to start again did not end well."""
    return service.replaced.exit_code if service.replaced else 0
