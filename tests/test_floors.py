"""The house rule: imports point down, never up and never round."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = "d2l_sync"
CHECKOUT = Path(__file__).parent.parent
ROOT = CHECKOUT / PACKAGE

# Each floor, and the floors it may name. Only wiring.py knows which adapter stands behind a port;
# configuration is read by whoever starts something.
STARTED_FROM = {"configuration", "services", "domain", "wiring", "logs"}
MAY_IMPORT = {
    "domain": {"domain"},
    "brightspace": {"brightspace", "session", "unanswered", "domain"},  # an adapter never knows another adapter
    "badging": {"badging", "session", "unanswered", "domain"},
    "session": {"session"},
    "unanswered": {"unanswered"},
    "store": {"store", "domain"},
    "configuration": {"configuration", "domain"},
    "mail": {"mail", "unanswered", "domain"},
    "services": {"services", "domain"},  # ports, never an adapter
    "wiring": {"wiring", "logbook", "mail", "brightspace", "badging", "store", "configuration", "services", "domain"},
    "console": {"console"} | STARTED_FROM,
    "daemon": {"daemon", "console", "session", "unanswered"} | STARTED_FROM,
    "cli": {"cli", "daemon", "console", "sandbox"} | STARTED_FROM,
    "__main__": {"cli"},
    "__init__": set(),
    "logs": {"logs", "domain"},
    "logbook": {"logbook", "logs", "domain"},
    "sandbox": {"sandbox"},  # imports nothing of ours, so it cannot share our mistakes
}
STANDARD_LIBRARY_ONLY = {"domain"}


def dotted(path: Path) -> str:
    """Name the module in a file below CHECKOUT, as an import would."""
    parts = path.relative_to(CHECKOUT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> str:
    """Name the floor of one of our modules: the folder or the file right below the package."""
    return module.split(".")[1] if "." in module else "__init__"


MODULES = {dotted(path): path for path in sorted(ROOT.rglob("*.py"))}


def imports_of(source: str, module: str, *, is_package: bool = False) -> Iterator[str]:
    """Yield the dotted name of everything that a module's text imports, wherever it stands in it.

    Relative imports are resolved; `from a.b import c` yields `a.b.c`, whatever c is. Imports
    inside a function or for type checkers count as well: they tie two modules all the same.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                parts = module.split(".")
                above = parts[: len(parts) - node.level + is_package]
                origin = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def imported_by(module: str) -> list[str]:
    path = MODULES[module]
    return list(imports_of(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py"))


def complaints(module: str, names: list[str]) -> list[str]:
    """Say which of the names that a module imports its floor may not know."""
    floor = floor_of(module)
    if floor not in MAY_IMPORT:
        return [f"{module} stands on no floor: name {floor!r} in MAY_IMPORT, and what it may import"]
    ours = [name for name in names if name.split(".")[0] == PACKAGE]
    theirs = [name for name in names if name.split(".")[0] not in {PACKAGE, *sys.stdlib_module_names}]
    found = [f"{module} imports {name}" for name in ours if not _is_allowed(name, MAY_IMPORT[floor])]
    if floor in STANDARD_LIBRARY_ONLY:
        found += [f"{module} imports {name}, which is not of the standard library" for name in theirs]
    return found


def _is_allowed(name: str, floors: set[str]) -> bool:
    # What stands right in the package, such as __version__, is on no floor and free to all.
    floor = floor_of(name)
    return floor in floors or floor not in {floor_of(module) for module in MODULES} | set(MAY_IMPORT)


def first_ring(edges: dict[str, set[str]]) -> list[str]:
    """Return one ring of modules importing each other, its first module repeated at the end, or []."""
    done: set[str] = set()

    def search(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module) :], module]
        if module in done:
            return []
        rings = (search(target, [*trail, module]) for target in sorted(edges.get(module, ())))
        ring = next(filter(None, rings), [])
        done.add(module)
        return ring

    return next(filter(None, (search(module, []) for module in sorted(edges))), [])


def modules_meant(names: list[str]) -> set[str]:
    """Turn imported names into our modules: `d2l_sync.a.b.Value` means the module d2l_sync.a.b."""
    owners = {name if name in MODULES else name.rpartition(".")[0] for name in names}
    return owners & MODULES.keys()


def test_there_is_a_house_to_check():
    """A rule over no modules at all would hold for ever."""
    assert PACKAGE in MODULES


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_only_point_downwards(module):
    assert complaints(module, imported_by(module)) == []


def test_no_two_modules_import_each_other_even_the_long_way_round():
    assert first_ring({module: modules_meant(imported_by(module)) - {module} for module in MODULES}) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        pytest.param("d2l_sync.domain.plan", "from d2l_sync.store.ledger import Ledger", id="up from the domain"),
        pytest.param("d2l_sync.domain.plan", "from ..services import deliver", id="up by a relative import"),
        pytest.param("d2l_sync.domain.plan", "def f():\n    import d2l_sync.wiring", id="up inside a function"),
        pytest.param("d2l_sync.domain.plan", "import requests", id="other people's code in the domain"),
        pytest.param("d2l_sync.brightspace.reader", "from d2l_sync import badging", id="from adapter to adapter"),
        pytest.param("d2l_sync.services.deliver", "from d2l_sync.badging.badgr import Badgr", id="past the port"),
        pytest.param("d2l_sync.cli.main", "from d2l_sync.store import ledger", id="past the wiring"),
        pytest.param("d2l_sync.sandbox.server", "from d2l_sync.domain import award", id="from the sandbox inside"),
        pytest.param("d2l_sync.attic", "import json", id="from a room without a floor"),
    ],
)
def test_the_rule_can_fail(module, line):
    assert complaints(module, list(imports_of(line, module))) != []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        pytest.param("d2l_sync.domain.plan", "from .award import Award\nimport json", id="beside and standard"),
        pytest.param("d2l_sync.services.deliver", "from d2l_sync.domain.ports import Platform", id="down to a port"),
        pytest.param("d2l_sync.store.ledger", "import sqlmodel", id="other people's code in an adapter"),
        pytest.param("d2l_sync.cli.main", "from d2l_sync import __version__, wiring", id="the version, from anywhere"),
    ],
)
def test_the_rule_can_hold(module, line):
    assert complaints(module, list(imports_of(line, module))) == []


def test_a_package_resolves_its_own_dots_one_step_less():
    assert list(imports_of("from .award import Award", "d2l_sync.domain", is_package=True)) == [
        "d2l_sync.domain.award.Award"
    ]


def test_a_ring_is_found_and_told_in_its_order():
    assert first_ring({"a": {"b"}, "b": {"c", "d"}, "c": {"b"}, "d": set()}) == ["b", "c", "b"]
