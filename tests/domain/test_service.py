"""Whether a node lives: it is asked before anybody is told that a daemon will make their pass."""

from datetime import timedelta

import pytest

from d2l_sync.domain.service import FRESH, Node
from tests.builders import NOON

INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("silence", "lives"),
    [
        pytest.param(timedelta(), True, id="it spoke just now"),
        pytest.param(FRESH, True, id="as long as it may be silent"),
        pytest.param(FRESH + INSTANT, False, id="silent for too long"),
        pytest.param(-FRESH, True, id="its clock is a little ahead"),
        pytest.param(-FRESH - INSTANT, False, id="its clock is far ahead, so nobody knows when it spoke"),
    ],
)
def test_a_node_lives_while_it_spoke_lately(silence, lives):
    node = Node("n-1", "badges.example.edu", 4711, started_at=NOON, beat_at=NOON)

    assert node.is_fresh(NOON + silence) is lives
