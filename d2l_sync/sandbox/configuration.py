"""Writing a configuration of d2l-sync that points at a sandbox, ready to run."""

import socket
from pathlib import Path

from d2l_sync.sandbox.handle import (
    BADGR_CLIENT,
    BADGR_SECRET,
    BRIGHTSPACE_CLIENT,
    BRIGHTSPACE_SECRET,
    REDIRECT_URI,
    SERVICE_CLIENT,
    SERVICE_KEY_ID,
    Addresses,
)
from d2l_sync.sandbox.pathway_file import PATHWAY
from d2l_sync.sandbox.seed.pathway import ISSUER

SERVICE = """\
# d2l-sync against the sandbox: two pretended servers on this machine. Nothing here is secret.

[brightspace]
url = "{addresses.brightspace}"
{client}
token_url = "{addresses.token_url}"
authorize_url = "{addresses.authorize_url}"
learner_roles = ["Learner"]       # instructors and assistants are on the classlists, too
exclude_users = ["zzdemo.*"]      # the demo student finished Level 1, and is nobody

[badging]
platform = "badgr"
url = "{addresses.badgr}"
issuer = "{issuer}"
client_id = "{badgr_client}"
badging_client_secret_file = "secrets/badging_client_secret"

[pathways]
files = ["pathways/*.toml"]

[schedule]
every = "1m"                      # often, so that something happens while one looks
full = "02:30"
timezone = "UTC"

[guard]
max_awards_per_pass = 20000       # a first pass issues nearly everything; the guard is for later surprises
max_shrink_percent = 30

[delivery]
mode = "issue"                    # the pretended platform may be written to
notify = true
settle = "2s"                     # nobody wants to watch two minutes pass
connections = 4

[console]
listen = "127.0.0.1:{console_port}"
"""

REFRESH_TOKEN = f"""\
client_id = "{BRIGHTSPACE_CLIENT}"
auth = "refresh_token"            # first: d2l-sync auth import < refresh-token.txt
redirect_uri = "{REDIRECT_URI}"
brightspace_client_secret_file = "secrets/brightspace_client_secret"
# The other way, without a person's consent:
# client_id = "{SERVICE_CLIENT}"
# auth = "client_credentials"
# key_id = "{SERVICE_KEY_ID}"
# brightspace_private_key_file = "secrets/brightspace_private_key"
"""

CLIENT_CREDENTIALS = f"""\
client_id = "{SERVICE_CLIENT}"
auth = "client_credentials"
key_id = "{SERVICE_KEY_ID}"
brightspace_private_key_file = "secrets/brightspace_private_key"
"""

CLIENTS = {"refresh_token": REFRESH_TOKEN, "client_credentials": CLIENT_CREDENTIALS}


def write_configuration(
    directory: Path,
    addresses: Addresses,
    *,
    roster: str,
    refresh_token: str,
    private_key: str,
    auth: str = "refresh_token",
) -> Path:
    """Write everything that d2l-sync needs below a directory, and return the path of config/d2l-sync.toml.

    Beside it: config/pathways/, config/secrets/ (readable by the owner only), an empty state/, roster.csv for
    `teams import`, refresh-token.txt for `auth import`. auth: refresh_token or client_credentials. Files of an
    earlier sandbox are overwritten.
    """
    service = SERVICE.format(
        addresses=addresses,
        client=CLIENTS[auth].rstrip(),
        issuer=ISSUER,
        badgr_client=BADGR_CLIENT,
        console_port=_free_port(),
    )
    (directory / "state").mkdir(parents=True, exist_ok=True)
    _write(directory / "config/pathways/ums-micro-credential-development.toml", PATHWAY)
    _write(directory / "config/secrets/brightspace_client_secret", BRIGHTSPACE_SECRET, mode=0o600)
    _write(directory / "config/secrets/brightspace_private_key", private_key, mode=0o600)
    _write(directory / "config/secrets/badging_client_secret", BADGR_SECRET, mode=0o600)
    _write(directory / "roster.csv", roster)
    _write(directory / "refresh-token.txt", f"{refresh_token}\n", mode=0o600)
    return _write(directory / "config/d2l-sync.toml", service)


def _write(path: Path, text: str, *, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=mode)
    path.chmod(mode)
    path.write_text(text, encoding="utf-8")
    return path


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
