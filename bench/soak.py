"""A soak: the daemon against the pretended systems, with outages, expiry, rate limits and resync requests.

`python -m bench.soak` prints its figures, and ends with 1 when one of them is wrong. What ought to be issued is what
the sandbox says, which never saw our database; what was issued is what its platform holds.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from d2l_sync.sandbox.remote import SandboxProcess

WARM_UP = 0.2
"""Share of the time after which memory, threads and descriptors have to be flat."""
MOST_GROWTH_MIB = 16.0
QUIET_S = 120
"""How long the last outages may echo: back-off and `settle` end within it."""
BETWEEN_TROUBLES_S = 3.0
AT_THE_ENDS = 2
"""Times of a pass that may be lost to rounding, where the service begins and ends."""
DEFECTS = ("pass_broke", "turn_broke", "service_stalled", "command_failed")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at one moment."""

    mib: float
    threads: int
    descriptors: int

    @classmethod
    def of(cls, pid: int) -> "Sample":
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        told = dict(line.partition(":\t")[::2] for line in status.splitlines())
        descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        return cls(int(told["VmRSS"].split()[0]) / 1024, int(told["Threads"]), descriptors)

    @classmethod
    def at_rest(cls, pid: int) -> "Sample":
        """Return what the process holds between two passes: the least of some moments."""
        seen = []
        for _ in range(10):
            seen.append(cls.of(pid))
            time.sleep(0.3)
        return min(seen, key=lambda one: (one.threads, one.descriptors))

    def __str__(self) -> str:
        return f"{self.mib:.1f} MiB, {self.threads} threads, {self.descriptors} descriptors"


@dataclass(frozen=True, slots=True)
class Ran:
    """What the daemon told in its log, and what it ended with."""

    told: list[dict[str, Any]]
    exit_code: int

    @property
    def seconds(self) -> float:
        """From being ready to having stopped."""
        ends = (next(one for one in self.told if one["event"] == name) for name in ("daemon_started", "daemon_stopped"))
        began, ended = (datetime.fromisoformat(one["timestamp"]) for one in ends)
        return (ended - began).total_seconds()

    def count(self, event: str) -> int:
        return sum(one["event"] == event for one in self.told)

    def missed(self) -> int:
        """Return how many times of a pass went by without one, as the daemon told."""
        return sum(int(one["passes"]) for one in self.told if one["event"] == "pass_missed")


@dataclass(slots=True)
class Site:
    """The program as it is configured here, its pretended systems, and what was done to them."""

    folder: Path
    sandbox: SandboxProcess
    dice: random.Random
    done: Counter[str] = field(default_factory=Counter)

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("D2L_SYNC_")}
        return {**plain, "D2L_SYNC_CONFIG": str(self.sandbox.configuration)}

    def command(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "d2l_sync", *words]
        return subprocess.run(  # noqa: S603 - our own program, with our own words
            command, env=self.environment, input=given, capture_output=True, text=True, check=False, timeout=120
        )

    def prepare(self, every_s: int) -> None:
        """Configure the schedule, sign in, and take the roster over."""
        file = self.sandbox.configuration
        text = file.read_text(encoding="utf-8").replace('every = "1m"', f'every = "{every_s}s"')
        file.write_text(f'{text}\n[log]\nformat = "json"\n', encoding="utf-8")
        token = (self.folder / "refresh-token.txt").read_text(encoding="utf-8")
        for words, given in ((("auth", "import"), token), (("teams", "import", str(self.folder / "roster.csv")), "")):
            ended = self.command(*words, given=given)
            if ended.returncode != 0:
                raise RuntimeError(f"{words}: {ended.stderr}")

    def held(self) -> Counter[tuple[str, str]]:
        return Counter((address, badge) for address, badge in self.sandbox.live_pairs())

    def expected(self) -> Counter[tuple[str, str]]:
        return Counter((address, badge) for address, badge in self.sandbox.expected()["after_approvals"])

    def trouble(self, server: str, path: str, kind: str, **options: object) -> None:
        self.sandbox.trouble(server, path, kind=kind, **options)

    def begin_second_act(self) -> None:
        """Let everything happen that was put off: regrades, hand-ins, other teams and addresses."""
        self.sandbox.control("begin_second_act")
        roster = self.folder / "roster-now.csv"
        roster.write_text(self.sandbox.control("roster"), encoding="utf-8")
        self.command("teams", "import", "--replace", str(roster))


def _answers(server: str, path: str, status: int, times: int) -> Callable[[Site], None]:
    return lambda site: site.trouble(server, path, "status", status=status, times=times)


def _loses(kind: str, times: int) -> Callable[[Site], None]:
    return lambda site: site.trouble("badgr", "assertions", kind, method="POST", times=times)


TROUBLES: dict[str, Callable[[Site], object]] = {
    "Brightspace answers 503": _answers("brightspace", "/d2l/api/", 503, 12),
    "Brightspace limits the rate": _answers("brightspace", "/d2l/api/", 429, 6),
    "Brightspace resets connections": lambda site: site.trouble("brightspace", "/d2l/api/", "reset", times=6),
    "Brightspace sends half an answer": lambda site: site.trouble("brightspace", "/d2l/api/", "truncate", times=2),
    "the token endpoint answers 503": _answers("auth", "token", 503, 2),
    "access tokens expire": lambda site: site.sandbox.control("expire_access_tokens"),
    "the platform answers 503": _answers("badgr", "/v2/", 503, 6),
    "the platform limits the rate": _answers("badgr", "/v2/", 429, 3),
    "the platform's tokens end": lambda site: site.sandbox.control("revoke_platform_tokens"),
    "the platform stores and answers 500": _loses("fail_after", 3),
    "the platform stores and hangs up": _loses("lose_answer", 3),
    "a resync is asked for": lambda site: site.command("resync"),
}


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--every", type=int, default=1, help="seconds between passes")
    parser.add_argument("--learners", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def soak(site: Site, daemon: subprocess.Popen[bytes], seconds: float) -> list[Sample]:
    """Let it run, give it trouble, and let the world move on; return what it held at each step."""
    began = time.monotonic()
    acts: list[tuple[float, Callable[[Site], object]]] = [
        (0.4, Site.begin_second_act),
        (0.7, lambda each: each.command("approvals", "approve", "--all", "--yes")),
    ]
    samples = [Sample.of(daemon.pid)]
    while (elapsed := time.monotonic() - began) < seconds:
        if acts and elapsed > acts[0][0] * seconds:
            TROUBLES["the platform stores and answers 500"](site)
            acts.pop(0)[1](site)
        name = site.dice.choice(list(TROUBLES))
        TROUBLES[name](site)
        site.done[name] += 1
        time.sleep(BETWEEN_TROUBLES_S)
        if daemon.poll() is not None:
            raise RuntimeError(f"the daemon ended by itself: exit {daemon.returncode}")
        samples.append(Sample.of(daemon.pid))
    return samples


def quiet(site: Site) -> None:
    """End all trouble, and wait until the platform holds what it ought to; or for as long as an echo may take.

    Whoever came up for approval while nothing could be read is approved now, as a person would.
    """
    site.sandbox.clear_trouble()
    end = time.monotonic() + QUIET_S
    while site.held() != site.expected() and time.monotonic() < end:
        site.command("approvals", "approve", "--all", "--yes")
        time.sleep(BETWEEN_TROUBLES_S)
    time.sleep(BETWEEN_TROUBLES_S)  # whoever awards twice has the time for it


def told_in(file: Path) -> list[dict[str, Any]]:
    """Return the events of a log; under a foreign supervisor their lines begin with a priority."""
    lines = (line[line.find("{") :] for line in file.read_text(encoding="utf-8").splitlines() if "{" in line)
    return [json.loads(line) for line in lines]


def wait_until_ready(log: Path) -> None:
    while "daemon_started" not in log.read_text(encoding="utf-8"):
        time.sleep(0.1)


def outcomes(site: Site) -> Counter[str]:
    listed = json.loads(site.command("passes", "list", "--limit", "100000", "--json").stdout)
    return Counter(str(one["outcome"]) for one in listed)


def judge(site: Site, samples: list[Sample], ran: Ran, chosen: argparse.Namespace) -> list[str]:
    """Print the figures; return what is wrong with them."""
    first, warm, last = samples[0], samples[int(len(samples) * WARM_UP)], samples[-1]
    tail = samples[int(len(samples) * WARM_UP) :]
    made = outcomes(site)
    held, expected = site.held(), site.expected()
    double, lost = sum((held - Counter(set(held))).values()), sum((expected - held).values())
    unearned = sum((Counter(set(held)) - expected).values())
    by_schedule = made.total() - ran.count("resync_taken")
    untold = round(ran.seconds / chosen.every) - by_schedule - ran.missed() - ran.count("pass_skipped")
    figures = {
        "passes": f"{made.total()} in {ran.seconds:.0f} s: {dict(made)}",
        "trouble": dict(site.done),
        "missed times": f"{ran.missed()}, told in {ran.count('pass_missed')} events",
        "times without a pass that nobody told of": f"{max(untold, 0)}; up to {AT_THE_ENDS} are rounding at the ends",
        "passes that took longer than the interval": ran.count("pass_overlapped"),
        "at start": first,
        "after warm-up": warm,
        "at end": last,
        "most since warm-up": max(tail, key=lambda one: one.mib),
        "ledger": f"{held.total()} live, {expected.total()} expected",
        "double, lost, unearned": f"{double}, {lost}, {unearned}",
        "exit": ran.exit_code,
    }
    for name, value in figures.items():
        sys.stdout.write(f"{name}: {value}\n")
    return [
        text
        for text, is_wrong in {
            "no pass was made": not made["complete"],
            "an award is double, lost or unearned": double + lost + unearned > 0,
            "memory grew": last.mib > warm.mib + MOST_GROWTH_MIB,
            "threads grew": last.threads > max(one.threads for one in tail[: len(tail) // 2]),
            "descriptors grew": last.descriptors > max(one.descriptors for one in tail[: len(tail) // 2]),
            "passes are missing that nobody told of": untold > AT_THE_ENDS,
            "a defect was logged": any(map(ran.count, DEFECTS)),
            "the daemon did not end well": ran.exit_code != 0,
        }.items()
        if is_wrong
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = parse(arguments)
    with tempfile.TemporaryDirectory(prefix="d2l-sync-soak-") as name:
        folder = Path(name)
        with SandboxProcess(folder, learners=chosen.learners, seed=chosen.seed) as sandbox:
            site = Site(folder, sandbox, random.Random(chosen.seed))  # noqa: S311 - repeatable on purpose
            site.prepare(chosen.every)
            log = folder / "daemon.log"
            with log.open("wb") as stderr:
                command = [sys.executable, "-m", "d2l_sync", "run"]
                daemon = subprocess.Popen(command, env=site.environment, stderr=stderr)  # noqa: S603 - our own program
            try:
                wait_until_ready(log)
                samples = soak(site, daemon, chosen.seconds)
                quiet(site)
                samples.append(Sample.at_rest(daemon.pid))
                daemon.send_signal(signal.SIGTERM)
                exit_code = daemon.wait(timeout=15)
                ran = Ran(told_in(log), exit_code)
            finally:
                daemon.kill()
            wrong = judge(site, samples, ran, chosen)
            for each in wrong:
                sys.stdout.write(f"WRONG: {each}\n")
            if wrong:
                sys.stdout.writelines(f"{one}\n" for one in ran.told[-20:])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
