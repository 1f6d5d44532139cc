"""The postman looks now and then, never twice at once, and by the configuration of now."""

import threading
from dataclasses import replace

import pytest

from d2l_sync.daemon.figures import Figures
from d2l_sync.daemon.postman import FIRST_LOOK_S, LOOK_EVERY_S, Postman
from d2l_sync.daemon.timetable import Moment
from d2l_sync.domain.errors import StateError
from d2l_sync.domain.ports import TokenState
from d2l_sync.domain.sign_in import SignIn
from d2l_sync.services.digest import Memory
from tests.daemon.lender import Lender

PATIENCE_S = 60


class Office:
    """An application whose digest notes each look. error: what a look ends with. opened: how often it was set up."""

    def __init__(self, *, has_mail: bool = True) -> None:
        self.looks: list[bool] = []
        self.looked = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()
        self.error: StateError | None = None
        self.opened = 0
        self.memories: list[Memory] = []
        self._has_mail = has_mail

    def digest(self, memory):
        self.opened += 1
        self.memories.append(memory)
        return self if self._has_mail else None

    def sign_in(self):
        return SignIn(TokenState(), is_by_person=True)

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
    return Postman(Lender(office), figures=Figures(), first_look_s=0.0)


def later(moment, seconds):
    return replace(moment, elapsed_s=moment.elapsed_s + seconds)


def test_a_look_is_due_every_ten_minutes(office):
    one, now = postman(office), Moment.now()

    for seconds in (0, 1, LOOK_EVERY_S - 1, LOOK_EVERY_S):
        one.turn(later(now, seconds))
        end_of_look()

    assert (office.looks, office.opened) == ([True, True], 1)


@pytest.mark.parametrize(
    ("ends_at_s", "looks_at_s"),
    [(2, [2, 2 + LOOK_EVERY_S]), (90, [FIRST_LOOK_S + 1, 90, 90 + LOOK_EVERY_S])],
    ids=["before the first look", "after the first look"],
)
def test_the_first_pass_is_looked_at_when_it_ends(office, ends_at_s, looks_at_s):
    """What it found would else wait for the next look, ten minutes later."""
    figures, looked_at = Figures(), []
    one, now = Postman(Lender(office), figures=figures), Moment.now()

    for seconds in sorted({1, 2, 3, FIRST_LOOK_S + 1, 90, 91, *looks_at_s}):
        if seconds == ends_at_s:
            figures.passed("complete")
        before = len(office.looks)
        one.turn(later(now, seconds))
        end_of_look()
        looked_at += [seconds] * (len(office.looks) - before)

    assert looked_at == looks_at_s


def end_of_look():
    for thread in threading.enumerate():
        if thread.name == "postman":
            thread.join(PATIENCE_S)


def test_a_mail_server_that_hangs_is_not_asked_twice_and_holds_nobody_up(office):
    one, now = postman(office), Moment.now()
    office.go_on.clear()
    one.turn(now)
    assert office.looked.wait(PATIENCE_S)

    one.turn(later(now, LOOK_EVERY_S))

    office.go_on.set()
    end_of_look()
    assert office.looks == [True]


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


def test_after_a_reload_the_new_configuration_is_gone_by_and_what_went_is_still_known(office):
    installation = Lender(office)
    one = Postman(installation, figures=Figures(), first_look_s=0.0)
    one.look()
    following = Office()
    installation.replace(following)

    one.look()

    assert (office.looks, following.looks) == ([True], [True])
    assert office.memories[0] is following.memories[0]
