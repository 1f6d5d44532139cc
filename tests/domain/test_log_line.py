"""Which levels somebody sees who asks for a level and what is graver."""

import pytest

from d2l_sync.domain.log_line import levels_from


@pytest.mark.parametrize(
    ("least", "shown"),
    [
        ("debug", ("debug", "info", "warning", "error")),
        ("info", ("info", "warning", "error")),
        ("warning", ("warning", "error")),
        ("error", ("error",)),
    ],
)
def test_a_level_shows_itself_and_all_that_is_graver(least, shown):
    assert levels_from(least) == shown
