"""What monitoring and load balancers are told, over real HTTP."""

import socket
from contextlib import ExitStack

import pytest
import requests

from d2l_sync.daemon.health import health_app, is_ours
from d2l_sync.daemon.web import WebServer
from d2l_sync.domain.errors import ConfigError
from tests.ports import free_port


class Told:
    """What the health pages are told."""

    def __init__(self):
        self.silent, self.fault = [], None


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def address(told):
    listen = f"127.0.0.1:{free_port()}"
    app = health_app(
        silent=lambda: told.silent, not_ready=lambda: told.fault, metrics=lambda: b"d2l_sync_x 1\n", host="127.0.0.1"
    )
    server = WebServer(app, listen, source="d2l-sync.toml")
    yield f"http://{listen}"
    server.stop()


def get(address, path, host=None):
    answer = requests.get(f"{address}{path}", headers={"Host": host} if host else {}, timeout=60)
    return answer.status_code, answer.text.strip()


def test_it_is_healthy_while_it_turns_and_names_what_hangs(address, told):
    well = get(address, "/healthz")
    told.silent = ["worker"]

    assert (well, get(address, "/healthz")) == ((200, "ok"), (503, "hanging: worker"))


def test_it_is_ready_while_it_can_work_and_says_what_a_person_must_do(address, told):
    well = get(address, "/readyz")
    told.fault = "a person must run auth login: never signed in"

    assert (well, get(address, "/readyz")) == ((200, "ok"), (503, told.fault))
    assert get(address, "/healthz") == (200, "ok")


def test_the_front_page_says_where_to_look(address):
    code, text = get(address, "/")

    assert code == 200
    assert [path in text for path in ("/healthz", "/readyz", "/metrics")] == [True] * 3
    assert get(address, "/elsewhere")[0] == 404


def test_a_name_that_is_not_ours_is_not_answered_but_for_figures(address):
    """A page of another site, whose name leads here, could else read what is for this machine only."""
    assert get(address, "/readyz", host="evil.example.com")[0] == 403
    assert get(address, "/", host="evil.example.com:8460")[0] == 403
    assert get(address, "/metrics", host="evil.example.com") == (200, "d2l_sync_x 1")


@pytest.mark.parametrize(
    ("given", "configured", "expected"),
    [
        pytest.param("localhost:8460", "127.0.0.1", True, id="localhost"),
        pytest.param("[::1]:8460", "[::1]", True, id="an address of the newer kind"),
        pytest.param("10.1.2.3:8460", "0.0.0.0", True, id="an address of this machine"),  # noqa: S104
        pytest.param("badges.example.edu", "badges.example.edu", True, id="the configured name"),
        pytest.param("badges.example.edu", "127.0.0.1", False, id="another name"),
        pytest.param("127.0.0.1.example.com", "127.0.0.1", False, id="a name that looks like an address"),
        pytest.param("", "127.0.0.1", False, id="no name"),
        pytest.param("[::1", "127.0.0.1", False, id="half a name"),
    ],
)
def test_a_host_header_is_ours_by_address_or_by_the_configured_name(given, configured, expected):
    assert is_ours(given, configured) is expected


def test_a_port_that_is_taken_is_a_fault_of_the_configuration():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ConfigError) as caught:
            WebServer(lambda *_: [], listen, source="d2l-sync.toml")

    assert caught.value.exit_code == 78
    assert str(caught.value).startswith(f"d2l-sync.toml: console.listen: can't listen on {listen}: ")


def test_callers_who_say_nothing_do_not_keep_others_from_asking(address):
    host, _, port = address.removeprefix("http://").partition(":")
    with ExitStack() as silent:
        for _ in range(120):
            caller = silent.enter_context(socket.create_connection((host, int(port))))
            caller.sendall(b"GET /healthz HTTP/1.1\r\nHo")

        answer = requests.get(f"{address}/healthz", timeout=60)

    assert answer.status_code == requests.codes.ok
