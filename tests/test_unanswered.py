"""Why no answer came, from what really happens on a wire: told with the host, and with nothing that was quoted."""

import errno
import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta

import pytest
import requests

from d2l_sync.session import TROUBLE, bounded_session
from d2l_sync.unanswered import why_unanswered
from tests.certificates import Authority

DAY = timedelta(days=1)
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
OLD_TLS = b"\x15\x03\x01\x00\x02\x02\x46"  # the alert of a server that knows no protocol of ours
HOST = "courses.example.edu"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority, monkeypatch):
    """Trust the tests' authority alone, and go by no proxy."""
    for name in ("CURL_CA_BUNDLE", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    return authority


@pytest.fixture
def attended():
    """Return a way to have every connection to a new port attended to by a function; it gives the port."""
    listeners, threads = [], []

    def serve(attend):
        listener = socket.create_server(("127.0.0.1", 0))

        def accept():
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    with client, suppress(OSError):
                        client.settimeout(60)
                        attend(client)

        threads.append(threading.Thread(target=accept))
        threads[-1].start()
        listeners.append(listener)
        return listener.getsockname()[1]

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join()


def secured(context):
    def attend(client):
        with context.wrap_socket(client, server_side=True) as spoken:
            spoken.recv(4096)
            spoken.sendall(FINE)

    return attend


def says(answer):
    def attend(client):
        client.recv(4096)
        client.sendall(answer)

    return attend


def asked(port, *, scheme="https", patience_s=60.0):
    """Ask for an address with a person in it, and return the status, or why there was none.

    patience_s: short only where no answer comes; on a busy machine an honest one may take as long.
    """
    url = f"{scheme}://127.0.0.1:{port}/?recipient=ada"
    with bounded_session(connections=1, total_s=120) as session:
        try:
            with session.get(url, timeout=(patience_s, patience_s), allow_redirects=False, stream=True) as response:
                return response.status_code
        except TROUBLE as error:
            why = why_unanswered(error, url, called=HOST)
            assert "ada" not in f"{why.what} {why.hint}"
            return why


@pytest.mark.parametrize(
    ("names", "since", "until", "what", "hint"),
    [
        pytest.param(["127.0.0.1"], -2 * DAY, -DAY, "it has expired", "clock", id="expired"),
        pytest.param(["127.0.0.1"], DAY, 2 * DAY, "it is not valid yet", "clock", id="not valid yet"),
        pytest.param(["elsewhere.example.edu"], -DAY, DAY, "it is for another name", "address", id="another name"),
    ],
)
def test_a_certificate_that_is_not_right_is_told_with_its_host_and_its_fault(
    trusted, attended, names, since, until, what, hint
):
    why = asked(attended(secured(trusted.server(*names, since=since, until=until))))

    assert why.what == f"the certificate of {HOST} is not trusted: {what}"
    assert hint in why.hint


def test_an_authority_that_this_machine_does_not_know_is_told_with_what_names_it(trusted, attended, tmp_path):
    other = Authority(tmp_path)

    why = asked(attended(secured(other.server("127.0.0.1"))))

    assert why.what == f"the certificate of {HOST} is not trusted: nobody whom this machine trusts has signed it"
    assert "REQUESTS_CA_BUNDLE" in why.hint


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_each_usual_variable_names_who_is_trusted(trusted, attended, monkeypatch, name):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setenv(name, str(trusted.bundle))

    assert asked(attended(secured(trusted.server("127.0.0.1")))) == requests.codes.ok


def breaks_off(client):
    client.recv(1)


def keeps_silent(client):
    client.recv(4096)
    client.recv(1)


@pytest.mark.parametrize(
    ("attend", "what"),
    [
        pytest.param(says(b"HTTP/1.1 400 Bad Request\r\n\r\n"), f"{HOST} speaks no TLS at this port", id="plain HTTP"),
        pytest.param(
            says(OLD_TLS),
            f"{HOST} speaks no TLS that is new enough (1.2)",
            id="an old protocol",
        ),
        pytest.param(breaks_off, "the connection failed or broke off", id="cut in the handshake"),
        pytest.param(keeps_silent, "no answer in time", id="a handshake that never ends"),
    ],
)
@pytest.mark.usefixtures("trusted")
def test_a_connection_that_is_never_secured_says_how_far_it_came(attended, attend, what):
    assert asked(attended(attend), patience_s=0.5 if attend is keeps_silent else 60.0).what == what


@pytest.mark.usefixtures("trusted")
def test_a_bundle_that_went_away_is_told(attended, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/authority.pem")

    assert "REQUESTS_CA_BUNDLE" in asked(attended(keeps_silent)).hint


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        pytest.param(
            b"HTTP/1.1 407 Who are you\r\n\r\n", "the proxy wants another user or password (407)", id="another password"
        ),
        pytest.param(b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "the proxy answered 502", id="behind it is nobody"),
        pytest.param(b"", "the connection failed or broke off", id="it dies"),
    ],
)
@pytest.mark.usefixtures("trusted")
def test_a_proxy_is_told_apart_from_what_is_behind_it(attended, monkeypatch, answer, what):
    monkeypatch.setenv("HTTPS_PROXY", f"http://canary:canary@127.0.0.1:{attended(says(answer))}")
    monkeypatch.setenv("NO_PROXY", "")

    why = asked(9)

    assert why.what == what
    assert "HTTPS_PROXY" in why.hint
    assert "canary" not in f"{why.what} {why.hint}"


@pytest.mark.usefixtures("trusted")
def test_a_proxy_that_is_not_there_is_told_as_such(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")

    assert asked(9).what == "the proxy refuses the connection"


def test_who_listens_nowhere_refuses_the_connection():
    assert asked(1, scheme="http").what == f"{HOST} refuses the connection"


@pytest.mark.parametrize(
    ("beneath", "what"),
    [
        pytest.param(socket.gaierror(socket.EAI_NONAME, "canary"), f"the name {HOST} is not known", id="no such name"),
        pytest.param(
            socket.gaierror(socket.EAI_AGAIN, "canary"), f"the name {HOST} could not be looked up", id="no name service"
        ),
        pytest.param(OSError(errno.ENETUNREACH, "canary"), f"there is no way to {HOST}", id="no way"),
        pytest.param(
            ssl.SSLError("canary"), f"{HOST} broke off while the connection was being secured (TLS)", id="TLS"
        ),
        pytest.param(ValueError("canary"), "the connection failed or broke off", id="anything else"),
    ],
)
def test_what_lies_beneath_decides(beneath, what):
    error = requests.ConnectionError("https://canary")
    error.__cause__ = beneath

    assert why_unanswered(error, f"https://{HOST}/canary").what == what


def test_errors_that_wrap_each_other_come_to_an_end():
    error, other = requests.ConnectionError(), OSError()
    error.__cause__, other.__cause__ = other, error

    assert why_unanswered(error, f"https://{HOST}/").what == "the connection failed or broke off"
