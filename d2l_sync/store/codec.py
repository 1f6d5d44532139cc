"""Facts, items and verdicts as JSON text, and back exactly: decimals as the text they came in, instants in UTC.

Works from the values' own types. What equals a field's default is left out, so a field added later is absent in old
texts and takes its default; a name that no field has any more is passed over.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.facts import Fact, GradeValue, GroupMember, HandIn, Item, QuizAttempts
from d2l_sync.domain.ids import Address, AssertionId
from d2l_sync.domain.verdict import Verdict

# Stored beside each fact; a name once used keeps its meaning.
FACT_NAMES: dict[type[Fact], str] = {
    QuizAttempts: "quiz_attempts",
    HandIn: "hand_in",
    GradeValue: "grade_value",
    GroupMember: "group_member",
}
FACT_TYPES = {name: kind for kind, name in FACT_NAMES.items()}


def fact_text(fact: Fact) -> str:
    return _text({"fact": FACT_NAMES[type(fact)], **_plain(fact)})


def fact_of(text: str) -> Fact:
    """Read a fact back. Raises StateError when the text is none."""
    try:
        parts = json.loads(text)
        fact: Fact = _built(FACT_TYPES[parts["fact"]], parts)
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise _unreadable("fact") from error
    return fact


def item_text(item: Item) -> str:
    return _text(_plain(item))


def item_of(text: str) -> Item:
    """Read an item back. Raises StateError when the text is none."""
    item: Item = _read(Item, text)
    return item


def verdicts_text(verdicts: Sequence[Verdict]) -> str:
    return _text(_plain(tuple(verdicts)))


def verdicts_of(text: str) -> tuple[Verdict, ...]:
    """Read verdicts back, with all their parts. Raises StateError when the text holds none."""
    verdicts: tuple[Verdict, ...] = _read(tuple[Verdict, ...], text)
    return verdicts


def addresses_text(addresses: Sequence[Address]) -> str:
    return _text(list(addresses))


def addresses_of(text: str) -> tuple[Address, ...]:
    """Read addresses back. Raises StateError when the text holds none."""
    addresses: tuple[Address, ...] = _read(tuple[Address, ...], text)
    return addresses


def ids_text(assertion_ids: Sequence[AssertionId]) -> str:
    return _text(list(assertion_ids))


def ids_of(text: str) -> tuple[AssertionId, ...]:
    """Read assertion ids back. Raises StateError when the text holds none."""
    assertion_ids: tuple[AssertionId, ...] = _read(tuple[AssertionId, ...], text)
    return assertion_ids


def _text(plain: object) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _read(kind: object, text: str) -> Any:  # noqa: ANN401 - the callers name the type
    try:
        return _built(kind, json.loads(text))
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise _unreadable(getattr(kind, "__name__", "value").lower()) from error


def _unreadable(what: str) -> StateError:
    return StateError(f"a stored {what} can't be read", hint="run `d2l-sync db verify`, and restore the newest backup")


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of the domain, into anything JSON knows
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return _instant_text(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    shown = ((one, getattr(value, one.name)) for one in fields(value))
    return {one.name: _plain(held) for one, held in shown if not _is_default(one, held)}


def _instant_text(instant: datetime) -> str:
    if instant.tzinfo is None:
        raise ValueError(f"{instant!r} has no time zone")
    return instant.astimezone(UTC).isoformat()


def _is_default(field: Field[Any], value: object) -> bool:
    # Decimal("1") equals Decimal("1.0"), and is another text: only what is told apart exactly is left out.
    default = field.default
    return (
        default is not MISSING and type(default) is type(value) and not isinstance(value, Decimal) and default == value
    )


@cache
def _types(kind: type[Any]) -> dict[str, object]:
    return get_type_hints(kind)


def _built(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - any type of the domain, from anything JSON knows
    return _reader(kind)(plain)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - any type of the domain
    """Return what builds a value of a type from JSON; made once for each type, since facts come by the thousand."""
    kind = getattr(kind, "__supertype__", kind)
    if get_origin(kind) in {Union, UnionType}:
        one = _reader(_only(kind))
        return lambda plain: None if plain is None else one(plain)
    if get_origin(kind) is tuple:
        each, *_ = get_args(kind)  # looked up when it is used: a verdict is made of verdicts
        return lambda plain: tuple(_built(each, part) for part in _expect(list, plain))
    if is_dataclass(kind):
        return partial(_dataclass, kind)
    if kind is datetime:
        return datetime.fromisoformat
    if kind is Decimal or issubclass(kind, Enum):
        return lambda plain: kind(_expect(str, plain))
    return lambda plain: _expect(kind, plain)


def _dataclass(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - any dataclass of the domain
    known = _types(kind)
    return kind(**{name: _built(known[name], one) for name, one in _expect(dict, plain).items() if name in known})


def _only(kind: object) -> object:
    (one,) = [arg for arg in get_args(kind) if arg is not NoneType]
    return one


def _expect(kind: type[Any], plain: Any) -> Any:  # noqa: ANN401 - one of JSON's own types
    if not isinstance(plain, kind):
        raise TypeError(f"expected {kind.__name__}")
    return plain
