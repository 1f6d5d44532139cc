"""`guard.new_rules = "observe"`: a changed or new rule only reports, until a person releases what it would award."""

from dataclasses import replace

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.pathway import Pathway
from d2l_sync.services.report import AwardCounts
from tests.services.programme import (
    ADA,
    FIRST,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    PATHWAY,
    SECOND,
    Programme,
    issued,
    person,
)

TWO = Pathway(PATHWAY, "Two levels", (FIRST, SECOND))
CHANGED = Pathway(PATHWAY, "Two levels", (FIRST, replace(SECOND, rule_version="v2")))


@pytest.fixture
def programme():
    """Two levels, of which Ada has the first; new rules are observed from now on."""
    programme = Programme(TWO)
    programme.finishes(ADA)
    programme.sync()
    programme.sets(guard={"new_rules": "observe"})
    return programme


def test_rules_that_awarded_before_go_on(programme):
    programme.finishes(GRACE, keys=(LEVEL_1, LEVEL_2))

    assert programme.later().awards == AwardCounts(earned=3, issued=2)


def test_what_a_changed_rule_would_award_is_held_and_the_rest_goes_on(programme):
    programme.pathways = (CHANGED,)
    programme.earns(ADA, LEVEL_2)
    programme.finishes(GRACE)

    planned, report = programme.plan(), programme.later()

    assert [one.user_id for one in planned.would_issue or ()] == [person(GRACE)]
    assert (planned.outcome, planned.awards.held, planned.exit_code) == ("held", 1, 0)
    assert (report.outcome, report.exit_code, report.awards) == ("held", 75, AwardCounts(earned=3, issued=1, held=1))
    assert programme.award(ADA, LEVEL_2).reason == "the guard: it rests on rules that are new or changed"


def test_released_once_the_rule_is_known(programme):
    programme.pathways = (CHANGED,)
    programme.earns(ADA, LEVEL_2)
    held = programme.later().pass_id
    programme.finishes(GRACE, keys=(LEVEL_1, LEVEL_2))

    moved, released = programme.release(held), programme.release(held + 1)

    assert (moved.exit_code, moved.awards.issued) == (75, 0)
    assert (released.exit_code, released.awards) == (0, AwardCounts(earned=4, issued=3))
    assert CHANGED.badges[1].rule in programme.state.known_rules


def test_a_newcomer_by_a_released_rule_waits_no_more(programme):
    programme.pathways = (CHANGED,)
    programme.earns(ADA, LEVEL_2)
    programme.release(programme.later().pass_id)
    programme.finishes(GRACE, keys=(LEVEL_1, LEVEL_2))

    programme.later()

    assert programme.states() == issued((ADA, LEVEL_1), (ADA, LEVEL_2), (GRACE, LEVEL_1), (GRACE, LEVEL_2))


def test_a_rule_that_is_changed_back_is_known(programme):
    programme.pathways = (CHANGED,)
    programme.earns(ADA, LEVEL_2)
    programme.later()
    programme.pathways = (TWO,)

    assert programme.later().awards == AwardCounts(earned=2, issued=1)


def test_at_first_every_rule_is_new():
    programme = Programme(TWO)
    programme.sets(guard={"new_rules": "observe"})
    programme.finishes(ADA)

    first, released = programme.sync(), programme.release(1)

    assert (first.exit_code, first.awards) == (75, AwardCounts(earned=1, held=1))
    assert (released.exit_code, released.awards) == (0, AwardCounts(earned=1, issued=1))


def test_a_scoped_pass_does_not_award_what_rests_on_a_new_rule_either(programme):
    programme.pathways = (Pathway(PATHWAY, "Two levels", (replace(FIRST, rule_version="v2"), SECOND)),)
    programme.finishes(GRACE, keys=(LEVEL_1, LEVEL_2))

    report = programme.sync(badge="level-2")

    assert (report.exit_code, programme.award(GRACE, LEVEL_2).state) == (75, State.HELD)


@pytest.mark.parametrize("mode", ["observe", "issue"])
def test_only_passes_that_issue_make_rules_known(mode):
    programme = Programme(TWO)
    programme.sets(delivery={"mode": mode})

    programme.plan()
    programme.sync()

    assert len(programme.state.known_rules) == (2 if mode == "issue" else 0)


def test_while_nothing_is_issued_a_new_rule_only_reports(programme):
    programme.sets(delivery={"mode": "observe"})
    programme.pathways = (CHANGED,)
    programme.earns(ADA, LEVEL_2)

    report = programme.later()

    assert (report.outcome, report.exit_code, programme.award(ADA, LEVEL_2).state) == ("complete", 0, State.EARNED)
    assert [one.what for one in report.problems] == [
        "the guard would hold 1 award: it rests on rules that are new or changed"
    ]
