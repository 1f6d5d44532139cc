"""[state]: which database keeps the state."""

import os
from collections.abc import Mapping
from pathlib import Path

from d2l_sync.configuration.secrets_lookup import NEVER_HERE, SecretsLookup, places
from d2l_sync.configuration.table import Table

SQLITE = "sqlite:///"
FILE_NAME = "d2l-sync.db"
PASSWORD = "state_password"  # noqa: S105 - the secret's name
FORM = 'sqlite:///FILE, or "" for the default'


def read_state(table: Table, environ: Mapping[str, str], *, base: Path, secrets: SecretsLookup) -> str:
    """Return the database's address with an absolute path; "" after a fault.

    The fault never quotes the address: a password may stand in it.
    """
    url = table.text("url").strip()
    secrets.find(table, PASSWORD, is_required=False)
    hint = NEVER_HERE.format(places=places(PASSWORD, "state"))
    table.finish(why={"password": hint, PASSWORD: hint})
    if not url:
        return _sqlite(_default_directory(environ, base) / FILE_NAME)
    if url.startswith(("postgresql:", "postgresql+", "postgres:")):
        table.fault("url", "PostgreSQL is not available in this version", FORM)
        return ""
    name = url.removeprefix(SQLITE)
    if name == url or not name or name.startswith(":memory:") or "?" in name:
        table.fault("url", "is no database that can be used", FORM)
        return ""
    return _sqlite(base / name)


def _default_directory(environ: Mapping[str, str], base: Path) -> Path:
    # systemd gives several directories with colons between; ours is the first.
    given = environ.get("STATE_DIRECTORY", "").split(":")[0]
    return Path(given).absolute() if given else base.parent / "state"


def _sqlite(path: Path) -> str:
    return SQLITE + os.path.normpath(path)
