"""The dead man's switch: start, success and failure, and never in anybody's way."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import structlog
from urllib3.exceptions import LocationParseError

from d2l_sync.daemon.ping import Pinger, with_suffix
from d2l_sync.session import Session

SECRET = "a-secret-in-the-path"
PATIENCE_S = 60


class Monitoring:
    """A server that notes every ping, and answers as told."""

    def __init__(self):
        self.pings: list[tuple[str, str, str | None]] = []
        self.status, self.go_on = 200, threading.Event()
        self.go_on.set()
        monitoring = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
                monitoring.pings.append((self.path, body, self.headers.get("Authorization")))
                monitoring.go_on.wait(PATIENCE_S)
                self.send_response(monitoring.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/{SECRET}"

    def stop(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def monitoring():
    made = Monitoring()
    yield made
    made.go_on.set()
    made.stop()


@pytest.mark.parametrize(
    ("outcome", "path", "body"),
    [
        pytest.param("complete", "", "complete", id="only a complete pass is a success"),
        pytest.param("partial", "/fail", "partial", id="partial"),
        pytest.param("blind", "/fail", "blind", id="blind"),
        pytest.param("held", "/fail", "held", id="held"),
        pytest.param(None, "/fail", "not made", id="no pass at all"),
    ],
)
def test_a_pass_is_told_when_it_begins_and_how_it_ended(monitoring, outcome, path, body):
    pinger = Pinger(lambda: monitoring.url)

    pinger.began()
    pinger.ended(outcome)
    pinger.stop(PATIENCE_S)

    assert monitoring.pings == [(f"/{SECRET}/start", "", None), (f"/{SECRET}{path}", body, None)]


@pytest.mark.parametrize("status", [404, 500, 302], ids=str)
def test_a_failing_ping_is_told_once_and_without_its_address(monitoring, status):
    monitoring.status = status
    pinger = Pinger(lambda: monitoring.url)

    with structlog.testing.capture_logs() as logs:
        pinger.began()
        pinger.ended("complete")
        pinger.stop(PATIENCE_S)

    assert [(one["event"], one["why"]) for one in logs] == [("ping_failed", f"answered {status}")]
    assert len(monitoring.pings) == 2


def test_nobody_there_is_a_word_in_the_log_and_nothing_else(monitoring):
    pinger = Pinger(lambda: "http://127.0.0.1:1/a-secret-in-the-path")

    with structlog.testing.capture_logs() as logs:
        pinger.ended("complete")
        pinger.stop(PATIENCE_S)

    assert [(one["event"], one["why"]) for one in logs] == [("ping_failed", "it refuses the connection")]
    assert SECRET not in str(logs)


@pytest.mark.parametrize(
    "error",
    [pytest.param(OSError(SECRET), id="of the system"), pytest.param(LocationParseError(SECRET), id="of a library")],
)
def test_whatever_a_ping_raises_the_next_one_goes(monitoring, monkeypatch, error):
    """A thread that ended with an error pinged nobody ever again."""
    pinger, post = Pinger(lambda: monitoring.url), Session.post

    def fails_once(*_, **__):
        monkeypatch.setattr(Session, "post", post)
        raise error

    monkeypatch.setattr(Session, "post", fails_once)
    with structlog.testing.capture_logs() as logs:
        pinger.began()
        pinger.ended("complete")
        pinger.stop(PATIENCE_S)

    assert [one["event"] for one in logs] == ["ping_failed"]
    assert SECRET not in str(logs)
    assert len(monitoring.pings) == 1


def test_a_switch_that_does_not_answer_delays_nothing(monitoring):
    """What does not fit is given up: the next ping says the same."""
    monitoring.go_on.clear()
    pinger = Pinger(lambda: monitoring.url)

    for _ in range(50):
        pinger.began()
    pinger.stop(0)
    sent = len(monitoring.pings)
    monitoring.go_on.set()
    pinger.stop(PATIENCE_S)

    assert sent <= 1


def test_without_an_address_nothing_is_sent(monitoring):
    pinger = Pinger(lambda: "")

    pinger.began()
    pinger.ended("complete")
    pinger.stop(PATIENCE_S)

    assert monitoring.pings == []


def test_a_query_stays_behind_the_path():
    assert with_suffix("https://hc.example.edu/ping/x?key=y", "/fail") == "https://hc.example.edu/ping/x/fail?key=y"
