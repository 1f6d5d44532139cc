"""A slow system is no hang; a thread that does not get on is one."""

import pytest

from d2l_sync.daemon.pulse import KEEPER, LONGEST_REST_S, LONGEST_STEP_S, WORKER, Pulse


class Seconds:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def seconds():
    return Seconds()


def test_all_is_well_while_both_threads_turn(seconds):
    pulse = Pulse(seconds)
    for _ in range(500):
        seconds.now += 1
        pulse.beat(WORKER)
        pulse.beat(KEEPER)

    assert pulse.silent() == []


@pytest.mark.parametrize(("dead", "alive"), [(WORKER, KEEPER), (KEEPER, WORKER)])
def test_one_thread_that_turns_does_not_speak_for_the_other(seconds, dead, alive):
    pulse = Pulse(seconds)
    seconds.now += LONGEST_REST_S[dead] + 1
    pulse.beat(alive)

    assert pulse.silent() == [dead]


def test_a_pass_may_take_hours_as_long_as_answers_or_time_outs_come(seconds):
    pulse = Pulse(seconds)
    with pulse.at_work():
        for _ in range(100):
            seconds.now += LONGEST_STEP_S - 1
            pulse.beat()
            pulse.beat(KEEPER)
            assert pulse.silent() == []


def test_a_step_that_takes_longer_than_every_time_out_is_a_hang(seconds):
    pulse = Pulse(seconds)
    with pulse.at_work():
        seconds.now += LONGEST_STEP_S + 1
        pulse.beat(KEEPER)

        assert pulse.silent() == [WORKER]

    assert pulse.silent() == []
