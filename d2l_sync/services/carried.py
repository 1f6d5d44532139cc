"""Work in other threads that speaks in the name of who gave it: its log lines carry what is bound here, as the pass."""

from collections.abc import Callable
from contextvars import copy_context
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
A = TypeVar("A")


def carried(work: Callable[P, A]) -> Callable[P, A]:
    """Return work that runs with the context of now, in whatever threads and however often."""
    context = copy_context()

    def with_context(*args: P.args, **kwargs: P.kwargs) -> A:
        return context.copy().run(work, *args, **kwargs)

    return with_context
