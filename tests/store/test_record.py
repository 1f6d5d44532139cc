"""What a pass records is what the next one reads, and only a fact's value counts as a change."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy.exc import StatementError

from d2l_sync.domain.access import AccessState, Enrolment
from d2l_sync.domain.facts import (
    AttemptPolicy,
    Failure,
    Item,
    Listing,
    QuizAttempt,
    QuizAttempts,
    Source,
    SourceKind,
    nothing_like,
)
from d2l_sync.domain.ids import BadgeKey, PathwayKey
from d2l_sync.domain.pathway import RuleVersion
from d2l_sync.domain.people import Classlist, ClasslistEntry
from d2l_sync.domain.ports import PassRecord, Snapshot
from d2l_sync.domain.ports import State as StatePort
from tests.store.values import (
    ADA,
    ADAS,
    ALAN,
    ESSAY,
    FINAL,
    GRACE,
    LATER,
    LATER_STILL,
    NOON,
    UNIT,
    a_pass,
    add,
    hand_in,
    make_award,
    make_classlist,
    make_entry,
    make_listing,
    mark,
    person,
)


def listing_of(store, source=ESSAY):
    return store.snapshot().listings[source]


def test_the_store_is_what_the_services_ask_for(store):
    port: StatePort = store

    assert port.snapshot() == Snapshot()


def test_everything_read_comes_back_as_it_was(store):
    quiz = Source(SourceKind.QUIZ, UNIT, 7)
    attempts = QuizAttempts((QuizAttempt(1, 1, Decimal("7.50"), NOON, is_published=True),))
    item = Item("Quiz", Decimal("10.0"), AttemptPolicy.HIGHEST, Decimal(9))
    classlist = Classlist(
        UNIT,
        NOON,
        {ADA: make_entry(ADA, username="ada", org_defined_id="U1"), ALAN: ClasslistEntry(ALAN, None, is_excluded=True)},
    )
    listings = (
        Listing(quiz, NOON, item, facts={ADA: attempts}, rows=3),
        make_listing({ADA: hand_in()}),
        make_listing({GRACE: mark("18.25")}, FINAL),
    )

    a_pass(store, classlists=(classlist,), listings=listings, last_known={ADA: ADAS}, sizes={"classlist": 2})

    assert store.snapshot() == Snapshot(
        last_known={ADA: ADAS},
        classlists={UNIT: classlist},
        listings={one.source: one for one in listings},
        sizes={"classlist": 2},
        org_defined_ids={ADA: "U1"},
    )


def test_first_facts_all_count_as_changed(store):
    assert a_pass(store, listings=(make_listing({ADA: hand_in(), GRACE: hand_in()}), make_listing({}, FINAL))) == 2


def test_reading_the_same_again_changes_nothing_but_the_time(store):
    a_pass(store, listings=(make_listing({ADA: hand_in()}),))

    changed = a_pass(store, LATER, listings=(make_listing({ADA: hand_in()}, read_at=LATER),))

    assert (changed, listing_of(store).read_at) == (0, LATER)


def test_new_different_and_gone_facts_are_counted(store):
    a_pass(store, listings=(make_listing({ADA: hand_in(1), GRACE: hand_in(1)}),))

    changed = a_pass(store, LATER, listings=(make_listing({ADA: hand_in(2), ALAN: hand_in(1)}),))

    assert changed == 3
    assert listing_of(store).facts == {ADA: hand_in(2), ALAN: hand_in(1)}


def test_a_vanished_fact_stays_and_is_marked(store):
    """The next listing is compared with it, so it must not be forgotten after one pass."""
    a_pass(store, listings=(make_listing({ADA: hand_in(), GRACE: hand_in()}),))

    changed = a_pass(store, LATER, listings=(make_listing({GRACE: hand_in()}, vanished=frozenset({ADA})),))

    assert changed == 0
    assert listing_of(store).facts == {ADA: hand_in(), GRACE: hand_in()}
    assert listing_of(store).vanished == {ADA}


def test_a_fact_that_came_back_is_marked_no_longer(store):
    a_pass(store, listings=(make_listing({ADA: hand_in()}),))
    a_pass(store, LATER, listings=(make_listing({}, vanished=frozenset({ADA})),))

    changed = a_pass(store, LATER_STILL, listings=(make_listing({ADA: hand_in()}),))

    assert (changed, listing_of(store).vanished) == (0, frozenset())


def test_the_rest_of_a_fact_that_vanished_in_part_is_stored_as_given(store):
    a_pass(store, listings=(make_listing({ADA: hand_in(1)}),))

    changed = a_pass(store, LATER, listings=(make_listing({ADA: hand_in(2)}, vanished=frozenset({ADA})),))

    assert changed == 1
    assert (listing_of(store).facts, listing_of(store).vanished) == ({ADA: hand_in(2)}, {ADA})


def test_a_vanished_fact_can_be_given_up(store):
    """It stays marked until a listing has shown that it is gone; then it is simply not there."""
    a_pass(store, listings=(make_listing({ADA: hand_in()}),))
    a_pass(store, LATER, listings=(make_listing({}, vanished=frozenset({ADA})),))

    assert store.forget_fact(ESSAY, ADA)

    assert not store.forget_fact(ESSAY, GRACE)
    assert (listing_of(store).facts, listing_of(store).vanished) == ({ADA: nothing_like(hand_in())}, {ADA})
    a_pass(store, LATER_STILL, listings=(make_listing({}),))
    assert not listing_of(store).facts


def test_a_failed_reading_leaves_the_last_good_one(store):
    a_pass(store, classlists=(make_classlist(ADA),), listings=(make_listing({ADA: hand_in()}),))
    before = store.snapshot()

    failure = Failure("forbidden")
    failed = (Classlist(UNIT, LATER, failure=failure),)
    changed = a_pass(store, LATER, classlists=failed, listings=(Listing(ESSAY, LATER, failure=failure),))

    assert changed == 0
    assert store.snapshot() == before


def test_whoever_left_the_classlist_is_gone_from_it(store):
    a_pass(store, classlists=(make_classlist(ADA, GRACE), make_classlist(GRACE, org_unit_id=7)))

    a_pass(store, LATER, classlists=(make_classlist(ADA, read_at=LATER),))

    assert store.snapshot().classlists == {
        UNIT: make_classlist(ADA, read_at=LATER),
        7: make_classlist(GRACE, org_unit_id=7),
    }


def test_more_learners_than_fit_one_statement_are_all_stored(store):
    many = {10_000 + number: hand_in(number) for number in range(2_500)}

    assert a_pass(store, listings=(make_listing(many),)) == 2_500
    assert a_pass(store, LATER, listings=(make_listing(many),)) == 0
    assert listing_of(store).facts == many


def test_a_size_is_believed_until_it_is_forgotten(store):
    a_pass(store, sizes={"classlist": 30, "quiz": 4})
    a_pass(store, LATER, sizes={"quiz": 5})

    assert store.forget_size("classlist")

    assert store.snapshot().sizes == {"quiz": 5}
    assert not store.forget_size("classlist")


def test_the_last_known_address_is_the_last(store):
    a_pass(store, last_known={ADA: ADAS, GRACE: "grace@example.edu"})
    a_pass(store, LATER, last_known={ADA: "new@example.edu"})

    assert store.snapshot().last_known == {ADA: "new@example.edu", GRACE: "grace@example.edu"}


def test_a_record_that_fails_in_its_last_part_leaves_nothing_behind(store):
    add(store, make_award())
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - the point of the test
    pass_id = store.open_pass(at=NOON, scope="everything")
    before = store.snapshot()

    with pytest.raises(StatementError, match="no time zone"):
        store.record(
            pass_id, PassRecord(NOON, listings=(make_listing({ADA: hand_in()}, read_at=naive),), sizes={"x": 1})
        )

    assert store.snapshot() == before


def test_freshness_is_that_of_the_oldest_part(store):
    listings = (make_listing({}, ESSAY, NOON), make_listing({}, FINAL, LATER_STILL))

    a_pass(store, classlists=(make_classlist(ADA, read_at=LATER),), listings=listings)

    assert store.freshness() == {UNIT: LATER}
    assert store.freshness([FINAL]) == {UNIT: LATER}
    assert store.freshness([ESSAY, FINAL]) == {UNIT: NOON}


def test_known_rules_are_added_and_stay(store):
    first, second = (RuleVersion(PathwayKey("teaching"), BadgeKey("level-1"), version) for version in ("v1", "v2"))
    a_pass(store, known_rules=frozenset([first]))
    a_pass(store, known_rules=frozenset([first, second]))
    a_pass(store)

    assert store.snapshot().known_rules == {first, second}


def test_an_enrolment_comes_back_as_it_was_stored(store):
    held = Enrolment(person(ADA), UNIT, ADA, PathwayKey("teaching"), BadgeKey("level-1"), held_in=7)
    a_pass(store, enrolments=(replace(held, state=AccessState.HELD, reason="the guard", decided_at=NOON),))
    lapsed = replace(held, state=AccessState.LAPSED, held_in=None)

    before = store.snapshot().enrolments
    store.save_enrolment(lapsed)

    assert before == (replace(held, state=AccessState.HELD, reason="the guard", decided_at=NOON),)
    assert store.snapshot().enrolments == (lapsed,)
