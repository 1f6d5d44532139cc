"""The service as a process: what systemd hears of it, and that it can be stopped, killed and reloaded at any time."""

import re
import shutil
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.journeys.desk import PATIENCE_S
from tests.journeys.service import events, eventually, finished_passes, is_met, stop

RULES = Path(__file__).parents[2] / "alerts/d2l-sync.rules.yml"


def test_systemd_hears_that_it_is_ready_how_it_stands_that_it_lives_and_that_it_stops(desk, listener):
    running = desk.start("run")

    listener.hear("READY=1")
    listener.hear("WATCHDOG=1")
    assert "next pass 20" in listener.hear("STATUS=")
    lines = stop(running)
    listener.hear("STOPPING=1")

    assert (events(lines)[0], events(lines)[-1]) == ("daemon_started", "daemon_stopped")


def test_it_is_ready_and_lives_on_while_neither_system_answers(desk, listener):
    for server in ("brightspace", "auth", "badgr"):
        desk.sandbox.trouble(server, ".", kind="reset")

    running = desk.start("run")
    listener.hear("READY=1")
    eventually(lambda: finished_passes(desk))
    listener.heard()
    listener.hear("WATCHDOG=1")
    stop(running)

    assert {one["outcome"] for one in finished_passes(desk)} == {"blind"}


@pytest.mark.parametrize(
    ("server", "path", "method", "seconds"),
    [
        pytest.param("brightspace", "/classlist/", "GET", 1.5, id="while it reads"),
        pytest.param("badgr", "/assertions$", "POST", 1.5, id="while awards are answered slowly"),
        pytest.param("badgr", "/assertions$", "POST", PATIENCE_S, id="while awards are not answered at all"),
    ],
)
def test_stopped_in_a_pass_it_ends_in_time_and_the_next_start_finishes_the_work(desk, server, path, method, seconds):
    desk.sandbox.trouble(server, path, method=method, kind="stall", seconds=seconds, times=4)
    running = desk.start("run")
    eventually(lambda: is_met(desk))

    lines = stop(running)
    desk.sandbox.control("clear_trouble")
    desk.configure('every = "1h"', 'every = "1s"')
    again = desk.start("run")

    eventually(lambda: desk.held() == desk.expected("before_approvals"))
    stop(again)
    assert desk.held() == desk.expected("before_approvals")
    assert seconds < PATIENCE_S or not has_waited_for_its_pass(lines)


def has_waited_for_its_pass(lines):
    """Tell whether a service says that it ended after its pass; one that is ended for good may say nothing."""
    return False in [line["pass_was_left"] for line in lines if line["event"] == "daemon_stopped"]


def test_it_ends_in_time_while_somebody_else_keeps_the_state_database_locked(desk, listener):
    """Leaving the table of nodes and storing the last log lines would each wait for the lock."""
    running = desk.start("run")
    listener.hear("READY=1")
    eventually(lambda: desk.listed("passes", "list"))

    with closing(locked(desk)):
        lines = stop(running)

    assert events(lines)[0] == "daemon_started"
    assert "daemon_stopped" not in events(lines)


def test_it_ends_in_time_while_the_state_database_keeps_it_from_starting(desk):
    """Opening a locked one gives up after a while, with another exit code; the signal waits for no such end."""
    assert desk.run("status").code == 0
    with closing(locked(desk)):
        running = desk.start("run")
        eventually(lambda: blocks(running, signal.SIGTERM))
        lines = stop(running)

    assert "daemon_started" not in events(lines)


def locked(desk):
    """Keep the state database locked until what this returns is closed."""
    state = desk.folder / "state" / "d2l-sync.db"
    somebody = sqlite3.connect(state, isolation_level=None, timeout=PATIENCE_S)
    somebody.execute("BEGIN EXCLUSIVE")
    return somebody


def blocks(running, number):
    """Tell whether the process takes this signal only when it asks for one."""
    status = (Path("/proc") / str(running.child.pid) / "status").read_text(encoding="ascii")
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk:"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_a_faulty_file_is_refused_by_its_faults_and_a_good_one_is_taken_over(desk, listener):
    running = desk.start("run")
    listener.hear("READY=1")
    good = desk.sandbox.configuration.read_text(encoding="utf-8")

    desk.configure('full = "02:30"', 'colour = "blue"\nfull = "25:99"')
    running.child.send_signal(signal.SIGHUP)
    listener.hear("RELOADING=1\nMONOTONIC_USEC=")
    listener.hear("READY=1")
    desk.sandbox.configuration.write_text(good.replace('every = "1h"', 'every = "1s"'), encoding="utf-8")
    running.child.send_signal(signal.SIGHUP)
    listener.hear("RELOADING=1")
    listener.hear("READY=1")
    eventually(lambda: len(desk.listed("passes", "list")) > 2)
    lines = stop(running)

    refused = next(line for line in lines if line["event"] == "reload_refused")
    assert ["colour" in str(refused), "25:99" in str(refused)] == [True, True]
    assert events(lines).index("reload_refused") < events(lines).index("configuration_reloaded")


def test_a_configuration_that_is_wrong_from_the_start_ends_it_before_it_is_ready(desk, listener):
    desk.configure('auth = "refresh_token"', 'auth = "magic"')

    answer = desk.run("run")

    assert answer.code == 78
    assert "magic" in answer.err


@pytest.fixture
def running(desk, listener):
    """Run the service beside a pass it has made already."""
    started = desk.start("run")
    listener.hear("READY=1")
    eventually(lambda: desk.listed("passes", "list") and desk.listed("passes", "list")[0]["outcome"])
    yield started
    started.child.send_signal(signal.SIGTERM)


def test_a_resync_is_made_by_the_service_and_its_outcome_comes_back(desk, running):
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=PATIENCE_S)
    resync = desk.start("resync", "--badge", "level-1", "--wait", "--json")
    resync.says_something()
    desk.sandbox.clear_trouble()

    answer = resync.answer()
    assert (answer.code, answer.json["outcome"]) == (0, "complete")
    assert desk.listed("passes", "list")[0]["scope"] == "badge level-1"
    assert "Reading Brightspace" in answer.err or "Waiting for the service" in answer.err


def test_a_resync_for_one_learner_serves_that_learner_however_named(desk, running):
    learner = desk.learners("79 %")[0]
    desk.sandbox.control("set_maintenance", on=False)

    by_id = desk.run("resync", "--learner", learner["user_id"], "--wait")
    nobody = desk.run("resync", "--learner", "nobody@example.net", "--wait", "--json")
    no_badge = desk.run("resync", "--badge", "level-9")

    assert (by_id.code, by_id.out.startswith("Pass ")) == (0, True)
    assert (nobody.code, nobody.json["exit_code"]) == (2, 2)
    assert (no_badge.code, "level-1" in no_badge.err) == (2, True)


def test_without_a_service_a_resync_is_queued_once_and_served_when_one_starts(desk):
    first = desk.run("resync", "--org-unit", 6601, "--json")
    again = desk.run("resync", "--org-unit", 6601, "--json")
    waited = desk.run("resync", "--org-unit", 6601, "--wait", "--json")

    service = desk.start("run")
    eventually(lambda: len(desk.listed("passes", "list")) > 1)
    stop(service)

    assert (first.code, first.json) == (69, {"request": 1, "queued": True, "daemon": False})
    assert (again.code, again.json) == (69, first.json)
    assert (waited.code, waited.json["pass"], waited.json["outcome"]) == (69, None, None)
    assert [one["scope"] for one in desk.listed("passes", "list")][-1] == "org unit 6601"


def test_a_resync_says_at_once_when_the_service_is_killed_and_the_next_one_serves_it(desk, running):
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=PATIENCE_S, times=1)
    waiting = desk.start("resync", "--org-unit", 6602, "--wait", "--json")
    eventually(lambda: is_met(desk))

    running.child.kill()
    answer = waiting.answer(timeout=25)  # its row says for 30 s that it lives
    again = desk.start("run")
    eventually(lambda: "org unit 6602" in [one["scope"] for one in finished_passes(desk)])
    stop(again)

    assert (answer.code, answer.json["outcome"]) == (69, None)


def test_a_resync_waits_for_a_pass_of_another_process(desk, running):
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=PATIENCE_S)
    sync = desk.start("sync", "--json")
    eventually(lambda: is_met(desk))

    resync = desk.start("resync", "--wait", "--json")
    resync.says_something()
    desk.sandbox.clear_trouble()

    answer = resync.answer()
    assert (sync.answer().code, answer.code, answer.json["outcome"]) == (0, 0, "complete")


def http(desk, path, host=None):
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    listen = text.partition('listen = "')[2].partition('"')[0]
    answer = requests.get(f"http://{listen}{path}", headers={"Host": host} if host else {}, timeout=PATIENCE_S)
    return answer.status_code, answer.text


def test_health_and_figures_are_told_over_http(desk, running):
    healthy, ready = http(desk, "/healthz"), http(desk, "/readyz")
    figures = {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in samples(http(desk, "/metrics")[1])}

    issued = len(desk.listed("awards", "list", "--state", "issued"))
    assert (healthy, ready) == ((200, "ok\n"), (200, "ok\n"))
    assert http(desk, "/readyz", host="evil.example.com")[0] == 403
    assert figures['d2l_sync_run_outcome_total{outcome="complete"}'] >= 1
    assert figures['d2l_sync_outbox{state="issued"}'] == issued > 0
    assert figures['d2l_sync_api_requests_total{code="200",service="brightspace"}'] > 0
    assert figures['d2l_sync_api_requests_total{code="201",service="badging"}'] > 0
    assert figures["d2l_sync_last_complete_run_timestamp_seconds"] == pytest.approx(time.time(), abs=1000)
    assert figures['d2l_sync_auth_state{provider="brightspace"}'] == figures["d2l_sync_config_reload_success"] == 1
    assert {name for name in figures if "freshness" in name} == {
        f'd2l_sync_course_freshness_seconds{{org_unit="{unit}"}}' for unit in (6601, 6602, 6603)
    }
    assert figures['d2l_sync_facts{verdict="met"}'] > 0


def test_every_figure_that_an_alert_goes_by_is_told_with_its_labels(desk, running):
    """An expression whose label is misspelled finds nothing, and its alarm never rings."""
    told = samples(http(desk, "/metrics")[1])

    missing = [
        (name, label)
        for rule in RULES.read_text(encoding="utf-8").split("- alert:")[1:]
        for name in re.findall(r"\b(d2l_sync_\w+)", rule)
        for label in ["", *re.findall(r"(?<=\{)\w+=\"\w+\"|(?<=by \()\w+|(?<=\$labels\.)\w+", rule)]
        if not any(one.startswith(name) and label in one for one in told)
    ]

    assert missing == []


def samples(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_a_service_that_nobody_signed_in_turns_and_says_what_a_person_must_do(unsigned):
    running = unsigned.start("run")
    eventually(lambda: unsigned.run("status", "--json").json["nodes"])

    healthy, (code, text) = http(unsigned, "/healthz"), http(unsigned, "/readyz")
    status = unsigned.run("status", "--json").json
    stop(running)

    assert (healthy[0], code, "auth login" in text) == (200, 503, True)
    assert (status["last_complete_pass"], status["auth_hint"]) == (None, "run: d2l-sync auth login")


def test_a_taken_port_ends_the_start_by_naming_the_key(desk, running):
    second = desk.run("run")

    assert (second.code, "console.listen" in second.err) == (78, True)


def test_status_says_what_was_done_what_waits_and_what_comes(desk, running):
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=PATIENCE_S, times=1)
    desk.run("resync", "--badge", "level-1")
    eventually(lambda: is_met(desk))
    desk.run("resync", "--badge", "level-2")

    body = desk.listed("status")
    shown = desk.run("status").out

    approvals, awards = desk.listed("approvals", "list"), desk.listed("awards", "list")
    assert body["last_complete_pass"]["outcome"] == "complete"
    assert [one["next_pass"] for one in body["nodes"]] == [body["next_pass"]]
    assert [one["scope"] for one in body["resync_requests"]] == ["badge level-2"]
    assert body["needs_a_person"] == {
        "approvals": len(approvals),
        "approvals_since": min(one["since"] for one in approvals),
        "reviews": len(desk.listed("reviews", "list")),
        "missing": 0,
        "blocked": sum(one["state"] == "blocked" for one in awards),
        "failed": 0,
    }
    assert (body["unsent"]["awards"], body["held"], body["doubtful"], body["auth_hint"]) == (0, None, 0, None)
    assert [words in shown for words in ("Next pass: 20", "For a person:", "badge level-2", "6601")] == [True] * 4


def test_status_names_the_command_that_lets_a_held_plan_go(desk):
    desk.configure("max_awards_per_pass = 20000", "max_awards_per_pass = 3")
    number = desk.run("sync", "--json").json["pass"]

    held = desk.listed("status")["held"]

    assert (held["pass"], held["command"]) == (number, f"d2l-sync passes release {number}")
    assert held["command"] in desk.run("status").out


def test_the_dead_mans_switch_hears_of_passes_and_its_address_stays_a_secret(desk, listener):
    """The sandbox stands in for the monitoring: it answers 404 to what it does not know, and notes it."""
    desk.environment["D2L_SYNC_HEALTH_PING_URL"] = f"{desk.sandbox.addresses.badgr}/ping/a-secret-place"
    running = desk.start("run")
    listener.hear("READY=1")
    pings = eventually(lambda: (found := desk.sandbox.control("journal", path="/ping/")) and len(found) > 1 and found)
    lines = stop(running)

    assert [(one["method"], one["path"]) for one in pings] == [
        ("POST", "/ping/a-secret-place/start"),
        ("POST", "/ping/a-secret-place"),
    ]
    assert "ping_failed" in events(lines)
    assert "a-secret-place" not in str(lines)


def test_a_past_pass_and_the_reviews_read_well(desk):
    number = desk.sync()["pass"]

    shown = desk.run("passes", "show", number).out
    listed = desk.run("passes", "list").out
    reviews = desk.run("reviews", "list").out

    assert shown.startswith("Over everything, from 20")
    assert f"Pass {number}: complete, " in shown
    assert [words in listed for words in ("OUTCOME", "complete", "everything")] == [True] * 3
    assert desk.listed("passes", "show", number)["learners"] == desk.listed("passes", "list")[0]["learners"] > 0
    assert "reviews close ID" in reviews or reviews == "Nothing to review.\n"


def test_a_service_whose_database_is_restored_under_it_ends_with_74_and_goes_on_with_that_one(desk):
    """As an open file the old ledger would live on, beside the one that every command works with."""
    desk.sign_in()
    file = desk.folder / "state" / "d2l-sync.db"
    assert desk.run("db", "backup", desk.folder / "copy.db").code == 0
    running = desk.start("run")
    eventually(lambda: finished_passes(desk))

    for part in file.parent.glob("d2l-sync.db*"):  # as the restore drill does, but for the stop before it
        part.rename(desk.folder / part.name)
    (desk.folder / "copy.db").replace(file)
    answer = running.answer()
    again = desk.start("run")
    eventually(lambda: finished_passes(desk))
    stop(again)

    assert answer.code == 74
    assert "was removed or replaced" in answer.err
    assert set(desk.held().values()) == {1}


def test_a_service_whose_database_is_written_over_ends_with_74_and_leaves_the_backup_as_it_is(desk):
    """`cp` keeps the file and its name: SQLite goes on with the log of the one before, and would mix the two."""
    desk.sign_in()
    file, copy = desk.folder / "state" / "d2l-sync.db", desk.folder / "copy.db"
    assert desk.run("db", "backup", copy).code == 0
    running = desk.start("run")
    eventually(lambda: finished_passes(desk))

    shutil.copyfile(copy, file)
    answer = running.answer()
    refused = desk.run("status")
    is_whole = file.read_bytes() == copy.read_bytes()
    for part in ("-wal", "-shm"):
        file.with_name(f"{file.name}{part}").unlink()
    again = desk.start("run")
    eventually(lambda: finished_passes(desk))
    stop(again)

    assert answer.code == 74
    assert "was written over while it was in use" in answer.err
    assert (refused.code, "d2l-sync.db-wal belongs to another file" in refused.err, is_whole) == (74, True, True)
    assert set(desk.held().values()) == {1}
