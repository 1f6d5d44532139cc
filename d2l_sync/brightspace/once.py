"""Reading a thing once, however many threads ask for it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from d2l_sync.domain.errors import SourceRefused, SourceUnavailable

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(slots=True)
class _Cell(Generic[Value]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    found: list[Value] = field(default_factory=list)
    error: SourceUnavailable | SourceRefused | None = None


class Once(Generic[Key, Value]):
    """Remembers by key what was read, and also that it could not be read. Others wait for the first reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cells: dict[Key, _Cell[Value]] = {}

    def known(self) -> dict[Key, Value]:
        """Return what was read so far."""
        with self._lock:
            return {key: cell.found[0] for key, cell in self._cells.items() if cell.found}

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """Return what `read` returned or raise what it raised, the first time it was called for this key."""
        with self._lock:
            cell = self._cells.setdefault(key, _Cell())
        with cell.lock:
            if cell.error is None and not cell.found:
                try:
                    cell.found.append(read())
                except (SourceUnavailable, SourceRefused) as error:
                    cell.error = error
            if cell.error is not None:
                raise cell.error
            return cell.found[0]
