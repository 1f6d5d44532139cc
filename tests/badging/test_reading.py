"""Reading: lists and look-ups are complete, or they raise."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from d2l_sync.badging import badgr as badgr_module
from d2l_sync.badging.platform import Limits
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ids import Address, BadgeClassId
from d2l_sync.domain.ports import Usage
from tests.badging.doubles import (
    ADA,
    LEVEL_1,
    LEVEL_2,
    an_assertion,
    envelope,
    make_badgr,
    make_store,
    refusal,
    to,
)
from tests.badging.loopback import Loopback, breaks_off_in_chunks, drips, floods, keeps_silent, resets, says

PATH = f"/v2/badgeclasses/{LEVEL_1}/assertions"
HTML = "<html>Sign in</html>"


def page(*items, link: str | None = None):
    headers = {} if link is None else {"Link": f'<{link}>; rel="next", </v2/x>; rel="prev"'}
    return says(200, envelope(*items), **headers)


def numbered(number: int, **changes):
    return an_assertion(**{"entityId": f"_assertion-{number}"} | changes)


def ids_of(assertions):
    return [one.assertion_id for one in assertions]


def test_a_list_asks_for_revoked_and_expired_ones_too(server, badgr):
    server.acts = [page()]

    assert badgr.assertions(LEVEL_1) == ()
    assert server.asked[0].path == PATH
    assert server.asked[0].query == {"num": "100", "include_revoked": "1", "include_expired": "1"}


@pytest.mark.parametrize(
    "to_next",
    [
        pytest.param(lambda server: f"{server.url}{PATH}?cursor=cD0y%2BMDI2&num=100", id="absolute"),
        pytest.param(lambda server: f"{PATH}?cursor=cD0y%2BMDI2&num=100", id="from the root"),
        pytest.param(lambda server: "?cursor=cD0y%2BMDI2&num=100", id="only a query"),
    ],
)
def test_every_page_is_read(server, badgr, to_next):
    server.acts = [page(numbered(1), numbered(2), link=to_next(server)), page(numbered(3))]

    found = badgr.assertions(LEVEL_1)

    assert ids_of(found) == ["_assertion-1", "_assertion-2", "_assertion-3"]
    assert server.asked[1].target == f"{PATH}?cursor=cD0y%2BMDI2&num=100"
    assert {one.token for one in server.asked} == {"Bearer token-1"}


def test_an_assertion_that_moved_between_pages_counts_once(server, badgr):
    server.acts = [page(numbered(1), link="?cursor=2"), page(numbered(1), numbered(2))]

    assert ids_of(badgr.assertions(LEVEL_1)) == ["_assertion-1", "_assertion-2"]


def test_two_assertions_under_one_id_are_no_list(server, badgr):
    """One of them would be missing, and whoever holds it awarded again."""
    server.acts = [page(numbered(1), numbered(1, recipient=to("grace@example.edu")))]

    with pytest.raises(SourceUnavailable, match="under one id"):
        badgr.assertions(LEVEL_1)


@pytest.mark.parametrize(
    ("links", "pages_read"),
    [
        pytest.param(["?cursor=2", "?cursor=3", "?cursor=2"], 3, id="round"),
        pytest.param([f"?cursor={number}" for number in range(9)], 5, id="without end"),
    ],
)
def test_pages_that_do_not_end_are_no_list(server, links, pages_read):
    badgr = make_badgr(server.url, limits=Limits(max_pages=5))
    server.acts = [page(numbered(1), link=link) for link in links]

    with pytest.raises(SourceUnavailable):
        badgr.assertions(LEVEL_1)

    assert len(server.asked) == pages_read


def test_a_list_that_takes_too_long_is_no_list(server):
    badgr = make_badgr(server.url, limits=Limits(list_s=-1.0))
    server.acts = [page(numbered(1), link="?cursor=2"), page(numbered(2))]

    with pytest.raises(SourceUnavailable, match="too long"):
        badgr.assertions(LEVEL_1)


def test_a_link_to_another_host_is_not_asked(server, badgr):
    with Loopback() as foreign:
        server.acts = [page(numbered(1), link=f"{foreign.url}{PATH}?cursor=2")]

        with pytest.raises(SourceRefused) as caught:
            badgr.assertions(LEVEL_1)

    assert caught.value.status == 0
    assert foreign.seen == []


def test_a_redirect_to_another_host_is_not_followed(server, badgr):
    with Loopback() as foreign:
        foreign.acts = [page()]
        server.acts = [says(302, Location=f"{foreign.url}{PATH}")]

        with pytest.raises(SourceUnavailable):
            badgr.assertions(LEVEL_1)

    assert foreign.seen == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(HTML, id="HTML"),
        pytest.param("", id="empty"),
        pytest.param("[]", id="no envelope"),
        pytest.param({"result": []}, id="no status"),
        pytest.param(refusal(), id="200 that says it failed"),
        pytest.param({"status": {"success": "yes"}, "result": []}, id="not quite a success"),
        pytest.param({"status": {"success": True}}, id="no result"),
        pytest.param({"status": {"success": True}, "result": {}}, id="result that is no list"),
        pytest.param(envelope(an_assertion(), "assertion"), id="item that is no object"),
        pytest.param(envelope(an_assertion(), numbered(2, entityId=None)), id="item without an id"),
        pytest.param(envelope(an_assertion(), numbered(2, entityId="\ud800")), id="item with half a character as id"),
        pytest.param(envelope(an_assertion(), numbered(2, entityId="a\nb")), id="item with a line break in its id"),
        pytest.param(envelope(an_assertion(), numbered(2, badgeclass=None)), id="item without a badge class"),
        pytest.param('{"status": {"success": true}, "result": [{}], "result": []}', id="two results"),
        pytest.param(envelope(an_assertion(), numbered(2, recipient=None)), id="item without a recipient"),
        pytest.param(envelope(an_assertion(), numbered(2, revoked=None)), id="item that may be revoked"),
        pytest.param(envelope(an_assertion(), numbered(2, createdAt="soon")), id="item with a date that is none"),
    ],
)
def test_a_list_with_anything_unreadable_is_no_list(server, badgr, body):
    server.acts = [says(200, body)]

    with pytest.raises(SourceUnavailable):
        badgr.assertions(LEVEL_1)


def test_a_second_page_that_fails_fails_the_list(server, badgr):
    server.acts = [page(numbered(1), link="?cursor=2"), says(404, refusal())]

    with pytest.raises(SourceRefused):
        badgr.assertions(LEVEL_1)


def test_other_badge_classes_in_a_list_are_left_out(server, badgr):
    server.acts = [page(numbered(1), numbered(2, badgeclass=LEVEL_2))]

    assert ids_of(badgr.assertions(LEVEL_1)) == ["_assertion-1"]


def test_a_list_of_nothing_but_another_badge_class_is_not_an_empty_list(server, badgr):
    """Else a badge class configured by its second id would look as if nobody held it."""
    server.acts = [page(numbered(2, badgeclass=LEVEL_2))]

    with pytest.raises(SourceRefused):
        badgr.assertions(LEVEL_1)


@pytest.mark.parametrize(
    ("recipient", "address"),
    [
        pytest.param(to("Ada@Example.edu "), ADA, id="plain beside the hash"),
        pytest.param({"identity": "ADA@example.edu", "hashed": False}, ADA, id="not hashed"),
        pytest.param({"identity": "sha256$fa430f6d", "hashed": True}, None, id="hash only"),
        pytest.param({"hashed": True}, None, id="nothing"),
        pytest.param(to("ada@example.edu\ud800"), Address("ada@example.edu\ufffd"), id="half a character"),
        pytest.param(to("ada\0@example.edu"), Address("ada\ufffd@example.edu"), id="what no database stores"),
        pytest.param({"identity": "sha256$fa430f6d", "hashed": True, "salt": "\ud800"}, None, id="unwritable salt"),
    ],
)
def test_an_address_is_told_where_the_platform_tells_it(server, badgr, recipient, address):
    server.acts = [page(an_assertion(recipient=recipient))]

    assert [one.address for one in badgr.assertions(LEVEL_1)] == [address]


@pytest.mark.parametrize("url", [None, 7, "", "http://badges.example.edu/\ud800", "http://badges.example.edu/\n"])
def test_an_address_on_the_web_is_left_out_where_it_is_none(server, badgr, url):
    server.acts = [page(an_assertion(openBadgeId=url))]

    assert [one.url for one in badgr.assertions(LEVEL_1)] == [None]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC), id="no fraction"),
        pytest.param("2026-11-23T10:00:00.5Z", datetime(2026, 11, 23, 10, 0, 0, 500000, tzinfo=UTC), id="fraction"),
        pytest.param("2026-11-23T10:00:00.123456789Z", datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC), id="ns"),
        pytest.param("2026-11-23T05:00:00-05:00", datetime(2026, 11, 23, 10, tzinfo=UTC), id="offset"),
        pytest.param("2026-11-23T10:00:00", datetime(2026, 11, 23, 10, tzinfo=UTC), id="naive"),
        pytest.param(None, None, id="none"),
    ],
)
def test_dates_come_in_several_spellings(server, badgr, text, moment):
    server.acts = [page(an_assertion(issuedOn=text))]

    assert [one.issued_at for one in badgr.assertions(LEVEL_1)] == [moment]


def test_a_look_up_asks_for_the_address_in_lower_case_and_percent_encoded(server, badgr):
    server.acts = [page()]

    badgr.find(LEVEL_1, Address("Ada+x@Example.edu"))

    assert "recipient=ada%2Bx%40example.edu&" in server.asked[0].target
    assert server.asked[0].query["include_revoked"] == "1"


def test_a_look_up_keeps_exactly_the_address_asked_for(server, badgr):
    """A server may compare without accents, or ignore what was asked."""
    others = ["adá@example.edu", "ada@example.edu.au", "grace@example.edu"]
    strangers = [numbered(number, recipient=to(address)) for number, address in enumerate(others)]
    server.acts = [page(*strangers, numbered(7, revoked=True), numbered(8, recipient=to("ADA@example.edu")))]

    found = badgr.find(LEVEL_1, ADA)

    assert [(one.assertion_id, one.is_revoked) for one in found] == [("_assertion-7", True), ("_assertion-8", False)]


def test_a_look_up_knows_an_address_whether_its_accents_are_characters_of_their_own_or_not(server, badgr):
    server.acts = [page(numbered(1, recipient=to("ame\u0301lie@example.edu")))]

    found = badgr.find(LEVEL_1, Address("am\u00e9lie@example.edu"))

    assert [(one.assertion_id, one.address) for one in found] == [("_assertion-1", "am\u00e9lie@example.edu")]


def test_an_address_is_looked_up_as_it_was_sent(server, badgr):
    """A row of before addresses were composed: the platform may find, and hash, no other form of it."""
    sent = Address("ame\u0301lie@example.edu")
    salted = sha256(f"{sent}27ff36c2".encode()).hexdigest()
    hashed = {"identity": f"sha256${salted}", "hashed": True, "salt": "27ff36c2"}
    server.acts = [page(numbered(1, recipient=hashed), numbered(2, recipient=to(sent)))]

    found = badgr.find(LEVEL_1, sent)

    assert "recipient=ame%CC%81lie%40example.edu&" in server.asked[0].target
    assert [one.address for one in found] == ["am\u00e9lie@example.edu"] * 2


def test_nobodys_address_is_not_looked_up(server, badgr):
    """Without an address, the platform would list everybody's."""
    assert badgr.find(LEVEL_1, Address("  ")) == ()
    assert server.asked == []


def test_a_look_up_knows_the_address_by_its_hash(server, badgr):
    salted = sha256(b"ada@example.edu27ff36c2").hexdigest()
    mine = {"identity": f"sha256${salted}", "hashed": True, "salt": "27ff36c2"}
    server.acts = [page(numbered(1, recipient=mine), numbered(2, recipient=mine | {"salt": "another"}))]

    found = badgr.find(LEVEL_1, ADA)

    assert [(one.assertion_id, one.address) for one in found] == [("_assertion-1", ADA)]


@pytest.mark.parametrize("status", [403, 404])
def test_what_is_not_ours_is_refused_with_a_hint(server, badgr, status):
    server.acts = [says(status, refusal())]

    with pytest.raises(SourceRefused) as caught:
        badgr.assertions(LEVEL_1)

    assert caught.value.status == status
    assert "staff" in caught.value.hint


def test_a_401_is_read_again_with_a_new_token(server, badgr):
    server.acts = [says(401, refusal()), page(numbered(1))]

    assert ids_of(badgr.assertions(LEVEL_1)) == ["_assertion-1"]
    assert [one.token for one in server.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_second_401_needs_a_person(server, badgr):
    server.acts = [says(401, refusal()), says(401, refusal()), page()]

    with pytest.raises(TokenRefused):
        badgr.assertions(LEVEL_1)

    assert len(server.asked) == 2


def test_reading_that_took_long_in_vain_is_not_tried_again(server, monkeypatch):
    monkeypatch.setattr(badgr_module, "BUSY_S", 0.0)
    server.acts = [says(503), page(numbered(1))]

    with pytest.raises(SourceUnavailable):
        make_badgr(server.url).assertions(LEVEL_1)

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(says(500, HTML), id="500"),
        pytest.param(says(503, HTML), id="503"),
        pytest.param(says(429, refusal()), id="429"),
        pytest.param(resets, id="reset"),
        pytest.param(breaks_off_in_chunks, id="cut off"),
    ],
)
def test_reading_is_tried_three_times(server, badgr, act):
    server.acts = [act, act, page(numbered(1))]
    assert ids_of(badgr.assertions(LEVEL_1)) == ["_assertion-1"]

    server.acts = [act, act, act, page(numbered(1))]
    with pytest.raises(SourceUnavailable):
        badgr.assertions(LEVEL_1)

    assert len(server.acts) == 1


@pytest.mark.parametrize("act", [keeps_silent, drips])
def test_what_does_not_come_to_an_end_is_given_up_three_times(server, impatient, act):
    server.acts = [act, act, act, page(numbered(1))]

    with pytest.raises(SourceUnavailable):
        impatient.assertions(LEVEL_1)

    assert len(server.acts) == 1


@pytest.mark.parametrize("has_token", [True, False], ids=["asked for a list", "asked for a token"])
def test_who_refuses_the_connection_is_named_and_says_what_helps(server, has_token):
    tokens = make_store()
    if has_token:
        make_badgr(server.url, tokens=tokens).check_credentials()
    with pytest.raises(SourceUnavailable, match=r"127\.0\.0\.1 refuses the connection") as caught:
        make_badgr("http://127.0.0.1:1", tokens=tokens).assertions(LEVEL_1)

    assert "check the address" in caught.value.hint


@pytest.mark.parametrize(
    "act",
    [pytest.param(says(400, refusal()), id="400"), pytest.param(says(200, HTML), id="a page to sign in")],
)
def test_what_will_not_change_by_waiting_is_asked_once(server, badgr, act):
    server.acts = [act, page()]

    with pytest.raises(SourceUnavailable):
        badgr.assertions(LEVEL_1)

    assert len(server.asked) == 1


def test_a_short_wait_that_is_asked_for_is_kept(server):
    waited: list[float] = []
    server.acts = [says(429, Retry_After="7"), page()]

    make_badgr(server.url, sleep=waited.append).assertions(LEVEL_1)

    assert waited == [7.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("Mon, 23 Nov 2026 12:02:00 GMT", 120, id="date"),
    ],
)
def test_a_long_wait_is_left_to_the_caller(server, header, seconds):
    waited: list[float] = []
    server.acts = [says(503, HTML, Retry_After=header)]

    with pytest.raises(SourceUnavailable) as caught:
        make_badgr(server.url, sleep=waited.append).assertions(LEVEL_1)

    assert (caught.value.retry_after_s, waited, len(server.asked)) == (seconds, [], 1)


@pytest.mark.parametrize("header", ["soon", "-5", "", "Mon, 23 Nov 99999999999999 12:02:00 GMT"])
def test_a_wait_that_makes_no_sense_is_ignored(server, badgr, header):
    server.acts = [says(503, Retry_After=header), page()]

    assert badgr.assertions(LEVEL_1) == ()


def test_an_answer_without_end_is_given_up(server):
    badgr = make_badgr(server.url, limits=replace(Limits(), max_bytes=1024 * 1024))
    server.acts = [floods, floods, floods]

    with pytest.raises(SourceUnavailable):
        badgr.assertions(LEVEL_1)


def test_no_error_shows_the_address_that_was_looked_up(server, badgr):
    """Not in its text and not in what it came from: requests names the whole URL."""
    server.acts = [resets, resets, resets]

    with pytest.raises(SourceUnavailable) as caught:
        badgr.find(LEVEL_1, ADA)

    error: BaseException | None = caught.value
    while error is not None:
        assert "ada" not in str(error)
        error = error.__cause__ or error.__context__


def test_an_id_that_is_none_is_not_asked_for(server, badgr):
    with pytest.raises(SourceRefused):
        badgr.assertions(BadgeClassId("../issuers"))

    assert server.seen == []


def test_a_check_names_badge_class_and_issuer(server, badgr):
    server.acts = [
        says(200, envelope({"entityId": LEVEL_1, "name": "Level 1"})),
        says(200, envelope({"entityId": "x", "name": "Center"})),
    ]

    assert (badgr.check_badge_class(LEVEL_1), badgr.check_issuer()) == ("Level 1", "Center")
    assert [one.path for one in server.asked] == [f"/v2/badgeclasses/{LEVEL_1}", "/v2/issuers/4xhdlssuerQuiteALongId"]


def test_a_badge_class_without_a_name_is_there_all_the_same(server, badgr):
    server.acts = [says(200, envelope({"entityId": LEVEL_1}))]

    assert badgr.check_badge_class(LEVEL_1) is None


def test_a_check_refuses_a_badge_class_that_has_another_id(server, badgr):
    server.acts = [says(200, envelope({"entityId": LEVEL_2, "name": "Level 1"}))]

    with pytest.raises(SourceRefused, match="another id"):
        badgr.check_badge_class(LEVEL_1)


@pytest.mark.parametrize(
    ("act", "error"),
    [
        pytest.param(says(404, refusal()), SourceRefused, id="not ours"),
        pytest.param(says(200, envelope()), SourceUnavailable, id="nothing in it"),
        pytest.param(says(200, envelope("name")), SourceUnavailable, id="no object in it"),
    ],
)
def test_a_check_raises_where_there_is_nothing_to_name(server, badgr, act, error):
    server.acts = [act, act]

    with pytest.raises(error):
        badgr.check_badge_class(LEVEL_1)
    with pytest.raises(error):
        badgr.check_issuer()


def test_usage_counts_every_request_the_token_too(server, badgr):
    server.acts = [says(500), page(numbered(1), link="?cursor=2"), page()]

    badgr.assertions(LEVEL_1)

    assert badgr.usage() == Usage(calls=4) == Usage(calls=len(server.seen))


def test_an_answer_of_more_values_than_an_honest_one_holds_is_given_up(server, badgr):
    """What is two megabytes on the wire may be a hundred in memory, and one of 32 a gigabyte."""
    server.acts = [says(200, b"[" + b"1," * 1_000_001 + b"1]")]

    with pytest.raises(SourceUnavailable):
        badgr.assertions(LEVEL_1)
