"""What the tests of the services share."""

import pytest

from tests.services.office import Office
from tests.services.programme import ONE_BADGE, Programme


@pytest.fixture
def programme():
    """Make the whole pathway, nobody enrolled, ready to issue."""
    return Programme()


@pytest.fixture
def one_badge():
    """Make a pathway of Level 1 alone."""
    return Programme(ONE_BADGE)


@pytest.fixture
def office(tmp_path):
    """Open a ledger on disk, with whoever acts on it."""
    made = Office(tmp_path)
    yield made
    made.state.close()
