"""Designs broken on purpose are caught: some of the controls of the laboratory, each once."""

import pytest

from tests.crashlab.controls import try_control
from tests.crashlab.laboratory import laboratory
from tests.crashlab.sabotage import CONTROLS

SOME = ["no look-up before resending", "tokens stored after use"]


@pytest.fixture(scope="module")
def lab():
    with laboratory(workers=1) as made:
        yield made


@pytest.mark.parametrize("name", SOME)
def test_a_broken_design_is_caught_and_the_whole_one_is_right(lab, name):
    trial = try_control(lab, CONTROLS[name], kills=1)

    assert trial.caught
    assert trial.is_right, trial.whole
