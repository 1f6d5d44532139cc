"""On which line of a TOML text each table and key stands, so that a fault can be found in the file."""

import re
from collections.abc import Iterator

KeyPath = tuple[str | int, ...]
"""Keys from the root; an entry of an array of tables is followed by its place, from 0."""

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*(\[\[?)\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"^\s*({_DOTTED})\s*=")


def line_index(text: str) -> dict[KeyPath, int]:
    """Map every table header and key that starts a line to its line number, from 1.

    What stands inside inline tables is left out: its line is that of the key in front.
    """
    index: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    here: KeyPath = ()
    for number, line in _outside_of_long_texts(text):
        if header := _HEADER.match(line):
            here = _enter(_parts(header[2]), counts, is_entry=header[1] == "[[")
            index.setdefault(here, number)
        elif key := _KEY.match(line):
            index.setdefault((*here, *_parts(key[1])), number)
    return index


def line_of(index: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of a key, or of the innermost table around it that has one."""
    return next((index[path[:end]] for end in range(len(path), 0, -1) if path[:end] in index), None)


def _outside_of_long_texts(text: str) -> Iterator[tuple[int, str]]:
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not is_inside:
            yield number, line
        if (line.count('"""') + line.count("'''")) % 2:
            is_inside = not is_inside


def _parts(dotted: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, dotted)]


def _enter(parts: list[str], counts: dict[KeyPath, int], *, is_entry: bool) -> KeyPath:
    """Follow a header from the root; each array on the way stands for its latest entry."""
    path: KeyPath = ()
    for part in parts[:-1]:
        path = _latest((*path, part), counts)
    path = (*path, parts[-1])
    if is_entry:
        counts[path] = counts.get(path, 0) + 1
    return _latest(path, counts)


def _latest(path: KeyPath, counts: dict[KeyPath, int]) -> KeyPath:
    return (*path, counts[path] - 1) if path in counts else path
