"""Everything a pretended Brightspace holds, in memory, behind one lock."""

import itertools
import threading
from dataclasses import dataclass, field

from d2l_sync.sandbox.brightspace.habits import Habits
from d2l_sync.sandbox.brightspace.org_units import OrgUnit
from d2l_sync.sandbox.brightspace.people import User
from d2l_sync.sandbox.clock import Clock

ORGANISATION_ID = 6606
SERVICE_USER = 900
EVERYWHERE = 0
"""Stands for all org units where a denial is stated."""


@dataclass(slots=True)
class World:
    """Whoever reads or changes it holds `lock`.

    denied: (org unit id or EVERYWHERE, tool or "*") that the service user's role may not read.
    made: supplies ids for whatever is made later; no two things share one.
    """

    clock: Clock
    lock: threading.RLock = field(default_factory=threading.RLock)
    habits: Habits = field(default_factory=Habits)
    users: dict[int, User] = field(default_factory=dict)
    org_units: dict[int, OrgUnit] = field(default_factory=dict)
    denied: set[tuple[int, str]] = field(default_factory=set)
    made: "itertools.count[int]" = field(default_factory=lambda: itertools.count(700_001))

    def is_denied(self, org_unit_id: int, tool: str) -> bool:
        places = (org_unit_id, EVERYWHERE)
        return any((place, name) in self.denied for place in places for name in (tool, "*"))
