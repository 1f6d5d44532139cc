"""Findings: what a person should look at. Each has a key, so that the same thing is reported once."""

from dataclasses import dataclass

from d2l_sync.domain.award import Award
from d2l_sync.domain.ids import Address, AssertionId, BadgeKey, OrgUnitId, PathwayKey, PersonId

KINDS = {
    "unknown_recipient": "the platform holds an assertion whose address fits nobody we know",
    "shared_address": "the platform holds an assertion whose address two persons share",
    "doubled": "the platform holds several live assertions of one badge class for one person",
    "revoked_there": "an assertion was revoked on the platform",
    "missing_there": "an issued assertion is not in the platform's complete list",
    "other_recipient": "an assertion of ours stands at another address on the platform",
    "address_changed": "a learner no longer has the address that an award went to",
    "fell": "an award was issued and its criteria hold no longer",
    "refused_blind": "the platform refuses a duplicate that it does not show",
    "unserved": "an award in doubt is of a badge that is in no pathway file any more",
    "vanished": "something Brightspace showed before is gone",
    "points_differ": "a quiz's question points differ from its grade object's points",
    "shrunk": "a listing is suddenly much smaller and is not believed",
    "roster_nobody": "a roster row fits nobody on the pathway's classlists",
    "roster_several": "a roster row fits more than one person",
    "begun_anew": "the state database was made anew beside the tokens of an earlier one",
}

OF_LISTS = frozenset(
    {
        "unknown_recipient",
        "shared_address",
        "doubled",
        "revoked_there",
        "missing_there",
        "other_recipient",
        "refused_blind",
    }
)
"""What comparing a badge class's whole list with the ledger shows, whatever else could not be seen."""
OF_NO_PASS = frozenset({"begun_anew"})
"""What no pass finds, or finds to be over: only a person ends it."""
OF_AWARDS = frozenset({"fell", "address_changed"})
"""What judging a person anew shows of an issued award."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at; what does not apply is None. `kind` is a key of KINDS.

    user_id is the person's standing user. what: a sentence for the person who looks.
    """

    kind: str
    what: str
    pathway: PathwayKey | None = None
    badge: BadgeKey | None = None
    user_id: PersonId | None = None
    org_unit_id: OrgUnitId | None = None
    address: Address | None = None
    assertion_id: AssertionId | None = None
    subject: str = ""

    def is_about(self, award: Award) -> bool:
        """Tell whether it is about this award, and not about one of another badge class that its badge had before."""
        names = (award.person_id, award.pathway, award.badge)
        is_same = self.assertion_id is None or self.assertion_id == award.assertion_id
        return (self.user_id, self.pathway, self.badge) == names and is_same

    @property
    def key(self) -> str:
        """Return the same text for the same finding, pass after pass."""
        parts = [self.pathway, self.badge, self.user_id, self.org_unit_id, self.address, self.assertion_id]
        return "|".join([self.kind, *("" if part is None else str(part) for part in parts), self.subject])
