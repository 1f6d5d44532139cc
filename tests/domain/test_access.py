"""Who is let into an org unit, how that stands, and when it ends before it was done."""

from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.access import Access, AccessState, Enrolment, decide_access
from d2l_sync.domain.judgement import Judgement
from d2l_sync.domain.pathway import Offering
from d2l_sync.domain.verdict import Truth
from tests.builders import (
    ADA,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    NOON,
    PATHWAY,
    TODAY,
    UNIT_1,
    UNIT_2,
    make_badge,
    make_classlist,
    make_person,
    make_verdict,
    user_of,
)

MET, UNMET, UNKNOWN = Truth.MET, Truth.UNMET, Truth.UNKNOWN
LEVEL = make_badge(LEVEL_2, unit=UNIT_2, requires=(LEVEL_1,), team=True, enrol=True)
EMPTY = make_classlist(org_unit_id=UNIT_2)
INSIDE = make_classlist(ADA, org_unit_id=UNIT_2)
UNREAD = make_classlist(org_unit_id=UNIT_2, failure="answered 403")
KEPT = Access()


def make_judgement(holds=MET, team=MET, badge=LEVEL):
    verdicts = (make_verdict(holds, key=LEVEL_1, source="ledger"), make_verdict(team, key="team", source="teams"))
    return Judgement(ADA, badge, UNMET, verdicts)


def make_enrolment(state=AccessState.DUE, **fields):
    return replace(Enrolment(ADA, UNIT_2, user_of(ADA), PATHWAY, LEVEL_2, decided_at=NOON), state=state, **fields)


def decided(*judgements, before=None, classlist=EMPTY, person=None, now=NOON):
    lists = {UNIT_2: classlist} if classlist else {}
    known = {before.key: before} if before else {}
    people = {ADA: person or make_person()}
    return decide_access(judgements or [make_judgement()], people, lists, known=known, now=now, today=TODAY)


@pytest.mark.parametrize(
    ("judgement", "classlist", "is_let_in"),
    [
        pytest.param(make_judgement(), EMPTY, True, id="eligible and outside"),
        pytest.param(make_judgement(), INSIDE, False, id="inside"),
        pytest.param(make_judgement(), UNREAD, False, id="classlist unread"),
        pytest.param(make_judgement(), None, False, id="classlist not asked for"),
        pytest.param(make_judgement(holds=UNMET), EMPTY, False, id="prerequisite unmet"),
        pytest.param(make_judgement(team=UNKNOWN), EMPTY, False, id="team unknown"),
        pytest.param(make_judgement(badge=replace(LEVEL, enrol=False)), EMPTY, False, id="no access is given"),
    ],
)
def test_who_is_let_in(judgement, classlist, is_let_in):
    assert decided(judgement, classlist=classlist) == (Access(new=(make_enrolment(),)) if is_let_in else KEPT)


def test_a_badge_that_asks_for_nothing_lets_every_candidate_in():
    badge = make_badge(LEVEL_2, unit=UNIT_2, enrol=True)

    assert len(decided(make_judgement(badge=badge)).new) == 1


def test_somebody_we_do_not_know_is_not_let_in():
    assert decide_access([make_judgement()], {}, {UNIT_2: EMPTY}, known={}, now=NOON, today=TODAY) == KEPT


@pytest.mark.parametrize("classlist", [EMPTY, INSIDE], ids=["outside", "inside"])
def test_what_is_settled_stays_so(classlist):
    assert decided(before=make_enrolment(AccessState.DONE), classlist=classlist) == KEPT


@pytest.mark.parametrize(
    ("state", "place"),
    [
        (AccessState.DUE, "older"),
        (AccessState.SENDING, "older"),
        (AccessState.HELD, "new"),
        (AccessState.LAPSED, "new"),
    ],
    ids=lambda part: getattr(part, "value", part),
)
def test_what_still_is_due_goes_and_counts_unless_it_was_due_before(state, place):
    access = decided(before=make_enrolment(state, held_in=7))

    assert [name for name in ("new", "older", "unsure", "ended") if getattr(access, name)] == [place]


def test_it_keeps_the_date_of_the_decision_and_gets_another_when_it_had_lapsed():
    later = NOON + timedelta(days=1)

    held = decided(before=make_enrolment(AccessState.HELD, held_in=7), now=later)
    lapsed = decided(before=make_enrolment(AccessState.LAPSED), now=later)

    assert held.new == (make_enrolment(),)
    assert [one.decided_at for one in lapsed.new] == [later]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (AccessState.DUE, "had a role there already"),
        (AccessState.HELD, "had a role there already"),
        (AccessState.SENDING, ""),
    ],
    ids=lambda part: getattr(part, "value", ""),
)
def test_who_is_inside_by_now_is_done(state, reason):
    """Only of a request whose answer was lost can it be said that it was ours."""
    done = make_enrolment(AccessState.DONE, reason=reason, done_at=NOON)

    access = decided(before=make_enrolment(state, held_in=7), classlist=INSIDE)

    assert access == Access(ended=(done,))
    assert [one.is_done_by_us for one in access.ended] == [state is AccessState.SENDING]


@pytest.mark.parametrize("state", [AccessState.DUE, AccessState.HELD], ids=lambda state: state.value)
def test_who_is_eligible_no_longer_is_not_let_in(state):
    lapsed = make_enrolment(AccessState.LAPSED, reason="may not earn the badge any more")

    assert decided(make_judgement(team=UNMET), before=make_enrolment(state, held_in=7)) == Access(ended=(lapsed,))


@pytest.mark.parametrize(("classlist", "is_over"), [(EMPTY, True), (UNREAD, False)], ids=["outside", "unread"])
def test_a_request_whose_answer_was_lost_lapses_only_when_it_did_not_arrive(classlist, is_over):
    access = decided(make_judgement(team=UNMET), before=make_enrolment(AccessState.SENDING), classlist=classlist)

    assert bool(access.ended) is is_over


@pytest.mark.parametrize(
    ("judgement", "classlist"),
    [(make_judgement(team=UNKNOWN), EMPTY), (make_judgement(), UNREAD)],
    ids=["team unknown", "classlist unread"],
)
def test_what_the_guard_holds_is_unsure_while_it_can_not_be_judged(judgement, classlist):
    held = make_enrolment(AccessState.HELD, held_in=7)

    assert decided(judgement, before=held, classlist=classlist) == Access(unsure=(held,))
    assert decided(judgement, before=make_enrolment(), classlist=classlist) == KEPT


def test_for_a_suppressed_person_nothing_is_asked():
    silent = make_person(is_suppressed=True)

    assert decided(person=silent) == KEPT
    assert [one.reason for one in decided(before=make_enrolment(), person=silent).ended] == ["suppressed"]


def test_an_enrolment_in_an_org_unit_that_runs_no_longer_lapses_and_the_next_one_is_due():
    badge = replace(LEVEL, offerings=(Offering(UNIT_1),))
    lists = {UNIT_1: make_classlist(), UNIT_2: EMPTY}
    held = make_enrolment(AccessState.HELD, held_in=7)
    people = {ADA: make_person()}

    access = decide_access([make_judgement(badge=badge)], people, lists, known={held.key: held}, now=NOON, today=TODAY)

    assert [one.org_unit_id for one in access.new] == [UNIT_1]
    assert [(one.org_unit_id, one.state) for one in access.ended] == [(UNIT_2, AccessState.LAPSED)]


def test_over_offerings_are_not_let_into():
    over = replace(LEVEL, offerings=(Offering(UNIT_2, until=TODAY - timedelta(days=1)),))

    assert decided(make_judgement(badge=over)) == KEPT
    assert len(decided(make_judgement(badge=over), before=make_enrolment()).ended) == 1


@pytest.mark.parametrize("is_first", [True, False], ids=["first", "last"])
def test_one_badge_that_lets_a_person_in_is_enough(is_first):
    """Two badges may be earned in one org unit."""
    other = make_judgement(holds=UNMET, badge=replace(LEVEL, key=LEVEL_3))
    judgements = [make_judgement(), other] if is_first else [other, make_judgement()]

    assert decided(*judgements, before=make_enrolment()) == Access(older=(make_enrolment(),))


def test_what_is_left_out_stays_as_it_stands():
    access = decided()

    assert (access.without({(ADA, UNIT_2)}), access.without(set())) == (KEPT, access)
