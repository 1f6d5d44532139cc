"""Half sent: what whoever held the pass lock before had begun to send, and did not end."""

from datetime import datetime, timedelta

import structlog

from d2l_sync.domain.ports import State

log = structlog.get_logger()


def doubt_half_sent(state: State, *, now: datetime, settle: timedelta) -> None:
    """Turn it into doubtful, as whoever takes the pass lock does at once. Raises StateError."""
    lost = state.doubt_sending(at=now, retry_at=now + settle)
    if lost:
        log.warning("answers_lost", awards=lost)
