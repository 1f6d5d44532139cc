"""How things stand, from the state database alone: for `status`, the service's one-liner and its figures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.award import UNSENT, State
from d2l_sync.domain.guard import held_plans, newest_number
from d2l_sync.domain.ids import OrgUnitId
from d2l_sync.domain.records import Records
from d2l_sync.domain.stored import StoredPass
from d2l_sync.services.scope import Scope

OVER_EVERYTHING = (str(Scope()), str(Scope(full=True)))


@dataclass(frozen=True, slots=True)
class Standing:
    """The last passes, the ledger, and what waits.

    last_complete: the last pass over everything that could see all. unsent_since: when the award that waits longest to
    be sent was decided, however often it was tried since. held, plan: how many awards and enrolments the guard
    holds, and the number that releases them.
    """

    last: StoredPass | None
    last_complete: StoredPass | None
    freshness: Mapping[OrgUnitId, datetime]
    counts: Mapping[State, int]
    unsent_since: datetime | None
    held: int
    plan: int | None

    @property
    def unsent(self) -> int:
        return sum(self.counts.get(state, 0) for state in UNSENT)

    def sentence(self) -> str:
        """Say in one line what `systemctl status` should show, the next pass apart."""
        ended = self.last_complete.ended_at if self.last_complete else None
        complete = f"last complete pass {ended:%Y-%m-%d %H:%M} UTC" if ended else "no complete pass yet"
        held = f"; {self.held} held: d2l-sync passes release {self.plan}" if self.held else ""
        return f"{complete}; {self.unsent} unsent{held}"


def standing(records: Records, org_units: Collection[OrgUnitId]) -> Standing:
    """Gather it. org_units: those that are read now; how old the others are is no matter. Raises StateError."""
    held = held_plans(records.awards(), records.enrolments())
    return Standing(
        last=records.latest_pass(),
        last_complete=records.newest_pass(OVER_EVERYTHING, outcome="complete"),
        freshness={unit: at for unit, at in records.freshness().items() if unit in org_units},
        counts=records.counts(),
        unsent_since=records.unsent_since(),
        held=sum(map(len, held.values())),
        plan=newest_number(held),
    )
