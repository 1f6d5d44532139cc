"""How the house is kept: every room says what it is for, and none grows beyond what can be read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
FILES = sorted((CHECKOUT / "d2l_sync").rglob("*.py"))
# A migration is as long as its tables, and never read again once it has run.
ROOMS = [path for path in FILES if "migrations" not in path.parts]

LINES_IN_A_FILE = 350
LINES_IN_A_FUNCTION = 50
SAYS_NOTHING = re.compile(r"(^|_)(utils?|helpers?|manager|misc|common)($|_)")

# "d2l_sync/module.py:function" that may catch everything, and why it must.
CATCHES_EVERYTHING: dict[str, str] = {
    "d2l_sync/cli/main.py:main": "a person gets a sentence, the log gets the traceback",
    "d2l_sync/daemon/pass_maker.py:_made": "one broken pass must not end the service",
    "d2l_sync/daemon/reloader.py:reload": "one broken reload must not keep the next from being made",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def each(paths: list[Path]):
    return pytest.mark.parametrize("path", paths, ids=name_of)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def long_functions(tree: ast.Module) -> list[str]:
    """List the functions that pass the limit, each with its length."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    lengths = [(f.name, (f.end_lineno or f.lineno) - f.lineno + 1) for f in functions]
    return [f"{name}: {lines} lines" for name, lines in lengths if lines > LINES_IN_A_FUNCTION]


def catching_everything(node: ast.AST, inside: str = "") -> Iterator[str]:
    """Yield the function around each handler of Exception, BaseException or nothing in particular."""
    if isinstance(node, Function):
        inside = node.name
    if isinstance(node, ast.ExceptHandler) and _names(node.type) & {"Exception", "BaseException", "*"}:
        yield inside
    for child in ast.iter_child_nodes(node):
        yield from catching_everything(child, inside)


def _names(caught: ast.expr | None) -> set[str]:
    if caught is None:
        return {"*"}
    return {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)}


@each(FILES)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(tree_of(path))


@each(FILES)
def test_every_name_says_something(path):
    named = [part for part in path.relative_to(CHECKOUT).with_suffix("").parts if SAYS_NOTHING.search(part)]

    assert named == []


@each(ROOMS)
def test_no_file_is_longer_than_can_be_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LINES_IN_A_FILE


@each(ROOMS)
def test_no_function_is_longer_than_can_be_read(path):
    assert long_functions(tree_of(path)) == []


def test_nothing_in_the_checkout_is_named_like_an_option():
    """A script that takes `--help` for the name of a folder makes one, and `git add` takes it along."""
    assert [path.name for path in CHECKOUT.iterdir() if path.name.startswith("-")] == []


def test_only_the_entry_loops_catch_everything():
    """Each has its reason above; a reason whose handler is gone goes too."""
    found = {f"{name_of(path)}:{where}" for path in ROOMS for where in catching_everything(tree_of(path))}

    assert found == set(CATCHES_EVERYTHING)


@pytest.mark.parametrize(
    "handler", ["except Exception:", "except:", "except (OSError, BaseException) as error:"], ids=str
)
def test_a_handler_of_everything_is_found_where_it_stands(handler):
    tree = ast.parse(f"def outer():\n  def inner():\n    try: pass\n    {handler} pass")

    assert list(catching_everything(tree)) == ["inner"]


def test_a_function_past_the_limit_is_found():
    body = "\n".join("    pass" for _ in range(LINES_IN_A_FUNCTION))

    assert long_functions(ast.parse(f"def long():\n{body}\nclass C:\n  def long(self): pass")) == ["long: 51 lines"]
