"""The clocks of a sandbox's servers, set together or one by one."""

from dataclasses import dataclass, field

from d2l_sync.sandbox.clock import Clock
from d2l_sync.sandbox.web import Block


@dataclass(frozen=True, slots=True)
class Clocks:
    """brightspace: the clock of the API and of its auth server. badgr: the platform's."""

    brightspace: Clock = field(default_factory=Clock)
    badgr: Clock = field(default_factory=Clock)

    def set_clock(self, *, offset_s: float, server: str | None = None) -> None:
        """Run this many seconds ahead of the machine: one server (brightspace, badgr), or both."""
        for clock in self._meant(server):
            clock.set_offset(offset_s)

    def advance_clock(self, *, seconds: float, server: str | None = None) -> None:
        """Let time pass on one server, or on both."""
        for clock in self._meant(server):
            clock.advance(seconds)

    def time(self) -> Block:
        """Return what each clock shows."""
        return {"brightspace": self.brightspace.now(), "badgr": self.badgr.now()}

    def _meant(self, server: str | None) -> list[Clock]:
        clocks = {"brightspace": self.brightspace, "badgr": self.badgr}
        return list(clocks.values()) if server is None else [clocks[server]]
