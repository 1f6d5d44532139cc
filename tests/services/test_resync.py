"""What is asked of the service, and what comes back, survive being written down."""

import json

import pytest

from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import OrgUnitId
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import AwardCounts, PassReport
from d2l_sync.services.resync import Ending, Wish, read_report, read_wish, told_wish, write_wish
from d2l_sync.services.scope import Scope

WISHES = [
    pytest.param(Wish(), "everything", id="everything"),
    pytest.param(Wish(Scope(full=True)), "full", id="full"),
    pytest.param(Wish(Scope(OrgUnitId(6601), badge="level-1")), "org unit 6601, badge level-1", id="a part"),
    pytest.param(Wish(Scope(learner="301")), "one learner", id="a learner, who is not named"),
    pytest.param(Wish(released=7), "held plan 7", id="a held plan"),
]


@pytest.mark.parametrize(("wish", "told"), WISHES)
def test_a_wish_is_read_as_it_was_written(wish, told):
    assert read_wish(write_wish(wish)) == wish
    assert str(wish) == told_wish(write_wish(wish)) == told


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("everything", id="no JSON"),
        pytest.param("[]", id="another shape"),
        pytest.param('{"badge": null, "full": false, "learner": null, "released": null}', id="an older version's"),
        pytest.param(write_wish(Wish()).replace("{", '{"audit": true, ', 1), id="a newer version's"),
    ],
)
def test_a_wish_that_can_not_be_read_whole_is_none(text):
    """Half a wish would be another one: a pass over everything, say, for somebody who asked for one org unit."""
    with pytest.raises(UsageError, match="can't read the request"):
        read_wish(text)

    assert told_wish(text) == "unreadable"


def test_the_same_wish_is_the_same_text():
    assert write_wish(Wish(Scope(badge="a", full=True))) == write_wish(Wish(Scope(full=True, badge="a")))
    assert write_wish(Wish(Scope(full=True))) != write_wish(Wish())


def test_a_report_comes_back_as_it_was():
    report = PassReport(
        pass_id=7,
        outcome="partial",
        learners=60,
        facts_read=120,
        facts_changed=3,
        facts_unknown=4,
        awards=AwardCounts(earned=50, issued=2, blocked=1),
        enrolled=1,
        calls_brightspace=20,
        calls_badging=5,
        credits=200,
        seconds=1.5,
        problems=(Problem("no answer in time", "quiz 44101", "wait"),),
        exit_code=69,
    )

    ending = Ending.of(report)

    assert (ending.pass_id, ending.outcome, ending.exit_code) == (7, "partial", 69)
    assert json.loads(ending.report) == report.as_json()
    assert read_report(ending.report).as_json() == report.as_json()
