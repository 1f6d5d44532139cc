"""A desk for each journey: its own sandbox, its own state, nothing shared but the imports."""

import pytest

from tests.journeys.desk import Desk
from tests.journeys.nursery import Nursery
from tests.listener import Listener
from tests.mail_server import HERE, Mailbox, MailServer


@pytest.fixture(scope="session")
def nursery():
    made = Nursery()
    yield made
    made.stop()


def _opener(nursery, folder):
    made = []

    def opened(**world):
        made.append(Desk(nursery, folder, **world))
        return made[-1]

    yield opened
    for each in made:
        each.stop()


@pytest.fixture
def open_desk(nursery, tmp_path):
    """Return a way to a desk in another world, at which nobody is signed in."""
    yield from _opener(nursery, tmp_path)


@pytest.fixture(scope="module")
def open_desk_for_long(nursery, tmp_path_factory):
    """Return the same for a desk that several journeys leave as they found it."""
    yield from _opener(nursery, tmp_path_factory.mktemp("desk"))


@pytest.fixture
def unsigned(open_desk):
    """Install and configure the program; nobody is signed in yet."""
    return open_desk(learners=60)


@pytest.fixture
def desk(unsigned):
    """Sign the program in, and take the roster over."""
    unsigned.sign_in()
    return unsigned


@pytest.fixture
def listener(desk):
    """Listen as systemd does to whatever this desk starts."""
    made = Listener()
    desk.environment |= {"NOTIFY_SOCKET": made.address, "WATCHDOG_USEC": "3000000"}
    yield made
    made.close()


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def port(mailbox):
    """Run a real mail server, and return its port."""
    server = MailServer(mailbox, hostname=HERE, port=0)
    server.start()
    yield server.port
    server.stop()
