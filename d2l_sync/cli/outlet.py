"""Standard output and error as commands use them: words that can't be written stop no work, and are not forgotten."""

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any, TextIO


class Outlet(io.FileIO):
    """One of the standard streams. What it can't take is let go, so that a command goes on to its end.

    is_used: something was written, or meant to be. lost: why the first words were let go, None while none were.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self.is_used = False
        self.lost: OSError | None = None

    def write(self, words: Any) -> int:  # noqa: ANN401 - bytes of any kind; they have no common name before 3.12
        self.is_used = True
        if self.lost is None:
            try:
                return super().write(words) or 0
            except OSError as error:
                self.lost = error
        return memoryview(words).nbytes

    @property
    def is_at_fault(self) -> bool:
        """Tell whether words were lost that somebody wanted; a reader who went away has had enough."""
        return self.lost is not None and self.lost.errno != errno.EPIPE


def take_over() -> Outlet:
    """Put outlets in the place of standard output and standard error; return that of standard output.

    A standard input that is closed becomes an empty one.
    """
    sys.stdin = sys.stdin or Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the life of the process
    output = _outlet(1, sys.stdout)
    sys.stdout, sys.stderr = _stream(output, sys.stdout), _stream(_outlet(2, sys.stderr), sys.stderr)
    return output


def _outlet(number: int, stream: TextIO | None) -> Outlet:
    """Make it; one that was closed from the start takes nothing, whatever file has its number by now."""
    return Outlet(number if stream is not None else os.open(os.devnull, os.O_RDONLY))


def _stream(outlet: Outlet, before: TextIO | None) -> TextIO:
    is_terminal = outlet.isatty()
    encoding, errors = (before.encoding, before.errors) if before is not None else ("utf-8", None)
    return io.TextIOWrapper(io.BufferedWriter(outlet), encoding, errors, line_buffering=is_terminal)
