"""`python -m d2l_sync.sandbox`: run both pretended systems until told to stop."""

import argparse
import dataclasses
import json
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from d2l_sync.sandbox.ending import stop_signals, wait_for
from d2l_sync.sandbox.in_process import LEARNERS, SEED, Ports, Sandbox

HINT = """\
Brightspace {brightspace}, its auth server {auth}, Badgr {badgr}.
  export D2L_SYNC_CONFIG={configuration}
  d2l-sync auth import < {directory}/refresh-token.txt
  d2l-sync teams import {directory}/roster.csv
  d2l-sync sync
Control: curl {brightspace}/_control/ lists what may be read and changed. Stop with Ctrl-C.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Start, print one JSON line when ready, and serve until a signal or until the parent is gone."""
    chosen = _parser().parse_args(arguments)
    over = stop_signals()
    if chosen.with_parent:
        threading.Thread(target=_wait_for_end_of_input, args=(over,), daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="d2l-sync-sandbox-") as scratch:
        directory = Path(chosen.directory or scratch).absolute()
        ports = Ports(chosen.port_brightspace, chosen.port_auth, chosen.port_badgr)
        with Sandbox(learners=chosen.learners, seed=chosen.seed, ports=ports) as sandbox:
            configuration = sandbox.write_configuration(directory, auth=chosen.auth)
            _announce(sandbox, configuration, quiet=chosen.quiet)
            wait_for(over)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m d2l_sync.sandbox", description=__doc__)
    parser.add_argument("--directory", type=Path, help="where to write the configuration (default: a temporary one)")
    parser.add_argument("--learners", type=int, default=LEARNERS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--auth", choices=("refresh_token", "client_credentials"), default="refresh_token")
    for name in ("brightspace", "auth", "badgr"):
        parser.add_argument(f"--port-{name}", type=int, default=0, help="default: a free one")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input closes")
    parser.add_argument("--quiet", action="store_true", help="leave out the hint on standard error")
    return parser


def _announce(sandbox: Sandbox, configuration: Path, *, quiet: bool) -> None:
    addresses = dataclasses.asdict(sandbox.addresses)
    sys.stdout.write(json.dumps({"addresses": addresses, "configuration": str(configuration)}) + "\n")
    sys.stdout.flush()
    if not quiet:
        directory = configuration.parents[1]
        sys.stderr.write(HINT.format(**addresses, configuration=configuration, directory=directory))
        sys.stderr.flush()


def _wait_for_end_of_input(over: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    over.set()


if __name__ == "__main__":
    sys.exit(main())
