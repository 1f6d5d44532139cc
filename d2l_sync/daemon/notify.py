"""Telling systemd how the service is: one datagram for each message, and silence where nobody listens.

Source: sd_notify(3). The socket's name begins with @ where it is an abstract one.
"""

import os
import socket
import time
from collections.abc import Mapping

MICROSECONDS = 1_000_000
PATIENCE_S = 1.0
"""How long a full queue on the other side is waited for: who does not read must not stop the service."""


class Notifier:
    """Sends to $NOTIFY_SOCKET. A message that can't be sent is lost: the work goes on whoever watches it.

    watchdog_s: how long the watchdog waits for `alive` before it ends the service; None where there is none.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        self.watchdog_s = _watchdog_s(environ)
        self._status = ""

    def ready(self) -> None:
        self._send("READY=1")

    def alive(self) -> None:
        self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """Say that a reload has begun; `ready` ends it. Type=notify-reload wants the time of day of the machine."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def status(self, line: str) -> None:
        """Show one line in `systemctl status`; nothing is sent while it says what it said before."""
        if line != self._status:
            self._status = line
            self._send(f"STATUS={line}")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sending:
                sending.settimeout(PATIENCE_S)
                sending.connect(address)
                sending.sendall(message.encode())
        except OSError:
            return


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """Read the watchdog's patience; one that is meant for another process is none of ours."""
    patience = environ.get("WATCHDOG_USEC", "")
    if not patience.isdigit() or environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(patience) / MICROSECONDS or None
