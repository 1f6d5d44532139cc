"""What was revoked stays revoked until a person says otherwise, whoever revoked it and whatever was heard of it."""

import time

import pytest

from tests.journeys.desk import SETTLED_S


def an_issued_award(desk):
    return next(one for one in desk.listed("awards", "list", "--badge", "level-1") if one["attempts"])


def award_of(desk, learner):
    rows = desk.listed("awards", "list", "--badge", "level-1")
    return next(one for one in rows if one["user_id"] == learner["user_id"])


def assertions_of(desk, award):
    return [(one["revoked"], one["by_hand"]) for one in desk.sandbox.assertions(badge="level-1", email=award["email"])]


def test_an_award_revoked_on_the_platform_is_issued_anew_only_when_a_person_releases_it(desk):
    desk.sync()
    award = an_issued_award(desk)
    learner, badge = award["user_id"], "level-1"
    desk.sandbox.control("revoke_by_hand", assertion=award["assertion_id"])

    for _ in range(2):
        desk.sync()
    revoked, there = award_of(desk, award), assertions_of(desk, award)
    review = next(one for one in desk.listed("reviews", "list") if one["assertion_id"] == award["assertion_id"])
    released = desk.run("awards", "release", learner, badge)
    desk.sync()
    desk.sync()

    assert (revoked["state"], there, review["kind"], review["user_id"]) == (
        "revoked",
        [(True, False)],
        "revoked_there",
        learner,
    )
    anew = award_of(desk, award)
    assert (released.code, assertions_of(desk, award)) == (0, [(True, False), (False, False)])
    assert (anew["state"], anew["assertion_id"] != award["assertion_id"]) == ("issued", True)
    assert award["assertion_id"] not in {one["assertion_id"] for one in desk.listed("reviews", "list")}


@pytest.mark.parametrize("kind", ["lose_answer", "reset"])
def test_a_revocation_whose_answer_is_lost_stays_issued_until_the_next_list_decides(desk, kind):
    desk.sync()
    award = an_issued_award(desk)
    desk.sandbox.trouble("badgr", "/assertions/", method="DELETE", kind=kind, times=1)

    lost = desk.run("awards", "revoke", award["user_id"], "level-1", "--reason", "awarded in error")
    between = award_of(desk, award)["state"]
    desk.sync()

    decided = {"lose_answer": "revoked", "reset": "issued"}[kind]
    assert (lost.code, "Traceback" in lost.err, between) == (69, False, "issued")
    assert (award_of(desk, award)["state"], len(assertions_of(desk, award))) == (decided, 1)


def test_an_award_revoked_before_its_lost_answer_was_looked_up_is_not_sent_again(desk):
    """The platform stored it, nobody heard of it, and staff took it back at once."""
    desk.sandbox.trouble("badgr", "/assertions$", method="POST", kind="lose_answer", times=1)
    desk.run("sync")
    award = next(one for one in desk.listed("awards", "list") if one["state"] == "doubtful")
    there = desk.sandbox.assertions(badge=award["badge"], email=award["email"])
    desk.sandbox.control("revoke_by_hand", assertion=there[0]["assertion_id"])
    time.sleep(SETTLED_S)

    desk.sync()
    desk.sync()

    now = desk.sandbox.assertions(badge=award["badge"], email=award["email"])
    row = next(one for one in desk.listed("awards", "show", award["user_id"]) if one["badge"] == award["badge"])
    assert ([one["revoked"] for one in now], row["state"]) == ([True], "revoked")


def test_an_award_that_vanished_from_the_platform_is_sent_again_only_by_name(desk):
    desk.sync()
    award = an_issued_award(desk)
    desk.sandbox.control("lose_assertion", assertion=award["assertion_id"])

    desk.sync()
    missing = [one["user_id"] for one in desk.listed("reviews", "list") if one["kind"] == "missing_there"]
    all_retried = desk.run("awards", "retry", "--all")
    desk.sync()
    without = assertions_of(desk, award)
    named = desk.run("awards", "retry", award["user_id"])
    desk.sync()

    assert (missing, all_retried.code, without) == ([award["user_id"]], 0, [])
    assert (named.code, assertions_of(desk, award), award_of(desk, award)["state"]) == (0, [(False, False)], "issued")
