"""The program as its users run it: a process of its own, against the sandbox's servers."""

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2l_sync.sandbox.remote import SandboxProcess

COMMAND = (sys.executable, "-m", "d2l_sync")
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command printed, and what it ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Desk:
    """One installation of the program beside one sandbox."""

    def __init__(self, folder: Path, **world: Any) -> None:
        self.sandbox = SandboxProcess(folder, **world)
        self.folder = folder
        plain = {name: value for name, value in os.environ.items() if not name.startswith("D2L_SYNC_")}
        self.environment = {**plain, "D2L_SYNC_CONFIG": str(self.sandbox.configuration), "PYTHONPATH": str(CHECKOUT)}

    def start(self, *words: object) -> "subprocess.Popen[str]":
        command = [*COMMAND, *map(str, words)]
        return subprocess.Popen(
            command, env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, *words: object, given: str | None = None) -> Answer:
        done = subprocess.run(
            [*COMMAND, *map(str, words)],
            env=self.environment,
            input=given,
            text=True,
            capture_output=True,
            timeout=100,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def sync(self, *words: object) -> Any:
        """Make a pass that is expected to see everything, and return its figures."""
        answer = self.run("sync", "--json", *words)
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

    def held(self) -> Counter[tuple[str, str]]:
        """Return the platform's live assertions as (address, badge), how many of each."""
        return Counter((address, badge) for address, badge in self.sandbox.live_pairs())

    def expected(self, name: str) -> Counter[tuple[str, str]]:
        return Counter((address, badge) for address, badge in self.sandbox.expected()[name])

    def stop(self) -> None:
        self.sandbox.stop()
