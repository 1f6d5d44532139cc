"""The checker: what the pretended systems hold against what they ought to. It never reads a database of ours."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from d2l_sync.sandbox.handle import Handle

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong at the end of one history; nothing, if all is well.

    lost, double, unearned: (address, badge). not_let_in: (user, org unit). broken_chains: refresh tokens used up
    without need. stuck: commands that never came to a quiet end.
    """

    lost: tuple[Pair, ...] = ()
    double: tuple[Pair, ...] = ()
    unearned: tuple[Pair, ...] = ()
    not_let_in: tuple[tuple[int, int], ...] = ()
    broken_chains: int = 0
    stuck: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return self == Verdict()


@dataclass
class Held:
    """The live assertions of a platform: how many of each pair."""

    pairs: Counter[Pair] = field(default_factory=Counter)

    @classmethod
    def by(cls, handle: Handle) -> "Held":
        return cls(Counter((address, badge) for address, badge in handle.live_pairs()))


def judge(handle: Handle, *, could_keep_chain: bool, stuck: Iterable[str] = ()) -> Verdict:
    """Compare the platforms' own ledgers with what the world, as it was made, ought to lead to."""
    expected = handle.expected()
    wanted = {(address, badge) for address, badge in expected["after_approvals"]}
    held = Held.by(handle).pairs
    refused = handle.control("token_counts").get("refused", 0)
    return Verdict(
        lost=tuple(sorted(wanted - held.keys())),
        double=tuple(sorted(pair for pair, count in held.items() if count > 1)),
        unearned=tuple(sorted(held.keys() - wanted)),
        not_let_in=tuple((user, unit) for user, unit in expected["enrolments"] if not _is_in(handle, user, unit)),
        broken_chains=refused if could_keep_chain else 0,
        stuck=tuple(stuck),
    )


def _is_in(handle: Handle, user: int, unit: int) -> bool:
    return str(unit) in handle.control("user", user=user)["roles"]
