"""CSV lines: a file's rows by column, with every fault of its form and the line that it stands on."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from d2l_sync.domain.errors import Fault


@dataclass(frozen=True, slots=True)
class Line:
    """One row. where: the file's name and the line; cells: by column, trimmed."""

    where: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Columns:
    """What a header may name, in any order. needs: of each group of columns one must be there, else the sentence."""

    known: tuple[str, ...]
    needs: tuple[tuple[tuple[str, ...], str], ...]


def csv_lines(text: str, columns: Columns, *, name: str, faults: list[Fault]) -> Iterator[Line]:
    """Yield each row that has the header's form, skipping empty ones; what has not is added to `faults`."""
    reader = csv.reader(text.removeprefix("\ufeff").splitlines(), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        wrong = list(_header_faults(header, columns, where=f"{name}:1"))
        faults.extend(wrong)
        if wrong:
            return
        for cells in reader:
            where = f"{name}:{reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.append(Fault(where, f"{len(cells)} cells", f"the header has {len(header)}"))
                continue
            yield Line(where, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    except csv.Error as error:
        faults.append(Fault(f"{name}:{reader.line_num}", f"no CSV: {error}", "quote cells that hold commas or quotes"))


def _header_faults(header: Collection[str], columns: Columns, *, where: str) -> Iterable[Fault]:
    for column in header:
        if column not in columns.known:
            yield Fault(where, f"unknown column {column!r}", f"known are {', '.join(columns.known)}")
    for column in sorted({one for one in header if list(header).count(one) > 1}):
        yield Fault(where, f"column {column!r} stands twice", "name each column once")
    for group, what in columns.needs:
        if not set(group) & set(header):
            yield Fault(where, what, f"the first line names the columns, among them {' or '.join(group)}")
