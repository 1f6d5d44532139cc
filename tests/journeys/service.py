"""What journeys of the running service share: what systemd does with it, and waiting for what it does."""

import json
import signal
import time
from pathlib import Path

from tests.journeys.desk import PATIENCE_S


def stop(running):
    """End the service as systemd does, and return its log.

    What it needs at most is in the contract, and a busy machine needs more: that it did not wait is told by the log.
    """
    running.child.send_signal(signal.SIGTERM)
    answer = running.answer()
    assert answer.code == 0, answer.err
    return [json.loads(line) for line in answer.err.splitlines()]


def events(lines):
    return [line["event"] for line in lines]


def eventually(question):
    """Ask until the answer is yes."""
    deadline = time.monotonic() + PATIENCE_S
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answer
    return answer


def is_met(desk):
    """Tell whether a request has met a trouble."""
    return any(one["met"] for one in desk.sandbox.control("troubles"))


def finished_passes(desk):
    """Return the passes that have come to their end; the newest listed one may still be under way."""
    return [one for one in desk.listed("passes", "list") if one["outcome"]]


def reload(running, listener):
    """Reload as systemd does, and wait until the service says that it has."""
    running.child.send_signal(signal.SIGHUP)
    listener.hear("RELOADING=1")
    listener.hear("READY=1")


def open_files_and_threads(running):
    of_process = Path("/proc") / str(running.child.pid)
    return len(list((of_process / "fd").iterdir())), len(list((of_process / "task").iterdir()))


def fewest_files_and_threads(running):
    """Look for a second, so that what only comes and goes is not counted."""
    looks = []
    for _ in range(10):
        looks.append(open_files_and_threads(running))
        time.sleep(0.1)
    return tuple(map(min, *looks))
