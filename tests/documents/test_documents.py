"""The documents keep up with the program: every alarm has its entry, every command that is told exists."""

import re
from pathlib import Path

import click
import pytest

from d2l_sync.cli.exit_codes import EXIT_CODES, IN_SHORT
from d2l_sync.cli.main import cli

CHECKOUT = Path(__file__).parents[2]
RUNBOOK = (CHECKOUT / "docs/runbook.md").read_text(encoding="utf-8")
EVENTS = (CHECKOUT / "docs/events.md").read_text(encoding="utf-8")
RULES = (CHECKOUT / "alerts/d2l-sync.rules.yml").read_text(encoding="utf-8")
PAGES = ("README.md", "docs/install.md", "docs/runbook.md")

ENTRIES = dict(re.findall(r"(?ms)^### (.+?)\n(.*?)(?=^##|\Z)", RUNBOOK))
HEADINGS = {name for title in ENTRIES for name in title.split(", ")}
ALERTS = re.findall(r"(?m)^ +- alert: (\w+)$", RULES)
ERRORS = re.findall(r"(?m)^\| `(\w+)` \| [^|]*(?:error|critical)", EVENTS)
CODES = ("69", "74", "75", "77", "78")
METRICS = (CHECKOUT / "d2l_sync/daemon/metrics.py").read_text(encoding="utf-8")
USED = sorted(set(re.findall(r"\bd2l_sync_(\w+)", RULES)))
TOLD = sorted(
    {
        words
        for page in PAGES
        for line in (CHECKOUT / page).read_text(encoding="utf-8").splitlines()
        for words in re.findall(r"(?:`|^ {4,}\$? ?)d2l-sync(?: --config \S+)? ([a-z][a-z -]*[a-z])", line)
    }
)


@pytest.mark.parametrize("alarm", [*ALERTS, *CODES, *ERRORS])
def test_every_alarm_has_its_entry(alarm):
    assert alarm in HEADINGS


def test_no_entry_is_left_of_an_alarm_that_is_gone():
    assert HEADINGS - {*ALERTS, *CODES, *ERRORS} == set()


@pytest.mark.parametrize("title", sorted(ENTRIES))
def test_an_entry_says_what_is_seen_what_to_type_what_it_says_and_what_to_do(title):
    assert [part for part in ("Symptom", "Command", "Expected", "Do") if part not in ENTRIES[title]] == []


@pytest.mark.parametrize("words", TOLD)
def test_every_command_that_is_told_exists(words):
    command: click.Command = cli
    for word in words.split():
        if not isinstance(command, click.Group):
            break
        found = command.get_command(click.Context(command), word)
        assert found is not None, f"{words!r} is told, and there is no {word!r}"
        command = found


@pytest.mark.parametrize("metric", USED)
def test_every_metric_that_an_alert_looks_at_is_shown(metric):
    """A counter is shown with `_total` after its name."""
    assert re.search(rf'"(d2l_sync_)?{metric.removesuffix("_total")}"', METRICS)


def test_help_manual_and_readme_tell_the_same_exit_codes():
    table = (CHECKOUT / "README.md").read_text(encoding="utf-8").partition("## What an exit code asks")[2]
    told = {code for row in re.findall(r"(?m)^\| (\d[^|]*) \|", table) for code in re.findall(r"\d+", row)}

    assert told == {code for code, _ in EXIT_CODES} == set(re.findall(r"\d+", IN_SHORT))


def test_no_help_shows_how_many_digits_a_database_holds():
    context = click.Context(cli, info_name="d2l-sync")
    shown = {name: command.get_help(context) for name, command in cli.commands.items()}

    assert [name for name, text in shown.items() if re.search(r"\d{6}", text)] == []


def test_there_are_alarms_and_commands_to_look_at():
    """Patterns that find nothing would let everything pass."""
    assert min(len(ALERTS), len(ERRORS), len(TOLD), len(USED)) > 5
