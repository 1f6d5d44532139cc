"""A server on this machine that answers as it is told, one request a connection, and remembers what it was sent."""

import json
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Thread
from urllib.parse import parse_qsl, urlsplit

Act = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. A header's name is in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def token(self) -> str | None:
        return self.headers.get("authorization")

    def json(self):
        return json.loads(self.body)


@dataclass
class Loopback:
    """acts: what happens to the next requests, in order; token requests have their own list and a default."""

    acts: list[Act] = field(default_factory=list)
    token_acts: list[Act] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    tokens_given: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    over: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def asked(self) -> list[Seen]:
        """What was asked of the API, without the token requests."""
        return [one for one in self.seen if one.path != "/o/token"]

    @property
    def token_requests(self) -> list[Seen]:
        return [one for one in self.seen if one.path == "/o/token"]

    def __enter__(self):
        Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *reason):
        self.over.set()
        self.listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self.over.is_set():
                client, _ = self.listener.accept()
                Thread(target=self._attend, args=(client,), daemon=True).start()

    def _attend(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            request = read_request(client)
            if request is None:
                return
            self.seen.append(request)
            self._act_for(request)(client)

    def _act_for(self, request: Seen) -> Act:
        if request.path == "/o/token":
            return self.token_acts.pop(0) if self.token_acts else self._gives_a_token()
        return self.acts.pop(0) if self.acts else says(599, "nothing was planned for this request")

    def _gives_a_token(self) -> Act:
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        return says(200, {"access_token": token, "expires_in": 86400, "token_type": "Bearer", "scope": "rw:issuer"})


def read_request(client: socket.socket) -> Seen | None:
    with client.makefile("rb") as stream:
        first = stream.readline().decode("latin-1").split()
        if len(first) < 2:
            return None
        headers = {}
        while line := stream.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Seen(first[0], first[1], headers, stream.read(int(headers.get("content-length", 0))))


def says(status: int, body: object = b"", **headers: str) -> Act:
    """Answer in full: an object as JSON, text and bytes as they are. Underscores in a header's name are dashes."""
    content = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(content))} | headers

    def act(client: socket.socket) -> None:
        client.sendall(head(status, named) + content)

    return act


def head(status: int, headers: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Odd"
    lines = [f"HTTP/1.1 {status} {phrase}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def resets(client: socket.socket) -> None:
    """Drop the connection after the whole request was read, without a word."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def closes(client: socket.socket) -> None:
    """End the connection politely, without an answer."""
    client.shutdown(socket.SHUT_RDWR)


def breaks_off(client: socket.socket) -> None:
    """Promise more than is sent."""
    client.sendall(head(201, {"Content-Length": "1000"}) + b'{"status": {"success": true}')


def breaks_off_in_chunks(client: socket.socket) -> None:
    client.sendall(head(200, {"Transfer-Encoding": "chunked"}) + b"10\r\n{\r\n")


def keeps_silent(client: socket.socket) -> None:
    """Say nothing until the other side has hung up."""
    client.recv(1)


def drips(client: socket.socket) -> None:
    """Send a byte now and then, each soon enough for a read time-out."""
    client.sendall(head(200, {"Content-Length": "100000"}))
    pause = Event()
    while not pause.wait(0.05):
        client.sendall(b" ")


def floods(client: socket.socket) -> None:
    """Send spaces without end."""
    client.sendall(head(200, {}))
    while True:
        client.sendall(b" " * 65536)
