"""Starts the program quickly: a process that imported it once has a child of its own for every command.

To import takes a second, and the journeys give hundreds of commands. Each still is a process to itself, with its
own arguments, environment, output, exit code and death. As a script this is that process; `Nursery` is the way to it.
"""

import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
LONGEST_ORDER = 1 << 18


class Child:
    """A command that runs, or has ended. Its files of output belong to whoever started it."""

    def __init__(self, answers: socket.socket) -> None:
        self._answers = answers
        self.pid = int(self._next())
        self._code: int | None = None

    def send_signal(self, number: signal.Signals) -> None:
        if self._code is None:
            os.kill(self.pid, number)

    def kill(self) -> int:
        """End it as a power cut does, and return its exit code."""
        with suppress(ProcessLookupError):  # it was quicker
            self.send_signal(signal.SIGKILL)
        return self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, or the negative signal. Raises TimeoutError."""
        if self._code is None:
            self._answers.settimeout(timeout)
            self._code = int(self._next())
            self._answers.close()
        return self._code

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs, as far as one can see without waiting."""
        if self._code is None:
            try:
                self.wait(0)
            except (TimeoutError, BlockingIOError):
                return True
        return False

    def _next(self) -> bytes:
        return self._answers.recv(64) or b"-9"


class Nursery:
    """Ready once made; ends with `stop`, and when this process dies."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "tests.journeys.nursery", str(theirs.fileno())]
            self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], cwd=CHECKOUT)

    def start(self, words: Sequence[str], environment: Mapping[str, str], files: Sequence[int]) -> Child:
        """Start the program with some words. files: descriptors for its standard input, output and error."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            order = json.dumps([list(words), dict(environment)]).encode()
            socket.send_fds(self._orders, [order], [*files, theirs.fileno()])
        return Child(ours)

    def stop(self) -> None:
        self._orders.close()
        self._process.wait()


def _serve(orders: socket.socket) -> None:
    from d2l_sync.cli.main import main  # noqa: PLC0415 - here it is what takes long, and nowhere else is it wanted

    gc.freeze()  # else the first collection in every child copies all that was imported: half a second each
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, files, _, _ = socket.recv_fds(orders, LONGEST_ORDER, 4)
        if not order:
            return
        if os.fork() == 0:
            orders.close()
            words, environment = json.loads(order)
            if _is_command(files):
                sys.argv = ["d2l-sync", *words]
                os.environ.clear()
                os.environ.update(environment)
                main()
            os._exit(0)
        for file in files:
            os.close(file)


def _is_command(files: list[int]) -> bool:
    """Fork once more: the child goes on as the command, and this process reports its number and its end."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, answers = files
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # as at a prompt, wherever the tests run
        for number, file in enumerate(standard):
            os.dup2(file, number)
        for file in files:
            os.close(file)
        return True
    os.write(answers, str(pid).encode())
    _, status = os.waitpid(pid, 0)
    os.write(answers, str(os.waitstatus_to_exitcode(status)).encode())
    return False


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
