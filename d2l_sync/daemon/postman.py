"""The postman: looks now and then whether a mail to programme staff is due.

It has a thread of its own, which nobody waits for: a mail server that hangs holds neither a pass nor the end up.
"""

import threading
from contextlib import suppress

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.installation import Installation
from d2l_sync.daemon.timetable import Moment
from d2l_sync.domain.errors import StateError
from d2l_sync.services.digest import Digest, Memory
from d2l_sync.wiring import Application

FIRST_LOOK_S = 60.0
LOOK_EVERY_S = 600.0


class Postman:
    """Told of every turn; begins a look when one is due and the last one is over.

    One is due every ten minutes, a minute after the start at first, and when the first pass has ended, however long
    that takes: what it found waits for nobody's clock.
    """

    def __init__(self, installation: Installation, *, figures: Figures, first_look_s: float = FIRST_LOOK_S) -> None:
        self._installation = installation
        self._figures = figures
        self._has_looked_at_a_pass = False
        self._look_at_s = Moment.now().elapsed_s + first_look_s
        self._application: Application | None = None
        self._digest: Digest | None = None
        self._memory = Memory()
        self._thread: threading.Thread | None = None

    def turn(self, moment: Moment) -> None:
        is_looking = self._thread is not None and self._thread.is_alive()
        has_pass_ended = self._figures.has_passed
        is_due = moment.elapsed_s >= self._look_at_s or (has_pass_ended and not self._has_looked_at_a_pass)
        if is_looking or not is_due:
            return
        self._has_looked_at_a_pass = has_pass_ended
        self._look_at_s = moment.elapsed_s + LOOK_EVERY_S
        self._thread = threading.Thread(target=self.look, name="postman", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Send a mail if one is due, by the configuration of now."""
        with self._installation.borrowed() as application:
            if application is not self._application:
                self._application, self._digest = application, application.digest(self._memory)
            if self._digest is not None:
                with suppress(StateError):  # the heartbeat tells of it
                    self._digest.send_if_due(is_signed_out=application.sign_in().needed is not None)
