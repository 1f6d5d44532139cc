"""Issuing: what is sent, and what each answer means."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from d2l_sync.badging.platform import Limits
from d2l_sync.domain.award import Assertion
from d2l_sync.domain.ids import Address, AssertionId, BadgeClassId
from d2l_sync.domain.ports import Declined, Duplicate, Issued, Lost, NotSent
from tests.badging.doubles import (
    ADA,
    LEVEL_1,
    LEVEL_2,
    an_assertion,
    envelope,
    make_badgr,
    make_order,
    make_store,
    refusal,
    to,
)
from tests.badging.loopback import breaks_off, closes, drips, floods, keeps_silent, resets, says
from tests.ports import free_port

TAKEN = says(201, envelope(an_assertion()))
HTML = "<html>We're sorry, an error has occurred.</html>"
DUPLICATE = refusal(validationErrors=["A previous award of this badge already exists for this recipient."])


def test_an_award_that_the_platform_takes_is_issued(server, badgr):
    server.acts = [TAKEN]

    answer = badgr.issue(make_order())

    assert answer == Issued(
        Assertion(
            assertion_id=AssertionId("2PfxLmduTyySCWOExQ4R_w"),
            badge_class=LEVEL_1,
            address=ADA,
            url="https://badges.example.edu/public/assertions/2PfxLmduTyySCWOExQ4R_w",
            is_revoked=False,
            issued_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
            created_at=datetime(2026, 11, 23, 11, 55, 23, 600968, tzinfo=UTC),
        )
    )


def test_what_is_sent_is_the_address_the_date_and_the_narrative(server, badgr):
    server.acts = [TAKEN]

    badgr.issue(make_order(notify=False))

    [request] = server.asked
    assert (request.method, request.target) == ("POST", f"/v2/badgeclasses/{LEVEL_1}/assertions")
    assert request.token == "Bearer token-1"
    assert request.headers["content-type"] == request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("d2l-sync/")
    assert request.json() == {
        "recipient": {"identity": "ada@example.edu", "type": "email", "hashed": True},
        "issuedOn": "2026-11-23T10:00:00Z",
        "narrative": "Met every criterion of Level 1.\n\nRef abc",
        "allowDuplicateAwards": False,
        "notify": False,
    }


def test_an_award_to_an_address_of_before_they_were_composed_is_issued(server, badgr):
    sent = Address("ame\u0301lie@example.edu")
    server.acts = [says(201, envelope(an_assertion(recipient=to(sent))))]

    answer = badgr.issue(make_order(address=sent))

    assert isinstance(answer, Issued)
    assert answer.assertion.address == "am\u00e9lie@example.edu"


def test_a_date_is_sent_in_whole_seconds_of_utc(server, badgr):
    server.acts = [TAKEN]
    local = datetime(2026, 11, 23, 5, 0, 0, 999999, tzinfo=timezone(timedelta(hours=-5)))

    badgr.issue(make_order(issued_on=local))

    assert server.asked[0].json()["issuedOn"] == "2026-11-23T10:00:00Z"


def test_a_configured_page_is_sent_as_evidence(server, badgr):
    server.acts = [TAKEN]

    badgr.issue(make_order(evidence_url="https://www.example.edu/badges"))

    assert server.asked[0].json()["evidence"] == [{"url": "https://www.example.edu/badges"}]


@pytest.mark.parametrize(
    ("narrative", "sent"),
    [
        pytest.param("Bien joué, Ada", "Bien joué, Ada", id="accents"),
        pytest.param("well done \U0001f3c5!", "well done \ufffd!", id="beyond the basic plane"),
        pytest.param("half \ud83c a pair", "half \ufffd a pair", id="lone surrogate"),
        pytest.param("see ![badge](x)", "see !\\[badge](x)", id="image"),
        pytest.param("see !\0[badge](x)", "see !\\[badge](x)", id="image around NUL"),
        pytest.param("  \n text \n", "text", id="space around"),
        pytest.param(" \0 ", None, id="nothing left"),
    ],
)
def test_a_narrative_is_made_acceptable(server, badgr, narrative, sent):
    server.acts = [TAKEN]

    badgr.issue(make_order(narrative=narrative))

    assert server.asked[0].json().get("narrative") == sent


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        pytest.param(says(400, DUPLICATE), Duplicate(), id="previous award"),
        pytest.param(says(409, "A PREVIOUS AWARD exists"), Duplicate(), id="previous award in another form"),
        pytest.param(says(400), Declined("answered 400"), id="400 with an empty body"),
        pytest.param(says(409, refusal()), Declined("bad request"), id="409 that is no duplicate"),
        pytest.param(says(422, refusal()), Declined("bad request"), id="422"),
        pytest.param(says(403, refusal()), NotSent("answered 403"), id="forbidden"),
        pytest.param(says(404, refusal()), NotSent("answered 404"), id="unknown or not ours"),
        pytest.param(says(405, refusal()), NotSent("answered 405"), id="wrong verb"),
        pytest.param(says(415, refusal()), NotSent("answered 415"), id="wrong type"),
        pytest.param(says(429, HTML), NotSent("answered 429", stops_all=True), id="throttled"),
        pytest.param(says(302, HTML, Location="/maintenance"), Lost("answered 302"), id="maintenance"),
        pytest.param(says(307, HTML, Location="/v2/elsewhere"), Lost("answered 307"), id="moved"),
        pytest.param(says(402, refusal()), Lost("answered 402"), id="a refusal of no kind that is known"),
        pytest.param(says(408), Lost("answered 408"), id="too slow for them"),
        pytest.param(says(413, HTML), Lost("answered 413"), id="too large, says somebody on the way"),
        pytest.param(says(404, DUPLICATE), NotSent("answered 404"), id="previous award in a 404"),
        pytest.param(says(500, DUPLICATE), Lost("answered 500"), id="previous award in a 500"),
        pytest.param(says(500, HTML), Lost("answered 500"), id="500, stored or not"),
        pytest.param(says(503, HTML), Lost("answered 503"), id="503"),
        pytest.param(says(202, envelope(an_assertion())), Lost("answered 202"), id="202"),
        pytest.param(says(204), Lost("answered 204"), id="204"),
    ],
)
def test_an_answer_is_sorted_by_what_may_have_been_made(server, badgr, act, expected):
    server.acts = [act]

    assert badgr.issue(make_order()) == expected
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(HTML, id="HTML"),
        pytest.param("", id="empty"),
        pytest.param("[" * 100_000, id="nested without end"),
        pytest.param(refusal(), id="200 that says it failed"),
        pytest.param({"result": [an_assertion()]}, id="no status"),
        pytest.param(envelope(), id="nothing made"),
        pytest.param(envelope(an_assertion(), an_assertion()), id="two made"),
        pytest.param(envelope(an_assertion(entityId="")), id="without an id"),
        pytest.param(envelope(an_assertion(badgeclass=LEVEL_2)), id="of another badge class"),
        pytest.param(envelope(an_assertion(recipient=to("grace@example.edu"))), id="to somebody else"),
        pytest.param(envelope(an_assertion(recipient=to(""))), id="to nobody known"),
        pytest.param(envelope(an_assertion(revoked=True)), id="revoked already"),
        pytest.param(envelope(an_assertion(issuedOn="yesterday")), id="with a date that is none"),
    ],
)
def test_a_success_that_does_not_show_this_award_is_lost(server, badgr, body, status):
    server.acts = [says(status, body)]

    assert isinstance(badgr.issue(make_order()), Lost)


def test_the_platforms_spelling_of_an_address_does_not_matter(server, badgr):
    server.acts = [says(200, envelope(an_assertion(recipient=to("Ada@Example.EDU"))))]

    assert isinstance(badgr.issue(make_order()), Issued)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(resets, id="reset"),
        pytest.param(closes, id="closed"),
        pytest.param(breaks_off, id="cut off"),
    ],
)
def test_an_award_whose_answer_breaks_is_lost_and_not_sent_again(server, badgr, act):
    server.acts = [act, TAKEN]

    assert isinstance(badgr.issue(make_order()), Lost)
    assert len(server.asked) == 1


@pytest.mark.parametrize("act", [keeps_silent, drips])
def test_an_award_whose_answer_is_not_awaited_any_longer_is_lost_and_not_sent_again(server, impatient, act):
    server.acts = [act, TAKEN]

    assert isinstance(impatient.issue(make_order()), Lost)
    assert len(server.asked) == 1


def test_an_award_whose_answer_never_ends_is_lost(server):
    server.acts = [floods]

    assert isinstance(make_badgr(server.url, limits=Limits(max_bytes=2**20)).issue(make_order()), Lost)


def test_without_a_connection_nothing_was_sent(server):
    """The token is still good, so the award's own connection is the first to fail."""
    tokens = make_store()
    server.acts = [TAKEN]
    make_badgr(server.url, tokens=tokens).issue(make_order())

    answer = make_badgr(f"http://127.0.0.1:{free_port()}", tokens=tokens).issue(make_order())

    assert answer == NotSent("127.0.0.1 refuses the connection")


def test_a_401_is_answered_with_a_new_token_and_the_award_sent_again(server, badgr):
    server.acts = [says(401, refusal("no valid auth token found")), TAKEN]

    answer = badgr.issue(make_order())

    assert isinstance(answer, Issued)
    assert [one.token for one in server.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_second_401_means_our_credentials(server, badgr):
    server.acts = [says(401, refusal()), says(401, refusal()), TAKEN]

    answer = badgr.issue(make_order())

    assert isinstance(answer, NotSent)
    assert (answer.stops_all, answer.is_credentials, len(server.asked)) == (True, True, 2)


@pytest.mark.parametrize(
    ("token_act", "is_credentials"),
    [
        pytest.param(says(401, {"error": "invalid_client"}), True, id="refused"),
        pytest.param(says(500, HTML), False, id="down"),
        pytest.param(says(302, Location="/maintenance"), False, id="maintenance"),
        pytest.param(says(404, HTML), False, id="not there"),
    ],
)
def test_without_a_token_nothing_is_sent(server, badgr, token_act, is_credentials):
    server.token_acts = [token_act]

    answer = badgr.issue(make_order())

    assert isinstance(answer, NotSent)
    assert (answer.stops_all, answer.is_credentials, server.asked) == (True, is_credentials, [])


def test_a_badge_class_that_is_no_id_is_not_put_into_a_path(server, badgr):
    assert isinstance(badgr.issue(make_order(badge_class=BadgeClassId(".."))), NotSent)
    assert server.seen == []


@pytest.mark.parametrize(
    ("errors", "why"),
    [
        pytest.param(
            {"fieldErrors": {"recipient": {"non_field_errors": ["Enter a valid email address."]}}},
            "recipient: Enter a valid email address.",
            id="nested",
        ),
        pytest.param(
            {"fieldErrors": {"issuedOn": ["Only dates in the past.", "Really."]}},
            "issuedOn: Only dates in the past.",
            id="first message of a list",
        ),
        pytest.param({"fieldErrors": 'Unsupported media type "x"'}, "Unsupported media type …", id="a string"),
        pytest.param(
            {"fieldErrors": [{}, {"evidence": [{"url": ["Enter a valid URL."]}]}]},
            "1.evidence.0.url: Enter a valid URL.",
            id="a list",
        ),
        pytest.param(
            {"validationErrors": ["You may not award this badge to this recipient."]},
            "You may not award this badge to this recipient.",
            id="no field",
        ),
        pytest.param(
            {"validationErrors": ["Mail to ADA@example.edu bounced; ask Ada."]},
            "Mail to … bounced; ask ….",
            id="the address and the name in it",
        ),
        pytest.param({"validationErrors": ["no\ud800\0\x1b[31m way"]}, "no [31m way", id="what no terminal should get"),
        pytest.param({}, "bad request", id="the description only"),
        pytest.param({"fieldErrors": {"a": [{"b": {"c": [{"d": {"e": ["deep"]}}]}}]}}, "bad request", id="too deep"),
    ],
)
def test_a_refused_award_tells_why_without_telling_whose(server, badgr, errors, why):
    server.acts = [says(400, refusal(**errors))]

    assert badgr.issue(make_order()) == Declined(why)


def test_why_stays_short(server, badgr):
    server.acts = [says(422, refusal(validationErrors=["long " * 1000]))]

    answer = badgr.issue(make_order(address=Address("grace@example.edu")))

    assert isinstance(answer, Declined)
    assert len(answer.why) <= 200


def test_neither_answers_nor_errors_show_the_address(server, badgr):
    for act in (resets, breaks_off, says(500, "ada@example.edu"), says(201, envelope(an_assertion(revoked="ada@")))):
        server.acts = [act]

        assert "ada" not in repr(badgr.issue(make_order()))
