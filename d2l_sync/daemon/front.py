"""What the service answers over HTTP, on the address of the configuration of now."""

import threading

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.health import health_app
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.metrics import metrics_text
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.daemon.web import WebServer
from d2l_sync.domain.errors import ConfigError
from d2l_sync.domain.settings import Settings


class Front:
    """Closed when made. Safe to use from several threads; every answer comes from the application of now."""

    def __init__(self, installation: Installation, *, figures: Figures, pulse: Pulse) -> None:
        self._installation = installation
        self._figures = figures
        self._pulse = pulse
        self._lock = threading.Lock()
        self._server: WebServer | None = None

    def open(self, settings: Settings) -> None:
        """Listen where the settings say. Raises ConfigError when that can't be, and goes on where it listens then."""
        with self._lock:
            before, listen, source = self._server, settings.console_listen, str(settings.source)
            if before is not None and before.listen == listen:
                return
            if before is not None and _port(before.listen) == _port(listen):
                # All addresses and one of them can't be listened on side by side: the one that is there has to go.
                self._close()
                try:
                    self._server = self._opened(listen, source)
                except ConfigError:
                    self._server = self._opened(before.listen, source)
                    raise
                return
            opened = self._opened(listen, source)
            self._close()
            self._server = opened

    def close(self) -> None:
        with self._lock:
            self._close()

    def _opened(self, listen: str, source: str) -> WebServer:
        app = health_app(
            silent=self._pulse.silent,
            not_ready=self._not_ready,
            metrics=self._metrics,
            host=listen.rpartition(":")[0],
        )
        return WebServer(app, listen, source=source)

    def _close(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None

    def _not_ready(self) -> str | None:
        with self._installation.borrowed() as application:
            return application.not_ready()

    def _metrics(self) -> bytes:
        with self._installation.borrowed() as application:
            return metrics_text(application, self._figures)


def _port(listen: str) -> str:
    return listen.rpartition(":")[2]
