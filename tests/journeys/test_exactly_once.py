"""Nobody gets a badge twice and nobody is forgotten, whatever the platform or the machine does."""

import random
import time

import pytest

from tests.journeys.desk import SETTLED_S

TROUBLES = [
    pytest.param({"kind": "lose_answer"}, id="answers lost after storing"),
    pytest.param({"kind": "fail_after"}, id="500 after storing"),
    pytest.param({"kind": "status", "status": 500}, id="500 before storing"),
    pytest.param({"kind": "reset"}, id="reset before storing"),
    pytest.param({"kind": "truncate"}, id="half an answer"),
    pytest.param({"kind": "login_page"}, id="a login page with 200"),
    pytest.param({"kind": "status", "status": 429}, id="429"),
]


@pytest.mark.parametrize("trouble", TROUBLES)
def test_awards_whose_answers_go_wrong_are_issued_exactly_once_in_the_end(desk, trouble):
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", times=5, **trouble)

    unlucky = desk.run("sync", "--json")
    time.sleep(SETTLED_S)
    desk.run("sync")
    time.sleep(SETTLED_S)
    desk.sync()

    assert unlucky.code == 69
    assert desk.held() == desk.expected("before_approvals")


def test_a_maintenance_redirect_is_never_an_award(desk):
    """Every POST answers 302, the one for a token as well."""
    before = desk.held()
    desk.sandbox.control("set_maintenance", on=True)

    unlucky = desk.run("sync", "--json")
    during = desk.held()
    desk.sandbox.control("set_maintenance", on=False)
    time.sleep(SETTLED_S)
    desk.sync()

    assert (unlucky.code, unlucky.json["awards"]["issued"], during) == (69, 0, before)
    assert desk.held() == desk.expected("before_approvals")


def test_of_several_passes_at_once_one_runs_and_the_others_refuse_politely(desk):
    desk.sandbox.trouble("brightspace", "/classlist/", kind="stall", seconds=0.5)
    started = [desk.start("sync", "--json") for _ in range(4)]

    codes = sorted(one.answer().code for one in started)

    assert codes == [0, 75, 75, 75]
    assert desk.held() == desk.expected("before_approvals")


@pytest.mark.timeout(110)
def test_passes_killed_at_random_moments_lose_and_double_nothing(desk):
    seed = random.randrange(10**6)  # noqa: S311 - a moment, no secret
    moments = random.Random(seed)  # noqa: S311 - a moment, no secret
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="stall", seconds=0.03)
    for _ in range(8):
        running = desk.start("sync")
        time.sleep(moments.uniform(0.7, 2.2))
        running.child.kill()
    desk.sandbox.clear_trouble()
    time.sleep(SETTLED_S)

    desk.run("sync")
    time.sleep(SETTLED_S)
    report = desk.sync()

    assert (report["awards"]["doubtful"], desk.held()) == (0, desk.expected("before_approvals")), f"seed {seed}"


def test_more_awards_than_the_guard_allows_are_held_until_one_command_releases_them(desk):
    desk.configure("max_awards_per_pass = 20000", "max_awards_per_pass = 10")
    before = desk.held()

    held = desk.run("sync", "--json")
    during = desk.held()
    released = desk.run("passes", "release", held.json["pass"], "--json")

    assert (held.code, held.json["outcome"], during) == (75, "held", before)
    assert (released.code, desk.held()) == (0, desk.expected("before_approvals"))


def test_an_old_backup_restored_awards_nothing_twice(desk, tmp_path):
    backup, database = tmp_path / "backup.db", tmp_path / "state" / "d2l-sync.db"
    desk.run("status")
    assert desk.run("db", "backup", backup).code == 0
    desk.sync()
    held = desk.held()
    for name in ("", "-wal", "-shm"):
        database.with_name(database.name + name).unlink(missing_ok=True)
    backup.rename(database)

    report = desk.sync()

    assert (report["awards"]["issued"], desk.held()) == (0, held)
    assert report["awards"]["adopted"] == sum(held.values()) - 1  # one by hand fits nobody


def test_a_released_revocation_is_the_only_way_to_a_second_assertion(desk):
    desk.sync()
    award = next(one for one in desk.run("awards", "list", "--json").json if one["badge"] == "level-1")
    learner = award["user_id"]
    revoked = desk.run("awards", "revoke", learner, "level-1", "--reason", "awarded in error")
    desk.sync()
    without = desk.held()[award["email"], "level-1"]

    released = desk.run("awards", "release", learner, "level-1")
    desk.sync()

    assert (revoked.code, without, released.code) == (0, 0, 0)
    assert desk.held()[award["email"], "level-1"] == 1
