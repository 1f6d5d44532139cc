"""A pass ends in the same place however often it is made, and issues each earned badge once."""

import json
from dataclasses import asdict, replace
from datetime import date

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.errors import StateError, TokenRefused, UsageError
from d2l_sync.domain.facts import HandIn
from d2l_sync.domain.ids import Address, UserId
from d2l_sync.domain.pathway import Offering
from d2l_sync.domain.people import Person
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    FIRST,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    NOON,
    ONE_BADGE,
    QUARTER,
    QUIZ,
    REFLECTION,
    SETTLE,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    attempts,
    hand_in,
    issued,
    mail_of,
    person,
)

ALL_LEVELS = (LEVEL_1, LEVEL_2, LEVEL_3)


def test_a_first_pass_issues_everything_that_is_earned(programme):
    programme.finishes(ADA, GRACE)
    programme.enrol(ALAN)

    report = programme.sync()

    assert (report.outcome, report.exit_code, report.learners) == ("complete", 0, 3)
    assert report.awards == AwardCounts(earned=2, issued=2)
    assert programme.platform.live() == {(CLASS_1, mail_of(ADA)): 1, (CLASS_1, mail_of(GRACE)): 1}


def test_a_second_pass_changes_nothing(programme):
    programme.finishes(ADA, GRACE, keys=ALL_LEVELS)
    programme.sync()
    before = (programme.state.snapshot().awards, list(programme.state.history), list(programme.platform.held))

    report = programme.later()

    assert (programme.state.snapshot().awards, programme.state.history, programme.platform.held) == before
    assert (report.outcome, report.awards.issued, report.facts_changed) == ("complete", 0, 0)


def test_a_third_pass_issues_exactly_the_difference(programme):
    programme.finishes(ADA)
    programme.enrol(GRACE)
    programme.sync()
    programme.later()
    orders = len(programme.platform.orders)

    programme.earns(GRACE, LEVEL_1)
    report = programme.later()

    assert [order.address for order in programme.platform.orders[orders:]] == [mail_of(GRACE)]
    assert report.awards == AwardCounts(earned=2, issued=1)


def test_everything_from_level_1_to_the_macro_badge_may_be_earned_in_one_pass(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.approves(ADA)

    report = programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1), (ADA, LEVEL_2), (ADA, LEVEL_3), (ADA, MACRO))
    assert report.awards == AwardCounts(earned=4, issued=4)


def test_the_macro_badge_waits_for_an_administrator(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)

    report = programme.sync()

    assert programme.award(ADA, MACRO).state is State.AWAITING_APPROVAL
    assert report.awards == AwardCounts(earned=4, issued=3, awaiting_approval=1)
    assert report.exit_code == 0


def test_a_learner_approved_after_leaving_still_gets_the_macro_badge(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.sync()
    for unit in (UNIT_1, UNIT_2, UNIT_3):
        programme.brightspace.withdraw(unit, ADA)

    programme.later()
    programme.approves(ADA)
    programme.later()

    assert programme.award(ADA, MACRO).state is State.ISSUED
    assert programme.platform.orders[-1].address == mail_of(ADA)


def test_without_its_prerequisite_a_level_is_not_awarded(programme):
    programme.finishes(ADA, keys=(LEVEL_2, LEVEL_3))

    report = programme.sync()

    assert programme.states() == {}
    assert report.awards == AwardCounts()


def test_an_unreadable_org_unit_concludes_nothing(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.finishes(GRACE)
    programme.brightspace.fail(UNIT_2, why="answered 403", hint="grant enrollment:orgunit:read")

    report = programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1), (GRACE, LEVEL_1))
    assert (report.outcome, report.exit_code) == ("partial", 69)
    assert [one.hint for one in report.problems] == ["grant enrollment:orgunit:read"]


def test_an_unreadable_org_unit_takes_nothing_away(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.sync()
    before = programme.state.awards
    programme.brightspace.fail(UNIT_1, UNIT_3)

    programme.later()

    assert programme.state.awards == before
    assert programme.state.open_reviews == []


def test_when_no_org_unit_can_be_read_the_pass_is_blind(programme):
    programme.finishes(ADA)
    programme.brightspace.fail(UNIT_1, UNIT_2, UNIT_3)

    report = programme.sync()

    assert (report.outcome, report.exit_code, report.awards) == ("blind", 69, AwardCounts())
    assert programme.platform.orders == []


def test_a_fallen_criterion_opens_a_review_and_revokes_nothing(programme):
    programme.finishes(ADA)
    programme.sync()
    programme.brightspace.withdraw(UNIT_1, ADA)

    programme.later()

    assert programme.award(ADA).state is State.ISSUED
    assert [(one.kind, one.user_id) for one in programme.state.open_reviews] == [("fell", person(ADA))]


def test_an_award_that_is_earned_no_longer_lapses_before_it_is_sent(programme):
    programme.finishes(ADA)
    programme.platform.faults.append(Fault.NO_CONNECTION)
    programme.sync()
    programme.brightspace.withdraw(UNIT_1, ADA)

    programme.later()

    assert programme.award(ADA).state is State.LAPSED
    assert programme.platform.held == []


def test_what_vanished_awards_nothing_and_opens_a_review(programme):
    programme.enrol(ADA)
    programme.brightspace.show(REFLECTION, ADA, hand_in())
    programme.sync()
    programme.brightspace.facts[REFLECTION].clear()

    programme.later()
    programme.later()

    assert [(one.kind, one.user_id) for one in programme.state.open_reviews] == [("vanished", person(ADA))]
    assert programme.states() == {}


@pytest.mark.parametrize("who", ["301", mail_of(ADA), " U301 "], ids=["user id", "address", "OrgDefinedId"])
def test_a_pass_over_one_learner_leaves_the_others_alone(programme, who):
    programme.finishes(ADA, GRACE)

    report = programme.sync(learner=who)

    assert programme.states() == issued((ADA, LEVEL_1))
    assert (report.learners, report.awards) == (1, AwardCounts(earned=1, issued=1))


def test_what_is_due_already_is_sent_even_by_a_blind_pass(one_badge):
    """It is a decision: what can't be read now does not take it back."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.brightspace.fail(UNIT_1)

    planned = one_badge.plan()
    report = one_badge.later()

    assert one_badge.award(ADA).state is State.ISSUED
    assert (report.outcome, report.exit_code, len(planned.would_issue)) == ("blind", 69, 1)


def test_what_is_due_waits_while_one_of_its_facts_is_gone(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.brightspace.facts[REFLECTION].clear()

    planned = one_badge.plan()
    one_badge.later()

    assert one_badge.award(ADA).state is State.DUE
    assert (one_badge.platform.orders, planned.would_issue) == ([], ())


@pytest.mark.parametrize("unread", [UNIT_1, REFLECTION], ids=["its org unit", "its folder"])
def test_what_waits_for_a_fact_that_is_gone_goes_on_waiting_when_that_can_not_be_read(one_badge, unread):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.brightspace.facts[REFLECTION].clear()
    one_badge.later()
    one_badge.brightspace.fail(unread)

    planned = one_badge.plan()
    one_badge.later()

    assert one_badge.award(ADA).state is State.DUE
    assert (one_badge.platform.orders, planned.would_issue) == ([], ())


def test_what_is_due_waits_while_its_quiz_is_deleted_and_goes_when_that_is_restored(one_badge):
    """An id that was there and is gone has vanished as any fact may: a person is told, and nobody loses by it."""
    one_badge.finishes(ADA, GRACE)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.put(GRACE, State.ISSUED)
    one_badge.platform.hold(CLASS_1, mail_of(GRACE))
    one_badge.sync()
    one_badge.brightspace.delete(QUIZ)

    report = one_badge.later()
    waits, told = one_badge.award(ADA).state, {(one.kind, one.user_id) for one in one_badge.state.open_reviews}
    one_badge.brightspace.recover()
    one_badge.later()

    assert (report.outcome, report.exit_code, waits) == ("partial", 69, State.DUE)
    assert told >= {("vanished", person(ADA)), ("vanished", person(GRACE))}
    assert "fell" not in {kind for kind, _ in told}
    assert (one_badge.award(ADA).state, one_badge.state.open_reviews) == (State.ISSUED, [])


@pytest.mark.parametrize("last_days", [("delete",), ("delete", "fail")], ids=["deleted", "then unreadable"])
def test_what_is_due_goes_when_its_quiz_was_deleted_and_then_the_offering_ended(one_badge, last_days):
    """What an offering showed stays: a course that is cleared away when its term is over costs nobody a badge."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    for happens in last_days:
        getattr(one_badge.brightspace, happens)(QUIZ)
        one_badge.later()
    waits = one_badge.award(ADA).state
    over = replace(one_badge.pathways[0].badges[0], offerings=(Offering(UNIT_1, date(2026, 3, 1)),))
    one_badge.pathways = (replace(one_badge.pathways[0], badges=(over,)),)

    one_badge.later()

    assert (waits, one_badge.award(ADA).state, one_badge.state.open_reviews) == (State.DUE, State.ISSUED, [])


def test_the_only_classlist_that_suddenly_shrank_makes_the_pass_partial_and_not_blind(one_badge):
    """It was read, and is not believed."""
    crowd = [UserId(number) for number in range(400, 420)]
    one_badge.finishes(*crowd)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, *crowd)

    report = one_badge.later()

    assert (report.outcome, report.exit_code) == ("partial", 69)
    assert one_badge.states() == issued(*((user_id, LEVEL_1) for user_id in crowd))


def test_what_waited_for_a_fact_is_sent_when_it_is_back(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    gone = one_badge.brightspace.facts.pop(REFLECTION)
    one_badge.later()
    one_badge.brightspace.facts[REFLECTION] = gone

    one_badge.later()

    assert one_badge.award(ADA).state is State.ISSUED


def test_an_undated_fact_counts_by_when_it_was_first_seen_beside_dated_ones(one_badge):
    """The latest of the deciding facts dates the award, also when Brightspace does not tell its date."""
    one_badge.enrol(ADA)
    one_badge.brightspace.show(QUIZ, ADA, attempts("18"))
    one_badge.sync()
    one_badge.brightspace.show(REFLECTION, ADA, HandIn(1, None))
    first_seen = one_badge.clock() + QUARTER
    one_badge.platform.faults.append(Fault.NO_CONNECTION)

    one_badge.later()
    one_badge.later()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).earned_at) == (State.ISSUED, first_seen)


def test_one_award_too_many_holds_all_and_sends_none(one_badge):
    one_badge.sets(guard={"max_awards_per_pass": 1})
    one_badge.finishes(ADA, GRACE)

    planned = one_badge.plan()
    report = one_badge.sync()

    assert (report.outcome, report.exit_code, report.awards) == ("held", 75, AwardCounts(earned=2, held=2))
    assert one_badge.platform.orders == []
    assert (planned.outcome, planned.exit_code, planned.would_issue) == ("held", 0, ())


def test_held_is_named_before_partial(programme):
    programme.sets(guard={"max_awards_per_pass": 1})
    programme.finishes(ADA, GRACE)
    programme.brightspace.fail(UNIT_3)

    report = programme.sync()

    assert (report.outcome, report.exit_code) == ("held", 75)


def test_older_due_awards_go_on_while_the_guard_holds_new_ones(one_badge):
    one_badge.sets(guard={"max_awards_per_pass": 1})
    one_badge.finishes(ALAN)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.finishes(ADA, GRACE)

    one_badge.later()

    assert list(one_badge.states().values()).count(State.HELD) == 2
    assert one_badge.award(ALAN).state is State.ISSUED


def test_a_scoped_pass_leaves_what_the_guard_holds_alone(one_badge):
    one_badge.sets(guard={"max_awards_per_pass": 1})
    one_badge.finishes(ADA, GRACE)
    one_badge.sync()
    before = one_badge.state.awards

    one_badge.sync(learner="301")

    assert one_badge.state.awards == before


def test_the_guard_lets_go_when_an_unscoped_pass_counts_fewer(one_badge):
    one_badge.sets(guard={"max_awards_per_pass": 1})
    one_badge.finishes(ADA, GRACE)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, GRACE)

    one_badge.later()

    assert (one_badge.award(ADA).state, one_badge.award(GRACE).state) == (State.ISSUED, State.LAPSED)


def test_observe_mode_decides_and_sends_nothing(programme):
    programme.sets(delivery={"mode": "observe"})
    programme.finishes(ADA, keys=ALL_LEVELS)

    report = programme.sync()

    assert programme.platform.orders == []
    assert set(programme.states().values()) == {State.EARNED, State.AWAITING_APPROVAL}
    assert (report.outcome, report.exit_code, report.awards.earned) == ("complete", 0, 4)
    assert [one.badge for one in programme.plan().would_issue] == list(ALL_LEVELS)


def test_observe_mode_takes_due_awards_back_and_only_looks_doubtful_ones_up(one_badge):
    one_badge.finishes(ADA, GRACE)
    one_badge.platform.faults = [Fault.BREAKS, Fault.NO_CONNECTION]
    one_badge.sync()
    one_badge.sets(delivery={"mode": "observe"})
    before = list(one_badge.platform.orders)

    one_badge.later()

    assert one_badge.states() == {(person(ADA), LEVEL_1): State.EARNED, (person(GRACE), LEVEL_1): State.EARNED}
    assert (one_badge.platform.orders, len(one_badge.platform.looked_up)) == (before, 1)


def test_observe_mode_adopts_what_is_there(one_badge):
    one_badge.sets(delivery={"mode": "observe"})
    one_badge.enrol(ADA)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))

    report = one_badge.sync()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).earned_at) == (State.ISSUED, None)
    assert report.awards == AwardCounts(adopted=1)


def test_what_the_platform_holds_already_is_adopted_and_not_issued_again(one_badge):
    one_badge.finishes(ADA)
    made = one_badge.platform.hold(CLASS_1, mail_of(ADA).upper())

    report = one_badge.sync()

    assert one_badge.award(ADA).assertion_id == made.assertion_id
    assert (report.awards, one_badge.platform.orders) == (AwardCounts(earned=1, adopted=1), [])


def test_an_adopted_award_counts_as_a_prerequisite(programme):
    programme.finishes(ADA, keys=(LEVEL_2,))
    programme.platform.hold(CLASS_1, mail_of(ADA))

    programme.sync()

    assert programme.award(ADA, LEVEL_2).state is State.ISSUED


def test_a_plan_writes_nothing_and_equals_what_a_pass_then_does(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)
    programme.finishes(GRACE)
    programme.platform.hold(CLASS_1, mail_of(GRACE))
    programme.put(ALAN, State.SENDING, sent_to=(mail_of(ALAN),))
    before = programme.state.snapshot()

    planned = programme.plan()
    after = (programme.state.snapshot(), dict(programme.state.passes), list(programme.platform.orders))
    programme.sync()

    assert after == (before, {}, [])
    sent = [(order.badge_class, order.address) for order in programme.platform.orders]
    assert [(f"bc-{one.badge[-1]}", mail_of(one.user_id)) for one in planned.would_issue] == sent
    assert (planned.pass_id, planned.exit_code) == (None, 0)


@pytest.mark.parametrize(
    ("unread", "outcome"), [([UNIT_2], "partial"), ([UNIT_1, UNIT_2, UNIT_3], "blind")], ids=["partial", "blind"]
)
def test_a_plan_says_that_it_could_not_see_everything(programme, unread, outcome):
    programme.brightspace.fail(*unread)

    report = programme.plan()

    assert (report.outcome, report.exit_code) == (outcome, 69)


def test_without_a_token_there_is_no_pass(one_badge):
    one_badge.finishes(ADA)
    one_badge.brightspace.has_token = False

    report = one_badge.sync()

    assert (report.pass_id, report.outcome, report.exit_code, report.awards) == (None, None, 77, AwardCounts())
    assert [problem.hint for problem in report.problems] == ["run: d2l-sync auth login"]
    assert one_badge.state.passes == {}


def test_without_a_token_there_is_no_plan_either(one_badge):
    one_badge.brightspace.has_token = False

    report = one_badge.plan()

    assert (report.outcome, report.would_issue, report.exit_code) == (None, (), 77)


def test_a_platform_that_refuses_our_credentials_ends_a_plan_and_a_pass_with_77(one_badge):
    one_badge.finishes(ADA)
    one_badge.platform.failing[None] = TokenRefused("the client secret is wrong")

    planned, report = one_badge.plan(), one_badge.sync()

    assert (planned.exit_code, report.exit_code, report.outcome) == (77, 77, "partial")
    assert one_badge.award(ADA).state is State.DUE


def test_a_pass_over_one_badge_reads_its_prerequisites_and_issues_only_it(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)

    report = programme.sync(badge="level-2")

    assert programme.states() == issued((ADA, LEVEL_2))
    assert report.awards == AwardCounts(earned=1, issued=1)


def test_a_pass_over_one_org_unit_is_about_the_badges_that_are_earned_there(programme):
    programme.finishes(ADA, keys=ALL_LEVELS)

    programme.sync(org_unit_id=UNIT_3)

    assert programme.states() == issued((ADA, LEVEL_3))


def test_a_scoped_pass_ends_no_review_of_what_it_does_not_look_at(one_badge):
    one_badge.finishes(ADA, GRACE)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, GRACE)
    one_badge.sync()

    one_badge.finishes(GRACE)
    one_badge.sync(learner="301")
    before = [one.kind for one in one_badge.state.open_reviews]
    one_badge.later()

    assert (before, one_badge.state.open_reviews) == (["fell"], [])


def test_a_learner_whom_no_classlist_lists_any_more_is_still_found_by_number(one_badge):
    one_badge.put(ADA, State.ISSUED, assertion_id="gone")

    report = one_badge.sync(learner="301")

    assert (report.outcome, report.learners) == ("complete", 0)


@pytest.mark.parametrize("who", ["301", " Ada@Example.edu ", "old@example.edu", "set@example.edu"])
def test_a_learner_who_left_every_classlist_is_found_by_everything_known_of_them(one_badge, who):
    """By user id, by the last address seen, by that of an award, and by one that an administrator set."""
    one_badge.finishes(ADA, GRACE)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, ADA)
    one_badge.state.people[person(ADA)] = Person(person(ADA), (ADA,), set_address=Address("set@example.edu"))
    award = one_badge.award(ADA)
    one_badge.state.add(replace(award, state=State.FAILED, address=Address("old@example.edu")))

    planned, report = one_badge.plan(learner=who), one_badge.sync(learner=who)

    assert (planned.outcome, report.outcome, report.awards.failed) == ("complete", "complete", 1)


def test_an_address_that_two_had_is_a_mistake_that_names_both(one_badge):
    one_badge.finishes(ADA, GRACE)
    one_badge.state.last_known[ALAN] = mail_of(ADA)

    for ask in (one_badge.plan, one_badge.sync):
        with pytest.raises(UsageError, match=r"^2 learners fit .*: users 301, 303$"):
            ask(learner="ada@example.edu")


@pytest.mark.parametrize("who", ["", " ", "9" * 25, "9" * 5000, "٣٠١", "\ud800"], ids=ascii)
def test_what_no_learner_can_be_called_fits_nobody(one_badge, who):
    one_badge.finishes(ADA)
    one_badge.put(GRACE, State.BLOCKED)
    one_badge.state.add(replace(one_badge.award(GRACE), address=None))

    with pytest.raises(UsageError, match="no learner fits"):
        one_badge.plan(learner=who)


@pytest.mark.parametrize("who", ["999", "nobody@example.edu", "U999"], ids=["user id", "address", "OrgDefinedId"])
def test_a_learner_who_fits_nobody_is_a_mistake_and_makes_no_pass(one_badge, who):
    one_badge.enrol(ADA)

    with pytest.raises(UsageError, match="no learner fits"):
        one_badge.sync(learner=who)

    assert one_badge.state.passes == {}


def test_a_database_that_can_not_be_written_leaves_nothing_half_recorded(one_badge):
    one_badge.finishes(ADA)
    before = one_badge.state.snapshot()
    one_badge.state.record = raises(StateError("the disk is full"))

    with pytest.raises(StateError, match="full"):
        one_badge.sync()

    assert one_badge.state.snapshot() == before
    assert [one.outcome for one in one_badge.state.passes.values()] == [None]
    assert one_badge.platform.orders == []


def test_a_pass_whose_new_token_can_not_be_kept_ends_with_the_command_and_concludes_nothing(one_badge):
    """Tokens are written while Brightspace is read."""
    one_badge.finishes(ADA)
    one_badge.brightspace.listing = raises(StateError("the disk is full"))

    with pytest.raises(StateError, match="full"):
        one_badge.sync()

    assert [(one.outcome, one.ended_at) for one in one_badge.state.passes.values()] == [(None, NOON)]
    assert (one_badge.state.awards, one_badge.state.listings) == ([], {})


def test_an_answer_that_can_not_be_recorded_is_found_by_the_next_pass(one_badge):
    one_badge.finishes(ADA)
    change = one_badge.state.change
    one_badge.state.change = raises_for(State.SENDING, change)

    with pytest.raises(StateError):
        one_badge.sync()
    one_badge.state.change = change
    report = one_badge.later(SETTLE)

    assert one_badge.award(ADA).state is State.ISSUED
    assert (report.awards.issued, one_badge.platform.live()) == (1, {(CLASS_1, mail_of(ADA)): 1})


def raises(error):
    def refuse(*_, **__):
        raise error

    return refuse


def raises_for(state, change):
    def refuse(moved, **kwargs):
        if moved.before is not None and moved.before.state is state:
            raise StateError("the disk is full")
        return change(moved, **kwargs)

    return refuse


def test_a_summary_of_the_pass_is_kept(one_badge):
    one_badge.finishes(ADA)

    report = one_badge.sync()

    kept = one_badge.state.passes[1]
    assert (kept.outcome, kept.scope, json.loads(kept.summary)) == ("complete", "everything", report.as_json())


def test_a_report_names_what_the_contract_names(one_badge):
    one_badge.finishes(ADA)

    body = one_badge.plan().as_json()

    assert body == {
        "pass": None,
        "outcome": "complete",
        "learners": 1,
        "facts": {"read": 2, "changed": 2, "unknown": 0},
        "awards": asdict(AwardCounts(earned=1)),
        "enrolled": 0,
        "calls": {"brightspace": 3, "badging": 1},
        "credits": 30,
        "seconds": body["seconds"],
        "problems": [],
        "would_issue": [{"pathway": "ums-mcd", "badge": "level-1", "user_id": 301}],
        "would_enrol": [],
    }


def test_an_award_of_a_platform_pathway_is_tracked_and_never_sent(one_badge):
    one_badge.pathways = (replace(ONE_BADGE, badges=(replace(FIRST, by_platform=True),)),)
    one_badge.finishes(ADA)

    one_badge.sync()
    resting = one_badge.award(ADA).state
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.later()

    assert (resting, one_badge.award(ADA).state) == (State.EARNED, State.ISSUED)
    assert one_badge.platform.orders == []


def test_what_was_due_is_not_sent_once_a_platform_pathway_awards_it(one_badge):
    """Not even while the org unit can't be read, when a due award is otherwise a decision."""
    one_badge.pathways = (replace(ONE_BADGE, badges=(replace(FIRST, by_platform=True),)),)
    one_badge.put(ADA, State.DUE)
    one_badge.brightspace.fail(UNIT_1)

    one_badge.sync()

    assert one_badge.platform.orders == []


def test_a_pass_counts_its_own_calls_however_many_were_made_before_it(one_badge):
    one_badge.finishes(ADA)
    first = one_badge.sync()

    quiet = one_badge.later()

    assert (first.calls_badging, quiet.calls_badging) == (2, 1)
