"""Whom a roster row or a typed name means, and what teams can be told when nothing was read."""

from dataclasses import replace
from datetime import date

import pytest

from d2l_sync.domain.facts import Unseen, look_up
from d2l_sync.domain.ids import Address, PathwayKey, UserId
from d2l_sync.domain.teams import Directory, from_groups, from_roster
from d2l_sync.domain.verdict import Truth
from d2l_sync.domain.world import Team
from tests.builders import (
    ADA,
    FOLDER,
    GRACE,
    PATHWAY,
    TODAY,
    UNIT_2,
    YESTERDAY,
    make_classlist,
    make_entry,
    make_groups,
    make_person,
    make_roster_row,
    make_world,
    user_of,
)

SECOND_USER = UserId(901)
PEOPLE = [make_person(ADA, SECOND_USER), make_person(GRACE)]
LISTED = make_classlist(make_entry(ADA, org_defined_id=" U301 "), make_entry(GRACE, org_defined_id="u302"))
SHARED = make_classlist(make_entry(ADA), make_entry(GRACE, Address("ada@example.edu")))


def directory(classlist=LISTED):
    return Directory(PEOPLE, [classlist], {ADA: frozenset({Address("ada@home.example")})})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("301", {ADA}),
        (" u301 ", {ADA}),
        ("U302", {GRACE}),
        ("ADA@example.edu", {ADA}),
        ("ada@home.example", {ADA}),
        ("999", set()),
        ("", set()),
    ],
)
def test_a_learner_is_named_by_user_id_org_defined_id_or_any_address(text, meant):
    assert directory().named(text) == meant


def test_an_excluded_second_account_is_found_by_its_user_id_alone():
    """Whoever excludes an account does so because it is nobody of its own: a row with the shared address means one."""
    second = replace(make_entry(ADA), user_id=UserId(977), org_defined_id="U301", is_excluded=True)
    both = Directory([make_person(ADA)], [make_classlist(make_entry(ADA, org_defined_id="u301"), second)], {})

    assert [both.named(text) for text in ("ada@example.edu", "u301", "977")] == [{ADA}, {ADA}, {977}]


def test_two_users_of_one_person_are_one():
    both = make_classlist(make_entry(ADA), replace(make_entry(ADA), user_id=SECOND_USER))

    assert directory(both).named("901") == directory(both).named("ada@example.edu") == {ADA}


@pytest.mark.parametrize(
    ("row", "member"),
    [
        pytest.param(make_roster_row(person_id=ADA, org_defined_id="u302"), ADA, id="by user id, whatever else"),
        pytest.param(make_roster_row(org_defined_id="u302", address=Address("ada@example.edu")), GRACE, id="by code"),
        pytest.param(make_roster_row(address=Address("ada@example.edu")), ADA, id="by address"),
        pytest.param(make_roster_row(person_id=ADA, pathway=PATHWAY), ADA, id="for this pathway"),
    ],
)
def test_a_roster_row_means_one_person(row, member):
    teams, findings = from_roster([row], PATHWAY, directory())

    assert (teams.teams, findings) == ((Team("Lovelace", {member: None}),), ())


@pytest.mark.parametrize(
    ("row", "kinds"),
    [
        pytest.param(make_roster_row(address=Address("nobody@example.edu")), ["roster_nobody"], id="nobody"),
        pytest.param(make_roster_row(), ["roster_nobody"], id="naming nobody"),
        pytest.param(make_roster_row(address=Address("ada@example.edu")), ["roster_several"], id="two"),
        pytest.param(make_roster_row(person_id=ADA, pathway=PathwayKey("other")), [], id="for another pathway"),
    ],
)
def test_a_row_that_means_nobody_or_two_puts_nobody_on_a_team(row, kinds):
    teams, findings = from_roster([row], PATHWAY, directory(SHARED))

    assert (teams.teams, [one.kind for one in findings]) == ((), kinds)


@pytest.mark.parametrize(
    ("days", "confirmed"),
    [((None, TODAY), TODAY), ((TODAY, date(2026, 1, 5)), date(2026, 1, 5)), ((None, None), None)],
    ids=["one of two rows", "the earlier", "neither"],
)
def test_of_several_rows_for_one_membership_the_earliest_day_counts(days, confirmed):
    rows = [make_roster_row(person_id=ADA, confirmed_on=day) for day in days]

    assert from_roster(rows, PATHWAY, directory())[0].teams == (Team("Lovelace", {ADA: confirmed}),)


def test_a_group_is_a_team_whose_members_are_dated_by_their_first_user_seen():
    groups = make_groups([ADA], names={})
    groups = replace(groups, groups={1: frozenset({user_of(ADA), SECOND_USER})}, since={SECOND_USER: YESTERDAY})

    (team,) = from_groups(groups, PEOPLE).teams

    assert (team.name, team.members, team.since) == ("group 1", {ADA: date.min}, {ADA: YESTERDAY})


@pytest.mark.parametrize(
    ("groups", "why"),
    [(None, "the groups were not read"), (make_groups(failure="403"), "403")],
    ids=["unread", "denied"],
)
def test_groups_that_were_not_read_make_no_teams(groups, why):
    assert from_groups(groups, PEOPLE).failure == why


def test_of_what_was_never_read_nothing_is_known():
    world = make_world()

    assert world.is_learner(UNIT_2, ADA) is Truth.UNKNOWN
    assert look_up(None, user_of(ADA)) == Unseen("not read yet")
    assert world.seen(replace(FOLDER, org_unit_id=UNIT_2), user_of(ADA)) == Unseen(
        "the classlist of org unit 6602 was not read"
    )
