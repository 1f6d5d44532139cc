"""What the service answers over HTTP, on the address of the configuration of now."""

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.health import health_app
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.metrics import ServiceMetrics
from d2l_sync.daemon.pulse import Pulse
from d2l_sync.daemon.web import WebServer
from d2l_sync.domain.settings import Settings


class Front:
    """Closed when made. `open` is for the thread that starts and stops the service."""

    def __init__(self, installation: Installation, *, figures: Figures, pulse: Pulse) -> None:
        self._installation = installation
        self._metrics = ServiceMetrics(lambda: installation.application, figures)
        self._pulse = pulse
        self._server: WebServer | None = None

    def open(self, settings: Settings) -> None:
        """Listen where the settings say. Raises ConfigError when that can't be, and goes on where it listens then."""
        listen = settings.console_listen
        if self._server is not None and self._server.listen == listen:
            return
        app = health_app(
            silent=self._pulse.silent,
            not_ready=self._not_ready,
            metrics=self._metrics.text,
            host=listen.rpartition(":")[0],
        )
        opened = WebServer(app, listen, source=str(settings.source))
        self.close()
        self._server = opened

    def _not_ready(self) -> str | None:
        """Ask the application of now: a reload may have exchanged it."""
        return self._installation.application.not_ready()

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server = None
