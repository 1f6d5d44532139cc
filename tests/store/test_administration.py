"""What administrators say is kept as they said it last."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from d2l_sync.domain.ids import CriterionKey
from d2l_sync.domain.ledger import Approval
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.stored import StoredPass
from d2l_sync.domain.world import Attestation
from tests.store.values import ADA, ADAS, BADGE, GRACE, LATER, LATER_STILL, NOON, PATHWAY, person

APPROVED = Approval(person(ADA), PATHWAY, BADGE, is_approved=True, by="root", at=NOON)
ATTESTED = Attestation(PATHWAY, BADGE, CriterionKey("essay"), person(ADA), None, "yes", "root", NOON)
FIRST, SECOND = date(2026, 3, 1), date(2026, 4, 1)
ADAS_ROW = RosterRow("Lace", ADAS, confirmed_on=FIRST)
GRACES_ROW = RosterRow("Lace", user_id=GRACE, pathway=PATHWAY)


def rows(store):
    return [replace(row, row_id=0) for row in store.roster()]


def test_an_approval_is_kept_until_the_decision_is_another(store):
    rejected = replace(APPROVED, is_approved=False, reason="not yet", at=LATER)

    assert store.decide(APPROVED)
    assert store.approvals() == store.snapshot().approvals == (APPROVED,)

    assert store.decide(rejected)
    assert store.approvals() == (rejected,)


def test_approving_again_keeps_the_first_date(store):
    """The date goes into what is sent; a second click must not move it."""
    store.decide(APPROVED)

    assert not store.decide(replace(APPROVED, at=LATER, by="somebody else"))
    assert store.approvals() == (APPROVED,)


def test_attesting_again_replaces_and_undoing_removes(store):
    of_team = replace(ATTESTED, person_id=None, team="Lace")
    store.attest([ATTESTED, of_team])
    corrected = replace(ATTESTED, value="no", at=LATER)

    store.attest([corrected])
    assert store.snapshot().attestations == store.attestations() == (of_team, corrected)

    assert store.undo_attestation(of_team)
    assert not store.undo_attestation(of_team)
    assert store.attestations() == (corrected,)


def test_an_imported_roster_comes_back_in_order(store):
    assert store.import_roster([ADAS_ROW, GRACES_ROW], replace=False) == 2

    assert rows(store) == [ADAS_ROW, GRACES_ROW]
    assert store.snapshot().roster == store.roster()
    assert [row.row_id for row in store.roster()] == [1, 2]


def test_importing_again_changes_only_what_differs(store):
    store.import_roster([ADAS_ROW, GRACES_ROW], replace=False)
    confirmed = replace(GRACES_ROW, confirmed_on=SECOND)

    assert store.import_roster([ADAS_ROW], replace=False) == 0
    assert store.import_roster([confirmed], replace=False) == 1

    assert rows(store) == [ADAS_ROW, confirmed]


def test_replacing_makes_the_roster_equal_to_the_file(store):
    store.import_roster([ADAS_ROW, GRACES_ROW], replace=False)

    assert store.import_roster([GRACES_ROW, GRACES_ROW], replace=True) == 1

    assert rows(store) == [GRACES_ROW]


def test_confirming_a_team_leaves_earlier_dates_alone(store):
    store.import_roster([ADAS_ROW, GRACES_ROW, RosterRow("Other")], replace=False)

    assert store.confirm_team("Lace", SECOND, today=SECOND) == 1
    assert store.confirm_team("Lace", SECOND, today=SECOND) == 0
    assert store.confirm_team("Nobody's", SECOND, today=SECOND) is None

    assert rows(store) == [ADAS_ROW, replace(GRACES_ROW, confirmed_on=SECOND), RosterRow("Other")]


@pytest.mark.parametrize("day", [FIRST, SECOND], ids=["of before", "of now"])
def test_a_day_that_is_still_to_come_is_not_confirmed_yet(store, day):
    """Who would be on a confirmed team next month is so now, when somebody confirms the team now."""
    coming = replace(GRACES_ROW, confirmed_on=SECOND + timedelta(days=30))
    store.import_roster([ADAS_ROW, coming], replace=False)

    assert store.confirm_team("Lace", day, today=SECOND) == 1

    assert rows(store) == [ADAS_ROW, replace(GRACES_ROW, confirmed_on=day)]


def test_members_are_added_once_and_removed(store):
    first = store.add_member(ADAS_ROW)

    assert store.add_member(ADAS_ROW) == first
    assert store.remove_member(first)
    assert not store.remove_member(first)
    assert store.roster() == ()


def test_passes_are_numbered_and_listed_newest_first(store):
    first = store.open_pass(at=NOON, scope="everything")
    second = store.open_pass(at=LATER, scope="user 301")
    store.close_pass(second, at=LATER_STILL, outcome="complete", summary="{}")

    running = StoredPass(first, NOON, "everything")
    ended = StoredPass(second, LATER, "user 301", LATER_STILL, "complete", "{}")
    assert store.passes(9) == store.passes(None) == [ended, running]
    assert store.passes(1) == [ended]
    assert store.latest_pass() == ended
    assert (store.pass_(first), store.pass_(99)) == (running, None)


def test_the_number_of_a_pass_that_could_not_be_made_is_not_given_again(store):
    """The log has lines that bear it already."""
    first = store.open_pass(at=NOON, scope="everything")
    store.drop_pass(first)

    assert store.open_pass(at=LATER, scope="everything") > first
    assert store.pass_(first) is None


def test_before_the_first_pass_there_is_none(store):
    assert store.latest_pass() is None
