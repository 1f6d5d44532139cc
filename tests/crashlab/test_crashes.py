"""The program killed where it writes or sends, beside systems that go wrong: a quick selection of the laboratory."""

import pytest

from tests.crashlab.checker import Verdict
from tests.crashlab.faults import FAULTS, NONE
from tests.crashlab.history import Job
from tests.crashlab.laboratory import chosen, is_question, laboratory

RIGHT = Verdict()
DELIVERY = "services/deliver._deliver_one"
KILLS_ALONE = 6
SOME_FAULTS = FAULTS[1::2]


@pytest.fixture(scope="module")
def lab():
    with laboratory(workers=1) as made:
        yield made


@pytest.fixture(scope="module")
def points(lab):
    """Find the points of a history in which nothing goes wrong."""
    return lab.points(NONE.name)


def spread(numbers, count):
    """Take so many, evenly spread over all."""
    return [numbers[index * len(numbers) // count] for index in range(count)]


def test_the_points_are_found_by_themselves(points):
    kinds = {name.split(" | ")[1] for name in points}
    writing = {name for name in points if not is_question(name)}

    assert len(writing) >= 40
    assert kinds >= {
        "commit d2l-sync.db: before",
        "commit d2l-sync.db: after",
        "commit d2l-sync-tokens.db: after",
        "POST /core/connect/token: sent",
        "POST /v*/badgeclasses/*/assertions: before",
        "POST /v*/badgeclasses/*/assertions: sent",
        "POST /v*/badgeclasses/*/assertions: answered",
        "open d*l-sync-tokens.db: before",
        "lock: before",
        "VACUUM d2l-sync.db: before",
        "make durable: before",
        "rename .copy-*.db.unfinished: before",
    }


@pytest.mark.parametrize("place", range(KILLS_ALONE))
def test_a_kill_alone_loses_and_doubles_nothing(lab, points, place):
    numbers = [number for number in chosen(points, of=len(points)) if not is_question(points[number - 1])]

    report = lab.run(Job(NONE.name, kill_at=spread(numbers, KILLS_ALONE)[place]))

    assert (report.verdict, report.killed) == (RIGHT, report.killed or None)


@pytest.mark.parametrize("fault", SOME_FAULTS, ids=lambda fault: fault.name)
def test_a_kill_beside_a_fault_loses_and_doubles_nothing(lab, points, fault):
    """Each fault has another point of the delivery, so that together they go once round."""
    delivering = [number for number, name in enumerate(points, 1) if DELIVERY in name][:42]

    report = lab.run(Job(fault.name, kill_at=spread(delivering, len(SOME_FAULTS))[SOME_FAULTS.index(fault)]))

    assert (report.verdict, report.killed) == (RIGHT, report.killed or None), report.killed
