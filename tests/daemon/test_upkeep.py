"""The sign-in is looked after between passes, quietly."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import structlog

from d2l_sync.daemon.timetable import Moment
from d2l_sync.daemon.upkeep import Upkeep
from d2l_sync.domain.errors import SourceUnavailable, TokenRefused
from d2l_sync.domain.ports import Token, TokenState

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


class SignIn:
    """A sign-in whose token was obtained at noon."""

    def __init__(self):
        self.asked = 0
        self.fault = None
        self.token = Token("a", expires_at=NOON, refresh_token="r", obtained_at=NOON)

    def access_token(self):
        self.asked += 1
        if self.fault:
            raise self.fault

    def read(self, service):
        return TokenState(self.token)


@pytest.fixture
def sign_in():
    return SignIn()


def look(sign_in, minutes):
    """Turn the upkeep once a minute, and return what it logged."""
    clock = SimpleNamespace(passed=0)
    application: Any = SimpleNamespace(tokens=sign_in, token_store=sign_in)
    upkeep = Upkeep(clock=lambda: Moment(NOON + timedelta(minutes=clock.passed), 60.0 * clock.passed))
    with structlog.testing.capture_logs() as logs:
        for minute in range(minutes):
            clock.passed = minute
            upkeep.turn(application)
    return [(one["event"], one.get("days")) for one in logs]


def test_a_token_is_asked_for_every_minute_so_that_it_is_renewed_in_time(sign_in):
    assert (look(sign_in, 10), sign_in.asked) == ([], 10)


@pytest.mark.parametrize("fault", [SourceUnavailable("no answer"), TokenRefused("the chain is broken")], ids=repr)
def test_after_a_failure_it_asks_less_often_and_leaves_the_words_to_the_pass(sign_in, fault):
    sign_in.fault = fault

    assert (look(sign_in, 11), sign_in.asked) == ([], 3)


def test_a_token_that_nobody_could_renew_for_a_day_is_told_once_a_day(sign_in):
    assert look(sign_in, 3 * 24 * 60 - 5) == [("credential_aged", 1), ("credential_aged", 2)]


def test_credentials_that_need_no_refresh_token_do_not_age(sign_in):
    sign_in.token = Token("a", expires_at=NOON, obtained_at=NOON)

    assert look(sign_in, 2 * 24 * 60) == []
