"""This daemon as others see it in the database: that it lives, and when its next pass is due."""

import os
import socket
from dataclasses import replace
from datetime import datetime

from d2l_sync.domain.service import Node
from d2l_sync.wiring import Application, now

BEAT_S = 5.0


class Membership:
    """One row of the table of nodes, from the start to a clean stop; a killed daemon's row is taken for dead."""

    def __init__(self) -> None:
        at = now()
        host = socket.gethostname()
        name = f"{host}-{os.getpid()}-{at:%Y%m%dT%H%M%S}"
        self._node = Node(name, host, os.getpid(), started_at=at, beat_at=at)

    @property
    def name(self) -> str:
        return self._node.name

    def join(self, application: Application, *, next_pass_at: datetime | None) -> None:
        """Say that this node lives, and forget nodes that died. Raises StateError."""
        dead = {one.name for one in application.service.nodes()} - {one.name for one in application.live_nodes()}
        if dead:
            application.service.remove_nodes(dead)
        self.beat(application, next_pass_at=next_pass_at)

    def beat(self, application: Application, *, next_pass_at: datetime | None) -> None:
        application.service.beat(replace(self._node, beat_at=now(), next_pass_at=next_pass_at))

    def leave(self, application: Application) -> None:
        application.service.remove_nodes([self.name])
