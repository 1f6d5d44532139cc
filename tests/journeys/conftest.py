"""A desk for each journey: its own sandbox, its own state, nothing shared but the imports."""

import pytest

from tests.journeys.desk import Desk
from tests.journeys.nursery import Nursery


@pytest.fixture(scope="session")
def nursery():
    made = Nursery()
    yield made
    made.stop()


@pytest.fixture
def open_desk(nursery, tmp_path):
    """Return a way to a desk in another world, at which nobody is signed in."""
    made = []

    def opened(**world):
        made.append(Desk(nursery, tmp_path, **world))
        return made[-1]

    yield opened
    for each in made:
        each.stop()


@pytest.fixture
def unsigned(open_desk):
    """Install and configure the program; nobody is signed in yet."""
    return open_desk(learners=60)


@pytest.fixture
def desk(unsigned):
    """Sign the program in, and take the roster over."""
    unsigned.sign_in()
    return unsigned
