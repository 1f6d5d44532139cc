"""SIGHUP at any time: what was begun ends well, what is new takes over whole, and nothing is left open."""

import operator
import signal
import sqlite3
import time
from contextlib import closing
from shutil import copy2

import pytest
import requests

from tests.journeys.desk import PATIENCE_S
from tests.journeys.service import (
    events,
    eventually,
    fewest_files_and_threads,
    finished_passes,
    is_met,
    open_files_and_threads,
    reload,
    stop,
)


@pytest.fixture
def running(desk, listener):
    """Run the service beside a pass that it has made already."""
    started = desk.start("run")
    listener.hear("READY=1")
    eventually(lambda: finished_passes(desk))
    return started


def move_state(desk):
    """Have the configuration name another database, of which a backup and the tokens are there; return its file."""
    other = desk.folder / "elsewhere" / "d2l-sync.db"
    other.parent.mkdir()
    assert desk.run("db", "backup", other).code == 0
    for file in (desk.folder / "state").glob("*tokens*"):
        copy2(file, other.parent)
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    assert "[state]" not in text
    desk.sandbox.configuration.write_text(f'{text}\n[state]\nurl = "sqlite:///{other}"\n', encoding="utf-8")
    return other


def column(file, question):
    with closing(sqlite3.connect(file)) as database:
        return [row[0] for row in database.execute(question)]


NODES = "SELECT name FROM node"
EVENTS = "SELECT event FROM log_line ORDER BY line_id"


def test_after_a_reload_to_another_database_everything_goes_there(desk, running, listener):
    old = desk.folder / "state" / "d2l-sync.db"
    name = column(old, NODES)
    other = move_state(desk)
    before = len(column(other, EVENTS))

    reload(running, listener)
    answer = desk.run("resync", "--wait", "--json")
    during = column(old, NODES), column(other, NODES)
    lines = stop(running)

    assert (answer.code, answer.json["outcome"], during) == (0, "complete", ([], name))
    told = column(other, EVENTS)[before:]
    assert [event for event in told if event in {"daemon_started", "reload_accepted"}] == []
    assert [event for event in told if event in {"configuration_reloaded", "resync_ended", "daemon_stopped"}] == [
        "configuration_reloaded",
        "resync_ended",
        "daemon_stopped",
    ]
    assert column(old, EVENTS)[-1] == "reload_accepted"
    assert (column(old, NODES), column(other, NODES)) == ([], [])
    assert "log_not_kept" not in events(lines)


def test_fifteen_reloads_leave_no_file_and_no_thread_behind(desk, running, listener):
    """A few more of either come and go; what each reload left behind would be fifteen."""
    texts = [desk.sandbox.configuration.read_text(encoding="utf-8")]
    old, other = desk.folder / "state" / "d2l-sync.db", move_state(desk)
    texts.insert(0, desk.sandbox.configuration.read_text(encoding="utf-8"))

    def reloaded(times):
        for number in range(times):
            desk.sandbox.configuration.write_text(texts[number % 2], encoding="utf-8")
            reload(running, listener)
            now, before = (other, old) if number % 2 == 0 else (old, other)
            eventually(lambda here=now, there=before: column(here, NODES) and not column(there, NODES))
        assert desk.run("resync", "--badge", "level-1", "--wait", "--json").code == 0

    reloaded(4)
    files, threads = fewest_files_and_threads(running)
    reloaded(15)

    eventually(lambda: all(map(operator.lt, open_files_and_threads(running), (files + 10, threads + 10))))
    stop(running)


def test_a_storm_of_reloads_during_a_pass_disturbs_neither_the_pass_nor_the_service(desk, running, listener):
    """In the end one waits, one is under way, and one is asked for; all others were one with these."""
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=PATIENCE_S)
    waiting = desk.start("resync", "--wait", "--json")
    eventually(lambda: is_met(desk))

    for _ in range(50):
        running.child.send_signal(signal.SIGHUP)
        time.sleep(0.02)
    desk.sandbox.clear_trouble()
    answer = waiting.answer()
    again = desk.run("resync", "--wait", "--json")
    lines = stop(running)

    assert (answer.json["outcome"], again.json["outcome"]) == ("complete", "complete")
    assert events(lines).count("configuration_reloaded") in {1, 2, 3}
    assert {"reload_refused", "pass_failed", "pass_broke", "turn_broke"} & set(events(lines)) == set()
    assert desk.held() == desk.expected("before_approvals")


def test_a_database_that_can_not_be_opened_refuses_the_reload_and_nothing_changes(desk, running, listener):
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    broken = desk.folder / "broken.db"
    broken.write_text("no database, but this text. " * 40, encoding="utf-8")
    desk.sandbox.configuration.write_text(f'{text}\n[state]\nurl = "sqlite:///{broken}"\n', encoding="utf-8")

    reload(running, listener)
    desk.sandbox.configuration.write_text(text, encoding="utf-8")
    answer = desk.run("resync", "--wait", "--json")
    lines = stop(running)

    assert (answer.code, answer.json["outcome"]) == (0, "complete")
    assert [event for event in events(lines) if event.startswith(("reload", "conf"))] == ["reload_refused"]
    assert column(desk.folder / "state" / "d2l-sync.db", EVENTS)[-1] == "daemon_stopped"


def test_a_reload_waits_for_a_locked_database_beside_everything_else_and_for_no_stop(desk, running, listener):
    """Opening the database takes as long as others keep it; the watchdog would have ended the service meanwhile."""
    with closing(sqlite3.connect(move_state(desk), isolation_level=None)) as somebody:
        somebody.execute("BEGIN EXCLUSIVE")
        listener.heard()
        running.child.send_signal(signal.SIGHUP)
        listener.hear("RELOADING=1")
        for _ in range(3):
            listener.hear("WATCHDOG=1")
        meanwhile = listener.heard()
        lines = stop(running)

    assert "READY=1" not in meanwhile
    assert (events(lines)[0], events(lines)[-1]) == ("daemon_started", "daemon_stopped")
    assert "service_stalled" not in events(lines)


def test_a_reload_opens_the_port_that_the_service_has_to_other_machines(desk, running, listener):
    desk.configure('listen = "127.0.0.1:', 'listen = "0.0.0.0:')
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    port = text.partition('listen = "0.0.0.0:')[2].partition('"')[0]

    reload(running, listener)
    answer = requests.get(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_S)
    lines = stop(running)

    assert (answer.status_code, "reload_refused" in events(lines)) == (200, False)
