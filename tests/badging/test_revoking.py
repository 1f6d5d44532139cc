"""Revoking: done, refused, or to be asked again."""

import pytest

from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ids import AssertionId
from tests.badging.doubles import an_assertion, envelope, refusal
from tests.badging.loopback import breaks_off, resets, says

ID = AssertionId("_8iD9YFiS5GZH9ZZrjG8Jw")
REVOKED = says(200, envelope(an_assertion(revoked=True, revocationReason="Awarded in error")))


def test_a_revocation_sends_its_reason(server, badgr):
    server.acts = [REVOKED]

    badgr.revoke(ID, "Awarded in error")

    [request] = server.asked
    assert (request.method, request.target) == ("DELETE", f"/v2/assertions/{ID}")
    assert request.json() == {"revocation_reason": "Awarded in error"}


@pytest.mark.parametrize(
    ("reason", "sent"),
    [
        pytest.param("x" * 300, "x" * 255, id="long"),
        pytest.param("oops \U0001f62c", "oops \ufffd", id="beyond the basic plane"),
        pytest.param("  ", "Revoked", id="empty"),
    ],
)
def test_a_reason_is_made_acceptable(server, badgr, reason, sent):
    server.acts = [REVOKED]

    badgr.revoke(ID, reason)

    assert server.asked[0].json() == {"revocation_reason": sent}


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(says(204), id="no body"),
        pytest.param(says(400, refusal(validationErrors=["Assertion is already revoked"])), id="again"),
    ],
)
def test_a_revocation_is_done_also_when(server, badgr, act):
    server.acts = [act]

    badgr.revoke(ID, "Awarded in error")


@pytest.mark.parametrize("status", [400, 403, 404, 405])
def test_a_refused_revocation_names_the_rights(server, badgr, status):
    server.acts = [says(status, refusal())]

    with pytest.raises(SourceRefused) as caught:
        badgr.revoke(ID, "Awarded in error")

    assert caught.value.status == status
    assert "owner" in caught.value.hint


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(resets, id="reset"),
        pytest.param(breaks_off, id="cut off"),
        pytest.param(says(500, "<html>"), id="500"),
        pytest.param(says(429), id="429"),
        pytest.param(says(302, Location="/maintenance"), id="maintenance"),
        pytest.param(says(200, "<html>"), id="HTML"),
        pytest.param(says(200, envelope(an_assertion())), id="still not revoked"),
    ],
)
def test_a_revocation_without_a_clear_answer_is_sent_once_and_left_to_the_next_list(server, badgr, act):
    server.acts = [act, REVOKED]

    with pytest.raises(SourceUnavailable):
        badgr.revoke(ID, "Awarded in error")

    assert len(server.asked) == 1


def test_a_401_is_sent_again_with_a_new_token(server, badgr):
    server.acts = [says(401, refusal()), REVOKED]

    badgr.revoke(ID, "Awarded in error")

    assert [one.token for one in server.asked] == ["Bearer token-1", "Bearer token-2"]


def test_a_second_401_needs_a_person(server, badgr):
    server.acts = [says(401, refusal()), says(401, refusal())]

    with pytest.raises(TokenRefused):
        badgr.revoke(ID, "Awarded in error")


def test_an_id_that_is_none_is_not_put_into_a_path(server, badgr):
    with pytest.raises(SourceRefused):
        badgr.revoke(AssertionId("revoke/../x"), "Awarded in error")

    assert server.seen == []
