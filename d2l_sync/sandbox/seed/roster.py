"""The team roster that administrators keep, as CSV text."""

import csv
import io
from dataclasses import dataclass, field

COLUMNS = ("team", "email", "user_id", "org_defined_id", "confirmed_on", "pathway")


@dataclass(slots=True)
class RosterRow:
    """One member of one team, named by whichever of the ids is not empty."""

    team: str
    member: int
    email: str = ""
    user_id: str = ""
    org_defined_id: str = ""
    confirmed_on: str = ""


@dataclass(slots=True)
class Roster:
    pathway: str
    rows: list[RosterRow] = field(default_factory=list)

    def confirm(self, team: str, on: str) -> None:
        for row in self.rows:
            row.confirmed_on = on if row.team == team else row.confirmed_on

    def remove(self, team: str, member: int) -> None:
        self.rows = [row for row in self.rows if (row.team, row.member) != (team, member)]

    def text(self) -> str:
        """Return the CSV, with the columns of the product's roster."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in self.rows:
            ids = (row.email, row.user_id, row.org_defined_id)
            writer.writerow([row.team, *ids, row.confirmed_on, self.pathway])
        return out.getvalue()
