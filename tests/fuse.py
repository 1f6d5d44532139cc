"""Ends the program at a given call, or lets something happen just before one."""

from collections.abc import Callable
from threading import RLock
from typing import Any


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Fuse:
    """Burns at a given call, before or after it is done; whatever is called through it afterwards is dead as well.

    A fuse without a number never burns, and counts the calls.
    """

    def __init__(self, burns_at: int | None = None, *, after_the_call: bool = False) -> None:
        self.burns_at = burns_at
        self.after_the_call = after_the_call
        self.calls: list[str] = []
        self._lock = RLock()

    def wire(self, port: Any) -> Any:
        """Return the same port, with every call going through this fuse."""
        return _Wired(port, self)

    def through(self, name: str, call: Callable[[], Any]) -> Any:
        with self._lock:
            self.calls.append(name)
            place = len(self.calls)
            if self.burns_at is None or place < self.burns_at:
                return call()
            if place == self.burns_at and self.after_the_call:
                call()
            raise Killed(name)


class _Wired:
    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._fuse.through(f"{type(self._port).__name__}.{name}", lambda: method(*args, **kwargs))

        return call


def before_call(port: Any, name: str, act: Callable[[], object]) -> None:
    """Have something happen just before each call of one method: what a person does while a pass runs."""
    settled = getattr(port, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        act()
        return settled(*args, **kwargs)

    setattr(port, name, call)


def after_call(port: Any, name: str, act: Callable[[], object]) -> None:
    """Have something happen just after each call of one method."""
    settled = getattr(port, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        answer = settled(*args, **kwargs)
        act()
        return answer

    setattr(port, name, call)
