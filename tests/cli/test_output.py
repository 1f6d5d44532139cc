"""How commands write what they show."""

import pytest

from d2l_sync.cli.output import span


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(-3, "0 s"), (0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (172_800, "2 d")],
)
def test_a_span_is_written_in_the_largest_unit_of_which_there_are_two(seconds, written):
    assert span(seconds) == written
