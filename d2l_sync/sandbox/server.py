"""One HTTP/1.1 server on loopback: keep-alive, no delay, no log, and connections it can break on purpose."""

import socket
import struct
import sys
import threading
from collections.abc import Callable
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import parse_qs, urlsplit

from d2l_sync.sandbox.clock import Clock
from d2l_sync.sandbox.web import Request, Response

Answer = Callable[[Request], Response]
LOOPBACK = "127.0.0.1"
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Server:
    """Serves one `answer` function from the moment it is made until `stop`.

    port: 0 takes a free one. host: the name by which `url` calls it; it listens on loopback only.
    The Date header tells `clock`'s time, so that a client can see a skew.
    """

    def __init__(self, answer: Answer, clock: Clock, *, port: int = 0, host: str = LOOPBACK) -> None:
        self._http = _HttpServer(answer, clock, port=port, host=host)
        self.url = self._http.origin
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and end every open connection."""
        self._http.shutdown()
        self._http.server_close()
        self._http.close_connections()
        self._thread.join()


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, answer: Answer, clock: Clock, *, port: int, host: str) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.answer = answer
        self.clock = clock
        self.origin = f"http://{host}:{self.server_address[1]}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()

    def server_bind(self) -> None:
        # HTTPServer's own looks up a name for the address, which can take seconds without a resolver.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        with self._lock:
            self._open.add(request)
        super().finish_request(request, client_address)

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with self._lock:
            self._open.discard(request)
        if request.fileno() >= 0 and request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8) == RESET_ON_CLOSE:
            request.close()  # a polite farewell first would turn the reset into an ordinary end
        else:
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that went away; everything else is a defect and is shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def close_connections(self) -> None:
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it went away by itself


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        server = cast("_HttpServer", self.server)
        self._send(server.answer(self._read(server.origin)), server.clock)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _serve

    def _read(self, origin: str) -> Request:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=parts.path,
            query=parse_qs(parts.query, keep_blank_values=True),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            origin=origin,
        )

    def _send(self, response: Response, clock: Clock) -> None:
        if response.delivery in {"nothing", "reset"}:
            self.close_connection = True
            if response.delivery == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            return
        body = response.body if response.delivery == "whole" else response.body[: len(response.body) // 2]
        self.close_connection = self.close_connection or response.delivery == "half"
        self.wfile.write(self._head(response, clock) + (b"" if self.command == "HEAD" else body))

    def _head(self, response: Response, clock: Clock) -> bytes:
        try:
            phrase = HTTPStatus(response.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [f"HTTP/1.1 {response.status} {phrase}", f"Date: {format_datetime(clock.now(), usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        lines += [f"Content-Length: {len(response.body)}", "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def log_message(self, *_: object) -> None:
        """Print nothing: the journal remembers requests."""
