"""A simulated disk: SQLite writes to it through a file system of ours, and its power can be cut at any operation.

Every write, truncation, deletion and sync is noted in its order and done for real. What a cut leaves: a write is
certain when its file was synced between it and the cut; another one is there with even odds, and of those that are
three in ten are torn at a sector. A truncation likewise. A deletion is certain once anything was synced after it. This
is harsher than most disks: unsynced writes survive in any order.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512
SURVIVES, IS_TORN = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing done to one file. kind: write, truncate, delete or sync. place: where in the file, or its new size."""

    kind: str
    file: str
    place: int = 0
    content: bytes = b""


class Disk(apsw.VFS):
    """The file system "simulated" of this process. Files lie in `folder` for real; `operations` grows."""

    NAME = "simulated"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.operations: list[Operation] = []
        super().__init__(self.NAME, "")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - apsw's names
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001
        super().xDelete(filename, syncdir)
        self.note("delete", filename)
        if syncdir:
            self.note("sync", filename)

    def note(self, kind: str, file: str, place: int = 0, content: bytes = b"") -> None:
        self.operations.append(Operation(kind, Path(file).name, place, content))

    def connect(self, file: str) -> apsw.Connection:
        return apsw.Connection(str(self.folder / file), vfs=self.NAME)


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        self._name = str(name.filename() if hasattr(name, "filename") else name)
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        self._disk.note("write", self._name, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        self._disk.note("truncate", self._name, newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._disk.note("sync", self._name)


def image_after_cut(operations: list[Operation], at: int, dice: random.Random) -> dict[str, bytes]:
    """Return what is on the disk when the power was cut before operation `at`, by file name."""
    files: dict[str, bytearray] = {}
    for operation, is_certain in _with_certainty(operations[:at]):
        if operation.kind == "sync" or not (is_certain or dice.random() < SURVIVES):
            continue
        _do(operation, files, dice, is_certain=is_certain)
    return {name: bytes(content) for name, content in files.items() if not name.endswith("-shm")}


def _with_certainty(done: list[Operation]) -> Iterator[tuple[Operation, bool]]:
    last_sync = {operation.file: number for number, operation in enumerate(done) if operation.kind == "sync"}
    any_sync = max(last_sync.values(), default=-1)
    for number, operation in enumerate(done):
        synced = any_sync if operation.kind == "delete" else last_sync.get(operation.file, -1)
        yield operation, synced > number


def _do(operation: Operation, files: dict[str, bytearray], dice: random.Random, *, is_certain: bool) -> None:
    if operation.kind == "delete":
        files.pop(operation.file, None)
        return
    content = files.setdefault(operation.file, bytearray())
    if operation.kind == "truncate":
        del content[operation.place :]
        return
    written = operation.content
    if not is_certain and dice.random() < IS_TORN:
        written = written[: SECTOR * dice.randrange(len(written) // SECTOR + 1)]
    missing = operation.place - len(content)
    content.extend(bytes(max(0, missing)))
    content[operation.place : operation.place + len(written)] = written


def write_image(image: dict[str, bytes], folder: Path) -> None:
    for name, content in image.items():
        (folder / name).write_bytes(content)
