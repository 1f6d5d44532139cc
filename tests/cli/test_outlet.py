"""Where an answer goes may be full, closed, or have had enough: a command does its work all the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from d2l_sync.cli.outlet import Outlet

HELP = ["--help"]
TABLE = ["--config", "config/d2l-sync.toml", "pathway", "show"]
VALUE = [*TABLE, "--json"]
each_way_of_writing = pytest.mark.parametrize(
    "words",
    [
        pytest.param(HELP, id="written by click"),
        pytest.param(TABLE, id="written as a table"),
        pytest.param(VALUE, id="written as JSON"),
    ],
)
# Programs that have another command, which ends as told.
BREAKS = """
import signal
import click
from d2l_sync.cli.main import cli, main

@cli.command("break")
@click.option("--json", "as_json", is_flag=True)
def ends_badly(as_json):
    {body}

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that runs its tests in the background ignores it
main()
"""
PATIENCE_S = 100


def run(words, *, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
    command = [sys.executable, "-m", "d2l_sync", *words]
    return subprocess.run(command, stdout=stdout, stderr=stderr, text=True, check=False, timeout=PATIENCE_S)


def end_by(body):
    command = [sys.executable, "-c", BREAKS.format(body=body), "break", "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


@each_way_of_writing
def test_a_reader_that_goes_away_ends_a_command_well(words):
    """Who pipes an answer into `head` has had enough at some point; that is no failure of the command."""
    reading, writing = os.pipe()
    os.close(reading)

    done = run(words, stdout=writing)
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, "")


@each_way_of_writing
def test_an_answer_that_cannot_be_written_is_a_sentence_and_2(words):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = run(words, stdout=full)

    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        [
            "d2l-sync: standard output can't be written: No space left on device",
            "  what was done stays done; only the answer is lost",
        ],
    )


def test_an_answer_to_a_closed_output_is_a_sentence_and_2():
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "d2l_sync", *TABLE],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("d2l-sync: standard output can't be written: ")


def test_a_command_that_failed_keeps_its_exit_code_where_its_answer_is_lost(tmp_path):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = run(["--config", tmp_path / "none.toml", "status", "--json"], stdout=full)

    assert done.returncode == 78
    assert "standard output can't be written" in done.stderr


@pytest.mark.parametrize("how", ["2>/dev/full", "2>&-"])
def test_an_answer_comes_where_nothing_can_be_said_beside_it(how, tmp_path):
    program = [sys.executable, "-m", "d2l_sync", "--config", tmp_path / "none.toml", "status", "--json"]
    command = ["/bin/sh", "-c", f'exec "$@" {how}', "sh", *program]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=PATIENCE_S)

    assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (78, 78)


FULL_FOR_A_WHILE = """
    import os
    kept, full = os.dup({number}), os.open("/dev/full", os.O_WRONLY)
    for file, words in ((full, "lost"), (kept, "later")):
        os.dup2(file, {number})
        click.echo(words, err={number} == 2)
"""


def test_errors_and_log_lines_come_again_when_their_disk_has_room_again():
    """The daemon logs through it: a disk that was full for a minute would have silenced it until its restart."""
    done = end_by(FULL_FOR_A_WHILE.format(number=2))

    assert (done.returncode, done.stderr) == (0, "later\n")


def test_an_answer_that_lost_words_is_not_gone_on_with():
    """A script would take its second half for the whole."""
    done = end_by(FULL_FOR_A_WHILE.format(number=1))

    assert (done.returncode, done.stdout) == (2, "")


def test_a_slow_reader_of_a_pipe_that_does_not_block_is_waited_for(monkeypatch):
    """A pipe or terminal is shared: another program that made it non-blocking did so for us, too."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with open(reading, "rb", buffering=0) as reader, open(writing, "wb", buffering=0) as other:  # noqa: PTH123
        while other.write(bytes(1 << 16)):
            pass
        monkeypatch.setattr("select.select", lambda *_: reader.read(1 << 20))

        outlet = Outlet(writing, is_whole=True)

        assert (outlet.write(b"words"), outlet.lost) == (5, None)


def test_why_a_service_did_not_start_is_an_error_in_the_journal(tmp_path, monkeypatch):
    """Every line of it: `journalctl -p err` is where somebody looks first."""
    with (tmp_path / "journal").open("w+") as journal:
        stat = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{stat.st_ino}")

        run(["--config", tmp_path / "none.toml", "run"], stderr=journal)

        journal.seek(0)
        lines = journal.read().splitlines()
    assert lines[0].startswith("<3>d2l-sync: ")
    assert [line for line in lines if not line.startswith("<3>")] == []


def test_a_defect_is_one_json_value_for_scripts():
    done = end_by("1 / 0")

    assert (done.returncode, json.loads(done.stdout)) == (
        1,
        {"error": "a defect of ours", "hint": "please report it; the log line says where", "exit_code": 1},
    )
    assert "ZeroDivisionError" in done.stderr


def test_a_command_that_is_interrupted_is_one_json_value_for_scripts():
    done = end_by("import os; os.kill(os.getpid(), signal.SIGINT); signal.pause()")

    answer = {"error": "stopped", "hint": "what was recorded stays; the next pass goes on from there", "exit_code": 130}
    assert (done.returncode, json.loads(done.stdout), done.stderr.strip()) == (130, answer, "Stopped.")


def test_an_answer_that_was_given_is_followed_by_no_second_one():
    done = end_by("click.echo('{}'); 1 / 0")

    assert (done.returncode, done.stdout) == (1, "{}\n")
