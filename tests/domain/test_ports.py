"""What a token shows when it is printed, and what its state asks of a person."""

import pytest

from d2l_sync.domain.ports import Token, TokenState
from tests.builders import NOON


def test_a_token_that_is_printed_shows_neither_itself_nor_what_renews_it():
    """A traceback or a log line may well hold one."""
    token = Token("access-secret", NOON, "refresh-secret", NOON, generation=3)

    shown = f"{token} {token!r} {TokenState(token)}"

    assert "secret" not in shown
    assert str(token) == "Token(generation=3, expires_at=2026-03-02 12:00:00+00:00)"


@pytest.mark.parametrize(
    ("state", "is_refused"),
    [
        pytest.param(TokenState(), False, id="nothing stored"),
        pytest.param(TokenState(refused_because="invalid_client"), True, id="a client that is not taken"),
        pytest.param(TokenState(lost_because="invalid_grant"), False, id="a lost token"),
        pytest.param(
            TokenState(lost_because="invalid_grant", refused_because="invalid_client"), False, id="both: sign in first"
        ),
    ],
)
def test_a_client_is_at_fault_only_while_the_token_is_not_lost(state, is_refused):
    assert state.is_client_refused is is_refused
