"""Roster files: CSV rows to memberships, all of them or none, every fault with its line."""

from collections.abc import Iterable
from datetime import date

from d2l_sync.domain.errors import Fault, InputError
from d2l_sync.domain.ids import PathwayKey, address_of, user_id_of
from d2l_sync.domain.roster import RosterRow
from d2l_sync.services.csv_lines import Columns, Line, csv_lines

ID_COLUMNS = ("email", "user_id", "org_defined_id")


HEADER = Columns(
    ("team", *ID_COLUMNS, "confirmed_on", "pathway"),
    needs=((("team",), "there is no column 'team'"), (ID_COLUMNS, "no column says who is meant")),
)


def read_roster(text: str, *, name: str, pathways: Iterable[str]) -> tuple[RosterRow, ...]:
    """Read a roster file. name: the file's, for messages. Raises InputError with every fault.

    Columns in any order; any id column may be absent; an empty confirmed_on is not confirmed.
    """
    faults: list[Fault] = []
    lines = list(csv_lines(text, HEADER, name=name, faults=faults))
    known = set(pathways)
    rows = [row for line in lines if (row := _row(line, known, faults)) is not None]
    if faults:
        raise InputError(tuple(faults), hint="nothing was imported; mend the file and import it again")
    return tuple(rows)


def _row(line: Line, pathways: set[str], faults: list[Fault]) -> RosterRow | None:
    cells, before = line.cells, len(faults)
    if not cells.get("team"):
        faults.append(Fault(line.where, "no team", "give the team's name"))
    if not any(cells.get(column) for column in ID_COLUMNS):
        faults.append(Fault(line.where, "nobody is named", f"give one of {', '.join(ID_COLUMNS)}"))
    user_id, email, day = cells.get("user_id", ""), cells.get("email", ""), cells.get("confirmed_on", "")
    if user_id and user_id_of(user_id) is None:
        faults.append(Fault(line.where, f"user_id {user_id!r} is no user id", "give the Brightspace user id, a number"))
    if not all(cell.isprintable() and "\ufffd" not in cell for cell in cells.values()):
        faults.append(Fault(line.where, "a cell holds what is no text", "save the file as UTF-8"))
    if email and "@" not in email:
        faults.append(Fault(line.where, "the e-mail has no @", "give an address"))
    confirmed_on = _day(day, line, faults)
    pathway = cells.get("pathway", "")
    if pathway and pathway not in pathways:
        faults.append(Fault(line.where, f"unknown pathway {pathway!r}", f"known are {', '.join(sorted(pathways))}"))
    if len(faults) > before:
        return None
    return RosterRow(
        cells["team"],
        address=address_of(email),
        user_id=user_id_of(user_id),
        org_defined_id=cells.get("org_defined_id") or None,
        confirmed_on=confirmed_on,
        pathway=PathwayKey(pathway) if pathway else None,
    )


def _day(text: str, line: Line, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        faults.append(Fault(line.where, f"confirmed_on {text!r} is no date", "write YYYY-MM-DD, or leave it empty"))
        return None
