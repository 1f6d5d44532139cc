"""One history: from nothing to a quiet end, as people would lead it there, with one fault and one kill on the way."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.crashlab.checker import Verdict, judge
from tests.crashlab.faults import BY_NAME
from tests.crashlab.program import Bench, Ending
from tests.crashlab.sabotage import CONTROLS
from tests.crashlab.tracer import Points
from tests.crashlab.world import World

MOST_TRIES = 40
COPY = "{}/copy-{}.db"
A_PERSON_MUST_SIGN_IN = 77


@dataclass(frozen=True, slots=True)
class Job:
    """What to try. kill_at: the point to die at, 0 for none. control: what is broken on purpose."""

    fault: str
    kill_at: int = 0
    control: str = ""
    record: bool = False

    def as_line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a job. killed: the point where the program died, "" when it never came so far."""

    job: Job
    verdict: Verdict
    killed: str
    points: int
    seconds: float
    names: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, value: dict[str, Any]) -> "Report":
        plain = {name: value[name] for name in ("killed", "points", "seconds")}
        verdict = Verdict(**{name: _frozen(found) for name, found in value["verdict"].items()})
        return cls(Job(**value["job"]), verdict, names=tuple(value["names"]), **plain)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


@dataclass
class _Person:
    """Who runs the commands, again and again until each has done what it is for."""

    bench: Bench
    world: World
    killed: bool = False
    stuck: list[str] = field(default_factory=list)

    def has_it_done(self) -> None:
        self.does("sync", "--json")
        self.does("approvals", "approve", "--all")
        self.does("sync", "--json")

    def copies(self) -> Path:
        """Take a backup, under another name whenever that did not work."""
        return Path(self.does("db", "backup", COPY))

    def does(self, *words: str, given: str = "") -> str:
        """Run a command until it has done its work; return its last word."""
        ending = Ending(None, "")
        for number in range(MOST_TRIES):
            said = [word.format(self.bench.folder / "state", number) for word in words]
            ending = self.bench.run(*said, given=given)
            if ending.was_killed:
                self.killed = True
            elif self._is_done(words, ending):
                return said[-1]
            else:
                self._sees_to_it(ending)
        complaint = (self.bench.folder / "err").read_text(encoding="utf-8")[-600:]
        self.stuck.append(f"{' '.join(words)}: {ending.code} {ending.out[-300:]} {complaint}")
        return words[-1]

    def _is_done(self, words: Iterable[str], ending: Ending) -> bool:
        return ending.code == 0 and ("sync" not in words or ending.outcome == "complete")

    def _sees_to_it(self, ending: Ending) -> None:
        if ending.code == A_PERSON_MUST_SIGN_IN:
            self.bench.run("auth", "import", given=self.world.control("new_refresh_token"))
        fault = self.bench.fault
        time.sleep(fault.settle_s if fault.tried_after_s is None else fault.tried_after_s)


def run(job: Job) -> Report:
    """Live one history through, and judge it. This process must have no threads."""
    began = time.monotonic()
    fault = BY_NAME[job.fault]
    folder = Path(tempfile.mkdtemp(prefix="crashlab-"))
    world = World(folder, fault)
    points = Points(folder / "points", job.kill_at)
    sabotage = CONTROLS[job.control].sabotage if job.control else None
    person = _Person(Bench(folder, fault, points, sabotage), world)
    try:
        person.does("auth", "import", given=(folder / "refresh-token.txt").read_text(encoding="utf-8"))
        person.does("teams", "import", str(folder / "roster.csv"))
        copy = person.copies()
        person.has_it_done()
        if fault.restores:
            _restore(copy, folder / "state" / "d2l-sync.db")
            person.has_it_done()
        time.sleep(fault.settle_s if person.killed else 0)
        names = points.names()
        verdict = judge(world, could_keep_chain=not fault.breaks_chain and _kept(names, job), stuck=person.stuck)
        killed = names[job.kill_at - 1] if person.killed else ""
        seconds = time.monotonic() - began
        return Report(job, verdict, killed, points.count, seconds, tuple(names) if job.record else ())
    finally:
        points.close()
        world.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _restore(copy: Path, database: Path) -> None:
    for file in database.parent.glob(f"{database.name}-*"):
        file.unlink()
    shutil.copy(copy, database)


def _kept(names: list[str], job: Job) -> bool:
    """Tell whether the token could have been kept: no refresh was under way, its answer not yet saved, at the kill.

    From the moment the request is with the server until the answer is durable nobody can close the gap.
    """
    is_under_way = False
    for name in names[: job.kill_at]:
        if "POST /core/connect/token: sent" in name:
            is_under_way = True
        elif is_under_way and "-tokens.db: after" in name:
            is_under_way = False
    return not is_under_way
