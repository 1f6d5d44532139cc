"""What a site gets by `make install`, or from the packed folder on a host without a package index."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from d2l_sync.configuration.load import load
from tests.systemd.conftest import CHECKOUT, install
from tests.systemd.tools import need

pytestmark = pytest.mark.timeout(2400)

APP = "opt/d2l-sync"
PLACES = [
    "usr/local/lib/systemd/system/d2l-sync.service",
    "usr/local/lib/systemd/system/d2l-sync@.service",
    "usr/local/lib/systemd/system/d2l-sync-pass.service",
    "usr/local/lib/systemd/system/d2l-sync-pass.timer",
    "usr/local/lib/systemd/system/d2l-sync-alert@.service",
    "usr/local/lib/sysusers.d/d2l-sync.conf",
    "usr/local/lib/tmpfiles.d/d2l-sync.conf",
    "usr/local/share/man/man1/d2l-sync.1",
    "usr/local/share/man/man5/d2l-sync.toml.5",
    "usr/local/share/man/man8/d2l-sync.service.8",
    "usr/local/share/bash-completion/completions/d2l-sync",
    "usr/local/share/zsh/site-functions/_d2l-sync",
    "etc/fish/completions/d2l-sync.fish",
    "usr/local/share/doc/d2l-sync/docs/runbook.md",
    "usr/local/share/doc/d2l-sync/alerts/d2l-sync.rules.yml",
    "usr/local/share/doc/d2l-sync/config/d2l-sync.toml",
    "etc/d2l-sync/pathways/ums-micro-credential-development.toml",
]


def mode(path):
    return f"{path.stat().st_mode & 0o777:o}"


@pytest.mark.parametrize("place", PLACES)
def test_it_is_in_its_place(installed, place):
    assert mode(installed / place) == ("640" if place.startswith("etc/d2l-sync/") else "644")


def test_fish_looks_where_its_completion_is():
    """In the shell of a server, where no desktop has told it of further folders."""
    need("fish")
    plain = {name: value for name, value in os.environ.items() if name != "XDG_DATA_DIRS"}
    told = subprocess.run(
        ["fish", "-c", "string join \\n $fish_complete_path"], env=plain, capture_output=True, text=True, check=True
    )

    assert "/etc/fish/completions" in told.stdout.splitlines()


def test_the_program_runs_and_knows_only_where_it_will_be(installed):
    ended = subprocess.run(
        [installed / APP / "bin/python", "-m", "d2l_sync", "--version"], capture_output=True, text=True, check=True
    )
    scripts = [path for path in (installed / APP / "bin").iterdir() if not path.is_symlink()]

    assert ended.stdout.startswith("d2l-sync, version ")
    assert (installed / APP / "bin/d2l-sync").read_text(encoding="utf-8").startswith("#!/opt/d2l-sync/bin/python")
    assert [path for path in scripts if str(installed).encode() in path.read_bytes()] == []
    assert Path(installed / "usr/local/bin/d2l-sync").readlink() == Path("/opt/d2l-sync/bin/d2l-sync")


def test_the_first_configuration_finds_state_and_secrets_for_root_too(installed):
    """Without what systemd says to the service: neither $STATE_DIRECTORY nor $CREDENTIALS_DIRECTORY."""
    etc = installed / "etc/d2l-sync"
    for name in ("brightspace_client_secret", "badging_client_secret"):
        (etc / "credentials" / name).write_text("pretended", encoding="utf-8")
        (etc / "credentials" / name).chmod(0o600)

    settings, pathways = load(etc / "d2l-sync.toml", {})

    assert mode(etc / "credentials") == "700"
    assert settings.state_url == "sqlite:////var/lib/d2l-sync/d2l-sync.db"
    assert (settings.brightspace.client_secret, len(pathways)) == ("pretended", 1)


def test_an_upgrade_replaces_the_program_and_leaves_what_is_the_sites(bundle, installed, tmp_path):
    root = tmp_path / "root"
    shutil.copytree(installed, root, symlinks=True)
    stale = root / APP / "lib/stale.py"
    stale.touch()
    ours = {root / "etc/d2l-sync/d2l-sync.toml": "# mine\n", root / "var/lib/d2l-sync/d2l-sync.db": "ledger"}
    for path, text in ours.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.rmtree(root / "usr")

    done = install(bundle, root)

    assert (done.returncode, "Upgraded" in done.stdout) == (0, True), done.stderr
    assert {path: path.read_text(encoding="utf-8") for path in ours} == ours
    assert not stale.exists()
    assert [place for place in PLACES if not (root / place).is_file()] == []
    assert [path.name for path in (root / "opt").iterdir()] == ["d2l-sync"]


def test_a_folder_that_was_tampered_with_is_refused(bundle, tmp_path):
    copy = tmp_path / "bundle"
    shutil.copytree(bundle, copy)
    wheel = next((copy / "wheels").glob("requests-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")

    done = install(copy, tmp_path / "root")

    assert done.returncode == 1
    assert "not as it was packed" in done.stderr
    assert not (tmp_path / "root/opt").exists()


def test_every_package_is_locked_by_its_hashes():
    locked = (CHECKOUT / "requirements/runtime.txt").read_text(encoding="utf-8")
    entries = [entry for entry in locked.split("\n\n")[-1].split("\n") if entry and not entry[0].isspace()]
    packages = [entry for entry in entries if not entry.startswith("#")]

    assert packages
    assert [entry for entry in packages if not entry.endswith("\\")] == []
