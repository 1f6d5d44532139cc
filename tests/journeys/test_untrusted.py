"""A platform whose certificate ran out, and was renewed: told as what it is, and nothing is lost or doubled."""

import select
import socket
import threading
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.certificates import Authority

DAY = timedelta(days=1)


class Front:
    """Speaks TLS in front of a server. shown: the certificate that it shows, to be exchanged at any time."""

    def __init__(self, url, shown):
        self.shown = shown
        parts = urlsplit(url)
        self._behind = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://localhost:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._attend, args=(client,), daemon=True).start()

    def _attend(self, client):
        """Hand on what either side says. In one thread: OpenSSL does not have two of them speak by one connection."""
        secured = self.shown.wrap_socket
        with client, suppress(OSError), secured(client, server_side=True) as spoken, self._reached() as behind:
            other = {spoken: behind, behind: spoken}
            while pieces := {source: source.recv(65536) for source in _speaking(spoken, behind)}:
                for source, piece in pieces.items():
                    if not piece:
                        return
                    other[source].sendall(piece)

    def _reached(self):
        return socket.create_connection(self._behind)

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


def _speaking(spoken, behind):
    return [spoken] if spoken.pending() else select.select([spoken, behind], [], [])[0]


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def front(desk, authority):
    made = Front(desk.sandbox.addresses.badgr, authority.server("localhost", since=-2 * DAY, until=-DAY))
    desk.configure(desk.sandbox.addresses.badgr, made.url)
    desk.environment |= {"REQUESTS_CA_BUNDLE": str(authority.bundle), "NO_PROXY": "localhost,127.0.0.1"}
    yield made
    made.stop()


def test_an_expired_certificate_is_told_as_such_and_the_next_pass_after_its_renewal_issues_all(desk, front, authority):
    untrusted = desk.run("sync", "--json")
    held_meanwhile = desk.held()
    front.shown = authority.server("localhost")
    desk.sync()

    problems = untrusted.json["problems"]
    assert (untrusted.code, untrusted.json["outcome"]) == (69, "partial")
    assert all("certificate of localhost is not trusted: it has expired" in one["what"] for one in problems)
    assert all("clock" in one["hint"] for one in problems)
    assert max(desk.held().values()) == 1
    assert desk.held() - held_meanwhile
