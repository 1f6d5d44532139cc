"""What every command shares: the configuration it was started with, read once, and the wired application."""

import getpass
import os
from contextlib import AbstractContextManager
from pathlib import Path

import click

from d2l_sync.cli.service_user import become_owner
from d2l_sync.configuration.load import load
from d2l_sync.configuration.settings import find_configuration, passed_over
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.settings import Settings
from d2l_sync.logs import set_up_logs
from d2l_sync.wiring import Application, Shared, open_application, state_directory

by_option = click.option("--by", help="A name to note beside the system user's.")


class Context:
    """One command's surroundings. Everything is opened on first use, so that `--help` needs nothing."""

    def __init__(self, config: Path | None) -> None:
        self._config = config

    def configuration(self, *, secrets_required: bool = True) -> tuple[Settings, tuple[Pathway, ...]]:
        """Find, read and check the configuration, and set the log up by it. Raises ConfigError."""
        settings, pathways = self._read(secrets_required=secrets_required)
        if other := passed_over(self._config, os.environ):
            click.echo(f"By ./{settings.source}, and not {other}, for this folder has one of its own.", err=True)
        set_up_logs(log_format=settings.log.format, level=settings.log.level, secrets=settings.secrets)
        return settings, pathways

    def application(self, *, secrets_required: bool = True) -> AbstractContextManager[Application]:
        """Open the state database and all behind the ports, as the user whom the state belongs to."""
        return _opened(*self.configuration(secrets_required=secrets_required))

    def reread(self, shared: Shared) -> AbstractContextManager[Application]:
        """Open the configuration as it is now, for a service that may refuse it: the log is left as it is set up."""
        return _opened(*self._read(), shared=shared)

    def _read(self, *, secrets_required: bool = True) -> tuple[Settings, tuple[Pathway, ...]]:
        path = find_configuration(self._config, os.environ)
        return load(path, os.environ, secrets_required=secrets_required)


def _opened(
    settings: Settings, pathways: tuple[Pathway, ...], *, shared: Shared | None = None
) -> AbstractContextManager[Application]:
    if directory := state_directory(settings):
        become_owner(directory)
    return open_application(settings, pathways, shared=shared)


def system_user(named: str | None = None) -> str:
    """Say who is at the keyboard; a name given with --by is added."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = f"uid {os.getuid()}"
    return f"{user} ({named})" if named else user
