"""What systemd hears: whole datagrams on a real socket, and nothing where nobody listens."""

import os
import socket
import uuid

import pytest

from d2l_sync.daemon.notify import Notifier


@pytest.fixture(params=["a file", "an abstract name"])
def listening(request, tmp_path, monkeypatch):
    """Return a socket as systemd opens it, and the name by which it is given to the service.

    A file's is told from where it stands: a socket's name has a hundred letters at most, and a folder's may have more.
    """
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        name = "notify" if request.param == "a file" else f"@d2l-sync-{uuid.uuid4()}"
        heard.bind(f"\0{name[1:]}" if name.startswith("@") else name)
        heard.settimeout(60)
        yield heard, name


def test_every_message_is_one_datagram(listening):
    heard, name = listening
    notifier = Notifier({"NOTIFY_SOCKET": name})

    notifier.ready()
    notifier.status("next pass soon")
    notifier.alive()
    notifier.stopping()

    assert [heard.recv(999).decode() for _ in range(4)] == [
        "READY=1",
        "STATUS=next pass soon",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_a_reload_says_when_it_began(listening):
    heard, name = listening

    Notifier({"NOTIFY_SOCKET": name}).reloading()

    first, second = heard.recv(999).decode().splitlines()
    assert (first, second.partition("=")[0]) == ("RELOADING=1", "MONOTONIC_USEC")
    assert int(second.partition("=")[2]) > 0


def test_a_status_that_did_not_change_is_not_sent_again(listening):
    heard, name = listening
    notifier = Notifier({"NOTIFY_SOCKET": name})

    for line in ("one", "one", "two", "one"):
        notifier.status(line)
    notifier.ready()

    assert [heard.recv(999).decode() for _ in range(4)] == ["STATUS=one", "STATUS=two", "STATUS=one", "READY=1"]


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}], ids=["no socket", "a dead one"])
def test_nobody_has_to_listen(environ):
    Notifier(environ).ready()


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"WATCHDOG_USEC": "2000000"}, 2.0, id="ours, by default"),
        pytest.param({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": str(os.getpid())}, 0.5, id="ours by number"),
        pytest.param({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, None, id="another process's"),
        pytest.param({}, None, id="no watchdog"),
        pytest.param({"WATCHDOG_USEC": "soon"}, None, id="no number"),
        pytest.param({"WATCHDOG_USEC": "0"}, None, id="switched off"),
    ],
)
def test_the_watchdog_has_the_patience_that_systemd_gives(environ, expected):
    assert Notifier(environ).watchdog_s == expected
