"""Ports to listen on later: nobody else takes one meanwhile.

What the kernel gives to whoever asks for any port, it gives to the next one as soon as that is free, and as the near
end of any connection besides. These lie where it gives none by itself, and no two workers have the same ones.
"""

import random
import socket
from collections.abc import Iterator
from pathlib import Path

GIVEN_AWAY = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUALLY_GIVEN_AWAY = "32768 60999"
FIRST, LAST = 10_000, 65_535
BLOCK = 50


def free_port() -> int:
    """Return a port on which nobody listens, and which no other test of this machine is given."""
    return next(port for port in _OURS if _is_free(port))


def _ours() -> Iterator[int]:
    """Yield the ports of one block after another, each ours for as long as this process lives."""
    told = GIVEN_AWAY.read_text(encoding="ascii") if GIVEN_AWAY.exists() else USUALLY_GIVEN_AWAY
    first_given, last_given = map(int, told.split())
    every = [range(port, port + BLOCK) for port in range(FIRST, LAST - BLOCK, BLOCK)]
    blocks = [one for one in every if one[-1] < first_given or one[0] > last_given] or every
    random.SystemRandom().shuffle(blocks)
    for block in blocks:
        if _is_claimed(block):
            yield from block


def _is_claimed(block: range) -> bool:
    """Claim a block by a name of this network that is gone with its holder; False where somebody holds it."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0d2l-sync-tests-ports-{block[0]}")
    except OSError:
        claim.close()
        return False
    _CLAIMS.append(claim)
    return True


_CLAIMS: list[socket.socket] = []
_OURS = _ours()


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True
