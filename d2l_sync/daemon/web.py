"""Serving HTTP beside the work: a few threads of waitress, started once the port is ours and stopped in order."""

import errno
import socket
import threading
from collections.abc import Callable
from typing import Any

from waitress.server import create_server
from waitress.wasyncore import close_all

from d2l_sync.domain.errors import ConfigError, Fault

THREADS = 3
NOT_ON_THIS_MACHINE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
SILENCE_S = 5
"""A caller who is silent for so long is let go: those who hold connections must not keep others from asking."""


class WebServer:
    """Serves a WSGI application on host:port from when it is made until `stop`.

    Raises ConfigError when the address can't be had: another program's, or a second service with the same file.
    """

    def __init__(self, app: Callable[..., Any], listen: str, *, source: str) -> None:
        self._sockets: dict[int, Any] = {}
        try:
            self._server = create_server(
                app,
                map=self._sockets,
                listen=" ".join(_free(listen)),
                threads=THREADS,
                ident=None,
                channel_timeout=SILENCE_S,
                cleanup_interval=1,
            )
        except OSError as error:
            what = f"can't listen on {listen}: {error.strerror}"
            raise ConfigError((Fault(f"{source}: console.listen", what, "an address that is free"),)) from error
        self.listen = listen
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="web", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer what is being answered, then end."""
        self._stopping.set()
        self._server.task_dispatcher.shutdown()
        close_all(self._sockets)  # those of callers, too: one that keeps its connection would keep the thread
        self._thread.join(timeout=2)

    def _serve(self) -> None:
        try:
            self._server.run()
        except OSError:
            # Its sockets are closed from outside, perhaps while it waits on them.
            if not self._stopping.is_set():
                raise


def _free(listen: str) -> list[str]:
    """Take every address that is meant and give it back: waitress leaves its sockets behind where it can't.

    Addresses of a family that this machine does not have are left out while there is another one. Raises OSError.
    """
    host, _, port = listen.rpartition(":")
    free, missing = [], []
    for family, *_, address in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM):
        try:
            socket.create_server(address[:2], family=family).close()
        except OSError as error:
            if error.errno not in NOT_ON_THIS_MACHINE:
                raise
            missing.append(error)
        else:
            free.append(f"[{address[0]}]:{port}" if family == socket.AF_INET6 else f"{address[0]}:{port}")
    if not free:
        raise missing[0]
    return list(dict.fromkeys(free))
