"""Awarding on the platform: what it stores, what it refuses, and in how many forms."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest


def in_a_moment(seconds):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def test_an_award_is_a_list_of_one_with_the_address_hashed_and_plain(badgr):
    answer = badgr.award(identity="Ada.Test@Example.edu", narrative="Ref 7Qm3")
    (award,) = answer.json()["result"]

    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert award["recipient"]["plaintextIdentity"] == "ada.test@example.edu"
    salted = ("ada.test@example.edu" + award["recipient"]["salt"]).encode()
    assert award["recipient"]["identity"] == "sha256$" + hashlib.sha256(salted).hexdigest()
    assert (len(award["entityId"]), award["revoked"], award["narrative"]) == (22, False, "Ref 7Qm3")


def test_json_is_called_json_only_when_asked_for(badgr):
    answer = badgr.ask("/v2/issuers", headers={"Accept": "application/json"})

    assert answer.headers["Content-Type"] == "application/json"


def test_the_same_award_twice_is_two_awards_by_default(badgr):
    body = {"recipient": {"identity": "ada@example.edu"}, "externalId": "same"}
    path = f"/v2/badgeclasses/{badgr.badge_classes['level-1']}/assertions"

    assert [badgr.ask(path, method="POST", json=body).status_code for _ in range(2)] == [201, 201]
    assert badgr.held(recipient="ada@example.edu") == ["ada@example.edu"] * 2


def test_an_unwanted_duplicate_is_a_400_like_any_other(badgr):
    badgr.award()

    refused = badgr.award()

    assert refused.status_code == 400
    assert refused.json() == {
        "status": {"success": False, "description": "bad request"},
        "result": [],
        "fieldErrors": {},
        "validationErrors": ["A previous award of this badge already exists for this recipient."],
    }


def test_the_duplicate_check_sees_the_address_as_it_was_sent(badgr):
    """It is stored in lower case, and compared raw: capitals slip past."""
    answers = [badgr.award(identity=each).status_code for each in ("ada@example.edu", "Ada@example.edu")]

    assert answers == [201, 201]
    assert badgr.held(recipient="ada@example.edu") == ["ada@example.edu"] * 2


def test_the_duplicate_check_is_blind_to_what_was_revoked_or_has_expired(sandbox, badgr):
    for verb in ("revoke_by_hand", "expire_assertion"):
        made = badgr.award().json()["result"][0]["entityId"]
        sandbox.control(verb, assertion=made)

    assert badgr.award().status_code == 201


def test_two_at_once_both_get_through(sandbox, badgr):
    """Check, then insert, with no lock between."""
    sandbox.control("set_race_window", seconds=1.5)

    with ThreadPoolExecutor(2) as pool:
        statuses = list(pool.map(lambda _: badgr.award().status_code, range(2)))

    assert statuses == [201, 201]
    assert badgr.held(recipient="ada@example.edu") == ["ada@example.edu"] * 2


def test_one_after_the_other_only_the_first_does(badgr):
    assert [badgr.award().status_code for _ in range(2)] == [201, 400]


FIELD_ERRORS = [
    ({"recipient": None}, "recipient", ["This field is required"]),
    ({"recipient": {}}, "recipient", {"identity": ["This field is required."]}),
    ({"recipient": {"identity": ""}}, "recipient", {"identity": ["This field may not be blank."]}),
    ({"recipient": {"identity": None}}, "recipient", {"identity": ["This field may not be null."]}),
    ({"recipient": {"identity": "ada"}}, "recipient", {"non_field_errors": ["Enter a valid email address."]}),
    ({"recipient": {"identity": 7}}, "recipient", {"non_field_errors": ["Enter a valid email address."]}),
    (
        {"recipient": "ada@example.edu"},
        "recipient",
        {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]},
    ),
    (
        {"recipient": {"identity": "a@b.org", "type": "mail"}},
        "recipient",
        {"type": ['"mail" is not a valid choice.']},
    ),
    ({"issuedOn": in_a_moment(86_400)}, "issuedOn", ["Only issuedOn dates in the past are acceptable."]),
    ({"issuedOn": None}, "issuedOn", ["This field may not be null."]),
    ({"narrative": ""}, "narrative", ["This field may not be blank."]),
    ({"narrative": "![x](y)"}, "narrative", ["Images not supported in markdown"]),
    ({"evidence": None}, "evidence", ["This field may not be null."]),
    ({"evidence": {}}, "evidence", {"non_field_errors": ['Expected a list of items but got type "dict".']}),
    ({"evidence": [{}]}, "evidence", [{"non_field_errors": ["Either url or narrative is required"]}]),
    ({"evidence": [{"url": "urn:x"}]}, "evidence", [{"url": ["Enter a valid URL."]}]),
    ({"evidence": [{"url": None}]}, "evidence", [{"url": ["This field may not be null."]}]),
    ({"allowDuplicateAwards": None}, "allowDuplicateAwards", ["This field may not be null."]),
    ({"allowDuplicateAwards": "x"}, "allowDuplicateAwards", ["Must be a valid boolean."]),
]


@pytest.mark.parametrize(
    ("members", "name", "fault"), FIELD_ERRORS, ids=[f"{each[1]} {number}" for number, each in enumerate(FIELD_ERRORS)]
)
def test_a_field_that_is_wrong_is_named_in_its_own_form(badgr, members, name, fault):
    refused = badgr.award(**members)

    assert refused.status_code == 400
    assert refused.json()["fieldErrors"] == {name: fault}


@pytest.mark.parametrize("text", ["2026-01-01", "now", "", "1999"])
def test_a_date_is_more_than_a_day(badgr, text):
    assert badgr.award(issuedOn=text).json()["fieldErrors"]["issuedOn"][0].startswith("Datetime has wrong format.")


def test_a_client_whose_clock_runs_ahead_is_refused(sandbox, badgr):
    sandbox.control("set_clock", offset_s=-10, server="badgr")

    assert badgr.award(issuedOn=in_a_moment(0)).status_code == 400
    assert badgr.award(issuedOn=in_a_moment(-60)).status_code == 201


def test_a_badge_class_in_the_body_is_one_too_many(badgr):
    refused = badgr.award(badgeclass=badgr.badge_classes["level-1"])

    assert refused.json()["validationErrors"][0].startswith("Multiple badge class identifiers.")


def test_what_is_no_json_is_told_so(badgr):
    path = f"/v2/badgeclasses/{badgr.badge_classes['level-1']}/assertions"
    typed = {"Content-Type": "application/json"}

    broken = badgr.ask(path, method="POST", data=b"{", headers=typed)
    listed = badgr.ask(path, method="POST", json=[])
    other = badgr.ask(path, method="POST", data=b"{}", headers={"Content-Type": "application/ld+json"})

    assert broken.json()["validationErrors"][0].startswith("JSON parse error - ")
    assert listed.json()["validationErrors"] == ["Invalid data. Expected a dictionary, but got list."]
    assert (other.status_code, type(other.json()["fieldErrors"])) == (415, str)


def test_an_unknown_badge_class_cannot_be_told_from_one_of_somebody_else(sandbox, badgr):
    unknown = badgr.ask("/v2/badgeclasses/nope/assertions", method="POST", json={})
    sandbox.control("set_staff_role", role="none")

    foreign = badgr.award()

    assert unknown.status_code == foreign.status_code == 404
    assert unknown.json() == foreign.json()


def test_an_opted_out_recipient_is_refused(sandbox, badgr):
    sandbox.control("opt_out", email="ada@example.edu")

    assert badgr.award().json()["validationErrors"] == ["You may not award this badge to this recipient."]


def test_broken_mail_answers_500_and_the_award_is_stored(sandbox, badgr):
    sandbox.control("break_mail")

    answer = badgr.award()

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert badgr.held(recipient="ada@example.edu") == ["ada@example.edu"]
    assert badgr.award("level-2").status_code == 201  # the address is not new any more


def test_the_first_award_to_an_address_mails_and_later_ones_when_asked(sandbox, badgr):
    badgr.award("level-1")
    badgr.award("level-2")
    badgr.award("level-3", notify=True)

    mails = [each["badge_key"] for each in sandbox.control("mails") if each["email"] == "ada@example.edu"]
    assert mails == ["level-1", "level-3"]


def test_an_emoji_breaks_the_database(badgr):
    assert badgr.award(narrative="well done \N{PARTY POPPER}").status_code == 500
    assert badgr.held(recipient="ada@example.edu") == []


def test_what_comes_back_need_not_be_what_was_sent(badgr):
    same = {"url": "https://example.edu/e", "narrative": "one"}
    (award,) = badgr.award(narrative=" <b>x</b> ", evidence=[same, same, {"narrative": "two"}]).json()["result"]

    assert award["narrative"] == "x"
    assert award["evidence"] == [same, {"url": None, "narrative": "two"}]


def test_an_id_may_begin_with_a_dash(badgr):
    assert badgr.badge_classes["level-3"].startswith("-")
    assert badgr.award("level-3").status_code == 201


def test_maintenance_turns_every_post_away_before_the_token_is_looked_at(sandbox, badgr):
    sandbox.control("set_maintenance")

    turned = badgr.award()

    assert (turned.status_code, turned.headers["Location"]) == (302, "/maintenance")
    assert badgr.ask_token(grant_type="password").status_code == 302
    assert badgr.list().status_code == 200
