"""A server that answers as told, and the adapter that speaks to it."""

import pytest

from tests.badging.doubles import IMPATIENT, make_badgr
from tests.badging.loopback import Loopback


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def badgr(server):
    return make_badgr(server.url)


@pytest.fixture
def impatient(server):
    return make_badgr(server.url, limits=IMPATIENT)
