"""A person is found by what a human types, and linked users are one person."""

from dataclasses import replace

import pytest

from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import Address
from d2l_sync.domain.people import Classlist, Person
from tests.store.values import (
    ADA,
    ADAS,
    ALAN,
    GRACE,
    NOON,
    UNIT,
    a_pass,
    add,
    make_award,
    make_classlist,
    make_entry,
    person,
)


def test_persons_come_back_with_their_users_in_order(store):
    linked = Person(person(GRACE), (GRACE, ADA), set_address=ADAS)
    silent = Person(person(ALAN), (ALAN,), is_suppressed=True)

    store.save_person(linked)
    store.save_person(silent)

    assert store.people() == {linked.person_id: linked, silent.person_id: silent}
    assert store.suppressed() == {silent.person_id}
    assert store.snapshot().people == store.people()


@pytest.mark.parametrize("text", ["U-301", " u-301 "])
def test_who_left_every_classlist_is_found_by_the_last_org_defined_id(store, text):
    before = {ADA: make_entry(ADA, org_defined_id="U-301"), GRACE: make_entry(GRACE)}
    a_pass(store, classlists=(Classlist(UNIT, NOON, before),))
    a_pass(store, classlists=(Classlist(UNIT, NOON, {GRACE: make_entry(GRACE)}),))

    assert store.find_people(text) == {person(ADA)}
    assert store.snapshot().org_defined_ids[ADA] == "U-301"


def test_an_org_defined_id_means_whoever_has_it_now(store):
    a_pass(store, classlists=(Classlist(UNIT, NOON, {ADA: make_entry(ADA, org_defined_id="U-301")}),))
    a_pass(store, classlists=(Classlist(UNIT, NOON, {GRACE: make_entry(GRACE, org_defined_id="U-301")}),))

    assert store.find_people("U-301") == {person(GRACE)}


def test_a_user_belongs_to_the_person_they_were_last_linked_to(store):
    store.save_person(Person(person(ALAN), (ALAN,)))

    store.save_person(Person(person(ADA), (ADA, ALAN)))

    assert store.people() == {person(ADA): Person(person(ADA), (ADA, ALAN))}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("301", id="user id"),
        pytest.param("U-301", id="OrgDefinedId"),
        pytest.param("301@example.edu", id="address on a classlist"),
        pytest.param("  301@Example.EDU ", id="address in capitals"),
        pytest.param("old@example.edu", id="last known address"),
        pytest.param("badge@example.edu", id="address of an award"),
        pytest.param("set@example.edu", id="address set by an administrator"),
    ],
)
def test_a_person_is_found_by(store, text):
    classlist = Classlist(UNIT, NOON, {ADA: make_entry(ADA, org_defined_id="U-301"), GRACE: make_entry(GRACE)})
    a_pass(store, classlists=(classlist,), last_known={ADA: "old@example.edu"})
    add(store, make_award(address="badge@example.edu"))
    store.save_person(Person(person(ADA), (ADA,), set_address=Address("set@example.edu")))

    assert store.find_people(text) == {person(ADA)}


@pytest.mark.parametrize("text", ["", "   ", "999", "nobody@example.edu", "9" * 40, "²"])
def test_nobody_is_found_by_what_fits_nobody(store, text):
    a_pass(store, classlists=(make_classlist(ADA),))

    assert store.find_people(text) == set()


def test_a_linked_user_is_found_as_their_person(store):
    a_pass(store, classlists=(make_classlist(ADA, ALAN),))
    store.save_person(Person(person(ADA), (ADA, ALAN)))

    assert store.find_people("303") == store.find_people("303@example.edu") == {person(ADA)}


def test_an_address_of_two_finds_both(store):
    a_pass(store, last_known={ADA: ADAS, GRACE: ADAS})

    assert store.find_people(ADAS) == {person(ADA), person(GRACE)}


@pytest.mark.parametrize("text", ["U-301", ADAS, "303"], ids=["OrgDefinedId", "address", "user id"])
def test_an_excluded_second_account_is_found_by_its_user_id_alone(store, text):
    ada, second = (make_entry(user_id, address=ADAS, org_defined_id="U-301") for user_id in (ADA, ALAN))
    classlist = Classlist(UNIT, NOON, {ADA: ada, ALAN: replace(second, is_excluded=True)})
    a_pass(store, classlists=(classlist,), last_known={ADA: ADAS, ALAN: ADAS})

    assert store.find_people(text) == {person(ALAN if text == "303" else ADA)}


def test_somebody_with_nothing_but_an_award_is_found(store):
    add(store, make_award())

    assert store.find_people("301") == {person(ADA)}


@pytest.mark.parametrize("text", ["\udcff", "ada\ud800@example.edu"], ids=ascii)
def test_a_text_that_no_database_holds_is_a_mistake_of_whoever_typed_it(store, text):
    with pytest.raises(UsageError, match="can't be stored"):
        store.find_people(text)


def test_a_number_that_no_database_holds_is_a_mistake_too(store):
    with pytest.raises(UsageError, match="can't be stored"):
        store.pass_(10**30)
