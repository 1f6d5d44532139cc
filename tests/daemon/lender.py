"""An installation of pretended applications."""

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

from d2l_sync.daemon.installation import Installation


class Lender(Installation):
    """Lends one application after another."""

    def __init__(self, application: Any) -> None:
        self._given = application
        super().__init__(lambda: nullcontext(self._given), taken_over=lambda _: None)

    @property
    def settings(self) -> Any:
        return SimpleNamespace()

    def replace(self, application: Any) -> None:
        """Do what a reload does."""
        self._given = application
        self.renew(lambda _: None)
        self.swap()
