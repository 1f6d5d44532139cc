"""`run` ends when it has to, and by its exit code systemd knows whether to start it again."""

import subprocess
import sys

import pytest

# Its last words are never over: somebody has locked the database, or a disk does not answer.
STAYS = """
from threading import Event
from types import SimpleNamespace
from d2l_sync.cli import run
from d2l_sync.domain.errors import StateReplaced

run.FAREWELL_S = -run.LONGEST_STOP_S
stop = Event()
stop.set()
run._end_in_time(stop, SimpleNamespace(replaced={replaced}))
"""


@pytest.mark.parametrize(("replaced", "code"), [("None", 0), ("StateReplaced('it is another file')", 74)])
def test_a_service_that_is_ended_for_good_ends_with_the_code_it_would_have_had(replaced, code):
    done = subprocess.run([sys.executable, "-c", STAYS.format(replaced=replaced)], timeout=100, check=False)

    assert done.returncode == code
