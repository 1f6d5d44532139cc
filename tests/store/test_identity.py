"""Two users become one person with everything they had, and a forgotten person leaves nothing behind."""

from dataclasses import replace
from datetime import date

import pytest

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.award import State
from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import Address, CriterionKey, OrgUnitId
from d2l_sync.domain.ledger import Approval, Change
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.domain.ports import Snapshot
from d2l_sync.domain.roster import RosterRow
from d2l_sync.domain.world import Attestation
from d2l_sync.store.upkeep import checkpoint
from tests.store.values import (
    ADA,
    ADAS,
    BADGE,
    ESSAY,
    GRACE,
    LATER,
    NOON,
    PATHWAY,
    UNIT,
    a_pass,
    add,
    hand_in,
    make_award,
    make_entry,
    make_finding,
    make_judgement,
    make_listing,
    person,
)

BOTH = Person(person(ADA), (ADA, GRACE))


def approve(store, user_id, reason):
    store.decide(Approval(person(user_id), PATHWAY, BADGE, is_approved=True, by="root", at=NOON, reason=reason))


def test_linking_hands_everything_over(store):
    add(store, make_award(GRACE))
    approve(store, GRACE, "hers")
    attested = Attestation(PATHWAY, BADGE, CriterionKey("essay"), person(GRACE), None, "yes", "root", NOON)
    store.attest([attested])
    a_pass(store, judgements=(make_judgement(GRACE),))

    store.link(BOTH, at=LATER)

    after = store.snapshot()
    assert after.people == {BOTH.person_id: BOTH}
    assert after.awards == (make_award(ADA),)
    assert [(one.person_id, one.reason) for one in after.approvals] == [(person(ADA), "hers")]
    assert after.attestations == (replace(attested, person_id=person(ADA)),)
    assert [one.person_id for one in store.judgements(person(ADA))] == [person(ADA)]


def test_what_the_person_has_is_not_overwritten(store):
    approve(store, ADA, "her own")
    approve(store, GRACE, "the other's")

    store.link(BOTH, at=LATER)

    assert [one.reason for one in store.approvals()] == ["her own"]


def test_of_two_rows_the_given_one_goes_and_its_history_stays(store):
    kept, given_up = make_award(GRACE, state=State.ISSUED), make_award(ADA)
    add(store, given_up, kept)

    store.link(BOTH, dropped=[given_up], at=LATER)

    assert store.snapshot().awards == (make_award(ADA, state=State.ISSUED),)
    assert [entry.becomes for entry in store.history(person(ADA))] == ["due", "issued"]


def test_changes_that_linking_brings_are_written_with_it(store):
    add(store, make_award(GRACE))
    moved = make_award(ADA)
    changed = replace(moved, address=Address("new@example.edu"))

    store.link(BOTH, changes=[Change(moved, changed, "linked")], at=LATER, by="root")

    assert store.awards() == [changed]
    assert store.history(person(ADA))[-1].by == "root"


@pytest.mark.parametrize("state", [State.SENDING, State.DOUBTFUL])
def test_nobody_is_linked_or_forgotten_while_an_award_is_on_its_way(store, state):
    add(store, make_award(GRACE, state=state))
    before = store.snapshot()

    with pytest.raises(UsageError, match=state.value):
        store.link(BOTH, at=LATER)
    with pytest.raises(UsageError, match=state.value):
        store.forget(Person(person(GRACE), (GRACE,)))

    assert store.snapshot() == before


def test_a_forgotten_person_leaves_nothing_behind(store, path):
    secret = "U-301-of-ada"
    classlist = Classlist(UNIT, NOON, {ADA: make_entry(ADA, address=ADAS, org_defined_id=secret)})
    a_pass(
        store,
        classlists=(classlist,),
        listings=(make_listing({ADA: hand_in()}),),
        last_known={ADA: ADAS},
        judgements=(make_judgement(),),
        changes=(Change(None, make_award(), "met"),),
        findings=(make_finding(),),
    )
    approve(store, ADA, "")
    store.import_roster([RosterRow("Lace", org_defined_id=secret, confirmed_on=date(2026, 3, 1))], replace=False)
    store.save_person(Person(person(ADA), (ADA,), set_address=ADAS))

    store.forget(Person(person(ADA), (ADA,)))
    checkpoint(store.engine)

    emptied = replace(make_listing({}), rows=1)
    assert store.snapshot() == Snapshot(classlists={UNIT: Classlist(UNIT, NOON)}, listings={ESSAY: emptied})
    assert (store.history(person(ADA)), store.reviews(open_only=False)) == ([], [])
    assert secret.encode() not in path.read_bytes()
    assert ADAS.encode() not in path.read_bytes()


def test_forgetting_one_leaves_the_other(store):
    add(store, make_award(), make_award(GRACE))

    store.forget(Person(person(ADA), (ADA,)))

    assert store.awards() == [make_award(GRACE)]


def enrol(store, *keys):
    given = [Enrolment(person(user_id), unit, user_id, PATHWAY, BADGE, AccessState.DONE) for user_id, unit in keys]
    a_pass(store, enrolments=tuple(given))


def test_who_was_let_in_as_one_user_was_let_in_as_the_person(store):
    """Else the person would be brought back to where they were let in and left."""
    enrol(store, (ADA, UNIT), (GRACE, UNIT), (GRACE, OrgUnitId(6607)))

    store.link(BOTH, at=LATER)

    assert {one.key: one.user_id for one in store.snapshot().enrolments} == {
        (person(ADA), UNIT): ADA,
        (person(ADA), OrgUnitId(6607)): GRACE,
    }


def test_an_enrolment_is_forgotten_with_its_person(store):
    enrol(store, (ADA, UNIT), (GRACE, UNIT))

    store.forget(Person(person(ADA), (ADA,)))

    assert [one.user_id for one in store.snapshot().enrolments] == [GRACE]
