"""Unserved: awards of badge classes that no pathway file has any more."""

from collections.abc import Set as AbstractSet
from dataclasses import replace

from d2l_sync.domain.award import State
from d2l_sync.domain.findings import Finding
from d2l_sync.domain.ids import BadgeClassId
from d2l_sync.domain.ledger import Change, Ledger

IN_NO_FILE = "its badge is in no pathway file any more"


def lapse_unserved(ledger: Ledger, served: AbstractSet[BadgeClassId]) -> tuple[Change, ...]:
    """Let what was not sent lapse: nobody can earn it. Back in a file, it is as new, and its approval is kept."""
    return tuple(
        Change(
            award,
            replace(award, state=State.LAPSED, held_by=None, held_in=None, reason=IN_NO_FILE, is_released=False),
            f"earned no longer: {IN_NO_FILE}",
        )
        for award in ledger.values()
        if award.badge_class not in served and award.is_judged_anew and award.state is not State.LAPSED
    )


def unserved_in_doubt(ledger: Ledger, served: AbstractSet[BadgeClassId]) -> list[Finding]:
    """Report those that may be on the platform for all we know, for as long as that is so."""
    return [
        Finding(
            "unserved",
            f"{award.badge}: nobody knows whether it was issued, and {IN_NO_FILE}; it is looked up in each pass",
            pathway=award.pathway,
            badge=award.badge,
            user_id=award.person_id,
        )
        for award in ledger.values()
        if award.badge_class not in served and award.is_in_doubt
    ]
