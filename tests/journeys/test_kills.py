"""Passes that die at random moments: the ones after them lose nothing, double nothing, and stay signed in."""

import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.journeys.desk import SETTLED_S, Desk
from tests.journeys.service import eventually

KILLS = 40
CONNECTIONS = Path("/proc/net/tcp")
UNFINISHED = {"01", "03", "08"}  # established, being so, closed by the caller: include/net/tcp_states.h
LATEST_REQUEST = 70
"""A pass is killed at one of its first so many requests, or runs to its end."""


@dataclass
class Killer:
    """Starts passes and kills them. Whatever it does at random comes from `seed`."""

    desk: Desk
    seed: int = field(default_factory=lambda: random.randrange(10**6))  # noqa: S311 - a moment, no secret

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 - a moment, no secret
        self.signed_in_again = 0

    def kills_a_pass(self) -> bool:
        """Start a pass and kill it at a random request, or a little later; False when it was over before."""
        if self.dice.random() < 1 / 3:
            self.desk.sandbox.control("expire_access_tokens")
        before = self._newest_request()
        running = self.desk.start("sync")
        self._wait_for_requests(self.dice.randrange(LATEST_REQUEST), before, running)
        time.sleep(self.dice.uniform(0, 0.03))
        was_killed = running.child.kill() < 0
        eventually(lambda: is_finished_with(self.desk.sandbox.addresses))
        if was_killed and self._died_renewing(before):
            self.desk.run("auth", "import", given=self.desk.sandbox.control("new_refresh_token"))
            self.signed_in_again += 1
        return was_killed

    def _newest_request(self) -> int:
        return max((one["number"] for one in self.desk.sandbox.journal()), default=0)

    def _wait_for_requests(self, count, before, running):
        while running.child.is_alive and len(self.desk.sandbox.journal(since=before)) < count:
            time.sleep(0.01)

    def _died_renewing(self, before):
        """Tell whether nobody could have kept the token: it was asked for, and the answer never used.

        A token is stored before it is used; so whoever used it must have kept it.
        """
        used_or_asked = [
            one["server"]
            for one in self.desk.sandbox.journal(since=before)
            if one["server"] == "auth" or (one["server"] == "brightspace" and one["status"] not in {None, 401})
        ]
        return used_or_asked[-1:] == ["auth"]


def is_finished_with(addresses):
    """Tell whether the servers have done with all that came: what a killed pass had sent may still wait to be taken.

    A connection that has ended is gone on the server's side when it was taken, read to its end and answered.
    """
    ports = {urlsplit(one).port for one in (addresses.brightspace, addresses.auth, addresses.badgr)}
    rows = [row.split() for row in CONNECTIONS.read_text(encoding="ascii").splitlines()[1:]]
    return not any(int(row[1].partition(":")[2], 16) in ports and row[3] in UNFINISHED for row in rows)


@pytest.mark.timeout(600)
def test_forty_passes_killed_at_random_moments_lose_and_double_nothing(desk):
    """The next pass lets rest what was half sent; the one after `settle` leaves everything exactly right."""
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="stall", seconds=0.02)
    killer = Killer(desk)
    kills = 0
    while kills < KILLS:
        kills += killer.kills_a_pass()
        if kills == KILLS // 2:
            desk.run("approvals", "approve", "--all")
    desk.sandbox.clear_trouble()

    desk.run("sync")
    desk.run("approvals", "approve", "--all")
    time.sleep(SETTLED_S)
    report = desk.sync()

    told = f"seed {killer.seed}, signed in again {killer.signed_in_again} times"
    assert (report["outcome"], report["awards"]["doubtful"]) == ("complete", 0), told
    assert desk.held() == desk.expected("after_approvals"), told
    assert desk.sandbox.control("token_counts").get("refused", 0) == 0, told
