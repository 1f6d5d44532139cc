"""The units that we ship, as systemd itself reads and judges them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.systemd.tools import need

CHECKOUT = Path(__file__).parents[2]
FOLDER = CHECKOUT / "systemd"
UNITS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".service", ".timer"})
SERVICES = [path for path in UNITS if path.suffix == ".service"]
OURS = [path for path in SERVICES if "d2l-sync-alert" not in path.name]
PROGRAM = "/opt/d2l-sync/bin/d2l-sync"
MOST_EXPOSED = 20
"""Tenths of systemd's exposure level: 2.0, where it goes from 0 to 10."""


def each(paths):
    return pytest.mark.parametrize("unit", paths, ids=lambda path: path.name)


def analyze(*words):
    need("systemd-analyze")
    done = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, check=False, timeout=200)
    return done.returncode, done.stdout, done.stderr


def lines_of(unit, key):
    return re.findall(rf"(?m)^{key}=(.*)$", unit.read_text(encoding="utf-8"))


@pytest.fixture
def installed(tmp_path):
    """Put all units into one folder, with a program that is there for certain."""
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace(PROGRAM, sys.executable)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@each(UNITS)
def test_systemd_finds_no_fault_in_a_unit(installed, unit):
    code, out, err = analyze("verify", "--man=no", str(installed / unit.name))

    assert (code, out, err) == (0, "", "")


@each(SERVICES)
def test_a_service_is_hardened(unit):
    code, out, _ = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(unit))

    assert code == 0, out.splitlines()[-1]


def test_a_service_without_hardening_would_be_noticed(tmp_path):
    bare = tmp_path / "bare.service"
    bare.write_text(f"[Service]\nExecStart={sys.executable}\n", encoding="utf-8")

    assert analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(bare))[0] != 0


@each(OURS)
def test_every_secret_that_the_configuration_knows_is_handed_over(unit):
    """One that a site does not have is an empty line, which counts as none."""
    example = (CHECKOUT / "config/d2l-sync.toml").read_text(encoding="utf-8")
    known = set(re.findall(r"(?m)^# (\w+)_file = ", example))

    loaded = {name: path for name, _, path in (line.partition(":") for line in lines_of(unit, "LoadCredential"))}

    assert known <= set(loaded)
    assert all(path.endswith(f"/credentials/{name}") for name, path in loaded.items())
    assert sorted(lines_of(unit, "SetCredential")) == sorted(f"{name}:\\n" for name in loaded)


def test_all_units_of_the_program_are_confined_alike():
    confined = {unit.read_text(encoding="utf-8").partition("\nUMask=")[2].partition("\n[")[0].strip() for unit in OURS}

    assert len(confined) == 1


def test_the_daemon_is_not_started_again_where_that_cannot_help():
    assert [lines_of(unit, "RestartPreventExitStatus") for unit in OURS[1:]] == [["2 65 77 78"]] * 2


@each([unit for unit in OURS if "pass" not in unit.name])
def test_a_start_that_fails_is_tried_for_half_an_hour_and_then_somebody_is_told(unit):
    """A disk that a night's job fills, or a volume that is mounted late, wakes nobody; what lasts does."""
    (between,), (burst,) = lines_of(unit, "RestartSec"), lines_of(unit, "StartLimitBurst")

    assert int(between) * int(burst) == 30 * 60
    assert lines_of(unit, "StartLimitIntervalSec") == ["1h"]
    assert lines_of(unit, "OnFailure") == ["d2l-sync-alert@%n.service"]
