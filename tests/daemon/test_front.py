"""What the service answers over HTTP comes from the application of now."""

import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.front import Front
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.domain.errors import ConfigError
from tests.daemon.lender import Lender
from tests.ports import free_port

PATIENCE_S = 60


def application(fault):
    return SimpleNamespace(not_ready=lambda: fault)


def test_after_a_reload_the_new_application_says_whether_it_is_ready():
    listen = f"127.0.0.1:{free_port()}"
    settings: Any = SimpleNamespace(console_listen=listen, source="d2l-sync.toml")
    installation = Lender(application("a person must sign in"))
    front = Front(installation, figures=Figures(), pulse=Pulse())
    front.open(settings)

    before = requests.get(f"http://{listen}/readyz", timeout=PATIENCE_S)
    installation.replace(application(None))
    after = requests.get(f"http://{listen}/readyz", timeout=PATIENCE_S)
    front.close()

    assert (before.status_code, before.text.strip(), after.status_code) == (503, "a person must sign in", 200)


def settings_for(listen) -> Any:
    return SimpleNamespace(console_listen=listen, source="d2l-sync.toml")


@pytest.fixture
def front():
    made = Front(Lender(application(None)), figures=Figures(), pulse=Pulse())
    yield made
    made.close()


def status(address, port):
    return requests.get(f"http://{address}:{port}/readyz", timeout=PATIENCE_S).status_code


def test_a_reload_listens_on_the_port_that_it_has_by_other_words(front):
    """The two can't be listened on side by side; as little as one address and all of them, which a journey tests."""
    port = free_port()
    answers = []
    for host in ("127.0.0.1", "localhost", "127.0.0.1"):
        front.open(settings_for(f"{host}:{port}"))
        answers.append(status("127.0.0.1", port))

    assert answers == [200, 200, 200]


NOT_HERE = "192.0.2.1"  # of a network that is nobody's: RFC 5737


def name_means(monkeypatch, *addresses):
    """Let localhost mean these addresses."""
    look_up = socket.getaddrinfo

    def looked_up(host, port, *rest, **how):
        if host != "localhost":
            return look_up(host, port, *rest, **how)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)


def test_of_a_name_s_addresses_those_that_the_machine_has_are_listened_on(front, monkeypatch):
    """Containers without IPv6 often have `::1 localhost` in their hosts file all the same."""
    name_means(monkeypatch, NOT_HERE, "127.0.0.1", "127.0.0.2")
    port = free_port()

    front.open(settings_for(f"localhost:{port}"))

    assert [status("127.0.0.1", port), status("127.0.0.2", port)] == [200, 200]


def test_a_name_that_means_no_address_of_the_machine_can_not_be_listened_on(front, monkeypatch):
    name_means(monkeypatch, NOT_HERE)

    with pytest.raises(ConfigError, match="can't listen on localhost"):
        front.open(settings_for(f"localhost:{free_port()}"))


def test_a_name_of_which_one_address_is_taken_can_not_be_listened_on(front, monkeypatch):
    name_means(monkeypatch, "127.0.0.1", "127.0.0.2")
    port = free_port()

    with socket.create_server(("127.0.0.2", port)), pytest.raises(ConfigError, match="can't listen on localhost"):
        front.open(settings_for(f"localhost:{port}"))


def test_where_the_same_port_of_another_address_is_taken_it_goes_on_listening_where_it_did(front):
    port = free_port()
    front.open(settings_for(f"127.0.0.1:{port}"))

    with socket.create_server(("127.0.0.2", port)), pytest.raises(ConfigError, match="can't listen on"):
        front.open(settings_for(f"127.0.0.2:{port}"))

    assert status("127.0.0.1", port) == 200


def test_a_caller_that_keeps_its_connection_keeps_no_thread_from_ending(front):
    """Monitoring does; each reload to another address would else have left one behind."""
    before = {one.ident for one in threading.enumerate()}
    with requests.Session() as session:
        for _ in range(3):
            port = free_port()
            front.open(settings_for(f"127.0.0.1:{port}"))
            assert session.get(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE_S).ok
        front.close()

        for one in threading.enumerate():
            if one.ident not in before:
                one.join(PATIENCE_S)  # a thread that has done its work takes a moment to be gone
        left = [one.name for one in threading.enumerate() if one.ident not in before]

    assert left == []
