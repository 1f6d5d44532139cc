"""The end of a process that serves until somebody tells it to stop. Standard library only."""

import signal
import threading

LOOK_S = 0.5


def stop_signals() -> threading.Event:
    """Return what is set by SIGTERM and SIGINT. To be called in the main thread."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    return over


def wait_for(over: threading.Event) -> None:
    """Wait in the main thread, and wake now and then: only so is a signal heard that another thread took."""
    while not over.wait(LOOK_S):
        pass
