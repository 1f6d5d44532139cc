"""Roster files: CSV rows to memberships, all of them or none, every fault with its line."""

from collections.abc import Iterable, Iterator, Mapping
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
    cells = line.cells
    wrong = [*_lacking(cells), *_misspelt(cells, pathways)]
    faults.extend(Fault(line.where, what, instead) for what, instead in wrong)
    if wrong:
        return None
    return RosterRow(
        cells["team"],
        address=address_of(cells.get("email", "")),
        user_id=user_id_of(cells.get("user_id", "")),
        org_defined_id=cells.get("org_defined_id") or None,
        confirmed_on=_day(cells.get("confirmed_on", "")),
        pathway=PathwayKey(cells["pathway"]) if cells.get("pathway") else None,
    )


def _lacking(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is not there, and what to do about it."""
    if not cells.get("team"):
        yield "no team", "give the team's name"
    if not any(cells.get(column) for column in ID_COLUMNS):
        yield "nobody is named", f"give one of {', '.join(ID_COLUMNS)}"


def _misspelt(cells: Mapping[str, str], pathways: set[str]) -> Iterator[tuple[str, str]]:
    """Yield what is there and can't be meant, and what would be right."""
    user_id, email, day = cells.get("user_id", ""), cells.get("email", ""), cells.get("confirmed_on", "")
    if user_id and user_id_of(user_id) is None:
        yield f"user_id {user_id!r} is no user id", "give the Brightspace user id, a number"
    if not all(cell.isprintable() and "\ufffd" not in cell for cell in cells.values()):
        yield "a cell holds what is no text", "save the file as UTF-8"
    if email and "@" not in email:
        yield "the e-mail has no @", "give an address"
    if day and _day(day) is None:
        yield f"confirmed_on {day!r} is no date", "write YYYY-MM-DD, or leave it empty"
    pathway = cells.get("pathway", "")
    if pathway and pathway not in pathways:
        yield f"unknown pathway {pathway!r}", f"known are {', '.join(sorted(pathways))}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
