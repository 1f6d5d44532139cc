"""The platform's lists: read whole, believed or not, and then nothing of that badge class is sent."""

import pytest

from d2l_sync.domain.award import State
from d2l_sync.domain.belief import Sizes
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.findings import Finding
from d2l_sync.services.holdings import Holdings, read_holdings
from d2l_sync.services.problems import Problem
from tests.fakes import FakePlatform, TurnedClock
from tests.services.programme import (
    ADA,
    CLASS_1,
    CLASS_2,
    FIRST,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    PATHWAY,
    SECOND,
    issued,
    mail_of,
)

TRUSTING = Sizes({}, 30)
NAME = f"list of badge class {CLASS_1}"


@pytest.fixture
def platform():
    """Hold one badge of Ada's."""
    made = FakePlatform(TurnedClock())
    made.hold(CLASS_1, mail_of(ADA))
    return made


def test_every_badge_class_is_read_once(platform):
    holdings = read_holdings(platform, [FIRST, SECOND, FIRST], TRUSTING)

    assert holdings == Holdings(
        {CLASS_1: tuple(platform.held), CLASS_2: ()}, sizes={NAME: 1, f"list of badge class {CLASS_2}": 0}
    )
    assert platform.usage().calls == 2


@pytest.mark.parametrize(
    "error",
    [SourceUnavailable("it did not answer", hint="wait"), SourceRefused("it answered 404", hint="check the id")],
    ids=["unavailable", "refused"],
)
def test_a_list_that_can_not_be_read_concerns_its_badge_class_only(platform, error):
    """The problem says which badge that is: the platform's id tells an operator nothing."""
    platform.failing[CLASS_1] = error

    holdings = read_holdings(platform, [FIRST, SECOND], TRUSTING)

    assert (list(holdings.unread), list(holdings.assertions)) == ([CLASS_1], [CLASS_2])
    assert holdings.problems == (
        Problem(str(error), f"list of badge class of {FIRST.pathway}/{FIRST.key}", error.hint),
    )


def test_a_list_that_suddenly_shrank_is_not_believed(platform):
    holdings = read_holdings(platform, [FIRST], Sizes({NAME: 20}, 30))

    assert holdings.unread == {CLASS_1}
    assert not holdings.assertions
    assert not holdings.sizes
    what = f"{NAME} shrank and is not believed"
    assert holdings.findings == (Finding("shrunk", what, PATHWAY, LEVEL_1, subject=NAME),)


def test_refused_credentials_leave_every_list_unread(platform):
    platform.failing[CLASS_2] = TokenRefused("the password is wrong", hint="renew it")

    holdings = read_holdings(platform, [FIRST, SECOND], TRUSTING)

    assert holdings == Holdings(
        unread=frozenset({CLASS_1, CLASS_2}),
        problems=(Problem("the password is wrong", "badging platform", "renew it"),),
        has_bad_credentials=True,
    )


def test_nothing_is_sent_of_a_badge_class_whose_list_is_unread(programme):
    programme.finishes(ADA, keys=(LEVEL_1, LEVEL_2))
    programme.platform.failing[CLASS_1] = SourceUnavailable("no answer")

    planned, report = programme.plan(), programme.sync()

    assert [one.badge for one in planned.would_issue] == [LEVEL_2]
    assert (programme.award(ADA).state, programme.award(ADA, LEVEL_2).state) == (State.DUE, State.ISSUED)
    assert (report.outcome, report.exit_code) == ("partial", 69)


def test_what_waited_for_its_list_is_sent_as_soon_as_the_list_is_read(programme):
    programme.finishes(ADA)
    programme.platform.failing[None] = SourceUnavailable("no answer")
    programme.sync()
    programme.platform.failing.clear()

    report = programme.later()

    assert programme.states() == issued((ADA, LEVEL_1))
    assert (report.outcome, report.awards.issued) == ("complete", 1)


def test_a_shrunk_list_says_nothing_about_missing_assertions(one_badge):
    one_badge.finishes(ADA, GRACE)
    one_badge.sync()
    one_badge.state.sizes[NAME] = 20
    one_badge.platform.held.clear()

    one_badge.later()

    assert [one.kind for one in one_badge.state.open_reviews] == ["shrunk"]
