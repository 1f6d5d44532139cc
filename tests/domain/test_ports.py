"""What crosses a port shows no secret, whoever prints it."""

from d2l_sync.domain.ports import Token, TokenState
from tests.builders import NOON


def test_a_token_that_is_printed_shows_neither_itself_nor_what_renews_it():
    """A traceback or a log line may well hold one."""
    token = Token("access-secret", NOON, "refresh-secret", NOON, generation=3)

    shown = f"{token} {token!r} {TokenState(token)}"

    assert "secret" not in shown
    assert str(token) == "Token(generation=3, expires_at=2026-03-02 12:00:00+00:00)"
