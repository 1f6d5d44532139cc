"""The catalogue of log events and the code agree: every event is in both, with its levels and its fields."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
CATALOGUE = CHECKOUT / "docs" / "events.md"
Events = dict[str, tuple[set[str], set[str]]]
LEVELS = {"debug", "info", "warning", "error", "exception", "log"}
ROW = re.compile(r"^\| `(\w+)` \| ([a-z, ]+) \| (.*?) \| ?(.*?) ?\|$", re.MULTILINE)
PAST = re.compile(r"(ed|en|lost|made|sent|told|kept|broke|went|arose|undone|read|held|signed_in)$")


def is_log(node: ast.expr) -> bool:
    """Say whether a call is made on a logger: on the module's `log`, or on a fresh one."""
    return (isinstance(node, ast.Name) and node.id == "log") or (
        isinstance(node, ast.Call) and ast.unparse(node.func) == "structlog.get_logger"
    )


def events_of(source: str) -> Events:
    """Return every event that a module's text logs, with its levels and its fields.

    A name or a level that is no literal is looked up in the module's table EVENTS: state to (event, level).
    """
    tree = ast.parse(source)
    tables = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) == "EVENTS"
        and isinstance(node.value, ast.Dict)
    ]
    table = {
        ast.literal_eval(row.elts[0]): row.elts[1].attr.lower()
        for found in tables
        for row in getattr(found, "values", ())
        if isinstance(row, ast.Tuple) and isinstance(row.elts[1], ast.Attribute)
    }
    events: Events = defaultdict(lambda: (set(), set()))
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
            continue
        if not is_log(node.func.value):
            continue
        fields = {word.arg for word in node.keywords if word.arg}
        *level, name = node.args
        if isinstance(name, ast.Constant):
            levels = set(levels_in(level[0])) if level else {node.func.attr}
            events[str(name.value)][0].update("error" if one == "exception" else one for one in levels)
            events[str(name.value)][1].update(fields)
        else:
            assert table, ast.unparse(node)
            for event, its_level in table.items():
                events[event][0].add(its_level)
                events[event][1].update(fields)
    return dict(events)


def levels_in(node: ast.expr) -> Iterator[str]:
    """Yield every level of the standard library that an expression names."""
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and ast.unparse(one.value) == "logging":
            yield one.attr.lower()


def in_code() -> Events:
    events: Events = defaultdict(lambda: (set(), set()))
    for path in sorted((CHECKOUT / "d2l_sync").rglob("*.py")):
        if "sandbox" in path.parts:
            continue
        for event, (levels, fields) in events_of(path.read_text(encoding="utf-8")).items():
            events[event][0].update(levels)
            events[event][1].update(fields)
    return dict(events)


def in_catalogue() -> Events:
    rows = ROW.findall(CATALOGUE.read_text(encoding="utf-8"))
    assert len({name for name, *_ in rows}) == len(rows), "an event stands twice"
    return {name: (set(levels.split(", ")), set(re.findall(r"`(\w+)`", fields))) for name, levels, fields, _ in rows}


CODE, BOOK = in_code(), in_catalogue()


def test_every_event_is_in_the_catalogue():
    """Add a row to docs/events.md: event, level, fields, and what whoever reads it does."""
    assert sorted(CODE.keys() - BOOK.keys()) == []


def test_the_catalogue_promises_no_event_that_is_never_logged():
    assert sorted(BOOK.keys() - CODE.keys()) == []


@pytest.mark.parametrize("event", sorted(CODE.keys() & BOOK.keys()))
def test_the_catalogue_says_level_and_fields_as_they_are(event):
    levels, fields = CODE[event]
    varies = levels or BOOK[event][0]  # a level that only running it tells
    assert (varies, fields) == (BOOK[event][0], BOOK[event][1])


@pytest.mark.parametrize("event", sorted(CODE))
def test_an_event_is_named_in_the_past_tense(event):
    assert PAST.search(event)


def test_what_is_logged_is_found_however_it_is_written():
    found = events_of(
        "log.info('a_ed', x=1)\nlog.exception('b_ed')\nstructlog.get_logger().error('c_ed')\n"
        "EVENTS = {1: ('d_ed', logging.WARNING)}\nlog.log(level, event, y=2)\n"
        "log.log(logging.ERROR if new else logging.DEBUG, 'e_ed')\nother.info('no')"
    )

    assert found == {
        "a_ed": ({"info"}, {"x"}),
        "b_ed": ({"error"}, set()),
        "c_ed": ({"error"}, set()),
        "d_ed": ({"warning"}, {"y"}),
        "e_ed": ({"error", "debug"}, set()),
    }
