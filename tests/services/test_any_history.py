"""Whatever anybody does in whatever order: nobody is forgotten either, unknown decides nothing, the guard counts."""

from typing import Any

import pytest
import structlog
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.histories import University

SIZE = settings(max_examples=80, stateful_step_count=25)


@pytest.mark.timeout(1200)  # it computes for half a minute, and has a share of a busy machine
def test_every_pass_of_any_history_keeps_what_always_holds():
    """The log of the passes is of no use here, and writing it takes longer than all the rest."""
    university: Any = University

    with structlog.testing.capture_logs():
        run_state_machine_as_test(university, settings=SIZE)
