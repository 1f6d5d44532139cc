"""Access to a level's org unit: given once to whoever may earn it, and never by changing a role."""

from dataclasses import replace
from datetime import date

from d2l_sync.domain.access import AccessState
from d2l_sync.domain.people import ClasslistEntry
from d2l_sync.domain.roster import RosterRow
from d2l_sync.services.report import WouldEnrol
from tests.services.programme import ADA, FIRST, GRACE, LEVEL_1, PATHWAY, SECOND, UNIT_1, UNIT_2, WHOLE, Programme


def programme_with_access(**fields):
    """Level 2 lets those in who hold Level 1 and are on a confirmed team."""
    programme = Programme(replace(WHOLE, badges=(FIRST, replace(SECOND, enrol=True, **fields))))
    programme.enrol(ADA, units=(UNIT_1,))
    programme.earns(ADA, LEVEL_1)
    programme.state.roster.append(RosterRow("Owls", user_id=ADA, confirmed_on=date(2026, 1, 5)))
    return programme


def test_who_may_earn_a_level_is_let_into_its_org_unit_once():
    programme = programme_with_access()

    first, second = programme.sync(), programme.later()

    assert programme.access.posts == [(UNIT_2, ADA)]
    assert (first.enrolled, second.enrolled, first.outcome) == (1, 0, "complete")


def test_without_the_prerequisite_or_a_confirmed_team_nobody_is_let_in():
    programme = programme_with_access()
    programme.state.roster.clear()
    programme.enrol(GRACE, units=(UNIT_1,))
    programme.state.roster.append(RosterRow("Owls", user_id=GRACE, confirmed_on=date(2026, 1, 5)))

    programme.sync()

    assert programme.access.posts == []


def test_an_existing_role_is_never_touched():
    """Posting for an instructor would make them a learner."""
    programme = programme_with_access()
    programme.brightspace.enrol(UNIT_2, ClasslistEntry(ADA, is_learner=False))

    programme.sync()

    assert programme.access.posts == []


def test_after_a_lost_answer_the_enrolment_is_read_before_anything_is_sent_again():
    programme = programme_with_access()
    programme.access.loses = 1

    first, second = programme.sync(), programme.later()

    assert programme.access.posts == [(UNIT_2, ADA)]
    assert (first.enrolled, first.exit_code, second.exit_code) == (0, 69, 0)


def test_whoever_leaves_again_is_not_brought_back():
    programme = programme_with_access()
    programme.sync()
    programme.brightspace.withdraw(UNIT_2, ADA)

    programme.later()

    assert programme.access.posts == [(UNIT_2, ADA)]


def test_an_unreadable_classlist_lets_nobody_in():
    programme = programme_with_access()
    programme.brightspace.fail(UNIT_2)

    programme.sync()

    assert programme.access.posts == []


def test_a_suppressed_person_is_not_enrolled():
    programme = programme_with_access()
    programme.suppresses(ADA)

    programme.sync()

    assert programme.access.posts == []


def test_a_plan_says_who_would_be_let_in_and_lets_nobody_in():
    programme = programme_with_access()

    report = programme.plan()

    assert report.would_enrol == (WouldEnrol(PATHWAY, SECOND.key, ADA, UNIT_2),)
    assert programme.access.posts == []


def test_in_observe_mode_nobody_is_enrolled():
    programme = programme_with_access()
    programme.sets(delivery={"mode": "observe"})

    programme.sync()

    assert programme.access.posts == []


def test_the_guard_counts_enrolments_with_awards():
    programme = programme_with_access()
    programme.sets(guard={"max_awards_per_pass": 1})

    report = programme.sync()

    assert report.outcome == "held"
    assert programme.access.posts == []
    assert [one.state for one in programme.state.enrolments.values()] == [AccessState.HELD]


def test_a_refused_enrolment_is_reported_and_tried_again():
    programme = programme_with_access()
    programme.access.refuses = True

    refused = programme.sync()
    programme.access.refuses = False
    done = programme.later()

    assert ([one.what for one in refused.problems], refused.exit_code) == (["may not enrol"], 69)
    assert done.enrolled == 1
