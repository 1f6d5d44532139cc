"""The guard in conftest.py: tests reach this machine and nothing else."""

import socket

import pytest

from tests.conftest import is_here


def test_loopback_answers():
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with socket.create_connection((host, port), timeout=60) as client:
            assert client.getpeername() == (host, port)


@pytest.mark.parametrize("call", ["connect", "connect_ex"])
def test_another_machine_is_refused_before_a_packet_leaves(call):
    with socket.socket() as client, pytest.raises(pytest.fail.Exception, match="loopback only"):
        getattr(client, call)(("192.0.2.1", 443))


def test_a_name_is_refused_before_it_is_looked_up():
    with pytest.raises(pytest.fail.Exception, match="loopback only"):
        socket.create_connection(("courses.example.edu", 443), timeout=60)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param("127.0.0.1", True, id="number"),
        pytest.param("::1", True, id="number of six"),
        pytest.param("localhost", True, id="name"),
        pytest.param(b"localhost", True, id="name in bytes"),
        pytest.param("192.0.2.1", False, id="number elsewhere"),
        pytest.param("localhost.example.edu", False, id="name elsewhere"),
    ],
)
def test_here_is_loopback_by_number_or_by_name(host, expected):
    assert is_here(host) is expected
