"""The sandbox in a process of its own, and the way to talk to it. Standard library only."""

import http.client
import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from d2l_sync.sandbox.handle import Addresses, ControlRefused, Handle, Json

PACKAGES = Path(__file__).parents[2]
PATIENCE_S = 10


class SandboxProcess(Handle):
    """Started and ready once made; stops with `stop`, at the end of `with`, and when this process dies.

    directory: where the configuration is written; a temporary place, removed at the end, when None. auth: what
    that configuration uses, refresh_token or client_credentials. Raises RuntimeError when the servers do not
    come up.
    """

    def __init__(
        self, directory: Path | None = None, *, learners: int = 60, seed: int = 1, auth: str = "refresh_token"
    ) -> None:
        command = [sys.executable, "-m", "d2l_sync.sandbox", "--with-parent", "--quiet"]
        command += ["--learners", str(learners), "--seed", str(seed), "--auth", auth]
        command += ["--directory", str(directory)] if directory else []
        paths = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(  # noqa: S603 - our own program, with our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
        )
        ready = json.loads(self._first_line())
        self._addresses = Addresses(**ready["addresses"])
        self._configuration = Path(ready["configuration"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def addresses(self) -> Addresses:
        return self._addresses

    @property
    def configuration(self) -> Path:
        return self._configuration

    @property
    def directory(self) -> Path:
        """Where roster.csv and refresh-token.txt stand."""
        return self._configuration.parents[1]

    def stop(self) -> None:
        """End the process and wait for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def control(self, verb: str, **arguments: object) -> Json:
        return ask(self._addresses.brightspace, verb, arguments)

    def _first_line(self) -> bytes:
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            self.stop()
            raise RuntimeError(f"the sandbox did not start: exit {self._process.returncode}")
        return line


def ask(address: str, verb: str, arguments: dict[str, object]) -> Json:
    """Do a verb on the server at http://host:port and return its result. Raises ControlRefused."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
    try:
        connection.request("POST", f"/_control/{verb}", json.dumps(arguments), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise ControlRefused(answer["error"])
    return answer["result"]
