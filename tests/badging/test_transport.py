"""The transport: to one host only, without following, bounded, counted."""

import gzip
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from d2l_sync import session
from d2l_sync.badging.platform import Base, Limits, Patience, Transport, Unanswered
from d2l_sync.domain.errors import SourceRefused
from tests.badging.loopback import breaks_off, floods, head, resets, says

BASE = Base("https://badges.example.edu/badgr/")
PAGE = "https://badges.example.edu/badgr/v2/badgeclasses/x/assertions?num=100"


@pytest.fixture
def transport(server):
    return Transport(Base(server.url), limits=Limits(max_bytes=200_000))


def test_ids_are_quoted_into_their_place():
    assert BASE.at("v2", "assertions", "-a/b?c") == "https://badges.example.edu/badgr/v2/assertions/-a%2Fb%3Fc"


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("https://badges.example.edu/badgr/v2/badgeclasses/x/assertions?cursor=a%2Fb", id="absolute"),
        pytest.param("https://badges.example.edu:443/badgr/v2/y", id="with the usual port"),
        pytest.param("HTTPS://Badges.Example.EDU/badgr/v2/y", id="in capitals"),
        pytest.param("/badgr/v2/y?cursor=1", id="from the root"),
        pytest.param("?cursor=1", id="only a query"),
        pytest.param("assertions?cursor=1", id="beside"),
    ],
)
def test_a_link_on_the_same_host_may_be_followed(link):
    assert BASE.holds(BASE.pin(link, seen_on=PAGE, below="v2"))


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("https://evil.example.com/badgr/v2/y", id="another host"),
        pytest.param("//evil.example.com/badgr/v2/y", id="another host, without a scheme"),
        pytest.param("http://badges.example.edu/badgr/v2/y", id="another scheme"),
        pytest.param("https://badges.example.edu:8443/badgr/v2/y", id="another port"),
        pytest.param("https://badges.example.edu:99999/badgr/v2/y", id="a port that is none"),
        pytest.param("https://badges.example.edu@evil.example.com/badgr/v2/y", id="host as a user"),
        pytest.param("https://ada@badges.example.edu/badgr/v2/y", id="a user"),
        pytest.param("https://badges.example.edu.evil.example.com/badgr/v2/y", id="longer host"),
        pytest.param("https://badges.example.edu./badgr/v2/y", id="host with a dot"),
        pytest.param("https://[badges.example.edu/badgr/v2/y", id="half an address"),
        pytest.param("https:\\\\evil.example.com/badgr/v2/y", id="backslashes"),
        pytest.param("https://evil.example.com\\@badges.example.edu/badgr/v2/y", id="backslash before the user"),
        pytest.param("https://badges.example.edu/v2/y", id="outside the base's path"),
        pytest.param("/badgr/o/token", id="outside the API"),
        pytest.param("/badgr/v2", id="the API's root"),
        pytest.param("/badgr/v2x/y", id="another API"),
        pytest.param("https://badges.example.edu/badgr/v2/../o/token", id="up"),
        pytest.param("https://badges.example.edu/badgr/v2/./y", id="dot"),
        pytest.param("/badgr/v2/%2e%2e/o/token", id="up in disguise"),
        pytest.param("/badgr/v2/a%2Fb", id="slash in disguise"),
        pytest.param("/badgr/v2/y\r\nX: y", id="line ends"),
        pytest.param("/badgr/v2/y z", id="space"),
        pytest.param("/badgr/v2/é", id="beyond ASCII"),
        pytest.param("file:///badgr/v2/y", id="a file"),
        pytest.param("javascript:alert(1)", id="a script"),
    ],
)
def test_any_other_link_is_refused(link):
    with pytest.raises(SourceRefused) as caught:
        BASE.pin(link, seen_on=PAGE, below="v2")

    assert caught.value.status == 0
    assert "evil" not in str(caught.value)


def test_a_request_elsewhere_is_not_sent(transport):
    with pytest.raises(SourceRefused):
        transport.send("GET", "http://127.0.0.2:9/v2/x", token="canary")


@pytest.mark.parametrize("token", [None, "canary"])
def test_a_password_in_netrc_is_not_sent(server, transport, tmp_path, monkeypatch, token):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.acts = [says(200, b"")]

    transport.send("GET", f"{server.url}/v2/x", token=token)

    assert server.asked[0].token == (None if token is None else "Bearer canary")


def test_a_cookie_is_not_sent_back(server, transport):
    server.acts = [says(200, b"", Set_Cookie="session=1; Path=/"), says(200, b"")]

    transport.send("GET", f"{server.url}/v2/x")
    transport.send("GET", f"{server.url}/v2/x")

    assert "cookie" not in server.asked[1].headers


def test_a_redirect_is_an_answer_like_any_other(server, transport):
    server.acts = [says(302, b"moved", Location="http://127.0.0.2:9/maintenance")]

    answer = transport.send("POST", f"{server.url}/v2/x", content=b"{}")

    assert (answer.status, answer.body, len(server.asked)) == (302, b"moved", 1)


@pytest.mark.parametrize("act", [resets, says(504)], ids=["no answer", "a time-out behind it"])
def test_a_platform_that_stalls_is_left_alone_and_nothing_is_sent(server, transport, monkeypatch, act):
    monkeypatch.setattr(session, "MOST_LOST_S", 0.0)
    server.acts = [act]
    with suppress(Unanswered):
        transport.send("GET", f"{server.url}/v2/x")

    with pytest.raises(Unanswered) as caught:
        transport.send("POST", f"{server.url}/v2/x", content=b"{}")

    assert (caught.value.was_sent, len(server.asked)) == (False, 1)


@pytest.mark.parametrize("status", [200, 302])
def test_an_endless_body_is_given_up_whatever_the_status(server, transport, status):
    def act(client):
        client.sendall(head(status, {"Location": "/x"}))
        while True:
            client.sendall(b" " * 65536)

    server.acts = [act]

    with pytest.raises(Unanswered):
        transport.send("GET", f"{server.url}/v2/x")


def test_an_answer_that_takes_longer_than_this_request_may_is_given_up(server):
    """Sending an award may take longer than reading: the connection itself is held for the longer of the two."""
    reading = Limits(patience=Patience(connect_s=1, read_s=1, total_s=0))
    server.acts = [says(200, b"{}")]

    with pytest.raises(Unanswered, match="no answer in time"):
        Transport(Base(server.url), limits=reading).send("GET", f"{server.url}/v2/x")


def test_a_compressed_body_is_read(server, transport):
    body = json.dumps({"status": "é"} | {str(number): number for number in range(9000)}).encode()
    server.acts = [says(200, gzip.compress(body), Content_Encoding="gzip")]

    assert transport.send("GET", f"{server.url}/v2/x").body == body


@pytest.mark.parametrize(
    "content",
    [pytest.param(gzip.compress(b" " * 10_000_000), id="bomb"), pytest.param(b"not gzip", id="not compressed at all")],
)
def test_a_compressed_body_has_the_same_limits(server, transport, content):
    server.acts = [says(200, content, Content_Encoding="gzip")]

    with pytest.raises(Unanswered):
        transport.send("GET", f"{server.url}/v2/x")


@pytest.mark.parametrize("act", [resets, breaks_off, floods])
def test_a_body_that_was_read_to_be_sent_counts_as_sent(server, transport, act):
    server.acts = [act]

    with pytest.raises(Unanswered) as caught:
        transport.send("POST", f"{server.url}/v2/x", content=b"{}")

    assert caught.value.was_sent


@pytest.mark.parametrize(
    ("act", "why"),
    [
        pytest.param(resets, "broke off", id="reset"),
        pytest.param(says(400, b"plain HTTP"), "speaks no TLS", id="no TLS there"),
    ],
)
def test_a_connection_that_could_not_be_secured_was_sent_nothing(act, why):
    def attends(listener):
        client, _ = listener.accept()
        with client, suppress(OSError):
            client.recv(4096)
            act(client)

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        pool.submit(attends, listener)
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Unanswered, match=why) as caught:
            Transport(Base(url), limits=Limits()).send("POST", f"{url}/v2/x", content=b"{}")

    assert not caught.value.was_sent


def test_a_connection_that_is_never_taken_was_sent_nothing():
    """A full queue of connections: the next one waits without a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as queue:
        address = listener.getsockname()
        for _ in range(3):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}"
        limits = Limits(patience=Patience(connect_s=0.3, read_s=5))
        with pytest.raises(Unanswered, match="no connection in time") as caught:
            Transport(Base(url), limits=limits).send("POST", f"{url}/v2/x", content=b"{}")

    assert not caught.value.was_sent


def test_nothing_that_requests_said_is_kept(server, transport):
    """It names the whole address, a recipient's in its query."""
    server.acts = [resets]

    with pytest.raises(Unanswered) as caught:
        transport.send("GET", f"{server.url}/v2/x?recipient=ada")

    assert caught.value.__context__ is None
    assert "ada" not in str(caught.value)


def test_calls_are_counted_across_threads(server, transport):
    server.acts = [says(200, b"") for _ in range(20)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: transport.send("GET", f"{server.url}/v2/x"), range(20)))

    assert transport.calls == 20


def test_every_call_is_told_to_whoever_counts(server):
    told = []
    transport = Transport(Base(server.url), limits=Limits(), on_call=lambda *call: told.append(call))
    server.acts = [says(204, b""), says(503, b""), resets]

    for _ in range(2):
        transport.send("GET", f"{server.url}/v2/x")
    with pytest.raises(Unanswered):
        transport.send("GET", f"{server.url}/v2/x")

    assert told == [("badging", 204), ("badging", 503), ("badging", 0)]
