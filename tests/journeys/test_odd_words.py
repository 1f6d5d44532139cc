"""Numbers and texts that nobody means: a sentence and exit 2, never a traceback."""

import pytest

HUGE = 10**30


@pytest.mark.parametrize(
    "words",
    [
        ("passes", "show", HUGE),
        ("passes", "release", HUGE),
        ("passes", "show", 0),
        ("reviews", "close", HUGE),
        ("sync", "--org-unit", HUGE),
        ("plan", "--org-unit", HUGE),
        ("plan", "--learner", HUGE),
        ("plan", "--learner", "9" * 5000),
        ("explain", HUGE),
        ("sync", "--badge", ""),
        ("awards", "list", "--badge", ""),
        ("explain", "30041", "--badge", ""),
        ("teams", "add", " ", "30041"),
    ],
    ids=lambda words: ascii(" ".join(map(str, words)))[:40],
)
def test_what_nobody_can_mean_is_a_mistake_said_in_a_sentence(desk, words):
    answer = desk.run(*words)

    assert answer.code == 2
    assert "defect" not in answer.err
    assert "Traceback" not in answer.err


def test_what_a_shell_passes_on_and_is_no_text_is_a_mistake_as_well(desk):
    answer = desk.run_installed("explain", "ad\udcff")

    assert answer.code == 2
    assert "Traceback" not in answer.err
