"""Desks beside the strangers' systems."""

import pytest

from tests.journeys.nursery import Nursery
from tests.strangers.desk import StrangersDesk


@pytest.fixture(scope="module")
def nursery():
    made = Nursery()
    yield made
    made.stop()


@pytest.fixture
def open_desk(nursery, tmp_path):
    """Return a way to a desk that a seed decides about."""
    made: list[StrangersDesk] = []

    def opened(seed, **world):
        made.append(StrangersDesk(nursery, tmp_path / str(len(made)), seed, **world))
        return made[-1]

    yield opened
    for each in made:
        each.stop()
