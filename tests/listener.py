"""Somebody who listens to what a service tells systemd."""

import socket
import threading
import uuid

PATIENCE_S = 60
LAST, SO_FAR = "the last word", "so far"


class Listener:
    """Reads whatever comes to a notify socket at once, so that its queue is never full, and keeps it.

    address: what $NOTIFY_SOCKET is to be. It is an abstract name: a file's, in a folder of the tests, may be too long.
    """

    def __init__(self):
        self.address = f"@d2l-sync-{uuid.uuid4()}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{self.address[1:]}")
        self._kept: list[str] = []
        self._came = threading.Condition()
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self):
        while (message := self._socket.recv(9999).decode()) != LAST:
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

    def heard(self):
        """Take every message that was sent so far, the oldest first."""
        self._say(SO_FAR)
        self.hear(SO_FAR)
        with self._came:
            taken, self._kept = self._kept, []
        return taken

    def close(self):
        self._say(LAST)
        self.thread.join()
        self._socket.close()

    def _say(self, message):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ours:
            ours.sendto(message.encode(), self._socket.getsockname())
