"""The service under a real systemd, against the pretended systems; all in namespaces that vanish. See boot.sh."""

import json
import os
import subprocess
import sys

import pytest

from tests.systemd.conftest import CHECKOUT
from tests.systemd.tools import lack, need

pytestmark = pytest.mark.timeout(2400)

BOOT = CHECKOUT / "tests/systemd/boot.sh"
PRIVATE, ITS_OWN = ["d2l-sync", "600"], ["d2l-sync", "700"]


@pytest.fixture(scope="module")
def seen(installed, tmp_path_factory):
    """Boot once, and return what was seen there under the name of each question of inside.py."""
    need("systemd-analyze", "unshare")
    if os.geteuid() != 0:
        lack("only root can boot a systemd of its own")
    if subprocess.run(["unshare", "--mount", "--pid", "--net", "--fork", "true"], check=False).returncode != 0:
        lack("this machine allows no new namespaces (unshare)")
    results = tmp_path_factory.mktemp("seen")
    with (results / "boot.log").open("w") as log:
        subprocess.run([BOOT, CHECKOUT, installed, results], stdout=log, stderr=log, check=False, timeout=1500)
    file = results / "seen.json"
    logs = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in results.glob("*.log"))
    assert file.is_file(), logs
    sys.stdout.write(logs)
    return json.loads(file.read_text(encoding="utf-8"))


def test_what_root_does_beforehand_belongs_to_the_service(seen):
    """With secrets and a roster that only root may read."""
    found = seen["commands_by_root"]

    assert found["ended"] == [0, 0, 0]
    assert found["files"].pop("/var/lib/d2l-sync") == ITS_OWN
    assert set(map(tuple, found["files"].values())) == {tuple(PRIVATE)}


def test_it_starts_is_ready_and_says_how_it_stands(seen):
    found = seen["start"]

    assert (found["code"], found["state"]) == (0, "active")
    assert "pass" in found["line"][0]


def test_it_makes_its_passes_with_the_secrets_that_systemd_hands_over(seen):
    found = seen["first_pass"]

    assert found["passes"][0]["outcome"] == "complete"
    assert found["issued"] > 0


def test_its_state_is_for_it_alone(seen):
    files = seen["first_pass"]["files"]

    assert files.pop("/var/lib/d2l-sync") == ITS_OWN
    assert set(map(tuple, files.values())) == {tuple(PRIVATE)}


def test_it_runs_as_a_user_of_its_own_without_any_privilege(seen):
    assert seen["confinement"] == {
        "user": "d2l-sync",
        "CapEff": "0" * 16,
        "CapBnd": "0" * 16,
        "NoNewPrivs": "1",
        "Seccomp": "2",
    }


def test_a_reload_takes_a_good_configuration_over(seen):
    assert seen["reload"] == {"code": 0, "is_same_process": True, "state": "active"}


def test_a_reload_of_a_faulty_configuration_changes_nothing_and_names_the_key(seen):
    assert seen["reload_broken"] == {"is_same_process": True, "state": "active", "is_key_named": True}


def test_it_is_started_again_when_it_was_killed(seen):
    assert seen["kill"] == {"is_new_process": True, "state": "active"}


def test_it_is_started_again_by_the_watchdog_when_it_hangs(seen):
    assert seen["hang"] == {"is_new_process": True, "state": "active", "is_watchdog": True}


def test_it_stops_by_itself_before_systemd_would_kill_it(seen):
    """The unit is given 10 seconds here; a process that took longer would end with the result `timeout`."""
    assert seen["stop"] == {"code": 0, "ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}


def test_a_faulty_configuration_is_not_tried_again_and_somebody_is_told(seen):
    assert seen["faulty_configuration"] == {
        "code": True,
        "ActiveState": "failed",
        "ExecMainStatus": "78",
        "NRestarts": "0",
        "is_told": True,
    }


def test_the_service_of_the_timer_makes_one_pass(seen):
    assert seen["timer_pair"] == {"code": 0, "result": "success"}


def test_a_tenant_has_a_service_of_its_own(seen):
    found = seen["tenant"]

    assert (found["code"], found["state"], found["status"]) == (0, "active", 0)
    assert found["files"].pop("/var/lib/d2l-sync/acme") == ITS_OWN
    assert set(map(tuple, found["files"].values())) == {tuple(PRIVATE)}
