"""A state database that is made beside the tokens of an earlier one: what people had decided is gone, and they hear it.

Nothing is refused: somebody may have meant it, and what was issued is adopted from the platform's lists. But holds,
rejections, approvals and attestations are in no list.
"""

from contextlib import suppress
from datetime import datetime

import structlog

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.findings import Finding
from d2l_sync.store.connection import sqlite_file
from d2l_sync.store.errors import state_errors
from d2l_sync.store.state import StateStore
from d2l_sync.store.tokens import FileTokenStore

log = structlog.get_logger()
BEGUN_ANEW = Finding(
    "begun_anew",
    "the state database was missing and has been made anew: approvals, rejections, holds, attestations and teams of "
    "before are not in it; if that was not meant, stop the service and restore a backup",
)


def is_missing(url: str) -> bool:
    """Tell whether opening this database would make it. Raises StateError."""
    file = sqlite_file(url)
    if file is None:
        return False
    with state_errors():
        is_there = file.exists() and file.stat().st_size > 0
    return not is_there


def tell_if_anew(state: StateStore, tokens: FileTokenStore, *, at: datetime) -> None:
    """Open a review in a database that was just made, where tokens beside it say that there was one before."""
    with suppress(StateError):  # the database can be used, and whoever needs the tokens says what is wrong with them
        if tokens.is_used():
            state.open_review(BEGUN_ANEW, at=at)
            log.error("state_remade", hint=BEGUN_ANEW.what)
