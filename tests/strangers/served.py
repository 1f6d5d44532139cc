"""A server on a port of its own that answers what a function says, and goes wrong as it is told."""

import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LOGIN_PAGE = "<html><title>Sign in</title><form>Please sign in</form></html>"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, taken apart. query: the first value of each name."""

    method: str
    path: str
    query: dict[str, str]
    queries: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    origin: str

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. body: JSON unless it is text."""

    status: int
    body: Any = None
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def payload(self) -> bytes:
        if isinstance(self.body, str):
            return self.body.encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


@dataclass
class Whims:
    """How likely what goes wrong, by name; a dice of its own, so that a seed tells the same story."""

    dice: random.Random
    chances: dict[str, float] = field(default_factory=dict)

    def befall(self, name: str) -> bool:
        return self.dice.random() < self.chances.get(name, 0)


Answers = Callable[[Asked], Said]


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # with the usual five a caller may wait for seconds to be heard again

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers who were killed."""


class Served:
    """A running server. `mishap` names what is to go wrong with an answer: "", close, half, login."""

    def __init__(self, answers: Answers, mishap: Callable[[Asked], str]) -> None:
        outer = self
        self.answers, self.mishap = answers, mishap

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                outer.serve(self)

            do_GET = do_POST = do_PUT = do_DELETE = _serve

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        parts = urlsplit(handler.path)
        queries = parse_qs(parts.query, keep_blank_values=True)
        asked = Asked(
            handler.command,
            unquote(parts.path),
            {name: values[0] for name, values in queries.items()},
            queries,
            {name.lower(): value for name, value in handler.headers.items()},
            handler.rfile.read(length),
            self.url,
        )
        said = self.answers(asked)
        mishap = self.mishap(asked)
        if mishap == "login":
            said = Said(200, LOGIN_PAGE, "text/html")
        payload = said.payload()
        if mishap == "close":
            handler.close_connection = True
            return
        handler.send_response(said.status)
        for name, value in {"Content-Type": said.kind, **said.headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(payload)))
        handler.end_headers()
        handler.wfile.write(payload[: len(payload) // 2] if mishap == "half" else payload)
        if mishap == "half":
            handler.close_connection = True
