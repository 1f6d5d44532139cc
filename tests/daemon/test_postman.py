"""The postman looks now and then, never twice at once, and by the configuration of now."""

import threading
from dataclasses import replace

import pytest

from d2l_sync.daemon.postman import LOOK_EVERY_S, Postman
from d2l_sync.daemon.timetable import Moment
from d2l_sync.domain.errors import StateError
from tests.daemon.lender import Lender

PATIENCE_S = 30


class Office:
    """An application whose digest notes each look. error: what a look ends with. opened: how often it was set up."""

    def __init__(self, *, has_mail: bool = True) -> None:
        self.looks: list[bool] = []
        self.looked = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.error: StateError | None = None
        self.opened = 0
        self._has_mail = has_mail

    def digest(self):
        self.opened += 1
        return self if self._has_mail else None

    def is_signed_out(self):
        return True

    def send_if_due(self, *, is_signed_out):
        self.looks.append(is_signed_out)
        self.looked.set()
        assert self.go_on.wait(PATIENCE_S)
        if self.error is not None:
            raise self.error
        return True


@pytest.fixture
def office():
    return Office()


def postman(office):
    return Postman(Lender(office), first_look_s=0.0)


def later(moment, seconds):
    return replace(moment, elapsed_s=moment.elapsed_s + seconds)


def test_a_look_is_due_every_ten_minutes(office):
    one, now = postman(office), Moment.now()

    for seconds in (0, 1, LOOK_EVERY_S - 1, LOOK_EVERY_S):
        office.looked.clear()
        one.turn(later(now, seconds))
        if seconds in (0, LOOK_EVERY_S):
            assert office.looked.wait(PATIENCE_S)

    assert (office.looks, office.opened) == ([True, True], 1)


def test_a_mail_server_that_hangs_is_not_asked_twice_and_holds_nobody_up(office):
    one, now = postman(office), Moment.now()
    office.go_on.clear()
    one.turn(now)
    assert office.looked.wait(PATIENCE_S)

    one.turn(later(now, LOOK_EVERY_S))

    assert office.looks == [True]
    office.go_on.set()


def test_without_a_mail_server_nothing_is_looked_for():
    office = Office(has_mail=False)

    postman(office).look()

    assert (office.looks, office.opened) == ([], 1)


def test_a_database_that_can_not_be_used_ends_only_the_look(office):
    office.error = StateError("the disk is full")
    one = postman(office)

    one.look()
    one.look()

    assert office.looks == [True, True]


def test_after_a_reload_the_new_configuration_is_gone_by(office):
    installation = Lender(office)
    one = Postman(installation, first_look_s=0.0)
    one.look()
    following = Office()
    installation.replace(following)

    one.look()

    assert (office.looks, following.looks) == ([True], [True])
