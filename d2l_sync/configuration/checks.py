"""What can only be seen over several badges or files: keys and badge classes used twice, rings, the right order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from d2l_sync.configuration.table import Table, nearest
from d2l_sync.domain.pathway import Badge


@dataclass(frozen=True, slots=True)
class BadgeTable:
    """A badge that was read, with the table that it came from."""

    table: Table
    badge: Badge


def check_twice(key: str, named: Sequence[tuple[Table, str]], *, among: str) -> None:
    """Report every table whose `key` holds a value that an earlier one has; empty values are left to others."""
    first: dict[str, Table] = {}
    for table, value in named:
        if value.strip() and value in first:
            table.fault(key, f"{value!r} stands twice {among}", f"another one than at {first[value].place(key)}")
        first.setdefault(value, table)


def check_requires(badges: Sequence[BadgeTable]) -> None:
    """Report prerequisites that are no badge of the pathway, or the badge itself, and each ring of them once."""
    known = {one.badge.key for one in badges}
    for one in badges:
        for wanted in one.badge.requires:
            if wanted == one.badge.key:
                one.table.fault("requires", f"{wanted!r} requires itself", "other badges of this pathway")
            elif wanted not in known:
                hint = nearest(wanted, known - {one.badge.key}) or "another badge of the same pathway"
                one.table.fault("requires", f"there is no badge {wanted!r} in this pathway", hint)
    tables = {one.badge.key: one for one in badges}
    for ring in rings({str(one.badge.key): tuple(map(str, one.badge.requires)) for one in badges}):
        table = next(one.table for key, one in tables.items() if key == ring[0])
        table.fault("requires", f"badges require each other in a ring: {' → '.join(ring)}", "no way back to the start")


def rings(requires: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """Return rings of two and more, each once and beginning with its first badge in the file, which ends it too."""
    found: list[list[str]] = []
    done: set[str] = set()

    def follow(key: str, trail: list[str]) -> None:
        if key in trail:
            ring = trail[trail.index(key) :]
            if len(ring) > 1:
                found.append([*ring, key])
        elif key not in done and key in requires:
            for wanted in requires[key]:
                follow(wanted, [*trail, key])
            done.add(key)

    for key in requires:
        follow(key, [])
    return found


def in_order(badges: Sequence[Badge]) -> tuple[Badge, ...]:
    """Sort so that every badge stands behind all that it requires, else as in the file. There is no ring."""
    ordered: list[Badge] = []
    waiting = list(badges)
    while waiting:
        done = {badge.key for badge in ordered}
        ready = next((badge for badge in waiting if done.issuperset(badge.requires)), waiting[0])
        ordered.append(ready)
        waiting.remove(ready)
    return tuple(ordered)
