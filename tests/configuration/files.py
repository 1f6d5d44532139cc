"""Configuration files for tests: the smallest that load, and ways to spoil them."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from d2l_sync.configuration import load, load_pathways
from d2l_sync.domain.errors import ConfigError

SECRETS = {
    "D2L_SYNC_BRIGHTSPACE_CLIENT_SECRET": "pretended-1",
    "D2L_SYNC_BRIGHTSPACE_PRIVATE_KEY": "pretended-2",
    "D2L_SYNC_BADGING_CLIENT_SECRET": "pretended-3",
    "D2L_SYNC_BADGING_PASSWORD": "pretended-4",
}
SMALLEST: dict[str, dict[str, str]] = {
    "brightspace": {"url": '"https://courses.example.edu"', "client_id": '"client-1"'},
    "badging": {
        "platform": '"badgr"',
        "url": '"https://api.badges.example.com"',
        "issuer": '"issuer-1"',
        "client_id": '"client-2"',
    },
    "pathways": {"files": '["pathways/*.toml"]'},
}
LEVEL_1 = """\
[[badge]]
key = "level-1"
name = "Level 1"
badge_class = "class-1"
org_unit = 6601
"""
HEAD = 'key = "mcd"\nname = "Development"\n'
PATHWAY = f'{HEAD}{LEVEL_1}[[badge.criterion]]\nkind = "submission"\nfolder = 33101\n'


def service_text(changes: Mapping[str, Mapping[str, str | None]]) -> str:
    """Write the smallest service file with changes by section and key; None leaves the key out."""
    lines: list[str] = []
    for name in [*SMALLEST, *(name for name in changes if name not in SMALLEST)]:
        keys = {**SMALLEST.get(name, {}), **changes.get(name, {})}
        lines += [f"[{name}]", *(f"{key} = {value}" for key, value in keys.items() if value is not None)]
    return "\n".join(lines) + "\n"


def write(folder: Path, service: str, **pathways: str) -> Path:
    """Write a service file and its rule files, `mcd` where none is named; return the service file."""
    (folder / "pathways").mkdir()
    for name, text in (pathways or {"mcd": PATHWAY}).items():
        (folder / "pathways" / f"{name}.toml").write_text(text, encoding="utf-8")
    path = folder / "d2l-sync.toml"
    path.write_text(service, encoding="utf-8")
    return path


def faults_of(path: Path, environ: Mapping[str, str] = SECRETS) -> list[str]:
    """Load what can't be loaded; return every fault as a line, below the folder and without line numbers."""
    with pytest.raises(ConfigError) as caught:
        load(path, environ)
    return [without_lines(fault, path.parent) for fault in str(caught.value).splitlines()]


def rule_faults(folder: Path, *texts: str) -> list[str]:
    """Load rule files a.toml, b.toml, …; return every fault as in `faults_of`."""
    files = [folder / f"{name}.toml" for name, _ in zip("abcd", texts, strict=False)]
    for path, text in zip(files, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_pathways(files)
    return [without_lines(fault, folder) for fault in str(caught.value).splitlines()]


def without_lines(fault: str, folder: Path) -> str:
    return re.sub(r"(\.toml):\d+", r"\1", fault.replace(f"{folder}/", ""))
