"""Open the state database, whatever is there: nothing, an older schema, or one that this program can't use."""

from contextlib import ExitStack

from sqlalchemy import Engine

from d2l_sync.store.connection import bare_engine
from d2l_sync.store.schema import upgrade


def open_engine(url: str, *, password: str | None = None) -> Engine:
    """Open the state database, made or upgraded where that is needed; a copy is kept before an upgrade.

    password: for a database server. Raises StateError when it can't be used: damaged, full, locked, unwritable, newer
    than this program, or somebody else's.
    """
    engine = bare_engine(url, password=password)
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        upgrade(engine)
        undo.pop_all()
    return engine
