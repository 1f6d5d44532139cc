"""How things stand, in one line and in figures, from the real database."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import Award, Holder, State
from d2l_sync.domain.ledger import Change
from d2l_sync.domain.people import Classlist
from d2l_sync.domain.ports import PassRecord
from d2l_sync.services.standing import standing
from d2l_sync.store.state import StateStore
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_M,
    GRACE,
    LEVEL_2,
    MACRO,
    NOON,
    PATHWAY,
    UNIT_1,
    UNIT_2,
    mail_of,
    person,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def state(tmp_path):
    store = StateStore.open(f"sqlite:///{tmp_path}/state.db")
    yield store
    store.close()


def give(state, learner, row, *, at=NOON, **fields):
    plain = Award(person(learner), CLASS_M, PATHWAY, MACRO, row, address=mail_of(learner))
    state.change(Change(None, replace(plain, **fields), "given"), at=at, pass_id=None)


def make_pass(state, scope, outcome, *, at):
    pass_id = state.open_pass(at=at, scope=scope)
    state.close_pass(pass_id, at=at + HOUR, outcome=outcome, summary="{}")
    return pass_id


def test_before_the_first_pass_nothing_stands(state):
    empty = standing(state, ())

    assert (empty.last, empty.last_complete, empty.unsent_since, empty.plan) == (None, None, None, None)
    assert empty.sentence() == "no complete pass yet; 0 unsent"


def test_only_a_complete_pass_over_everything_counts_as_one(state):
    make_pass(state, "everything", "complete", at=NOON)
    make_pass(state, "badge level-1", "complete", at=NOON + HOUR)
    last = make_pass(state, "full", "partial", at=NOON + 2 * HOUR)

    found = standing(state, ())

    assert [one and one.pass_id for one in (found.last, found.last_complete)] == [last, 1]
    assert found.sentence() == "last complete pass 2026-03-02 13:00 UTC; 0 unsent"


def test_what_waits_longest_to_be_sent_is_told_whatever_its_state(state):
    give(state, ADA, State.DUE, at=NOON + HOUR)
    give(state, GRACE, State.DOUBTFUL, at=NOON)
    give(state, ALAN, State.AWAITING_APPROVAL, at=NOON - HOUR)

    found = standing(state, ())

    assert (found.unsent, found.unsent_since) == (2, NOON)


def test_what_the_guard_holds_is_told_with_the_command_that_lets_it_go(state):
    give(state, ADA, State.HELD, held_by=Holder.GUARD, held_in=7)
    give(state, GRACE, State.HELD, held_by=Holder.GUARD, held_in=5)
    give(state, ALAN, State.HELD, held_by=Holder.PERSON)

    found = standing(state, ())

    assert (found.held, found.plan) == (2, 7)
    assert found.sentence().endswith("; 2 held: d2l-sync passes release 7")


def test_a_plan_of_enrolments_alone_is_told_as_well(state):
    """The pass is held just so, and nobody is let into the course until a person looks."""
    state.save_enrolment(Enrolment(person(ADA), UNIT_2, ADA, PATHWAY, LEVEL_2, AccessState.HELD, held_in=9))

    found = standing(state, ())

    assert (found.held, found.plan) == (1, 9)


def test_how_old_an_org_unit_is_matters_only_while_it_is_read(state):
    """A course that is over is not read any more: nobody is to be alarmed by its age."""
    read = tuple(Classlist(unit, read_at=NOON) for unit in (UNIT_1, UNIT_2))
    state.record(state.open_pass(at=NOON, scope="everything"), PassRecord(NOON, classlists=read))

    assert standing(state, {UNIT_2}).freshness == {UNIT_2: NOON}
