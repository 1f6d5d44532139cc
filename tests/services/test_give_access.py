"""Access to a level's org unit: given once to whoever may earn it, and never by changing a role."""

from dataclasses import replace
from datetime import date

import pytest

from d2l_sync.domain.access import AccessState
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.people import ClasslistEntry
from d2l_sync.domain.roster import RosterRow
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import WouldEnrol
from tests.fuse import before_call
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


def held_programme():
    """Hold Ada's Level 1 and her way into Level 2 as plan 1."""
    programme = programme_with_access()
    programme.sets(guard={"max_awards_per_pass": 1})
    programme.sync()
    return programme


def stored(programme):
    return [(one.state, one.held_in) for one in programme.state.enrolments.values()]


def test_the_guard_counts_enrolments_with_awards():
    programme = held_programme()

    report = programme.later()

    assert (report.outcome, programme.access.posts) == ("held", [])
    assert stored(programme) == [(AccessState.HELD, 1)]
    assert report.problems[0].what == (
        "the guard holds 1 award and 1 enrolment: 1 award and 1 enrolment at once, 1 allowed"
    )


def test_a_released_plan_lets_its_people_in():
    programme = held_programme()

    report = programme.release(1)

    assert (report.enrolled, report.awards.issued, stored(programme)) == (1, 1, [(AccessState.DONE, None)])


def test_a_plan_of_enrolments_alone_is_released_by_its_number():
    programme = programme_with_access()
    programme.finishes(GRACE)
    programme.brightspace.withdraw(UNIT_2, GRACE)
    programme.state.roster.append(RosterRow("Owls", user_id=GRACE, confirmed_on=date(2026, 1, 5)))
    programme.brightspace.fail(UNIT_2)
    programme.sync()
    programme.brightspace.recover()
    programme.sets(guard={"max_awards_per_pass": 1})
    held = programme.later()

    released = programme.release(2)

    assert (held.outcome, held.awards.held, held.exit_code) == ("held", 0, 75)
    assert (released.exit_code, released.enrolled) == (0, 2)


def test_a_released_plan_whose_enrolments_have_moved_is_refused():
    programme = held_programme()
    programme.brightspace.enrol(UNIT_2, ClasslistEntry(ADA, is_learner=True))

    report = programme.release(1)

    assert (report.exit_code, report.awards.held, programme.platform.orders) == (75, 1, [])
    assert stored(programme) == [(AccessState.DONE, None)]


def test_a_released_enrolment_that_could_not_be_made_is_not_held_again():
    programme = held_programme()
    programme.access.refuses = True
    programme.release(1)
    programme.access.refuses = False
    programme.finishes(GRACE)

    assert (programme.later().enrolled, stored(programme)) == (1, [(AccessState.DONE, None)])


def test_a_scoped_pass_leaves_a_held_enrolment_alone():
    """The award beside it too: both wait for one command."""
    programme = held_programme()

    for scope in ({"learner": str(ADA)}, {"badge": "level-2"}, {"org_unit_id": UNIT_2}):
        report = programme.sync(**scope)
        assert (report.enrolled, stored(programme)) == (0, [(AccessState.HELD, 1)])

    assert programme.access.posts == []


def test_a_held_enrolment_counts_while_nobody_knows_whether_it_is_due():
    programme = held_programme()
    programme.brightspace.fail(UNIT_2)

    report = programme.later()

    assert (report.outcome, report.exit_code, stored(programme)) == ("held", 75, [(AccessState.HELD, 1)])


def test_a_held_enrolment_lapses_with_what_it_rests_on():
    programme = held_programme()
    programme.state.roster.clear()

    report = programme.later()

    assert (report.outcome, report.awards.issued, stored(programme)) == ("complete", 1, [(AccessState.LAPSED, None)])


def test_who_was_let_in_by_a_request_whose_answer_was_lost_is_not_let_in_again():
    """They were seen inside, and left: bringing them back is nobody's wish."""
    programme = programme_with_access()
    programme.access.loses = 1
    programme.sync()
    seen = programme.later()
    programme.brightspace.withdraw(UNIT_2, ADA)

    programme.later()

    assert (seen.enrolled, programme.access.posts) == (1, [(UNIT_2, ADA)])


def while_it_issues(programme, act):
    """Let something happen while the pass runs: after it decided, and before it enrols."""
    before_call(programme.platform, "issue", act)


def test_nobody_is_let_in_who_was_suppressed_while_the_pass_ran():
    programme = programme_with_access()
    while_it_issues(programme, lambda: programme.suppresses(ADA))

    programme.sync()

    assert programme.access.posts == []


def test_who_was_given_a_role_by_hand_while_the_pass_ran_keeps_it():
    programme = programme_with_access()
    while_it_issues(programme, lambda: programme.brightspace.enrol(UNIT_2, ClasslistEntry(ADA, is_learner=False)))

    report = programme.sync()

    [enrolment] = programme.state.enrolments.values()
    assert (programme.access.posts, report.enrolled) == ([], 0)
    assert (enrolment.state, enrolment.reason) == (AccessState.DONE, "had a role there already")


def test_a_service_that_ends_lets_nobody_else_in_and_goes_on_when_it_is_back():
    programme = programme_with_access()
    while_it_issues(programme, programme.stop.set)

    programme.sync()
    posts_at_the_end = list(programme.access.posts)
    programme.stop.clear()

    assert (posts_at_the_end, programme.later().enrolled) == ([], 1)


@pytest.mark.parametrize(
    "fault",
    [SourceUnavailable("no answer", hint="wait"), SourceRefused("may not read roles", hint="wait", status=403)],
    ids=["no answer", "refused"],
)
def test_while_nobody_says_whether_there_is_a_role_nobody_is_let_in(fault):
    programme = programme_with_access()
    programme.access.faults = [fault]

    first, second = programme.sync(), programme.later()

    assert first.problems == (Problem(str(fault), "enrolling user 301 in org unit 6602", "wait"),)
    assert (first.enrolled, first.exit_code, second.enrolled, second.exit_code) == (0, 69, 1, 0)


def test_who_was_let_in_before_brightspace_gave_no_token_any_more_is_counted():
    programme = programme_with_access()
    programme.enrol(GRACE, units=(UNIT_1,))
    programme.earns(GRACE, LEVEL_1)
    programme.state.roster.append(RosterRow("Owls", user_id=GRACE, confirmed_on=date(2026, 1, 5)))
    programme.access.faults = [None, TokenRefused("the token is no longer good", hint="run: d2l-sync auth login")]

    first, second = programme.sync(), programme.later()

    assert (first.enrolled, first.exit_code, second.enrolled) == (1, 77, 1)
    assert first.problems == (Problem("the token is no longer good", "Brightspace", "run: d2l-sync auth login"),)
    assert programme.access.posts == [(UNIT_2, ADA), (UNIT_2, GRACE)]


def test_a_refused_enrolment_is_reported_and_tried_again():
    programme = programme_with_access()
    programme.access.refuses = True

    refused = programme.sync()
    programme.access.refuses = False
    done = programme.later()

    assert ([one.what for one in refused.problems], refused.exit_code) == (["may not enrol"], 69)
    assert done.enrolled == 1
