"""Which address an award goes to, and who is blocked rather than guessed."""

from datetime import UTC, datetime

import pytest

from d2l_sync.domain.facts import Failure
from d2l_sync.domain.ids import Address, OrgUnitId, PersonId, UserId, address_of
from d2l_sync.domain.people import Classlist, ClasslistEntry, Person, UserRecord, contacts, persons

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNIT, OTHER = OrgUnitId(11), OrgUnitId(12)
ADA, GRACE = UserId(1), UserId(2)
MAIL, SECOND_MAIL = Address("ada@example.edu"), Address("ada@home.example")


def classlist(*entries, unit=UNIT, failure=None):
    return Classlist(unit, NOON, {one.user_id: one for one in entries}, failure)


def learner(user_id, address=None, *, is_learner=True, is_excluded=False):
    return ClasslistEntry(user_id, is_learner, address, is_excluded=is_excluded)


def settle(*lists, records=(), last_known=None, awarded=None, linked=None):
    users = [entry.user_id for one in lists for entry in one.entries.values()]
    return contacts(
        persons(users, linked or {}),
        classlists=lists,
        records={one.user_id: one for one in records},
        last_known=last_known or {},
        awarded=awarded or {},
    )


def of_ada(found):
    return found[PersonId(1)].address, found[PersonId(1)].blocked


def test_the_classlists_address_comes_before_the_user_records_and_the_last_known_one():
    everywhere = settle(
        classlist(learner(ADA, MAIL)),
        records=[UserRecord(ADA, SECOND_MAIL)],
        last_known={ADA: Address("old@x.example")},
    )
    withheld = settle(classlist(learner(ADA)), records=[UserRecord(ADA, SECOND_MAIL)], last_known={ADA: MAIL})
    refused = settle(
        classlist(learner(ADA)),
        records=[UserRecord(ADA, failure=Failure("403", is_refused=True))],
        last_known={ADA: MAIL},
    )

    assert [of_ada(one) for one in (everywhere, withheld, refused)] == [(MAIL, None), (SECOND_MAIL, None), (MAIL, None)]


def test_an_address_that_an_administrator_set_overrides_all():
    linked = {PersonId(1): Person(PersonId(1), (ADA,), set_address=SECOND_MAIL)}

    assert of_ada(settle(classlist(learner(ADA, MAIL)), linked=linked)) == (SECOND_MAIL, None)


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        pytest.param([classlist(learner(ADA))], "no address", id="no address anywhere"),
        pytest.param(
            [classlist(learner(ADA, MAIL), learner(GRACE, MAIL))], "shares its address with user 2", id="two learners"
        ),
        pytest.param(
            [classlist(learner(ADA, MAIL), learner(GRACE, MAIL, is_learner=False))],
            "shares its address with user 2",
            id="a learner and a teacher",
        ),
        pytest.param(
            [classlist(learner(ADA, MAIL)), classlist(learner(GRACE, MAIL), unit=OTHER, failure=Failure("403"))],
            "shares its address with user 2",
            id="on a classlist that can't be read now",
        ),
    ],
)
def test_who_has_no_address_of_their_own_is_blocked(lists, reason):
    assert settle(*lists)[PersonId(1)].blocked == reason


def test_an_excluded_user_shares_nothing():
    assert of_ada(settle(classlist(learner(ADA, MAIL), learner(GRACE, MAIL, is_excluded=True)))) == (MAIL, None)


def test_two_users_of_one_person_may_share_an_address():
    linked = {PersonId(1): Person(PersonId(1), (ADA, GRACE))}

    assert of_ada(settle(classlist(learner(ADA, MAIL), learner(GRACE, MAIL)), linked=linked)) == (MAIL, None)


def test_an_address_that_got_an_award_of_somebody_else_is_blocked():
    found = settle(classlist(learner(ADA, MAIL)), awarded={MAIL: frozenset({PersonId(9)})})

    assert found[PersonId(1)].blocked == "its address belongs to an award of user 9"


def test_a_suppressed_person_is_blocked_whatever_their_address():
    linked = {PersonId(1): Person(PersonId(1), (ADA,), is_suppressed=True)}

    assert settle(classlist(learner(ADA, MAIL)), linked=linked)[PersonId(1)].is_suppressed


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Ada@Example.EDU ", MAIL),
        ("Ame\u0301lie@example.edu", "am\u00e9lie@example.edu"),
        ("", None),
        ("  ", None),
        (None, None),
    ],
)
def test_an_address_is_compared_in_one_form(text, address):
    assert address_of(text) == address
