"""Reading back from the platform: lists, pages, single assertions, revoking, the public record."""

import pytest

from d2l_sync.sandbox.handle import BADGR_CLIENT, BADGR_SECRET


@pytest.fixture
def seven(badgr):
    """Seven awards of Level 3, oldest first."""
    for number in range(7):
        assert badgr.award("level-3", f"ada.{number}@example.edu").status_code == 201
    return badgr


def addresses(response):
    return [each["recipient"]["plaintextIdentity"] for each in response.json()["result"]]


def test_without_num_everything_comes_at_once_and_no_link(seven):
    answer = seven.list("level-3")

    assert len(addresses(answer)) == 7
    assert "Link" not in answer.headers


def test_with_num_the_next_page_stands_in_a_header_only(seven):
    pages, page = [], seven.list("level-3", num=3)
    while True:
        pages.append(addresses(page))
        if "next" not in page.links:
            break
        page = seven.ask(page.links["next"]["url"])

    assert [len(each) for each in pages] == [3, 3, 1]
    assert [each for page in pages for each in page] == [f"ada.{number}@example.edu" for number in reversed(range(7))]


def test_the_way_back_leads_back(seven):
    first = seven.list("level-3", num=3)
    second = seven.ask(first.links["next"]["url"])

    assert addresses(seven.ask(second.links["prev"]["url"])) == addresses(first)


@pytest.mark.parametrize(("num", "expected"), [("0", 1), ("-5", 1), ("500", 5), ("x", 7)])
def test_num_is_clamped_and_nonsense_ignored(sandbox, seven, num, expected):
    sandbox.control("set_largest_page", size=5)

    assert len(addresses(seven.list("level-3", num=num))) == expected


def test_a_bad_cursor_is_a_404_with_a_text_for_fields(seven):
    refused = seven.list("level-3", num=3, cursor="x")

    assert (refused.status_code, refused.json()["fieldErrors"]) == (404, "Invalid cursor")


def test_several_recipients_may_be_asked_for(seven):
    wanted = ["ada.1@example.edu", "ada.2@example.edu"]

    assert sorted(seven.held("level-3", recipient=wanted)) == wanted


def test_a_recipient_is_looked_up_as_spelt(seven):
    assert seven.held("level-3", recipient="Ada.1@example.edu") == []


def test_a_bare_plus_finds_nothing(badgr):
    badgr.award("level-3", "ada+x@example.edu")
    path = f"/v2/badgeclasses/{badgr.badge_classes['level-3']}/assertions"

    assert addresses(badgr.ask(f"{path}?recipient=ada+x@example.edu")) == []
    assert addresses(badgr.ask(f"{path}?recipient=ada%2Bx@example.edu")) == ["ada+x@example.edu"]


@pytest.mark.parametrize(
    ("verb", "flag"), [("revoke_by_hand", "include_revoked"), ("expire_assertion", "include_expired")]
)
def test_dead_assertions_are_hidden_unless_asked_for(sandbox, badgr, verb, flag):
    made = badgr.award("level-3").json()["result"][0]["entityId"]
    sandbox.control(verb, assertion=made)

    assert badgr.held("level-3") == []
    assert badgr.held("level-3", **{flag: "yes"}) == []
    assert badgr.held("level-3", **{flag: "1"}) == badgr.held("level-3", **{flag: "TRUE"}) == ["ada@example.edu"]


def test_an_issuers_list_holds_every_badge_class(sandbox, badgr):
    badgr.award("level-3")
    issuer = sandbox.control("pathway")["issuer"]

    classes = {each["badgeclass"] for each in badgr.ask(f"/v2/issuers/{issuer}/assertions").json()["result"]}

    assert {badgr.badge_classes["level-1"], badgr.badge_classes["level-3"]} <= classes


def test_lists_may_lag_while_single_assertions_do_not(sandbox, badgr):
    sandbox.control("lag_lists", seconds=60)
    made = badgr.award("level-3").json()["result"][0]["entityId"]
    fresh = badgr.held("level-3")
    sandbox.control("advance_clock", seconds=61)

    assert fresh == []
    assert badgr.ask(f"/v2/assertions/{made}").status_code == 200
    assert badgr.held("level-3") == ["ada@example.edu"]


def test_hand_made_awards_stand_there_from_the_beginning(sandbox, badgr):
    by_hand = {each["email"] for each in sandbox.assertions(badge="level-1") if each["by_hand"]}

    assert "nobody.here@example.org" in by_hand
    assert by_hand == set(badgr.held("level-1", include_revoked="1"))


def test_an_assertion_may_be_lost(sandbox, badgr):
    made = badgr.award("level-3").json()["result"][0]["entityId"]
    sandbox.control("lose_assertion", assertion=made)

    assert badgr.ask(f"/v2/assertions/{made}").status_code == 404


def test_badge_classes_and_issuers_can_be_read(sandbox, badgr):
    issuer = sandbox.control("pathway")["issuer"]
    badge_class = badgr.badge_classes["level-2"]

    assert badgr.ask(f"/v2/issuers/{issuer}").json()["result"][0]["entityId"] == issuer
    assert len(badgr.ask(f"/v2/issuers/{issuer}/badgeclasses").json()["result"]) == 4
    assert badgr.ask(f"/v2/badgeclasses/{badge_class}").json()["result"][0]["issuer"] == issuer


def test_only_some_routes_enforce_the_scope(badgr):
    """A token for profiles alone awards all the same, and may not list issuers."""
    form = {"grant_type": "client_credentials", "client_id": BADGR_CLIENT, "client_secret": BADGR_SECRET}
    narrow = badgr.ask("/v2/users/self").status_code
    badgr.token = badgr.ask_token(**form).json()["access_token"]

    assert narrow == 404
    assert badgr.ask("/v2/users/self").status_code == 200
    assert badgr.ask("/v2/issuers").status_code == 404
    assert badgr.award("level-3").status_code == 201


@pytest.mark.parametrize("path", ["/v2/issuers/", "/v2/badges", "/nothing"])
def test_an_unknown_address_is_a_page_in_html(badgr, path):
    answer = badgr.ask(path)

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_wrong_method_has_a_text_for_fields(badgr):
    refused = badgr.ask("/v2/issuers", method="PATCH")

    assert (refused.status_code, refused.json()["fieldErrors"]) == (405, 'Method "PATCH" not allowed.')


def revoke(badgr, entity_id, body):
    return badgr.ask(f"/v2/assertions/{entity_id}", method="DELETE", json=body)


def test_revoking_needs_a_reason_and_happens_once(badgr):
    made = badgr.award("level-3").json()["result"][0]["entityId"]

    unexplained = revoke(badgr, made, {"revocationReason": "camel"})
    done = revoke(badgr, made, {"revocation_reason": "Awarded in error"})
    again = revoke(badgr, made, {"revocation_reason": "Awarded in error"})

    assert unexplained.json()["fieldErrors"] == {"revocation_reason": "This field is required"}
    assert (done.json()["result"][0]["revoked"], done.json()["result"][0]["image"]) == (True, None)
    assert again.json()["validationErrors"] == ["Assertion is already revoked"]


def test_staff_may_award_and_not_revoke(sandbox, badgr):
    sandbox.control("set_staff_role", role="staff")
    made = badgr.award("level-3").json()["result"][0]["entityId"]

    assert revoke(badgr, made, {"revocation_reason": "x"}).status_code == 404


def test_revoking_many_is_always_200(badgr):
    made = badgr.award("level-3").json()["result"][0]["entityId"]
    asked = [
        {"entityId": made, "revocationReason": "r"},
        {"entityId": made},
        {"entityId": "nope", "revocationReason": "r"},
    ]

    answer = badgr.ask("/v2/assertions/revoke", method="POST", json=asked)

    assert answer.status_code == 200
    assert [each["revoked"] for each in answer.json()["result"]] == [True, False, False]


def test_the_public_record_has_no_plain_address_and_shrinks_when_revoked(sandbox, badgr):
    (made,) = badgr.award("level-3", evidence=[{"url": "https://example.edu/e"}]).json()["result"]
    record = badgr.http.get(made["openBadgeId"], timeout=60).json()
    sandbox.control("revoke_by_hand", assertion=made["entityId"])
    after = badgr.http.get(made["openBadgeId"], timeout=60).json()

    assert "plaintextIdentity" not in record["recipient"]
    assert record["evidence"] == [{"type": "Evidence", "id": "https://example.edu/e"}]
    assert record["issuedOn"].endswith("+00:00")
    assert sorted(after) == ["@context", "id", "revocationReason", "revoked", "type"]
