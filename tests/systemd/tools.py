"""What these tests need from the system: a missing tool is a failure in CI, and elsewhere a reason to skip."""

import os
import shutil

import pytest

PACKAGES = {
    "systemd-analyze": "systemd",
    "unshare": "util-linux",
    "man": "man-db",
    "lexgrog": "man-db",
    "groff": "groff",
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
}


def need(*tools: str) -> None:
    """Go on only where all these programs are. `make test` installs them when it may."""
    missing = sorted({PACKAGES[tool] for tool in tools if shutil.which(tool) is None})
    if missing:
        lack(f"the test set-up lacks: apt-get install {' '.join(missing)}")


def lack(reason: str) -> None:
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
