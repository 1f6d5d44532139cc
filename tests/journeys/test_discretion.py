"""What is written down for operators holds no secret, no name and no address, at any level."""

import json
import os
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shlex import split

import click
import pytest

import d2l_sync
from d2l_sync.cli.main import cli
from tests.journeys.desk import Desk

PACKAGE = Path(d2l_sync.__file__).parent
STARTS = re.compile(r"\bsubprocess\b|\bmultiprocessing\b|os\.(exec|spawn|posix_spawn|system|popen)")
BY = "Margaret Hamilton"
# How a required argument is filled in, by its name: {learner} is an address of the sandbox.
ARGUMENTS = {
    "learner": "{learner}",
    "learners": "{learner}",
    "badge": "level-1",
    "reason": "as agreed",
    "team": "Owls",
    "words": "{learner} level-2 collaboration",
    "file": "{folder}/roster.csv",
}
# Commands that need more than their required arguments to do what they are for.
OTHERWISE = {
    "db backup": "db backup {folder}/copy.db",
    "demo": "demo --learners 15",
    "sandbox": "sandbox --learners 15",
    "teams import": "teams import {folder}/roster.csv",
}
GIVEN = {
    "auth import": "pretended-refresh-token-1",
    "auth login": "https://localhost/callback?code=pretended-code-1&state=no",
}
PARTS = 3
LASTING = {"run", "sandbox"}


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, by its words."""
    if isinstance(command, click.Group):
        for name, one in sorted(command.commands.items()):
            yield from leaves(one, (*path, name))
    else:
        yield " ".join(path), command


COMMANDS = dict(leaves(cli))


def words_for(name: str) -> str:
    """Return a command line that fills in what a command requires."""
    if name in OTHERWISE:
        return OTHERWISE[name]
    words = [name]
    for one in COMMANDS[name].params:
        value = ARGUMENTS.get(one.name or "", "1")
        if isinstance(one, click.Argument) and (one.required or one.name in ARGUMENTS):
            words.append(value)
        elif one.required:
            words.append(f"{one.opts[0]} '{value}'")
    if any(one.name == "by" for one in COMMANDS[name].params):
        words.append(f"--by '{BY}'")
    return " ".join(words)


@pytest.fixture
def talkative(desk):
    """Set the log to debug, and let both systems fail now and then."""
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    desk.sandbox.configuration.write_text(f'{text}\n[log]\nlevel = "debug"\n', encoding="utf-8")
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="lose_answer", times=2)
    desk.sandbox.trouble("brightspace", "/quizzes/", kind="status", status=500, times=4)
    return desk


def run(desk: Desk, name: str, learner: str) -> str:
    """Run a command to its end, or until it works, and return what it wrote on standard error."""
    given = GIVEN.get(name, "")
    running = desk.start(*split(words_for(name).format(learner=learner, folder=desk.folder)), given=given)
    if name in LASTING:
        running.says_something()
        running.child.send_signal(signal.SIGTERM)
    return running.answer().err


def planted(desk: Desk) -> set[str]:
    """Return every secret, token, address and name that the program has met."""
    secrets = [file.read_text(encoding="utf-8").strip() for file in (desk.folder / "config" / "secrets").iterdir()]
    tokens = sqlite3.connect(desk.folder / "state" / "d2l-sync-tokens.db")
    secrets += [word for row in tokens.execute("SELECT * FROM token") for word in row if _is_secret(word)]
    tokens.close()
    addresses = [one["address"] for one in desk.sandbox.control("learners", kind="") if one["address"]]
    locals_ = [address.split("@")[0] for address in addresses]
    names = [local.split(".")[0].capitalize() for local in locals_]
    return {*secrets, *GIVEN.values(), *addresses, *locals_, *names, BY, "pretended-code-1"}


@pytest.mark.parametrize("part", range(PARTS))
def test_no_command_logs_a_secret_a_name_or_an_address_at_any_level(talkative, part):
    """Every command there is, one after the other: a new one is run as well, with what it requires filled in."""
    desk = talkative
    canaries = planted(desk)
    learner = min(one["address"] for one in desk.sandbox.control("learners", kind="") if one["earns"])
    last = {"auth login", "auth import"}  # these end the sign-in
    mine = sorted(sorted(COMMANDS)[part::PARTS], key=lambda name: name in last)
    names = ["sync", *(name for name in mine if name != "sync")]

    logs = {name: run(desk, name, learner) for name in names}

    canaries |= planted(desk)
    assert len(logs["sync"].splitlines()) > 50
    assert {name: found for name in logs if (found := [one for one in canaries if one in logs[name]])} == {}


def test_a_mistake_is_told_without_repeating_the_address(desk):
    named = [name for name, command in COMMANDS.items() if any(one.name == "learner" for one in command.params)]
    lines = {name: words_for(name).replace("{learner}", "nobody.here@example.edu") for name in named}

    told = {name: run_line(desk, line) for name, line in lines.items()}

    assert named
    assert {name: err for name, err in told.items() if "nobody.here" in err} == {}


def run_line(desk: Desk, line: str) -> str:
    return desk.run(*split(line.format(folder=desk.folder))).err


def test_only_the_sandbox_starts_a_process_and_tells_it_no_secret(desk):
    """What a process is started with can be read by everybody on the machine."""
    sources = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    starting = [str(path.relative_to(PACKAGE)) for path, text in sources.items() if STARTS.search(text)]

    assert starting == ["sandbox/remote.py"]
    desk.sync()
    with_words = [words for words in command_lines() if words]
    assert any("sandbox" in words for words in with_words)
    assert [word for word in planted(desk) if any(word in words for words in with_words)] == []


def command_lines() -> list[str]:
    """Return what this process's children, and theirs, were started with; one that ends meanwhile says nothing."""
    me = str(os.getpid())
    parents, lines = {}, {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[process.name] = _said(process / "stat").rpartition(")")[2].split()[1]
            lines[process.name] = _said(process / "cmdline")
    mine = {one for one, parent in parents.items() if parent == me or parents.get(parent) == me}
    return [lines[one] for one in mine if one in lines]


def _said(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _is_secret(word: object) -> bool:
    return isinstance(word, str) and len(word) > 20 and " " not in word


def test_the_award_as_sent_names_criteria_and_its_key_and_no_score(desk):
    desk.sync()

    sent = [one["body"] for one in desk.sandbox.journal(server="badgr", method="POST", path="/assertions")]

    bodies = [json.loads(body) if isinstance(body, str) else body for body in sent]
    assert {frozenset(body) for body in bodies} == {
        frozenset({"recipient", "issuedOn", "narrative", "allowDuplicateAwards", "notify"})
    }
    assert all(" Ref " in body["narrative"] and " of 10" not in body["narrative"] for body in bodies)
    assert all(body["allowDuplicateAwards"] is False for body in bodies)
