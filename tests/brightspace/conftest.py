"""A Brightspace on this machine, and a reader that is signed in to it."""

import threading
from dataclasses import replace

import pytest

from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.reader import Reader
from d2l_sync.domain.settings import BrightspaceSettings
from tests.brightspace.loopback import loopback
from tests.brightspace.memory import NOON

TOKEN = "canary-access-token"


class Tokens:
    """Hands out one token after another, a new one only when the last was rejected."""

    def __init__(self) -> None:
        self.calls = 0

    def access_token(self, reject: str | None = None) -> str:
        self.calls += reject is not None
        return f"{TOKEN}-{self.calls}"


class Impatient(threading.Event):
    """Ends every wait at once, and does not stop anything."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return True


@pytest.fixture
def server():
    with loopback() as running:
        yield running


@pytest.fixture
def settings(server):
    return BrightspaceSettings(url=server.url, client_id="app-1", token_url=f"{server.url}/token")


@pytest.fixture
def patience():
    return Impatient()


@pytest.fixture
def tokens():
    return Tokens()


@pytest.fixture
def client(settings, tokens, patience):
    client = Client(settings, tokens, stop=patience)
    yield client
    client.close()


@pytest.fixture
def make_reader(settings, client):
    def make(**changes):
        return Reader(replace(settings, **changes), client, clock=lambda: NOON)

    return make
