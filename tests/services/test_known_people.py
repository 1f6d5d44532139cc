"""Whom a pass knows, where an award for them would go, and who is in whose way."""

from dataclasses import replace
from datetime import date

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.ids import Address, PathwayKey
from d2l_sync.domain.pathway import Offering, Pathway
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault, addresses_of
from tests.services.programme import (
    ADA,
    CLASS_1,
    FIRST,
    GRACE,
    LEVEL_1,
    ONE_BADGE,
    PATHWAY,
    QUIZ,
    REFLECTION,
    SECOND,
    UNIT_1,
    UNIT_2,
    WHOLE,
    YESTERDAY,
    Programme,
    attempts,
    entry,
    hand_in,
    issued,
    mail_of,
    person,
)

OTHER = PathwayKey("other")
ELSEWHERE = replace(WHOLE, key=OTHER, badges=(replace(SECOND, pathway=OTHER, requires=(), team=False),))


@pytest.mark.parametrize(
    ("set_by_hand", "listed", "recorded", "remembered", "expected"),
    [
        ("set", "listed", "recorded", "remembered", "set"),
        (None, "Listed", "recorded", "remembered", "listed"),
        (None, None, "recorded", "remembered", "recorded"),
        (None, None, None, "remembered", "remembered"),
    ],
    ids=["an administrator's", "the classlist's", "the user record's", "the last one known"],
)
def test_the_address_is_the_first_of(one_badge, set_by_hand, listed, recorded, remembered, expected):
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=Address(listed.lower()) if listed else None))
    if recorded:
        one_badge.brightspace.addresses[ADA] = Address(recorded)
    one_badge.state.last_known[ADA] = Address(remembered)
    if set_by_hand:
        one_badge.state.people[person(ADA)] = Person(person(ADA), (ADA,), set_address=Address(set_by_hand))

    one_badge.sync()

    assert addresses_of(one_badge.platform.orders) == [Address(expected)]


def test_without_any_address_an_award_is_blocked_with_the_reason(one_badge):
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=None))

    report = one_badge.sync()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).reason) == (State.BLOCKED, "no address")
    assert (report.outcome, report.exit_code, report.awards) == ("complete", 0, AwardCounts(earned=1, blocked=1))


def test_a_user_record_that_was_needed_and_refused_makes_the_pass_partial(one_badge):
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=None))
    one_badge.brightspace.refuse(("user", ADA))

    first, second = one_badge.sync(), one_badge.later()

    assert one_badge.award(ADA).reason == "the user record could not be read"
    assert (first.outcome, first.exit_code, second.outcome) == ("partial", 69, "partial")
    assert [one.where for one in first.problems] == ["user 301"]


def test_a_refused_user_record_counts_as_no_address_when_another_source_has_one(one_badge):
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=None))
    one_badge.brightspace.refuse(("user", ADA))
    one_badge.state.last_known[ADA] = mail_of(ADA)

    report = one_badge.sync()

    assert (report.outcome, one_badge.award(ADA).state) == ("complete", State.ISSUED)


def test_what_is_due_waits_while_the_user_record_gives_no_answer(one_badge):
    """It went through the guard; blocked, it would have to do so again with everybody else's."""
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=None))
    one_badge.brightspace.addresses[ADA] = mail_of(ADA)
    one_badge.platform.faults.append(Fault.NO_CONNECTION)
    one_badge.sync()
    one_badge.brightspace.fail(("user", ADA))

    report = one_badge.later()
    waits = one_badge.award(ADA).state
    one_badge.brightspace.recover()
    one_badge.later()

    assert (report.outcome, report.exit_code, waits) == ("partial", 69, State.DUE)
    assert addresses_of(one_badge.platform.orders) == [mail_of(ADA)]


@pytest.mark.parametrize("why", ["ended", "unread"])
def test_what_a_classlist_said_that_is_read_no_longer_comes_behind_the_user_record(why):
    """An offering of last year knows last year's address."""
    ended = Offering(UNIT_2, date(2026, 3, 1) if why == "ended" else None)
    both = replace(FIRST, offerings=(ended, Offering(UNIT_1)))
    programme = Programme(Pathway(PATHWAY, "Two offerings", (both,)))
    programme.earns(ADA, LEVEL_1)
    programme.brightspace.enrol(UNIT_1, entry(ADA, address=None))
    old = entry(ADA, address=Address("ada.old@example.edu"))
    programme.state.classlists[UNIT_2] = Classlist(UNIT_2, YESTERDAY, {ADA: old})
    programme.brightspace.addresses[ADA] = mail_of(ADA)
    programme.brightspace.fail(UNIT_2)

    programme.sync()

    assert addresses_of(programme.platform.orders) == [mail_of(ADA)]


def test_no_older_address_is_taken_while_the_user_record_does_not_answer(one_badge):
    """It may have changed, and what went to the old one can't be called back."""
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA, address=None))
    one_badge.brightspace.fail(("user", ADA))
    one_badge.state.last_known[ADA] = Address("ada.old@example.edu")

    report, waits = one_badge.sync(), one_badge.award(ADA).state
    one_badge.brightspace.recover()
    one_badge.brightspace.addresses[ADA] = mail_of(ADA)
    one_badge.later()

    assert (report.outcome, report.exit_code, waits) == ("partial", 69, State.BLOCKED)
    assert addresses_of(one_badge.platform.orders) == [mail_of(ADA)]


def test_an_address_that_a_tutor_elsewhere_shares_blocks_the_award(programme):
    programme.earns(ADA, LEVEL_1)
    programme.brightspace.enrol(UNIT_1, entry(ADA))
    programme.brightspace.enrol(UNIT_2, entry(GRACE, address=mail_of(ADA), is_learner=False))

    programme.sync()

    assert programme.award(ADA).reason == "shares its address with user 302"


def test_it_is_still_blocked_while_the_other_org_unit_can_not_be_read(programme):
    programme.brightspace.enrol(UNIT_2, entry(GRACE, address=mail_of(ADA), is_learner=False))
    programme.sync()
    programme.earns(ADA, LEVEL_1)
    programme.brightspace.enrol(UNIT_1, entry(ADA))
    programme.brightspace.fail(UNIT_2)

    programme.later()

    assert programme.award(ADA).state is State.BLOCKED


@pytest.mark.parametrize("scope", [{}, {"badge": "level-1"}, {"org_unit_id": UNIT_1}, {"learner": "301"}], ids=str)
def test_an_address_that_somebody_of_another_pathway_shares_blocks_in_every_scope(scope):
    """What this scope does not read is known from when it was last read."""
    both = Programme(ONE_BADGE, ELSEWHERE)
    both.brightspace.enrol(UNIT_2, entry(GRACE, address=mail_of(ADA), is_learner=False))
    both.sync()
    both.earns(ADA, LEVEL_1)
    both.brightspace.enrol(UNIT_1, entry(ADA))

    planned = both.plan(**scope)
    both.sync(**scope)

    assert (both.award(ADA).state, both.award(ADA).reason) == (State.BLOCKED, "shares its address with user 302")
    assert (planned.would_issue, planned.awards.blocked) == ((), 1)


def test_an_org_unit_that_the_service_reads_no_longer_blocks_nobody():
    programme = Programme(ONE_BADGE, ELSEWHERE)
    programme.brightspace.enrol(UNIT_2, entry(GRACE, address=mail_of(ADA)))
    programme.sync()
    programme.finishes(ADA)
    programme.pathways = (ONE_BADGE,)

    programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1))


@pytest.mark.parametrize("unread", [UNIT_2, None], ids=["can't be read now", "is out of scope"])
def test_an_account_excluded_since_its_classlist_was_read_blocks_nobody(unread):
    programme = Programme(ONE_BADGE, ELSEWHERE)
    programme.brightspace.enrol(UNIT_2, entry(GRACE, address=mail_of(ADA), username="grace.second"))
    programme.sync()
    programme.finishes(ADA)
    programme.sets(brightspace={"exclude_users": ("*.second",)})
    programme.brightspace.fail(unread)

    programme.sync() if unread else programme.sync(badge="ums-mcd/level-1")

    assert programme.states() == issued((ADA, LEVEL_1))


def test_an_excluded_account_with_the_same_address_blocks_nobody(programme):
    programme.earns(ADA, LEVEL_1)
    programme.brightspace.enrol(UNIT_1, entry(ADA), entry(GRACE, address=mail_of(ADA), is_excluded=True))

    programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1))


def test_an_account_that_only_one_classlist_excludes_is_excluded_everywhere(programme):
    """A user name that one org unit hides can't be matched there."""
    programme.earns(GRACE, LEVEL_1)
    programme.brightspace.enrol(UNIT_1, entry(GRACE))
    programme.brightspace.enrol(UNIT_2, entry(GRACE, is_excluded=True))

    report = programme.sync()

    assert (report.learners, programme.states()) == (0, {})


def test_an_address_that_went_to_somebody_else_in_an_award_blocks(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, ADA)
    one_badge.earns(GRACE, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(GRACE, address=mail_of(ADA)))

    one_badge.later()

    assert one_badge.award(GRACE).reason == "its address belongs to an award of user 301"


@pytest.mark.parametrize("is_listed", [True, False], ids=["still listed", "gone from the classlist"])
def test_an_award_of_an_account_that_is_excluded_by_now_blocks_nobody(one_badge, is_listed):
    """Ada's second account earned it first; the platform holds it at her one address, and she holds it by that."""
    one_badge.finishes(GRACE)
    one_badge.brightspace.enrol(UNIT_1, entry(GRACE, address=mail_of(ADA)))
    one_badge.sync()
    if not is_listed:
        one_badge.brightspace.withdraw(UNIT_1, GRACE)
    one_badge.finishes(ADA)
    one_badge.later()
    blocked = one_badge.award(ADA).state
    one_badge.sets(brightspace={"exclude_users": (str(GRACE),)})
    if is_listed:
        one_badge.brightspace.enrol(UNIT_1, entry(GRACE, address=mail_of(ADA), is_excluded=True))

    report, again = one_badge.later(), one_badge.later()

    assert (blocked, one_badge.award(ADA).state) == (State.BLOCKED, State.ISSUED)
    assert (report.awards.adopted, again.awards.adopted, len(one_badge.platform.orders)) == (1, 0, 1)
    assert {one.kind for one in one_badge.state.open_reviews} <= {"fell"}


def test_two_linked_users_are_one_person(programme):
    programme.brightspace.enrol(UNIT_1, entry(ADA), entry(GRACE))
    programme.brightspace.show(REFLECTION, ADA, hand_in())
    programme.brightspace.show(QUIZ, GRACE, attempts("18"))
    programme.state.people[person(ADA)] = Person(person(ADA), (ADA, GRACE))

    report = programme.sync()

    assert programme.states() == issued((ADA, LEVEL_1))
    assert report.learners == 1


def test_an_assertion_at_an_address_of_nobody_is_for_a_person(one_badge):
    one_badge.enrol(ADA)
    one_badge.platform.hold(CLASS_1, "stranger@example.edu")

    one_badge.sync()

    assert [one.kind for one in one_badge.state.open_reviews] == ["unknown_recipient"]
    assert one_badge.states() == {}


def test_an_address_of_nobody_is_nobodys_only_when_every_classlist_is_known(one_badge):
    one_badge.enrol(ADA)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.brightspace.fail(UNIT_1)

    one_badge.sync()

    assert one_badge.state.open_reviews == []


@pytest.mark.parametrize("text", ["U301", "u301", "ada@example.edu", "301"])
def test_a_pass_over_one_learner_finds_who_left_every_classlist(text):
    programme = Programme(ONE_BADGE)
    programme.finishes(ADA, GRACE)
    programme.sync()
    programme.brightspace.withdraw(UNIT_1, ADA)
    programme.later()

    report = programme.sync(learner=text)

    assert (report.outcome, programme.award(ADA).state) == ("complete", State.ISSUED)


def test_an_exclusion_that_is_taken_back_leads_to_no_second_award_and_to_one_review(one_badge):
    """Both accounts then hold the one assertion: nothing is missing, and a person is told whose it may be."""
    same = mail_of(ADA)
    one_badge.earns(GRACE, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(GRACE, address=same))
    one_badge.sync()
    one_badge.sets(brightspace={"exclude_users": (str(GRACE),)})
    one_badge.earns(ADA, LEVEL_1)
    one_badge.brightspace.enrol(UNIT_1, entry(ADA), entry(GRACE, address=same, is_excluded=True))
    one_badge.later()
    one_badge.sets(brightspace={"exclude_users": ()})
    one_badge.brightspace.enrol(UNIT_1, entry(ADA), entry(GRACE, address=same))

    one_badge.later()

    assert one_badge.platform.live() == {(CLASS_1, same): 1}
    assert {one.person_id: one.state for one in one_badge.state.awards} == {
        person(ADA): State.ISSUED,
        person(GRACE): State.ISSUED,
    }
    assert [one.kind for one in one_badge.state.open_reviews] == ["shared_address"]
