"""The pretended systems of one history, in a process of their own: few people, all four badges, one to let in."""

import json
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from d2l_sync.sandbox.handle import Addresses, Handle, Json
from d2l_sync.sandbox.in_process import Sandbox
from d2l_sync.sandbox.remote import ask
from d2l_sync.sandbox.seed import mix, singles, teams
from d2l_sync.sandbox.seed import pathway as at
from d2l_sync.sandbox.seed.cast import Cast
from tests.crashlab.faults import Fault


def _finished_everything(cast: Cast) -> None:
    team = [cast.learner(teams.part("finished everything", earns=at.LEVELS), courses=teams.EVERYWHERE) for _ in "ab"]
    for user in team:
        cast.does_level_1(user)
    cast.does_level_2(*team)
    cast.does_level_3(*team)
    cast.on_team(*team)


def _may_be_let_in(cast: Cast) -> None:
    user = cast.learner(teams.part("is due in Level 2", earns=at.LEVELS[:1]))
    cast.does_level_1(user)
    cast.on_team(user)
    cast.expectations.enrolments.add((user, at.LEVEL_2))


SMALL = (
    (_finished_everything, 2, 1),
    (_may_be_let_in, 1, 1),
    (singles.capital_letters, 1, 1),
    (singles.held_by_hand, 1, 1),
    (singles.only_reflected, 1, 1),
)
LEARNERS = 6


class World(Handle):
    """A sandbox forked off this process, which must have no threads. It ends with `stop`, or with its parent."""

    def __init__(self, folder: Path, fault: Fault) -> None:
        self.folder = folder
        reading, writing = os.pipe()
        alive, self._alive = os.pipe()
        self._pid = os.fork()
        if not self._pid:
            os.close(reading)
            os.close(self._alive)
            _serve(folder, fault, writing, alive)
        os.close(writing)
        os.close(alive)
        with os.fdopen(reading) as pipe:
            self._addresses = Addresses(**json.loads(pipe.read()))

    @property
    def addresses(self) -> Addresses:
        return self._addresses

    @property
    def configuration(self) -> Path:
        return self.folder / "config" / "d2l-sync.toml"

    def control(self, verb: str, **arguments: object) -> Json:
        return ask(self._addresses.brightspace, verb, arguments)

    def stop(self) -> None:
        os.close(self._alive)
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)


def _serve(folder: Path, fault: Fault, ready: int, alive: int) -> None:
    """Serve until the parent is gone."""
    with mock.patch.object(mix, "BLOCK", SMALL):
        sandbox = Sandbox(learners=LEARNERS, seed=3)
    sandbox.write_configuration(folder)
    for trouble in fault.troubles:
        sandbox.control("trouble", **trouble)
    if fault.hidden_s:
        sandbox.control("advance_clock", seconds=fault.hidden_s + 1, server="badgr")  # awards by hand are older
        sandbox.control("lag_lists", seconds=fault.hidden_s)
    sandbox.control("set_race_window", seconds=fault.window_s)
    os.write(ready, json.dumps(_plain(sandbox.addresses)).encode())
    os.close(ready)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    threading.Event().wait()


def _end_with(alive: int) -> None:
    os.read(alive, 1)
    os._exit(0)


def _plain(addresses: Addresses) -> Mapping[str, Any]:
    return {name: getattr(addresses, name) for name in ("brightspace", "auth", "badgr", "elsewhere")}
