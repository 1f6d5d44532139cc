"""The exit code of a pass: the gravest of all that was wrong with it."""

from itertools import product

import pytest

from d2l_sync.services.problems import Problem
from d2l_sync.services.report import exit_code, no_pass

OUTCOMES = ("complete", "partial", "blind", "held")


@pytest.mark.parametrize(
    ("outcome", "is_refused", "is_unanswered", "is_held"), list(product(OUTCOMES, *[(False, True)] * 3))
)
def test_the_gravest_wins(outcome, is_refused, is_unanswered, is_held):
    """A blind pass may hold awards as well, and a held one may have seen a part only."""
    wrong = {77: is_refused, 75: is_held, 69: is_unanswered or outcome in {"partial", "blind"}}

    code = exit_code(outcome=outcome, has_bad_credentials=is_refused, is_unanswered=is_unanswered, is_held=is_held)

    assert code == max((code for code, is_so in wrong.items() if is_so), default=0)


def test_where_no_pass_was_made_nothing_is_counted_and_the_cause_is_a_problem():
    report = no_pass(Problem("another pass is running", "state database", "wait"), 75)

    assert (report.exit_code, report.as_json()) == (
        75,
        {
            "pass": None,
            "outcome": None,
            "learners": 0,
            "facts": {"read": 0, "changed": 0, "unknown": 0},
            "awards": dict.fromkeys(
                ("earned", "issued", "adopted", "awaiting_approval", "blocked", "failed", "doubtful", "held"), 0
            ),
            "enrolled": 0,
            "calls": {"brightspace": 0, "badging": 0},
            "credits": 0,
            "seconds": 0.0,
            "problems": [{"what": "another pass is running", "where": "state database", "hint": "wait"}],
        },
    )
