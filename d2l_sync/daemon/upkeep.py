"""Upkeep of the sign-in between passes: renewed early, so that a short outage of the token endpoint costs no pass."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from d2l_sync.daemon.timetable import Moment
from d2l_sync.domain.errors import SourceUnavailable, TokenRefused
from d2l_sync.wiring import Application

log = structlog.get_logger()

EVERY_S = 60.0
AFTER_FAILURE_S = 300.0
OLD = timedelta(days=1)
"""How long a refresh token lives unused is not documented. One that was not renewed for a day is at risk."""
SAID_EVERY_S = 86_400.0


class Upkeep:
    """For the thread that makes passes: what it renews is in hand like everything else it does."""

    def __init__(self, *, clock: Callable[[], Moment] = Moment.now) -> None:
        self._clock = clock
        self._next_s = 0.0
        self._say_s = 0.0

    def turn(self, application: Application) -> None:
        """Renew the token where that is due. Whether a person must act is told by the passes. Raises StateError."""
        now = self._clock()
        if now.elapsed_s < self._next_s:
            return
        try:
            application.tokens.access_token()
            self._next_s = now.elapsed_s + EVERY_S
        except (SourceUnavailable, TokenRefused):
            self._next_s = now.elapsed_s + AFTER_FAILURE_S
        self._warn(application, now)

    def _warn(self, application: Application, now: Moment) -> None:
        token = application.token_store.read("brightspace").token
        if token is None or token.refresh_token is None or token.obtained_at is None or now.elapsed_s < self._say_s:
            return
        age = now.wall - token.obtained_at
        if age >= OLD:
            log.warning("credential_aged", service="brightspace", days=age.days)
            self._say_s = now.elapsed_s + SAID_EVERY_S
