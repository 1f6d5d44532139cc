"""A TOML table that is read key by key; whatever is wrong becomes a fault, and reading goes on.

Every method returns something of the right type even after a fault: the faults decide in the end
whether what was built from it is used. A key that nobody asked for is unknown.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar

from d2l_sync.configuration.document import Document
from d2l_sync.configuration.forms import Form
from d2l_sync.configuration.lines import KeyPath

T = TypeVar("T")
LARGEST_ID = 2**63 - 1
# How alike a known word must be to be suggested; at 0.6 unrelated ones are.
CLOSE = 0.7
# Far beyond any mark; an exponent without bounds would become a text without bounds.
LARGEST_NUMBER = Decimal(10) ** 9
MOST_PLACES = 20


def nearest(word: str, known: Iterable[str]) -> str:
    """Suggest the known word that was probably meant, or list them all."""
    words = sorted(set(known))
    close = get_close_matches(word, words, n=1, cutoff=CLOSE)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(words)}" if words else ""


def type_of(value: object) -> str:
    """Name a value's type as people call it. The value itself stays out: it may be a secret in the wrong place."""
    names: list[tuple[type, str]] = [
        (bool, "true or false"),
        (str, "text"),
        (int, "a whole number"),
        (Decimal, "a number with a point"),
        (list, "a list"),
        (dict, "a table"),
        (datetime, "a date with a time"),
        (date, "a date"),
    ]
    return next((name for kind, name in names if isinstance(value, kind)), "a time")


class Table:
    """One table of a document. path: where it stands; label: the same for people."""

    def __init__(
        self, values: Mapping[str, object], document: Document, *, path: KeyPath = (), label: tuple[str, ...] = ()
    ) -> None:
        self._values = values
        self._known: set[str] = set()
        self.document = document
        self.path = path
        self.label = label

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def fault(self, key: str, what: str, instead: str = "") -> None:
        """Report a fault of one key, or of the table as a whole (key "")."""
        self.document.fault(what, where=self._name(key), at=(*self.path, key) if key else self.path, instead=instead)

    def place(self, key: str) -> str:
        """Say where a key stands, for faults that name a second place."""
        return self.document.where(self._name(key), (*self.path, key))

    def know(self, *keys: str) -> None:
        """Let keys be known without reading them."""
        self._known.update(keys)

    def raw(self, key: str) -> object:
        self._known.add(key)
        return self._values.get(key)

    def text(
        self,
        key: str,
        *,
        default: str = "",
        is_required: bool = False,
        among: Sequence[str] = (),
        instead: str = "text in quotes",
    ) -> str:
        """Read text. Empty counts as missing where it is required; `among`: the only texts allowed."""
        value = self.raw(key)
        if value is not None and not isinstance(value, str):
            self.fault(key, f"is {type_of(value)}", instead)
            return default
        if is_required and not (value or "").strip():
            self.fault(key, "is missing" if value is None else "is empty", instead)
            return default
        if value is not None and among and value not in among:
            self.fault(key, f"{value!r} is not known", f"one of: {', '.join(among)}")
            return default
        return default if value is None else value

    def form(self, key: str, form: Form[T], *, default: T, is_required: bool = False) -> T:
        """Read text of a certain form."""
        text = self.text(key, is_required=is_required, instead=f"text in quotes: {form.instead}")
        is_text = isinstance(self._values.get(key), str)
        if not is_text or text == default or (is_required and not text.strip()):
            return default
        try:
            return form.parse(text)
        except ValueError as error:
            self.fault(key, str(error), form.instead)
            return default

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.fault(key, f"is {type_of(value)}", "true or false, without quotes")
            return default
        return default if value is None else value

    def whole(self, key: str, *, default: int, low: int, high: int) -> int:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"is {type_of(value)}", f"a whole number from {low} to {high}, without quotes")
            return default
        if not low <= value <= high:
            shown = value if abs(value) <= LARGEST_ID else "a number of many digits"
            self.fault(key, f"{shown} is out of range", f"a whole number from {low} to {high}")
            return default
        return value

    def id(self, key: str) -> int | None:
        """Read the number by which Brightspace knows something; None where there is none."""
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, int) and _is_id(value):
            return value
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        self.fault(key, "is no id" if is_whole else f"is {type_of(value)}", "a whole number above 0, without quotes")
        return 1  # so that no second fault calls it missing

    def number(self, key: str, *, above: int | None = None, high: Decimal = LARGEST_NUMBER) -> Decimal | None:
        """Read an exact number from 0 (or above `above`) to `high`; None where there is none."""
        value = self.raw(key)
        if value is None:
            return None
        limits = f"above {above}" if above is not None else "0 or more"
        limits += f", at most {high}" if high != LARGEST_NUMBER else ""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.fault(key, f"is {type_of(value)}", f"a number {limits}, without quotes")
            return Decimal(1)
        number = Decimal(value)
        is_sane = number.is_finite() and abs(number.adjusted()) <= MOST_PLACES
        if not is_sane or not 0 <= number <= high or (above is not None and number <= above):
            self.fault(key, f"{number} is out of range", f"a number {limits}")
            return Decimal(1)
        return number

    def texts(self, key: str, *, default: tuple[str, ...] = (), or_numbers: bool = False) -> tuple[str, ...]:
        """Read a list of texts (or whole numbers, as texts), none of them empty."""
        value = self.raw(key)
        if value is None:
            return default
        right = f"a list of {'texts in quotes or whole numbers' if or_numbers else 'texts in quotes'}"
        if not isinstance(value, list):
            self.fault(key, f"is {type_of(value)}", f"{right}, in [ ]")
            return default
        texts: list[str] = []
        for entry in value:
            if entry == "":
                self.fault(key, "holds an empty text", right)
            elif isinstance(entry, str) or (or_numbers and _is_id(entry)):
                texts.append(str(entry))
            else:
                self.fault(key, f"holds {type_of(entry)}", right)
        return tuple(texts)

    def day(self, key: str) -> date | None:
        value = self.raw(key)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        self.fault(key, f"is {type_of(value)}", "a day without quotes, such as 2026-12-31")
        return None

    def table(self, key: str) -> "Table":
        """Read a table; a missing one is empty."""
        value = self.raw(key)
        if value is not None and not isinstance(value, dict):
            self.fault(key, f"is {type_of(value)}", f"a table: [{key}] or {{ … }}")
            value = None
        return Table(value or {}, self.document, path=(*self.path, key), label=(*self.label, key))

    def tables(self, key: str) -> list["Table"]:
        """Read an array of tables; each is called by its own `key`, where it has one."""
        value = self.raw(key)
        if value is None:
            return []
        entries = value if isinstance(value, list) else [value]
        tables = [
            Table(entry, self.document, path=(*self.path, key, place), label=(*self.label, _called(key, place, entry)))
            for place, entry in enumerate(entries)
            if isinstance(entry, dict)
        ]
        if not isinstance(value, list) or len(tables) < len(entries):
            wrong = value if not isinstance(value, list) else next(one for one in entries if not isinstance(one, dict))
            self.fault(
                key, f"{'is' if wrong is value else 'holds'} {type_of(wrong)}", f"tables: [[{key}]] or [{{ … }}]"
            )
        return tables

    def finish(self, *, why: Mapping[str, str] | None = None) -> None:
        """Report every key that nobody asked for. why: better advice than the nearest known key, by key."""
        for key in self._values:
            if key not in self._known:
                self.fault(key, "is not known here", (why or {}).get(key) or nearest(key, self._known))

    def _name(self, key: str) -> str:
        parts = [*self.label, *([key] if key else [])]
        return (" . " if any(" " in part for part in parts) else ".").join(parts)


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LARGEST_ID


def _called(key: str, place: int, entry: Mapping[str, object]) -> str:
    own = entry.get("key")
    if not isinstance(own, str) or not re.search(r"\S", own):
        return f"{key}[{place + 1}]"
    return f"{key}[{place + 1}] {own}" if key == "badge" else f"{key} {own}"
