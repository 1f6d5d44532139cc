"""What is stored of the sign-in says in one sentence whether a person must act, and what they do."""

from datetime import UTC, datetime, timedelta

import pytest

from d2l_sync.domain.ports import Token, TokenState
from d2l_sync.domain.sign_in import SignIn

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TOKEN = Token("access-1", NOON + timedelta(hours=1), "refresh-1", NOON, generation=3)
STORED_ONLY = Token("", NOON, "refresh-1", NOON)
LOGIN, LOOK = "run: d2l-sync auth login", "see: d2l-sync check"


@pytest.mark.parametrize(
    ("stored", "needed", "hint"),
    [
        pytest.param(TokenState(), "a person must run auth login: never signed in", LOGIN, id="never signed in"),
        pytest.param(
            TokenState(TOKEN, lost_because="revoked"), "a person must run auth login: revoked", LOGIN, id="chain broken"
        ),
        pytest.param(
            TokenState(TOKEN, refused_because="invalid_client"),
            "a person must look: invalid_client",
            LOOK,
            id="client refused",
        ),
        pytest.param(
            TokenState(TOKEN, lost_because="revoked", refused_because="invalid_client"),
            "a person must run auth login: revoked",
            LOGIN,
            id="both: a new sign-in comes first",
        ),
    ],
)
def test_a_sign_in_that_needs_a_person_says_why_and_what_to_do(stored, needed, hint):
    sign_in = SignIn(stored, is_by_person=True)

    assert (sign_in.needed, sign_in.state, sign_in.hint) == (needed, needed, hint)


@pytest.mark.parametrize(
    ("stored", "is_by_person", "state"),
    [
        pytest.param(TokenState(TOKEN), True, "signed in", id="a person's consent"),
        pytest.param(TokenState(TOKEN), False, "signed in", id="a service user's token"),
        pytest.param(TokenState(), False, "asks for a token when it needs one", id="a service user without a token"),
    ],
)
def test_a_sign_in_that_stands_needs_nobody(stored, is_by_person, state):
    sign_in = SignIn(stored, is_by_person=is_by_person)

    assert (sign_in.needed, sign_in.state) == (None, state)


@pytest.mark.parametrize(
    ("token", "renewed_at", "is_tried"),
    [
        pytest.param(TOKEN, NOON, True, id="renewed"),
        pytest.param(STORED_ONLY, NOON, False, id="given and not tried yet"),
        pytest.param(None, None, False, id="none"),
    ],
)
def test_its_age_counts_from_the_last_renewal(token, renewed_at, is_tried):
    sign_in = SignIn(TokenState(token), is_by_person=True)

    assert (sign_in.renewed_at, sign_in.is_tried) == (renewed_at, is_tried)
