"""What a server that never comes to an end can't do to a session."""

import itertools
import socketserver
import threading
from contextlib import contextmanager

import pytest
import requests

from d2l_sync.session import Stalls, bounded_session, is_bloated

FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
PIECES = 200


@contextmanager
def a_server_that_sends(pieces, *, every_s=0.0):
    """Run a server that answers each request with these pieces of bytes, and then hangs up."""
    is_over = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            while self.rfile.readline() not in {b"\r\n", b""}:
                pass
            for piece in pieces:
                self.wfile.write(piece)
                if every_s and is_over.wait(every_s):
                    return

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, *_):
            """Say nothing about a client that has gone."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            is_over.set()
            server.shutdown()
            thread.join()


def body_read_from(url, *, total_s):
    with bounded_session(connections=1, total_s=total_s) as session:
        session.trust_env = False
        with session.get(url, timeout=(60, 60), allow_redirects=False, stream=True) as response:
            return response.status_code, response.content


@pytest.mark.parametrize(
    ("pieces", "every_s"),
    [
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nX-Drip: ", *[b"a"] * PIECES, b"\r\n\r\n", FINE], 0.05, id="a-head-that-drips"
        ),
        pytest.param([*[b"HTTP/1.1 100 Continue\r\n\r\n"] * PIECES, FINE], 0.05, id="one-continue-after-another"),
        pytest.param(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), 0.0, id="a-flood-of-continues"),
        pytest.param(
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;", *[b"e"] * PIECES, b"\r\n[]\r\n0\r\n\r\n"],
            0.05,
            id="a-chunk's-line-that-drips",
        ),
        pytest.param([b"HTTP/1.1 200 OK\r\n\r\n", *[b" "] * PIECES, b"[]"], 0.05, id="a-body-that-drips"),
    ],
)
def test_an_answer_that_is_drawn_out_ends_at_its_deadline(pieces, every_s):
    with a_server_that_sends(pieces, every_s=every_s) as url, pytest.raises(requests.RequestException) as error:
        body_read_from(url, total_s=0.3)

    assert "timed out" in str(error.value).lower()


def test_an_answer_that_takes_its_time_is_read():
    with a_server_that_sends([FINE[:20], FINE[20:-1], FINE[-1:]], every_s=0.05) as url:
        assert body_read_from(url, total_s=60) == (200, b"[]")


@pytest.mark.parametrize("location", ["http://[::1", "/caf\xe9", "http://host:99999999/", "http://elsewhere.example/"])
def test_nobody_looks_at_where_a_redirect_leads(location):
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 2\r\n\r\n[]".encode("latin-1")

    with a_server_that_sends([head]) as url:
        assert body_read_from(url, total_s=60) == (302, b"[]")


class Watch:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


def test_a_server_that_cost_four_minutes_for_nothing_is_left_alone_for_five():
    watch = Watch()
    stalls = Stalls(watch)

    said = []
    for _ in range(4):
        watch.now_s += 60
        stalls.lost(60)
        said.append(stalls.is_resting())
    watch.now_s = 539
    said.append(stalls.is_resting())
    watch.now_s = 541
    said.append(stalls.is_resting())

    assert said == [False, False, False, True, True, False]


def test_what_eight_threads_lost_at_once_was_lost_once():
    watch = Watch()
    stalls = Stalls(watch)

    watch.now_s = 30
    for _ in range(8):
        stalls.lost(30)
        stalls.asked_to_wait(30)

    assert not stalls.is_resting()


def test_a_server_that_asked_for_four_minutes_is_left_alone():
    watch = Watch()
    stalls = Stalls(watch)

    for _ in range(8):
        stalls.asked_to_wait(30)
        watch.now_s += 30

    assert stalls.is_resting()


def test_after_a_rest_less_is_lost_before_the_next():
    watch = Watch()
    stalls = Stalls(watch)
    stalls.lost(240)
    watch.now_s = 600

    stalls.lost(120)

    assert stalls.is_resting()


def test_any_answer_ends_the_row():
    watch = Watch()
    stalls = Stalls(watch)

    for _ in range(9):
        watch.now_s += 200
        stalls.lost(200)
        stalls.answered()

    assert not stalls.is_resting()


@pytest.mark.parametrize(
    ("body", "is_too_much"),
    [
        pytest.param(b"[" + b"[]," * 600_000 + b"1]", True, id="lists of nothing"),
        pytest.param(b"[" + b"1," * 1_000_001 + b"1]", True, id="numbers"),
        pytest.param(b'["' + b"a" * 3_000_000 + b'"]', False, id="a long text"),
        pytest.param(b'[{"a": 1, "b": 2},' * 100_000, False, id="many rows"),
    ],
)
def test_a_body_is_not_unpacked_to_many_times_its_size(body, is_too_much):
    assert is_bloated(body) is is_too_much
