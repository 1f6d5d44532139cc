"""The real program in a process of its own, forked off a warm interpreter, under the laboratory's conditions."""

import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from d2l_sync import wiring
from d2l_sync.badging import badgr
from d2l_sync.badging.badgr_bodies import award_body
from d2l_sync.badging.platform import Limits, Patience
from d2l_sync.brightspace import client
from d2l_sync.cli import context
from d2l_sync.cli.main import main
from d2l_sync.domain.ports import Order
from d2l_sync.domain.settings import Settings
from tests.crashlab.faults import Fault
from tests.crashlab.tracer import Points, trace

A_MOMENT_S = 0.002
Sabotage = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Ending:
    """How one process of the program ended. code: None when it was killed."""

    code: int | None
    out: str

    @property
    def was_killed(self) -> bool:
        return self.code is None

    @property
    def outcome(self) -> str | None:
        """Return the outcome of the pass it printed."""
        try:
            printed = json.loads(self.out)
        except ValueError:
            return None
        return printed.get("outcome") if isinstance(printed, dict) else None


@dataclass(frozen=True, slots=True)
class Bench:
    """Where and under which conditions the program runs. sabotage: what is broken in it on purpose."""

    folder: Path
    fault: Fault
    points: Points
    sabotage: Sabotage | None = None
    connections: int = 1

    def run(self, *words: str, given: str = "") -> Ending:
        """Run one command to its end, natural or not. This process must have no threads."""
        out = self.folder / "out"
        pid = os.fork()
        if not pid:
            self._become(words, given, out)
        _, status = os.waitpid(pid, 0)
        text = out.read_text(encoding="utf-8")
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            return Ending(None, text)
        return Ending(os.waitstatus_to_exitcode(status), text)

    def _become(self, words: Sequence[str], given: str, out: Path) -> None:
        """Be the program, and never return."""
        code = 1
        try:
            for number, name in ((1, out), (2, self.folder / "err")):
                os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if number == 1 else os.O_APPEND)), number)
            sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
            sys.stdin = io.TextIOWrapper(io.BytesIO(given.encode()))
            sys.argv = ["d2l-sync", "--config", str(self.folder / "config" / "d2l-sync.toml"), *words]
            _hurry(self.fault, self.connections)
            if self.sabotage:
                self.sabotage()
            trace(self.points, " ".join(words[:2]), self.folder / "state")
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        except BaseException:  # noqa: BLE001 - a defect of the laboratory; the process must not run on as its parent
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _taking_duplicates(order: Order) -> bytes:
    """Ask for an award as one does of a platform that refuses no duplicate."""
    return json.dumps(json.loads(award_body(order)) | {"allowDuplicateAwards": True}).encode()


def _hurry(fault: Fault, connections: int) -> None:
    """Set the laboratory's conditions: short waits, and one request at a time so that points have an order."""
    load = context.load  # type: ignore[attr-defined]

    def loaded(*args: Any, **kwargs: Any) -> tuple[Settings, Any]:
        settings, pathways = load(*args, **kwargs)
        rest = timedelta(seconds=fault.settle_s)
        delivery = replace(settings.delivery, settle=rest, connections=connections)
        brightspace = replace(settings.brightspace, connections=connections)
        return replace(settings, delivery=delivery, brightspace=brightspace), pathways

    patience = Patience(read_s=fault.gives_up_s, total_s=2 * fault.gives_up_s)
    for place, name, instead in (
        (context, "load", loaded),
        (wiring, "Limits", partial(Limits, award=patience)),
        (badgr, "award_body", _taking_duplicates if fault.takes_duplicates else award_body),
        (badgr, "JITTER", lambda _: A_MOMENT_S),
        (client, "wait_random_exponential", lambda **_: lambda _: A_MOMENT_S),
    ):
        setattr(place, name, instead)
