"""The sandbox ends when it is told to, whichever of its threads the kernel tells."""

import subprocess
import sys

import pytest

SERVING = """
import signal, threading, time
from d2l_sync.sandbox.ending import stop_signals, wait_for

over = stop_signals()

def hears_it():
    time.sleep(0.2)
    signal.pthread_kill(threading.get_ident(), signal.{signal})
    time.sleep(60)

threading.Thread(target=hears_it, daemon=True).start()
wait_for(over)
print("ended")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_ends_by_a_signal_that_another_thread_took(name):
    """Python runs a handler in the main thread only, and nothing but time wakes one that waits for an event."""
    done = subprocess.run(
        [sys.executable, "-c", SERVING.format(signal=name)], capture_output=True, text=True, check=False, timeout=100
    )

    assert (done.returncode, done.stdout) == (0, "ended\n")
