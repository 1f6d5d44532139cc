"""From what was seen to a plan: on which team and in which course somebody is, and what is counted as known."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.criterion import Attested, Combination
from d2l_sync.domain.ids import Address, CriterionKey, GroupCategoryId, GroupId
from d2l_sync.domain.pathway import Offering, Pathway, TeamSource
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.world import Attestation
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    ALAN,
    CLASS_1,
    FIRST,
    GRACE,
    LAST,
    LEVEL_1,
    LEVEL_2,
    MACRO,
    PATHWAY,
    PORTFOLIO,
    QUARTER,
    REFLECTION,
    SECOND,
    THIRD,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    WHOLE,
    YESTERDAY,
    Programme,
    entry,
    issued,
    mail_of,
    make_badge,
    person,
)

OWLS = GroupCategoryId(9)
SHOWCASE = CriterionKey("showcase")


def attestation(**fields):
    plain = Attestation(PATHWAY, MACRO, SHOWCASE, person(ADA), None, "", "hopper", YESTERDAY)
    return replace(plain, **fields)


@pytest.mark.parametrize(
    ("timezone", "is_read"), [("UTC", False), ("America/New_York", True)], ids=["a new day", "still the last one"]
)
def test_the_day_is_that_of_the_schedules_time_zone(timezone, is_read):
    """At half past four in the morning in London it is last year still in Maine."""
    last_year = replace(FIRST, offerings=(Offering(UNIT_1, date(2026, 12, 31)),))
    programme = Programme(Pathway(PATHWAY, "One offering", (last_year,)))
    programme.sets(schedule={"timezone": ZoneInfo(timezone)})
    programme.clock.now = datetime(2027, 1, 1, 4, 30, tzinfo=UTC)

    programme.sync()

    assert (UNIT_1 in programme.brightspace.asked) is is_read


def test_an_issued_award_that_the_list_does_not_show_stays_issued_and_is_reviewed(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.platform.held.clear()

    one_badge.later()

    assert one_badge.award(ADA).state is State.ISSUED
    assert [one.kind for one in one_badge.state.open_reviews] == ["missing_there"]
    assert len(one_badge.platform.orders) == 1


def test_a_group_of_the_category_is_a_confirmed_team():
    grouped = Programme(replace(WHOLE, teams=TeamSource(UNIT_2, OWLS)))
    grouped.finishes(ADA, GRACE, keys=(LEVEL_1, LEVEL_2))
    grouped.state.roster.clear()
    grouped.brightspace.teams[UNIT_2, OWLS] = {GroupId(1): frozenset({ADA})}

    grouped.sync()

    assert grouped.states() == issued((ADA, LEVEL_1), (GRACE, LEVEL_1), (ADA, LEVEL_2))
    level_2 = next(
        one for one in grouped.state.judgements.values() if one.person_id == person(ADA) and one.badge.key == LEVEL_2
    )
    assert [one.because for one in level_2.verdicts if one.key == "team"] == ["on a confirmed team"]


def test_a_team_by_groups_is_dated_by_when_the_learner_was_first_seen_on_it():
    """Brightspace does not say since when, so the passes remember it, also when the learner changes the group."""
    grouped = Programme(replace(WHOLE, teams=TeamSource(UNIT_2, OWLS)))
    grouped.finishes(ADA, keys=(LEVEL_1, LEVEL_2))
    grouped.state.roster.clear()
    grouped.sync()
    grouped.brightspace.teams[UNIT_2, OWLS] = {GroupId(1): frozenset({ADA})}
    grouped.platform.faults.append(Fault.NO_CONNECTION)
    first_seen = grouped.clock() + QUARTER

    grouped.later()
    grouped.brightspace.teams[UNIT_2, OWLS] = {GroupId(2): frozenset({ADA})}
    grouped.later()

    assert (grouped.award(ADA, LEVEL_2).state, grouped.award(ADA, LEVEL_2).earned_at) == (State.ISSUED, first_seen)


def test_groups_that_can_not_be_read_confirm_nobody():
    grouped = Programme(replace(WHOLE, teams=TeamSource(UNIT_2, OWLS)))
    grouped.finishes(ADA, keys=(LEVEL_1, LEVEL_2))
    grouped.brightspace.fail((UNIT_2, OWLS))

    report = grouped.sync()

    assert (grouped.states(), report.outcome) == (issued((ADA, LEVEL_1)), "partial")


def test_a_roster_row_that_fits_nobody_is_for_a_person_once_every_classlist_is_read(programme):
    programme.enrol(ADA)
    programme.state.roster.append(RosterRow("Owls", address=Address("stranger@example.edu")))
    programme.brightspace.fail(UNIT_3)

    programme.sync()
    unsure = [one.kind for one in programme.state.open_reviews]
    programme.brightspace.recover()
    programme.later()

    assert (unsure, [one.kind for one in programme.state.open_reviews]) == ([], ["roster_nobody"])


def test_a_membership_confirmed_for_tomorrow_does_not_count_today(programme):
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2))
    programme.state.roster[:] = [RosterRow("Owls", user_id=ADA, confirmed_on=date(2026, 3, 3))]

    programme.sync()
    today = programme.states()
    programme.later(timedelta(days=1))

    assert (today, programme.award(ADA, LEVEL_2).state) == (issued((ADA, LEVEL_1)), State.ISSUED)


def test_what_is_attested_is_awarded_to_somebody_on_no_classlist_of_the_badge():
    shown = make_badge(MACRO, Attested(SHOWCASE, "Showcase", MACRO, PATHWAY))
    programme = Programme(replace(WHOLE, badges=(FIRST, shown)))
    programme.enrol(GRACE)
    programme.brightspace.enrol(UNIT_1, entry(ADA, is_learner=False))
    programme.state.attestations += [
        attestation(),
        attestation(person_id=person(ALAN)),
        attestation(person_id=None, team="Owls"),
    ]

    programme.sync()

    assert programme.states() == issued((ADA, MACRO))


def test_what_a_learner_did_in_an_ended_offering_still_counts(programme):
    programme.finishes(ADA)
    programme.sync()
    programme.platform.held.clear()
    programme.state = forgotten(programme.state)
    over = replace(FIRST, offerings=(Offering(UNIT_1, date(2026, 3, 1)),))
    programme.pathways = (replace(WHOLE, badges=(over, SECOND, THIRD, LAST)),)
    programme.brightspace.withdraw(UNIT_1, ADA)

    programme.later()

    assert programme.award(ADA).state is State.ISSUED


def forgotten(state):
    """Return the state without its ledger."""
    for award in state.awards:
        state.remove(award)
    return state


def test_unknown_facts_are_counted_down_to_the_nested_ones(programme):
    nested = Combination(CriterionKey("some"), "Some", "any", 1, (THIRD.criteria[0], THIRD.criteria[0]))
    programme.pathways = (replace(WHOLE, badges=(FIRST, replace(THIRD, criteria=(nested,), requires=()))),)
    programme.enrol(ADA)
    programme.brightspace.fail(PORTFOLIO, REFLECTION)

    report = programme.sync()

    assert (report.facts_unknown, report.outcome) == (3, "partial")


def test_whoever_left_before_the_award_was_sent_is_judged_once_more(one_badge):
    one_badge.enrol(ADA)
    one_badge.sync()
    one_badge.brightspace.withdraw(UNIT_1, ADA)

    one_badge.later()

    judgement = one_badge.state.judgements[person(ADA), PATHWAY, LEVEL_1]
    assert judgement.because == "Learner of org unit 6601: is not on the classlist as a learner"


def test_learners_are_counted_where_the_scope_is(programme):
    programme.enrol(ADA, units=(UNIT_1,))
    programme.enrol(GRACE, ALAN, units=(UNIT_3,))

    assert programme.sync(org_unit_id=UNIT_3).learners == 2


def test_an_adopted_award_is_dated_once_it_is_earned(one_badge):
    one_badge.enrol(ADA)
    one_badge.platform.hold(CLASS_1, mail_of(ADA))
    one_badge.sync()
    one_badge.earns(ADA, LEVEL_1)

    one_badge.later()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).earned_at) == (State.ISSUED, YESTERDAY)
