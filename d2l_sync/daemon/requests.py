"""Serving what people ask for: passes over a scope, queued in the database."""

from contextlib import suppress
from dataclasses import asdict

import structlog

from d2l_sync.daemon.node import Membership
from d2l_sync.daemon.pass_maker import PassMaker
from d2l_sync.domain.errors import Busy
from d2l_sync.domain.service import Request
from d2l_sync.services.resync import Ending
from d2l_sync.wiring import Application, now

log = structlog.get_logger()


class RequestDesk:
    """Takes one request at a time, under the pass lock, so that none is taken that would have to wait then.

    reading: the request that is served now, with how many questions of its reading are answered; None at rest. It is
    one of the application beside it.
    """

    def __init__(self, maker: PassMaker, membership: Membership) -> None:
        self._maker = maker
        self._membership = membership
        self._reading: tuple[Application, tuple[int, int, int]] | None = None
        self._told: tuple[int, int, int] | None = None

    def serve(self, application: Application) -> bool:
        """Serve the oldest request that waits; False when there is none, or the lock is held. Raises StateError."""
        # What this node itself has taken and not ended is left from a failure of the database.
        others = {one.name for one in application.live_nodes()} - {self._membership.name}
        if not application.service.queued(others):
            return False
        with suppress(Busy), application.pass_lock():
            request = application.service.take(self._membership.name, at=now(), live=others)
            if request is not None:
                self._serve(application, request)
                return True
        return False

    def tell_progress(self, application: Application) -> None:
        """Write down how far the reading is, for those who wait for it. Raises StateError."""
        served_with, reading = self._reading or (None, None)
        if served_with is application and reading is not None and reading != self._told:
            self._told = reading
            request_id, done, total = reading
            application.service.progress(request_id, done=done, total=total)

    def _serve(self, application: Application, request: Request) -> None:
        log.info("resync_taken", request=request.request_id, by=request.asked_by)

        def told(done: int, total: int) -> None:
            self._reading = application, (request.request_id, done, total)

        try:
            report = self._maker.grant(application, request.scope, by=request.asked_by, told=told)
        finally:
            self._reading = None
        ending = asdict(Ending.of(report))
        application.service.finish(request.request_id, at=now(), ending=ending)
        why = report.problems[0].what if report.pass_id is None and report.problems else None
        log.info(
            "resync_ended",
            pass_id=report.pass_id,
            request=request.request_id,
            outcome=report.outcome,
            exit_code=report.exit_code,
            why=why,
        )
