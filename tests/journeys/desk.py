"""The program as its users run it: a process for every command, against the sandbox's servers."""

import json
import os
import re
import subprocess
import sys
import time
import tty
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from d2l_sync.sandbox.remote import SandboxProcess
from tests.journeys.nursery import CHECKOUT, Child, Nursery
from tests.ports import free_port

PATIENCE_S = 100
SETTLED_S = 2.2  # the sandbox's configuration lets doubtful awards rest for 2 s


@dataclass(frozen=True)
class Answer:
    """What a command printed, and what it ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on standard output; anything beside it is an error."""
        return json.loads(self.out)


class Running:
    """A command that was started and not waited for."""

    def __init__(self, child: Child, out: IO[str], err: IO[str]) -> None:
        self.child = child
        self._out, self._err = out, err

    def answer(self, timeout: float = PATIENCE_S) -> Answer:
        """Wait for its end. Raises TimeoutError."""
        code = self.child.wait(timeout)
        with self._out, self._err:
            self._out.seek(0)
            self._err.seek(0)
            return Answer(code, self._out.read(), self._err.read())

    def says_something(self) -> None:
        """Wait for its first words. Raises TimeoutError."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not any(os.fstat(file.fileno()).st_size for file in (self._out, self._err)):
            if time.monotonic() > give_up_at:
                raise TimeoutError
            time.sleep(0.05)

    def discard(self) -> None:
        """Kill it if it still runs, and forget what it said."""
        self.child.kill()
        self._out.close()
        self._err.close()


class Desk:
    """One installation of the program beside one sandbox."""

    def __init__(self, nursery: Nursery, folder: Path, **world: Any) -> None:
        self._nursery = nursery
        self._started: list[Running] = []
        self.sandbox = SandboxProcess(folder, **world)
        self.folder = folder
        self.configure('every = "1m"', 'every = "1h"')  # no pass comes by itself in the middle of a test
        self._listen_where_nobody_else_does()
        plain = {name: value for name, value in os.environ.items() if not name.startswith("D2L_SYNC_")}
        self.environment = {**plain, "D2L_SYNC_CONFIG": str(self.sandbox.configuration), "PYTHONPATH": str(CHECKOUT)}

    def _listen_where_nobody_else_does(self) -> None:
        """Take a port of the tests': the sandbox's is free now, and may be anybody's when the service starts."""
        text = self.sandbox.configuration.read_text(encoding="utf-8")
        listen = re.compile(r'(?<=\nlisten = "127\.0\.0\.1:)\d+')
        self.sandbox.configuration.write_text(listen.sub(str(free_port()), text, count=1), encoding="utf-8")

    def start(self, *words: object, given: str = "") -> Running:
        with TemporaryFile("w+", encoding="utf-8") as stdin:
            stdin.write(given)
            stdin.seek(0)
            return self._start(words, stdin.fileno())

    def _start(self, words: tuple[object, ...], stdin: int, *, stderr: int | None = None) -> Running:
        # `Running` closes them.
        out, err = (TemporaryFile("w+", encoding="utf-8") for _ in range(2))  # noqa: SIM115
        files = [stdin, out.fileno(), err.fileno() if stderr is None else stderr]
        running = Running(self._nursery.start([str(word) for word in words], self.environment, files), out, err)
        self._started.append(running)
        return running

    def run_by_hand(self, *words: object, typed: str, reads_errors: bool = True) -> Answer:
        """Run a command whose standard input is a terminal, at which somebody types.

        reads_errors: standard error is a terminal, too; else it goes to a file.
        """
        keys, stdin = os.openpty()
        screen, stderr = os.openpty()
        try:
            tty.setraw(stderr)
            os.write(keys, typed.encode())
            if not reads_errors:
                return self._start(words, stdin).answer()
            answer = self._start(words, stdin, stderr=stderr).answer()
            os.dup2(stdin, stderr)  # nobody else writes to the terminal any more: what is shown comes to an end
            return replace(answer, err=_shown_on(screen))
        finally:
            for file in (keys, stdin, screen, stderr):
                os.close(file)

    def run(self, *words: object, given: str = "") -> Answer:
        return self.start(*words, given=given).answer()

    def installed(self, *words: object) -> list[str]:
        """Return the command line that starts the program from nothing, as a shell does."""
        return [sys.executable, "-m", "d2l_sync", *map(str, words)]

    def run_installed(self, *words: object) -> Answer:
        command = self.installed(*words)
        done = subprocess.run(
            command, env=self.environment, text=True, capture_output=True, timeout=PATIENCE_S, check=False
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def sync(self, *words: object) -> Any:
        """Make a pass that is expected to see everything, and return its figures."""
        answer = self.run("sync", "--json", *words)
        assert answer.code == 0, answer
        return answer.json

    def listed(self, *words: object) -> Any:
        """Return what `… list --json` and its kind print."""
        answer = self.run(*words, "--json")
        assert answer.code == 0, answer
        return answer.json

    def sign_in(self) -> None:
        token = (self.folder / "refresh-token.txt").read_text(encoding="utf-8")
        assert self.run("auth", "import", given=token).code == 0
        assert self.run("teams", "import", self.folder / "roster.csv").code == 0

    def take_over_roster(self) -> None:
        """Make the roster equal to the world's of now."""
        file = self.folder / "roster-now.csv"
        file.write_text(self.sandbox.control("roster"), encoding="utf-8")
        assert self.run("teams", "import", "--replace", file).code == 0

    def configure(self, before: str, after: str) -> None:
        text = self.sandbox.configuration.read_text(encoding="utf-8")
        assert before in text
        self.sandbox.configuration.write_text(text.replace(before, after), encoding="utf-8")

    def learners(self, kind: str) -> Any:
        """Return the learners whose story contains a text; there is one at least."""
        found = self.sandbox.control("learners", kind=kind)
        assert found, kind
        return found

    def held(self) -> Counter[tuple[str, str]]:
        """Return the platform's live assertions as (address, badge), how many of each."""
        return Counter((address, badge) for address, badge in self.sandbox.live_pairs())

    def expected(self, name: str) -> Counter[tuple[str, str]]:
        return Counter((address, badge) for address, badge in self.sandbox.expected()[name])

    def stop(self) -> None:
        for running in self._started:
            running.discard()
        self.sandbox.stop()


def _shown_on(screen: int) -> str:
    """Return all that a terminal, whose side this is, was told; the kernel hands it over a moment later."""
    shown = b""
    with suppress(OSError):  # its end
        while piece := os.read(screen, 1 << 16):
            shown += piece
    return shown.decode()
