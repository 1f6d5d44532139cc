"""One TOML file: its tables, its lines, and the faults found in it."""

import re
import tomllib
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from d2l_sync.configuration.lines import KeyPath, line_index, line_of
from d2l_sync.domain.errors import Fault

_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_TWICE = re.compile(r"Cannot overwrite|Cannot declare|Cannot mutate|Duplicate inline table key")


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read. faults: shared by all files of one load, so that everything is told at once."""

    path: Path
    faults: list[Fault]
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def fault(self, what: str, *, where: str = "", at: KeyPath = (), instead: str = "") -> None:
        self.faults.append(Fault(self.where(where, at), what, instead))

    def where(self, key: str, at: KeyPath) -> str:
        """Say `file:LINE: key`, without what is not known."""
        line = line_of(self.lines, at)
        place = f"{self.path}:{line}" if line else str(self.path)
        return f"{place}: {key}" if key else place


def read_document(path: Path, faults: list[Fault]) -> tuple[Document, dict[str, object]] | None:
    """Parse one file, floats exactly; None, with a fault, when it can't be read or is no TOML."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append(Fault(str(path), f"is not UTF-8 text (byte {error.start})", "save it as UTF-8"))
        return None
    except OSError as error:
        faults.append(Fault(str(path), f"cannot be read: {error.strerror}", "a readable TOML file"))
        return None
    try:
        values = tomllib.loads(text, parse_float=_exactly)
    except ValueError as error:  # not TOML, or a number of thousands of digits
        faults.append(_syntax_fault(path, str(error)))
        return None
    except RecursionError:
        faults.append(Fault(str(path), "is nested too deeply", "a few tables inside each other"))
        return None
    return Document(path, faults, line_index(text)), values


def _exactly(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds
        return Decimal("NaN")


def _syntax_fault(path: Path, message: str) -> Fault:
    at = _AT.search(message)
    where = f"{path}:{at[1]}" if at else str(path)
    what = _AT.sub("", message)
    column = f", column {at[2]}" if at else ""
    if _TWICE.search(what):
        return Fault(where, f"a key or table stands twice ({what}{column})", "each key once in its table")
    return Fault(where, f"is not TOML: {what}{column}", "text in quotes, lists in [ ], one key = value a line")
