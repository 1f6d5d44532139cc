"""How the tests are shared out: how many workers, and which tests stay together for what they have in common."""

import os
from pathlib import PurePosixPath

from xdist.scheduler import LoadScopeScheduling

PER_CORE = 2
"""Workers for each core: journeys wait for disks, clocks and answers more than they compute."""

WHOLE_FOLDERS = {"tests/crashlab", "tests/systemd"}
"""What these need is dear to set up: an installed program, a laboratory."""

WHOLE_FILES = {"tests/journeys", "tests/strangers"}
"""Journeys of one file share what they start, and some share a desk."""


class Shares(LoadScopeScheduling):  # type: ignore[misc] # it is untyped
    """Hands out a folder, a file or a single test at a time, those of many tests first.

    Not by marks, as `--dist loadgroup` does: since pytest 9.2 node ids can't be changed, and groups fell apart unsaid.
    """

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)


def share_of(nodeid: str) -> str:
    """Return the name of what is handed out together with this test."""
    file = nodeid.partition("::")[0]
    folder = str(PurePosixPath(file).parent)
    if folder in WHOLE_FOLDERS:
        return folder
    return file if folder in WHOLE_FILES else nodeid


def number() -> int:
    """Return how many workers there are to be."""
    return PER_CORE * len(os.sched_getaffinity(0))
