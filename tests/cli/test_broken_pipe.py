"""Who pipes an answer into `head` has had enough at some point; that is no failure of the command."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--help"], id="written by click"),
        pytest.param(["--config", "config/d2l-sync.toml", "pathway", "show"], id="written as a table"),
    ],
)
def test_a_reader_that_goes_away_ends_a_command_well(words):
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "d2l_sync", *words]

    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")
