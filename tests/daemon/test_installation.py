"""Whoever works with an application borrows it, and none is closed while somebody has it."""

from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from d2l_sync.daemon.installation import Installation, LogShelf
from d2l_sync.domain.errors import ConfigError, Fault
from tests.store.values import NOON


class House:
    """Opens an application after another, and notes what happens to each by its number."""

    def __init__(self):
        self.opened = 0
        self.events: list[str] = []

    @contextmanager
    def open(self):
        self.opened += 1
        number = self.opened
        lines: list[str] = []
        application: Any = SimpleNamespace(settings=f"settings {number}", number=number, lines=lines)
        application.state = SimpleNamespace(add_log_lines=lambda kept, now: lines.extend(kept))
        yield application
        self.events.append(f"{number} closed")

    def leaving(self, application):
        self.events.append(f"{application.number} left")


@pytest.fixture
def house():
    return House()


@pytest.fixture
def installation(house):
    made = Installation(house.open, taken_over=lambda settings: house.events.append(f"{settings} taken over"))
    made.leaving = house.leaving
    return made


def reload(installation):
    installation.renew(lambda _: None)
    return installation.swap()


def test_a_replaced_application_is_left_and_closed_when_nobody_has_it(installation, house):
    assert reload(installation)

    assert house.events == ["settings 1 taken over", "settings 2 taken over", "1 left", "1 closed"]


def test_an_application_that_is_lent_stays_open_until_the_last_has_given_it_back(installation, house):
    with installation.borrowed() as first, installation.borrowed() as same:
        reload(installation)
        with installation.borrowed() as second:
            numbers = (first.number, same.number, second.number)
        before = house.events[2:]

    assert (numbers, before, house.events[2:]) == ((1, 1, 2), [], ["1 left", "1 closed"])


def test_a_borrower_that_fails_gives_it_back_too(installation, house):
    with pytest.raises(ValueError, match="a defect"), installation.borrowed():
        raise ValueError("a defect")

    reload(installation)

    assert "1 closed" in house.events


def test_a_renewal_that_is_refused_closes_what_it_opened_and_changes_nothing(installation, house):
    def refuse(_application):
        raise ConfigError((Fault("d2l-sync.toml: console.listen", "is taken"),))

    with pytest.raises(ConfigError):
        installation.renew(refuse)

    assert (installation.is_renewed, installation.swap()) == (False, False)
    assert house.events == ["settings 1 taken over", "2 closed"]


def test_of_several_renewals_before_a_swap_the_last_one_counts(installation, house):
    for _ in range(3):
        installation.renew(lambda _: None)

    installation.swap()

    assert house.events[1:] == [
        *("2 left", "2 closed", "3 left", "3 closed"),
        *("settings 4 taken over", "1 left", "1 closed"),
    ]


def test_closing_closes_what_waits_as_well(installation, house):
    installation.renew(lambda _: None)

    installation.close()

    assert house.events[1:] == ["2 left", "2 closed", "1 left", "1 closed"]


def test_what_waits_to_take_over_is_lent_as_well(installation, house):
    with installation.next_borrowed() as none:
        installation.renew(lambda _: None)
    with installation.next_borrowed() as waiting:
        installation.renew(lambda _: None)
        before = house.events[1:]

    assert (none, waiting.number, before, house.events[1:]) == (None, 2, [], ["2 left", "2 closed"])


def test_log_lines_go_to_the_database_of_now(installation, house):
    shelf, lines = LogShelf(installation), iter("abc")
    with installation.borrowed() as first:
        shelf.add_log_lines([next(lines)], now=NOON)  # type: ignore[list-item]
        reload(installation)
        shelf.add_log_lines([next(lines)], now=NOON)  # type: ignore[list-item]
        with installation.borrowed() as second:
            assert (first.lines, second.lines) == (["a"], ["b"])
