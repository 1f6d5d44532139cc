"""Root lets go of root before anything is opened; real user ids, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from d2l_sync.cli.service_user import become_owner

IS_ROOT = os.geteuid() == 0
NOBODY = 65534
# It imports first: a checkout may stand where only root can read.
CHILD = """
import json, os, sys
from pathlib import Path
from d2l_sync.cli.service_user import become_owner
secret = Path(sys.argv[2]).read_text(encoding="utf-8")
become_owner(Path(sys.argv[1]))
def can(deed):
    try:
        deed()
    except PermissionError:
        return False
    return True
print(json.dumps({
    "users": os.getresuid(), "groups": [*os.getresgid(), *os.getgroups()], "secret": secret,
    "may_return": can(lambda: os.setuid(0)), "may_read_secret": can(lambda: open(sys.argv[2]).close()),
    "who": os.environ["LOGNAME"],
}))
"""


@pytest.fixture
def as_root():
    if not IS_ROOT:
        reason = "only root can become another user"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.touch(mode=0o600)
    file.write_text("pretended", encoding="utf-8")
    return file


def became(directory, secret):
    """Start a process which becomes the owner of a folder, and return what it then is and may."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    environment.pop("LOGNAME", None)
    command = [sys.executable, "-c", CHILD, str(directory), str(secret)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("owner", [pytest.param(NOBODY, id="a user"), pytest.param(54321, id="a number only")])
def test_root_becomes_the_owner_of_the_state_for_good(tmp_path, secret, owner):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    os.chown(state, owner, NOBODY)

    found = became(state, secret)

    assert found["users"] == [owner] * 3
    assert set(found["groups"]) == {NOBODY}
    assert not found["may_return"]
    assert not found["may_read_secret"]


@pytest.mark.usefixtures("as_root")
def test_what_only_root_may_read_was_read_before_and_root_is_named(tmp_path, secret):
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, NOBODY, NOBODY)

    found = became(state, secret)

    assert (found["secret"], found["who"]) == ("pretended", "root")


@pytest.mark.parametrize("name", [pytest.param("", id="my own"), pytest.param("not/there/yet", id="none yet")])
def test_nobody_changes_for_a_state_of_their_own(tmp_path, name):
    before = os.getresuid()

    become_owner(tmp_path / name)

    assert os.getresuid() == before
