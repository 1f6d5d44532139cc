"""What the service's processes tell each other through the database: that they live, and what they are asked for."""

from collections.abc import Collection
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, delete, insert, or_, select, update

from d2l_sync.domain.service import Node, Request
from d2l_sync.store.connection import reading, writing
from d2l_sync.store.service_tables import NodeRow, ResyncRequestRow
from d2l_sync.store.statements import table, upsert

NODE, REQUEST = table(NodeRow), table(ResyncRequestRow)
NODE_COLUMNS = [NODE.c[one.name] for one in fields(Node)]
REQUEST_COLUMNS = [REQUEST.c[one.name] for one in fields(Request)]


class ServiceState:
    """One method, one transaction. Every method raises StateError. Safe to use from several threads and processes.

    live: the names of the nodes that run; what a dead one has taken waits again.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def nodes(self) -> list[Node]:
        """Return every node that has not said good-bye, dead ones too."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(*NODE_COLUMNS).order_by(NODE.c.started_at, NODE.c.name))
            return [Node(*row) for row in rows]

    def beat(self, node: Node) -> None:
        """Say that a node lives, and when its next pass is due."""
        with writing(self._engine) as connection:
            upsert(connection, NODE, rows=[asdict(node)])

    def remove_nodes(self, names: Collection[str]) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(NODE).where(NODE.c.name.in_(names)))

    def ask(self, scope: str, *, by: str, at: datetime, live: Collection[str]) -> int:
        """Ask for a pass over a scope; return the number of the request, of the one that waits already if there is."""
        same = select(REQUEST.c.request_id).where(REQUEST.c.scope == scope, *_waits(live))
        with writing(self._engine) as connection:
            waiting = connection.scalar(same.order_by(REQUEST.c.request_id).limit(1))
            if waiting is not None:
                return int(waiting)
            values = {"scope": scope, "asked_at": at, "asked_by": by, "done": 0, "total": 0, "report": ""}
            return int(connection.execute(insert(REQUEST).values(values).returning(REQUEST.c.request_id)).scalar_one())

    def queued(self, live: Collection[str]) -> list[Request]:
        """Return the requests that nobody serves, oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(*REQUEST_COLUMNS).where(*_waits(live)).order_by(REQUEST.c.request_id))
            return [Request(*row) for row in rows]

    def request(self, request_id: int) -> Request | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(*REQUEST_COLUMNS).where(REQUEST.c.request_id == request_id)).one_or_none()
        return Request(*row) if row else None

    def take(self, node: str, *, at: datetime, live: Collection[str]) -> Request | None:
        """Take the oldest request that waits; None when there is none, or another node was faster."""
        with writing(self._engine) as connection:
            oldest = select(REQUEST.c.request_id).where(*_waits(live)).order_by(REQUEST.c.request_id).limit(1)
            values = {"taken_at": at, "taken_by": node, "done": 0, "total": 0}
            this = REQUEST.c.request_id == oldest.scalar_subquery()
            statement = update(REQUEST).where(this, *_waits(live)).values(values).returning(*REQUEST_COLUMNS)
            row = connection.execute(statement).one_or_none()
        return Request(*row) if row else None

    def progress(self, request_id: int, *, done: int, total: int) -> None:
        self._change(request_id, {"done": done, "total": total})

    def finish(self, request_id: int, *, at: datetime, ending: dict[str, Any]) -> None:
        """Note how a request ended. ending: its pass_id, outcome, exit_code and report."""
        self._change(request_id, {"ended_at": at, **ending})

    def _change(self, request_id: int, values: dict[str, Any]) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(REQUEST).where(REQUEST.c.request_id == request_id).values(values))


def _waits(live: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    untaken = or_(REQUEST.c.taken_by.is_(None), REQUEST.c.taken_by.not_in(list(live)))
    return REQUEST.c.ended_at.is_(None), untaken
