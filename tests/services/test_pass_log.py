"""The log tells each difference once; a day without any is one line."""

import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from d2l_sync.domain.award import State
from d2l_sync.domain.errors import StateError, UsageError
from tests.services.programme import ADA, GRACE, LEVEL_1, QUARTER, UNIT_1

GRAVE = {"info", "warning", "error"}


def told(lines):
    """Return the events that an operator sees by default."""
    return [(line["event"], line["log_level"]) for line in lines if line["log_level"] in GRAVE]


def test_a_hundred_passes_without_news_fit_on_a_screen(programme):
    """They cover a day and an hour: the first, and the sum of the day that ended."""
    programme.enrol(ADA, GRACE)

    with capture_logs() as lines:
        for _ in range(100):
            programme.later(QUARTER)

    assert told(lines) == [("pass_ended", "info"), ("day_passed", "info")]
    assert next(line for line in lines if line["event"] == "day_passed") == {
        "event": "day_passed",
        "log_level": "info",
        "day": "2026-03-02",
        "passes": 47,
        "quiet": 46,
        "issued": 0,
        "outcome": "complete",
    }


def test_a_pass_that_issues_is_told_with_its_figures(one_badge):
    one_badge.sync()
    one_badge.finishes(ADA)

    with capture_logs() as lines:
        one_badge.later()

    assert told(lines) == [("award_issued", "info"), ("pass_ended", "info")]
    assert (lines[-1]["outcome"], lines[-1]["issued"], lines[-1]["moved"]) == ("complete", 1, 1)


def test_an_outage_is_told_when_it_begins_and_when_it_ends(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()

    with capture_logs() as lines:
        one_badge.brightspace.fail(UNIT_1)
        for _ in range(20):
            one_badge.later()
        one_badge.brightspace.recover()
        one_badge.later()

    assert told(lines) == [
        ("problem_arose", "warning"),
        ("pass_ended", "warning"),
        ("problem_went", "info"),
        ("pass_ended", "info"),
    ]


def test_a_held_plan_needs_a_person_and_is_told_once(one_badge):
    one_badge.sets(guard={"max_awards_per_pass": 1})
    one_badge.finishes(ADA, GRACE)

    with capture_logs() as lines:
        one_badge.sync()
        one_badge.later()

    assert [line["log_level"] for line in lines if line["event"] == "pass_ended"] == ["error", "debug"]


def test_a_lost_sign_in_needs_a_person_and_is_told_once(one_badge):
    one_badge.brightspace.has_token = False

    with capture_logs() as lines:
        one_badge.sync()
        one_badge.later()

    assert [(line["event"], line["log_level"]) for line in lines if line["event"] == "pass_not_made"] == [
        ("pass_not_made", "error"),
        ("pass_not_made", "debug"),
    ]


def test_a_pass_that_somebody_asked_for_is_always_told(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()

    with capture_logs() as lines:
        one_badge.sync(badge=LEVEL_1)
        one_badge.later()

    assert told(lines) == [("pass_ended", "info")]


def test_every_line_of_a_pass_names_it_from_whatever_thread(one_badge):
    """Reading and sending are done by threads of their own."""
    one_badge.finishes(ADA)
    one_badge.progress = lambda *_: structlog.get_logger().info("asked")

    with capture_logs([merge_contextvars]) as lines:
        one_badge.sync()

    assert {"asked", "pass_started", "award_decided", "award_issued", "pass_ended"} <= {one["event"] for one in lines}
    assert [one for one in lines if one.get("pass_id") != 1] == []


def test_a_pass_that_broke_is_known_by_its_number_and_one_that_ended_is_not(one_badge):
    """Whoever tells what broke it does so after it."""
    one_badge.finishes(ADA)
    one_badge.sync()
    after_the_first = one_badge.pass_log.under_way
    one_badge.state.record = raises(StateError("the disk is full"))

    with pytest.raises(StateError):
        one_badge.sync()

    assert (after_the_first, one_badge.pass_log.under_way) == (None, 2)


def test_a_pass_that_was_never_made_has_no_number(one_badge):
    one_badge.enrol(ADA)

    with pytest.raises(UsageError):
        one_badge.sync(learner="999")
    after_a_mistake = one_badge.pass_log.under_way
    one_badge.brightspace.has_token = False
    one_badge.sync()

    assert (after_a_mistake, one_badge.pass_log.under_way) == (None, None)


def raises(error):
    def refuse(*_, **__):
        raise error

    return refuse


def test_answers_that_a_dead_process_never_heard_are_told(one_badge):
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.SENDING)

    with capture_logs() as lines:
        one_badge.sync()

    assert ("answers_lost", "warning") in told(lines)
