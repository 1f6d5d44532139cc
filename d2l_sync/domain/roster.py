"""The roster: who is on which team, as administrators keep it."""

from dataclasses import dataclass
from datetime import date

from d2l_sync.domain.ids import Address, PathwayKey, UserId


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row of the roster: who is on which team. confirmed_on: None while the membership is not confirmed.

    pathway: None for every pathway. row_id: the store's own number.
    """

    team: str
    address: Address | None = None
    user_id: UserId | None = None
    org_defined_id: str | None = None
    confirmed_on: date | None = None
    pathway: PathwayKey | None = None
    row_id: int = 0
