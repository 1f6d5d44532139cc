"""A real HTTP server on this machine that answers as a test tells it, trouble on the wire included."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class Answer:
    """One answer. declared: a Content-Length that may lie; is_reset: the connection ends without an answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    is_reset: bool = False


def says(value, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON; a header's name is written with underscores."""
    spelled = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **spelled})


def resets() -> Answer:
    return Answer(is_reset=True)


Reply = Answer | Callable[[Asked], Answer]


class Loopback:
    """Answers by path. A list of replies is used up in order, its last one for ever; unknown paths are 404."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[Asked] = []
        self._replies: dict[str, list[Reply]] = {}
        self._lock = threading.Lock()

    def on(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    def reply(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            waiting = self._replies.get(asked.path, [Answer(404)])
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return reply(asked) if callable(reply) else reply


@contextmanager
def loopback() -> Iterator[Loopback]:
    """Run a server for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _answer(self, body: str) -> None:
            parts = urlsplit(self.path)
            headers = {name.title(): text for name, text in self.headers.items()}
            answer = here.reply(Asked(self.command, parts.path, _flat(parts.query), headers, _flat(body), body))
            self.close_connection = True
            if answer.is_reset:
                return
            self.send_response_only(answer.status)
            for name, text in answer.headers.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(answer.body) if answer.declared is None else answer.declared))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # with the usual five a caller may wait for seconds to be heard again

        def handle_error(self, *_: object) -> None:
            """Say nothing about a client that has gone."""

    server = Server(("127.0.0.1", 0), Handler)
    here = Loopback(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _flat(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
