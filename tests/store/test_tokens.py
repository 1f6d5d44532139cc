"""A token is on disk before it is used, and one refresher at a time renews it."""

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from d2l_sync.domain.errors import StateError, StateReplaced
from d2l_sync.domain.ports import Token, TokenState
from d2l_sync.domain.ports import TokenStore as TokenPort
from d2l_sync.store.tokens import FileTokenStore
from tests.memory_tokens import MemoryTokenStore
from tests.store.values import LATER, NOON

TOKEN = Token("access-1", LATER, "refresh-1", NOON, generation=1)


@pytest.fixture
def tokens(url):
    tokens = FileTokenStore(url)
    yield tokens
    tokens.close()


@pytest.fixture(params=["on disk", "in memory"])
def either(request, tokens) -> TokenPort:
    """Return each store of the port: what is tested with the one in memory may rely on the one on disk."""
    return tokens if request.param == "on disk" else MemoryTokenStore("brightspace")


def test_nothing_stored_is_an_empty_state(either):
    assert either.read("brightspace") == TokenState()


def test_a_renewal_that_was_begun_shows_until_it_is_saved(either):
    either.save("brightspace", TOKEN)

    either.begin("brightspace", at=LATER)
    assert either.read("brightspace") == TokenState(TOKEN, refreshing_since=LATER)

    renewed = Token("access-2", LATER + timedelta(hours=1), "refresh-2", LATER, generation=2)
    either.save("brightspace", renewed)
    assert either.read("brightspace") == TokenState(renewed)


def test_a_broken_chain_says_why_until_new_credentials_come(either):
    either.begin("brightspace", at=NOON)
    either.lose("brightspace", "invalid_grant")
    assert either.read("brightspace") == TokenState(lost_because="invalid_grant")

    either.save("brightspace", TOKEN)
    assert either.read("brightspace") == TokenState(TOKEN)


def test_a_refused_client_is_told_beside_a_token_that_is_as_good_as_before(either):
    either.save("brightspace", TOKEN)
    either.begin("brightspace", at=NOON)

    either.refuse("brightspace", "invalid_client")
    refused = either.read("brightspace")
    either.save("brightspace", TOKEN)

    assert refused == TokenState(TOKEN, refused_because="invalid_client")
    assert either.read("brightspace") == TokenState(TOKEN)


def test_what_is_said_of_one_service_is_not_of_another(tokens):
    tokens.save("brightspace", TOKEN)
    tokens.lose("brightspace", "invalid_grant")
    tokens.refuse("brightspace", "invalid_client")

    assert tokens.read("badging") == TokenState()


def test_a_saved_token_comes_back_in_another_process(tokens, url):
    tokens.save("brightspace", TOKEN)

    other = FileTokenStore(url)
    assert other.read("brightspace") == TokenState(TOKEN)
    assert other.read("badging") == TokenState()
    other.close()


def test_the_scopes_that_a_token_was_asked_for_are_kept(tokens):
    asked_for = replace(TOKEN, scopes=frozenset({"users:userdata:read", "role:detail:read"}))

    tokens.save("brightspace", asked_for)

    assert tokens.read("brightspace").token == asked_for


def test_a_file_of_an_earlier_version_is_read_and_written_on(tokens, path, url):
    tokens.save("brightspace", TOKEN)
    tokens.close()
    with closing(sqlite3.connect(path.with_name("d2l-sync-tokens.db"))) as file:
        file.execute("ALTER TABLE token DROP COLUMN scopes")

    for _ in range(2):
        later = FileTokenStore(url)
        assert later.read("brightspace").token == TOKEN
        later.save("brightspace", TOKEN)
        later.close()


def test_tokens_stand_apart_from_the_database_and_for_their_owner_alone(tokens, store, path):
    tokens.save("brightspace", TOKEN)

    beside = path.with_name("d2l-sync-tokens.db")
    assert beside.stat().st_mode & 0o777 == 0o600
    assert b"refresh-1" not in b"".join(file.read_bytes() for file in path.parent.glob("d2l-sync.db*"))


def test_a_token_is_not_shown_by_mistake():
    assert "access-1" not in repr(TokenState(TOKEN))


def renew(url, times):
    tokens = FileTokenStore(url)
    for _ in range(times):
        with tokens.renewing("brightspace"):
            known = tokens.read("brightspace").token or Token("", NOON)
            tokens.begin("brightspace", at=NOON)
            tokens.save("brightspace", Token("access", LATER, generation=known.generation + 1))
    tokens.close()


def test_processes_renew_one_after_the_other(tokens, url):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=renew, args=(url, 20)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert tokens.read("brightspace").token.generation == 80


def test_threads_renew_one_after_the_other(tokens):
    inside, most = [], []

    def renew_once():
        with tokens.renewing("brightspace"):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=renew_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1] * 8


def test_two_services_do_not_wait_for_each_other(tokens):
    with tokens.renewing("brightspace"), tokens.renewing("badging"):
        pass


def test_a_damaged_token_file_is_told_in_a_sentence(tokens, path):
    path.parent.mkdir()
    path.with_name("d2l-sync-tokens.db").write_bytes(b"no database" * 100)

    for ask in (lambda: tokens.read("brightspace"), lambda: tokens.save("brightspace", TOKEN), tokens.faults):
        with pytest.raises(StateError, match="the file of the tokens is damaged") as caught:
            ask()
        assert "auth login" in caught.value.hint


def test_a_sound_token_file_and_none_have_no_faults(tokens, path):
    before = tokens.faults()
    tokens.save("brightspace", TOKEN)

    assert (before, tokens.faults()) == ([], [])


def test_a_token_file_that_was_removed_is_not_written_any_further(tokens, path):
    """A new sign-in would be in another file, and never be used."""
    tokens.save("brightspace", TOKEN)

    path.with_name("d2l-sync-tokens.db").unlink()

    with pytest.raises(StateReplaced):
        tokens.read("brightspace")


def test_a_database_server_keeps_no_tokens_in_a_file():
    with pytest.raises(StateError, match="beside an SQLite database only"):
        FileTokenStore("postgresql+psycopg://node@localhost/d2l")
