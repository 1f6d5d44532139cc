"""The whole configuration in one go: service file, secrets, rule files and network, with every fault of all of them."""

from collections.abc import Mapping
from pathlib import Path

from d2l_sync.configuration.network import network_faults
from d2l_sync.configuration.pathways import read_pathways
from d2l_sync.configuration.settings import read_settings
from d2l_sync.domain.errors import ConfigError, Fault
from d2l_sync.domain.pathway import Pathway
from d2l_sync.domain.settings import Settings


def load(
    path: Path, environ: Mapping[str, str], *, secrets_required: bool = True
) -> tuple[Settings, tuple[Pathway, ...]]:
    """Read everything that the service file names. One ConfigError with the faults of all files.

    secrets_required: False leaves out what can't be had, for commands that reach no other system.
    """
    faults: list[Fault] = []
    settings = read_settings(path, environ, faults=faults, secrets_required=secrets_required)
    pathways = read_pathways(settings.pathway_files, faults) if settings is not None else ()
    if secrets_required:
        faults.extend(network_faults(environ))
    if faults or settings is None:
        raise ConfigError(tuple(faults))
    return settings, pathways
