"""Both systems written once more, from the notes alone, and the program set between them while everything goes wrong.

The other pretended systems were built beside the program; these share no line with them, and reckon for themselves who
has earned what.
"""

import random
import time
from collections import Counter

import pytest

from tests.strangers.tenant import Manners

SETTLED_S = 2.2
TROUBLE = {
    "award close": 0.08, "award half": 0.05, "award login": 0.05, "500 before": 0.06, "500 after": 0.08, "late": 0.04,
    "maintenance": 0.03, "list close": 0.01, "list half": 0.01, "list login": 0.01, "list 500": 0.02,
    "read close": 0.004, "read half": 0.004, "read login": 0.003, "read 500": 0.01, "429": 0.002, "token 503": 0.05,
}  # fmt: skip
EXPECTED_CODES = {0, 69, 75, -9}


def some_manners(dice):
    return Manners(
        page=dice.choice([2, 3, 7, 50]),
        next_as_path=dice.random() < 0.5,
        submissions_as_items=dice.random() < 0.5,
        email_withheld=dice.random() < 0.3,
        role_withheld=dice.random() < 0.3,
        headers=dice.random() < 0.7,
    )


def in_one_of_three_ways(desk, dice):
    """Make passes: three at once, one that is killed, or one that is left alone; return the exit codes."""
    way = dice.randrange(4)
    if way == 0:
        return [one.answer().code for one in [desk.start("sync", "--json") for _ in range(3)]]
    running = desk.start("sync", "--json")
    if way == 1:
        time.sleep(dice.uniform(0.05, 0.8))
        running.child.kill()
    return [running.answer().code]


def becomes_quiet(desk):
    desk.whims.chances = {}
    answers = []
    for _ in range(3):
        time.sleep(SETTLED_S)
        answers.append(desk.run("sync", "--json"))
    return answers[-1]


@pytest.mark.parametrize("seed", [3, 11])
def test_among_strangers_everybody_gets_exactly_what_they_earned(open_desk, seed):
    dice = random.Random(seed)  # noqa: S311 - a story, no secret
    desk = open_desk(seed, manners=some_manners(dice))
    assert desk.run("sync").code == 0  # so that no kill can fall into a renewal, where no token could be kept
    codes = set()
    for _ in range(8):
        desk.whims.chances = TROUBLE if dice.random() < 0.75 else {}
        for _ in range(dice.randrange(10, 40)):
            desk.story.something_happens()
        codes |= set(in_one_of_three_ways(desk, dice))
        assert max(desk.held().values(), default=0) <= 1
        assert desk.held().keys() <= desk.story.earned(macro=False)

    quiet = becomes_quiet(desk)

    assert codes <= EXPECTED_CODES
    assert (quiet.code, desk.held()) == (0, Counter(desk.story.earned(macro=False)))
    assert desk.run("approvals", "approve", "--all").code == 0
    assert desk.run("sync").code == 0
    assert desk.held() == Counter(desk.story.earned(macro=True))
    assert desk.courses.door.refused == 0
