"""Somebody who listens to what a service tells systemd."""

import socket
import threading
from contextlib import suppress

PATIENCE_S = 20


class Listener:
    """Reads whatever comes to a notify socket at once, so that its queue is never full, and keeps it."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._kept: list[str] = []
        self._came = threading.Condition()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self):
        while message := self._socket.recv(9999).decode():
            with self._came:
                self._kept.append(message)
                self._came.notify_all()

    def hear(self, wanted, timeout=PATIENCE_S):
        """Wait for a message that begins with some words, and take it. Raises TimeoutError."""
        with self._came:
            if not self._came.wait_for(lambda: any(one.startswith(wanted) for one in self._kept), timeout):
                raise TimeoutError(f"{wanted} was not heard; but: {self._kept}")
            found = next(one for one in self._kept if one.startswith(wanted))
            self._kept.remove(found)
            return found

    def hears(self, wanted, *, within):
        """Tell whether such a message comes from now on, in so many seconds."""
        self.forget()
        with suppress(TimeoutError):
            return bool(self.hear(wanted, within))
        return False

    def forget(self):
        with self._came:
            self._kept.clear()

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()
