"""Reloading: the configuration is read and opened beside the work, and takes over between two passes."""

import threading
from collections.abc import Callable

import structlog

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.notify import Notifier
from d2l_sync.domain.errors import ConfigError, D2lSyncError
from d2l_sync.wiring import Application

log = structlog.get_logger()


class Reloader:
    """Reloads in a thread of its own, which nobody waits for.

    A state database that is locked, or on a server that does not answer, keeps neither the watchdog nor the end
    waiting. However often it is asked while it is at it, it reloads once more, by the newest configuration.

    agree: refuses, by raising ConfigError or StateError, what could be opened but not worked with.
    """

    def __init__(
        self,
        installation: Installation,
        *,
        agree: Callable[[Application], None],
        notifier: Notifier,
        figures: Figures,
    ) -> None:
        self._installation = installation
        self._agree = agree
        self._notifier = notifier
        self._figures = figures
        self._lock = threading.Lock()
        self._is_asked = False
        self._is_at_it = False

    def ask(self) -> None:
        """Have the configuration of now, or of soon after, taken over."""
        with self._lock:
            self._is_asked = True
            if self._is_at_it:
                return
            self._is_at_it = True
        threading.Thread(target=self._go_on, name="reloader", daemon=True).start()

    def _go_on(self) -> None:
        while self._is_asked_again():
            self._notifier.reloading()
            try:
                self.reload()
            finally:
                self._notifier.ready()

    def _is_asked_again(self) -> bool:
        with self._lock:
            self._is_at_it, self._is_asked = self._is_asked, False
            return self._is_at_it

    def reload(self) -> None:
        """Open a good configuration; keep the old one where the new one has faults, and say which."""
        try:
            self._installation.renew(self._accept)
        except D2lSyncError as error:
            faults = [str(fault) for fault in error.faults] if isinstance(error, ConfigError) else [str(error)]
            self._figures.is_reloaded = False
            log.error("reload_refused", faults=faults)  # noqa: TRY400 - an expected end; its sentence says it all
        except Exception:
            self._figures.is_reloaded = False
            log.exception("reload_refused", faults=["a defect of ours"])
        else:
            self._figures.is_reloaded = True

    def _accept(self, renewed: Application) -> None:
        """Agree, and say so before it can take over: the line belongs to the database that may be left then."""
        self._agree(renewed)
        log.info("reload_accepted")
