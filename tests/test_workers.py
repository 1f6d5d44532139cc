"""Tests that share something dear come to one worker, whatever pytest's plugins make of it."""

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.workers import Shares, share_of


@pytest.mark.parametrize(
    ("test", "share"),
    [
        pytest.param("tests/systemd/test_service.py::test_it", "tests/systemd", id="one installation"),
        pytest.param("tests/journeys/test_log.py::test_it[a::b]", "tests/journeys/test_log.py", id="one desk"),
        pytest.param("tests/domain/test_plan.py::test_it[1]", "tests/domain/test_plan.py::test_it[1]", id="by itself"),
    ],
)
def test_tests_are_handed_out_with_those_that_share_something(test, share):
    assert share_of(test) == share


def test_the_scheduler_asks_as_it_did_when_ours_was_written():
    """It is no public interface: under another name nobody would ask for our shares, and nobody would be told."""
    assert set(vars(Shares)) & set(vars(LoadScopeScheduling)) >= {"_split_scope"}
