"""A desk for each journey: its own sandbox, its own state, nothing shared."""

import pytest

from tests.journeys.desk import Desk


@pytest.fixture
def unsigned(tmp_path):
    """Install and configure the program; nobody is signed in yet."""
    made = Desk(tmp_path, learners=60)
    yield made
    made.stop()


@pytest.fixture
def desk(unsigned):
    """Sign the program in, and take the roster over."""
    unsigned.sign_in()
    return unsigned
