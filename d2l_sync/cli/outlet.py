"""Standard output and error as commands use them: words that can't be written stop no work, and are not forgotten."""

import errno
import io
import os
import select
import sys
from pathlib import Path
from typing import Any, TextIO


class Outlet(io.FileIO):
    """One of the standard streams. What it can't take is let go, so that a command goes on to its end.

    is_whole: what is written is one answer, so after words that were lost none follow. A log goes on: its disk may
    have room again. is_used: something was written, or meant to be. lost: why the first words were let go, None while
    none were.
    """

    def __init__(self, number: int, *, is_whole: bool) -> None:
        super().__init__(number, "w", closefd=False)
        self._is_whole = is_whole
        self.is_used = False
        self.lost: OSError | None = None

    def write(self, words: Any) -> int:  # noqa: ANN401 - bytes of any kind; they have no common name before 3.12
        self.is_used = True
        if self.lost is None or not self._is_whole:
            try:
                return self._written(words)
            except OSError as error:
                self.lost = self.lost or error
        return memoryview(words).nbytes

    def _written(self, words: Any) -> int:  # noqa: ANN401 - as above
        """Write as to any other file where somebody who shares this one has made it answer at once, or not at all."""
        while (count := super().write(words)) is None:
            select.select([], [self], [])
        return count

    @property
    def is_at_fault(self) -> bool:
        """Tell whether words were lost that somebody wanted; a reader who went away has had enough."""
        return self.lost is not None and self.lost.errno != errno.EPIPE


def take_over() -> Outlet:
    """Put outlets in the place of standard output and standard error; return that of standard output.

    A standard input that is closed becomes an empty one.
    """
    sys.stdin = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the life of the process
    output = _outlet(1, sys.stdout, is_whole=True)
    error = _outlet(2, sys.stderr, is_whole=False)
    sys.stdout, sys.stderr = _stream(output, sys.stdout), _stream(error, sys.stderr)
    return output


def _outlet(number: int, stream: TextIO | None, *, is_whole: bool) -> Outlet:
    """Make it; one that was closed from the start takes nothing, whatever file has its number by now."""
    return Outlet(number if stream is not None else os.open(os.devnull, os.O_RDONLY), is_whole=is_whole)


def _stream(outlet: Outlet, before: TextIO | None) -> TextIO:
    is_terminal = outlet.isatty()
    encoding, errors = (before.encoding, before.errors) if before is not None else ("utf-8", None)
    return io.TextIOWrapper(io.BufferedWriter(outlet), encoding, errors, line_buffering=is_terminal)
