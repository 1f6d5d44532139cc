"""What the token endpoint's answer means, whatever it is made of; nothing in it is shown."""

from datetime import timedelta

import pytest

from d2l_sync.brightspace import wire
from d2l_sync.brightspace.grants import Grant, InvalidGrant, TokenEndpoint
from d2l_sync.domain.errors import SourceUnavailable, TokenRefused
from tests.brightspace.loopback import Answer, says


@pytest.fixture
def endpoint(settings):
    return TokenEndpoint(settings, ("core:*:*",))


@pytest.mark.parametrize(
    "body", [b"<html>canary</html>", b"", b"[]", b'{"error": ["canary"]}'], ids=["page", "nothing", "list", "odd"]
)
def test_a_refusal_in_no_words_of_the_protocol_is_a_refusal_and_no_lost_grant(server, endpoint, body):
    """Only `invalid_grant` says that the refresh token is dead; a proxy in between may say 400 as well."""
    server.on("/token", Answer(400, body))

    with pytest.raises(TokenRefused) as refused:
        endpoint.refresh("refresh-1")

    assert str(refused.value) == "the token endpoint refuses us (400)"
    assert refused.value.hint == "check brightspace.token_url, client_id and the secret"


def test_the_protocols_word_for_a_dead_token_is_told_apart(server, endpoint):
    server.on("/token", says({"error": "invalid_grant"}, 400))

    with pytest.raises(InvalidGrant):
        endpoint.refresh("refresh-1")


def test_an_answer_larger_than_is_read_is_an_outage(server, endpoint, monkeypatch):
    monkeypatch.setattr(wire, "LARGEST", 10)
    server.on("/token", says({"access_token": "access-2", "refresh_token": "refresh-2"}))

    with pytest.raises(SourceUnavailable, match="the token endpoint: the answer is larger"):
        endpoint.refresh("refresh-1")

    assert (endpoint.calls, len(server.asked)) == (1, 1)


def test_a_grant_that_is_printed_shows_no_token():
    assert str(Grant("access-canary", timedelta(hours=1), "refresh-canary")) == "Grant(life=1:00:00)"
