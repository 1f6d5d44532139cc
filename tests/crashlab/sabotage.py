"""Negative controls: designs broken on purpose, in the child only; what does not catch them proves nothing."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Control:
    """A broken design. sabotage: breaks this process's program."""

    name: str
    sabotage: Callable[[], None]


CONTROLS: dict[str, Control] = {}
