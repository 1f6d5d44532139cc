"""A pass whose figures nobody could read was made all the same, and one that was stopped is gone on with."""

import json
import signal
import subprocess
import time
from pathlib import Path

from tests.journeys.desk import PATIENCE_S, SETTLED_S


def test_a_pass_is_made_and_not_repeated_where_its_figures_cannot_be_written(desk):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = desk.installed("sync", "--json")
        done = subprocess.run(
            command,
            env=desk.environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    assert done.returncode == 2
    assert "d2l-sync: standard output can't be written: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert desk.held() == desk.expected("before_approvals")
    assert desk.listed("passes", "list")[0]["outcome"] == "complete"
    assert desk.sync()["awards"]["issued"] == 0


def test_a_pass_that_is_interrupted_while_it_sends_finishes_what_is_in_hand_and_sends_no_more(desk):
    """Ctrl-C used to be heard only when every award had gone out."""
    before = desk.held()
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="late", seconds=1.5)

    running = desk.start("sync", "--json")
    give_up_at = time.monotonic() + PATIENCE_S
    while desk.held() == before and time.monotonic() < give_up_at:
        time.sleep(0.1)
    running.child.send_signal(signal.SIGINT)
    answer = running.answer()
    held = desk.held()

    assert (answer.code, json.loads(answer.out)["exit_code"]) == (130, 130)
    assert "Traceback" not in answer.err
    assert before.total() < held.total() < desk.expected("before_approvals").total()
    desk.sandbox.clear_trouble()
    time.sleep(SETTLED_S)
    assert desk.sync()["outcome"] == "complete"
    assert desk.held() == desk.expected("before_approvals")


def test_whoever_takes_the_pass_lock_makes_doubtful_what_a_killed_pass_was_sending(desk):
    """Be it no pass at all: a revocation takes it, too."""
    desk.sync("--badge", "level-1")
    issued = desk.listed("awards", "list", "--state", "issued", "--badge", "level-1")[0]
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="stall", seconds=30)
    running = desk.start("sync")
    give_up_at = time.monotonic() + PATIENCE_S
    while not desk.listed("awards", "list", "--state", "sending") and time.monotonic() < give_up_at:
        time.sleep(0.1)
    half_sent = desk.listed("awards", "list", "--state", "sending")
    too_early = desk.run("awards", "revoke", half_sent[0]["user_id"], half_sent[0]["badge"], "--reason", "by mistake")
    running.child.kill()

    answer = desk.run("awards", "revoke", issued["user_id"], "level-1", "--reason", "by mistake", "--yes")

    assert (answer.code, too_early.code) == (0, 2), answer
    assert "is sending: revoke does not apply" in too_early.err
    doubtful = desk.listed("awards", "list", "--state", "doubtful")
    assert half_sent
    assert {one["user_id"] for one in half_sent} <= {one["user_id"] for one in doubtful}
    assert desk.listed("awards", "list", "--state", "sending") == []
