"""A flood of awards is held as one plan, and a person lets exactly this plan go."""

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from d2l_sync.domain.award import State
from d2l_sync.domain.stored import StoredPass
from d2l_sync.services.guarding import held_of, plan_of, release
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault
from tests.fuse import Fuse, Killed
from tests.services.programme import (
    ADA,
    ALAN,
    FIRST,
    GRACE,
    LEVEL_1,
    NOON,
    ONE_BADGE,
    REFLECTION,
    UNIT_1,
    Programme,
    mail_of,
    person,
)

EVERYBODY = (ADA, GRACE, ALAN)


def held_programme(*people):
    """Hold everybody's Level 1, or the named people's, as plan 1."""
    programme = Programme(ONE_BADGE)
    programme.sets(guard={"max_awards_per_pass": 1}, delivery={"connections": 1})
    programme.finishes(*(people or EVERYBODY))
    programme.sync()
    return programme


def states(programme):
    return [programme.award(one).state for one in EVERYBODY]


def sent(programme):
    return sorted(order.address for order in programme.platform.orders)


def test_a_held_pass_says_what_is_held_and_how_to_let_it_go():
    programme = held_programme()

    report = programme.later()

    assert (report.outcome, report.exit_code, report.awards) == ("held", 75, AwardCounts(earned=3, held=3))
    assert report.problems == (
        Problem(
            "the guard holds 3 awards: 3 awards at once, 1 allowed",
            "the guard",
            "look at: d2l-sync awards list --state held; let it go: d2l-sync passes release 1",
        ),
    )


def test_a_released_plan_is_issued():
    programme = held_programme()

    report = programme.release(1)

    assert (report.outcome, report.exit_code, report.awards) == ("complete", 0, AwardCounts(earned=3, issued=3))
    assert sent(programme) == sorted(mail_of(one) for one in EVERYBODY)


def test_a_plan_can_be_released_after_passes_that_changed_nothing():
    programme = held_programme()
    programme.later()
    programme.later()

    assert programme.release(1).awards.issued == 3


@pytest.mark.parametrize(
    "moves",
    [
        pytest.param(lambda programme: programme.brightspace.withdraw(UNIT_1, ALAN), id="one left"),
        pytest.param(lambda programme: programme.finishes(type(ADA)(304)), id="one came"),
        pytest.param(lambda programme: programme.suppresses(ADA), id="one is suppressed"),
        pytest.param(
            lambda programme: programme.platform.hold(FIRST.badge_class, mail_of(ADA)), id="one was made by hand"
        ),
    ],
)
def test_of_a_released_plan_whose_facts_have_moved_nothing_is_issued(moves):
    programme = held_programme()
    moves(programme)

    report = programme.release(1)

    assert (report.outcome, report.exit_code, report.awards.issued, sent(programme)) == ("held", 75, 0, [])
    assert [(one.what, one.hint.partition(";")[0]) for one in report.problems] == [
        ("nothing was released: plan 1 is another one by now", "the newest plan is 2")
    ]


def test_the_plan_that_it_has_become_can_be_released():
    programme = held_programme()
    programme.finishes(type(ADA)(304))
    programme.release(1)

    assert programme.release(2).awards == AwardCounts(earned=4, issued=4)


def test_a_released_plan_waits_while_one_of_its_facts_is_gone():
    programme = held_programme()
    del programme.brightspace.facts[REFLECTION][ADA]

    report = programme.release(1)

    assert (report.outcome, report.exit_code, sent(programme)) == ("held", 75, [])
    assert "plan 1 rests on facts that are unknown by now" in report.problems[0].what
    assert report.problems[0].hint.startswith("the newest plan is 1;")


def test_a_plan_of_which_nothing_is_left_is_refused():
    programme = held_programme()
    programme.brightspace.withdraw(UNIT_1, *EVERYBODY)

    report = programme.release(1)

    assert (report.outcome, report.exit_code) == ("complete", 75)
    assert report.problems[0].hint == "nothing is held any more"


def test_held_awards_count_while_their_facts_can_not_be_read():
    """Else one newcomer after the other would pass the cap during an outage."""
    programme = held_programme(ADA, GRACE)
    for one in (ADA, GRACE):
        del programme.brightspace.facts[REFLECTION][one]
    programme.finishes(ALAN)

    report = programme.later()

    assert (states(programme), report.exit_code, sent(programme)) == ([State.HELD] * 3, 75, [])


def test_a_blind_pass_with_a_held_plan_is_blind_and_still_ends_with_75():
    programme = held_programme()
    programme.brightspace.fail(UNIT_1, REFLECTION)

    report = programme.later()

    assert (report.outcome, report.exit_code, report.awards.held) == ("blind", 75, 3)


@pytest.mark.parametrize("fault", [Fault.NO_CONNECTION, Fault.TOO_MANY], ids=lambda fault: fault.value)
def test_released_awards_that_could_not_be_sent_are_not_held_again(fault):
    programme = held_programme()
    programme.platform.faults.append(fault)

    first, second = programme.release(1), programme.later()

    assert (first.exit_code, second.exit_code, second.awards) == (69, 0, AwardCounts(earned=3, issued=3))


@pytest.mark.parametrize("after_the_call", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("burns_at", range(6, 22))
def test_wherever_a_release_is_killed_it_is_done_or_undone(burns_at, after_the_call):
    """Once the decision is written the plan goes on by itself; before that it is still held under its number."""
    programme = held_programme()
    programme.fuse = Fuse(burns_at, after_the_call=after_the_call)
    try:
        programme.release(1)
    except Killed:
        programme.fuse = Fuse()
    is_held = State.HELD in states(programme)

    programme.later(timedelta(hours=1))
    report = programme.release(1) if is_held else programme.later(timedelta(hours=1))

    assert (states(programme), report.exit_code) == ([State.ISSUED] * 3, 0)
    assert max(programme.platform.live().values()) == 1


def test_a_released_award_that_is_blocked_for_a_while_is_not_counted_again():
    programme = held_programme()
    programme.platform.faults.append(Fault.NO_CONNECTION)
    programme.release(1)
    programme.suppresses(*EVERYBODY)
    programme.later()
    programme.state.people.clear()

    assert programme.later().awards == AwardCounts(earned=3, issued=3)


def test_a_scoped_pass_awards_whom_the_guard_does_not_hold():
    programme = held_programme(ADA, GRACE)
    programme.finishes(ALAN)

    report = programme.sync(learner=str(ALAN))

    assert (states(programme), report.exit_code) == ([State.HELD, State.HELD, State.ISSUED], 0)


def test_a_plan_held_by_a_scoped_pass_is_released_with_what_was_held_before():
    """The older plan can't be released any more, nor the newer one alone: the next pass makes one plan of both."""
    programme = held_programme(ADA, GRACE)
    programme.finishes(ALAN, type(ADA)(304))
    programme.sync(badge="level-1")

    refused, issued = programme.release(2), programme.release(3)

    assert (refused.exit_code, issued.awards) == (75, AwardCounts(earned=4, issued=4))


def test_what_lapsed_while_it_was_held_may_be_earned_anew():
    programme = held_programme()
    programme.brightspace.withdraw(UNIT_1, ADA, GRACE)
    programme.later()
    programme.enrol(ADA)

    programme.later()

    assert states(programme) == [State.ISSUED, State.LAPSED, State.ISSUED]


def test_a_plan_says_what_the_guard_would_hold_and_who_would_get_what():
    programme = Programme(ONE_BADGE)
    programme.finishes(ALAN)
    programme.platform.faults.append(Fault.NO_CONNECTION)
    programme.sync()
    programme.sets(guard={"max_awards_per_pass": 1})
    programme.finishes(ADA, GRACE)

    planned = programme.plan()
    report = programme.later()

    assert [one.user_id for one in planned.would_issue or ()] == [person(ALAN)]
    assert (planned.outcome, planned.exit_code, planned.awards.held) == ("held", 0, 2)
    assert [one.what for one in planned.problems] == ["the guard would hold 2 awards: 2 awards at once, 1 allowed"]
    assert (report.awards, sent(programme)) == (AwardCounts(earned=3, issued=1, held=2), [mail_of(ALAN)])


def test_in_observe_mode_the_guard_only_reports():
    programme = held_programme()
    programme.sets(delivery={"mode": "observe"})

    report = programme.later()

    assert (report.outcome, report.exit_code, states(programme)) == ("complete", 0, [State.EARNED] * 3)
    assert [one.what for one in report.problems] == ["the guard would hold 3 awards: 3 awards at once, 1 allowed"]


def test_going_live_with_many_that_rest_in_earned_is_a_flood():
    programme = held_programme()
    programme.sets(delivery={"mode": "observe"})
    programme.later()
    programme.sets(delivery={"mode": "issue"})

    assert (programme.later().outcome, programme.award(ADA).held_in) == ("held", 3)


def test_an_award_held_for_a_badge_that_no_file_names_any_more_is_in_nobodys_way():
    programme = held_programme()
    programme.pathways = (replace(ONE_BADGE, badges=(replace(FIRST, key="level-0", badge_class="bc-0"),)),)

    report = programme.later()

    states = {programme.award(one, LEVEL_1).state for one in EVERYBODY}
    assert (report.awards.held, states) == (3, {State.LAPSED})


def released(programme, number):
    """Answer `passes release NUMBER`."""
    plans = held_of(programme.state.snapshot(), [FIRST])
    return release(number, plans, lambda: programme.release(number), by="hopper")


def test_who_lets_a_plan_go_is_told_in_the_log_with_what_it_holds():
    programme = held_programme()

    with capture_logs() as lines:
        report = released(programme, 1)

    assert report.awards.issued == 3
    assert next(line for line in lines if line["event"] == "pass_released") == {
        "event": "pass_released",
        "log_level": "info",
        "plan": 1,
        "what": "3 awards",
        "by": "hopper",
    }


@pytest.mark.parametrize("number", [1, 7], ids=["an older one", "one that never was"])
def test_only_the_newest_held_plan_is_let_go(number):
    programme = held_programme()
    programme.finishes(type(ADA)(304))
    programme.later()

    report = released(programme, number)

    what, hint = f"plan {number} is not the newest held one", "the newest is: d2l-sync passes release 2"
    assert (report.exit_code, report.problems) == (75, (Problem(what, "the guard", hint),))
    assert (list(programme.state.passes), sent(programme)) == ([1, 2], [])


@pytest.mark.parametrize(
    ("outcome", "scope", "plan"),
    [
        pytest.param("held", "everything", 1, id="held the same plan"),
        pytest.param("held", "full", 1, id="held the same plan in full"),
        pytest.param("held", "badge level-1", 4, id="held another one, over a scope"),
        pytest.param("partial", "everything", 4, id="held nothing"),
    ],
)
def test_a_later_pass_that_held_the_same_plan_names_it_too(outcome, scope, plan):
    """An unchanged plan keeps its number, and is still what the newest pass held."""
    programme = held_programme()
    later = StoredPass(4, NOON, scope, NOON, outcome, "")

    assert plan_of(4, held_of(programme.state.snapshot(), [FIRST]), {4: later}.get) == plan


def test_a_pass_that_never_was_or_that_is_older_names_no_other_plan():
    programme = held_programme()
    plans = held_of(programme.state.snapshot(), [FIRST])

    assert [plan_of(number, plans, lambda _: None) for number in (0, 1, 9)] == [0, 1, 9]
    assert plan_of(4, {}, lambda _: None) == 4


def test_where_the_guard_holds_nothing_nothing_is_let_go():
    programme = Programme(ONE_BADGE)

    report = released(programme, 1)

    problem = Problem("the guard holds nothing", "the guard", "see: d2l-sync status")
    assert (report.pass_id, report.exit_code, report.problems) == (None, 75, (problem,))
