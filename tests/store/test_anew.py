"""A database that is made where an earlier one was: nothing is refused, and somebody hears of it."""

import pytest

from d2l_sync.domain.ports import Token
from d2l_sync.store.anew import is_missing, tell_if_anew
from d2l_sync.store.state import StateStore
from d2l_sync.store.tokens import FileTokenStore
from tests.store.values import NOON


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/state/d2l-sync.db"


def opened(url):
    """Open a database as an application does; return the kinds of its reviews."""
    was_missing = is_missing(url)
    state, tokens = StateStore.open(url), FileTokenStore(url)
    if was_missing:
        tell_if_anew(state, tokens, at=NOON)
    kinds = [one.finding.kind for one in state.reviews()]
    tokens.close()
    state.close()
    return kinds


def sign_in(url):
    tokens = FileTokenStore(url)
    tokens.save("brightspace", Token("access", NOON, "refresh", NOON, 1, None))
    tokens.close()


def test_a_new_installation_is_nothing_to_look_at(url, tmp_path):
    assert opened(url) == []
    assert not (tmp_path / "state" / "d2l-sync-tokens.db").exists()


def test_a_database_that_is_there_is_nothing_to_look_at(url):
    opened(url)
    sign_in(url)

    assert opened(url) == []


def test_a_database_that_is_lost_beside_used_tokens_is_a_review_and_one_only(url, tmp_path):
    opened(url)
    sign_in(url)
    (tmp_path / "state" / "d2l-sync.db").unlink()

    assert opened(url) == ["begun_anew"]
    assert opened(url) == ["begun_anew"]


def test_two_that_make_it_at_the_same_moment_open_one_review(url):
    sign_in(url)
    state, tokens = StateStore.open(url), FileTokenStore(url)

    for _ in range(2):
        tell_if_anew(state, tokens, at=NOON)

    assert [one.finding.kind for one in state.reviews()] == ["begun_anew"]
    tokens.close()
    state.close()


def test_tokens_that_can_not_be_read_keep_nobody_from_the_database(url, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "d2l-sync-tokens.db").write_bytes(b"Dear diary, " * 1000)

    assert opened(url) == []
