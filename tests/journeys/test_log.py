"""`d2l-sync log`: what the service did and who told it to, found again by pass, learner, level and time."""

import json
from dataclasses import dataclass

import pytest

from d2l_sync.cli.log import since_when
from d2l_sync.domain.errors import UsageError
from tests.journeys.desk import Desk
from tests.services.programme import NOON


@dataclass(frozen=True)
class RunIn:
    """A desk with a past. first: who was approved, held and released. second: who was rejected."""

    desk: Desk
    first: int
    second: int

    def run(self, *words):
        return self.desk.run(*words)

    def listed(self, *words):
        return self.desk.listed(*words)


@pytest.fixture(scope="module")
def run_in(nursery, tmp_path_factory):
    """Make a pass, then give the commands that leave a trail; the tests of this file read only."""
    desk = Desk(nursery, tmp_path_factory.mktemp("run-in"), learners=40)
    desk.sign_in()
    desk.sync()
    waiting = desk.listed("approvals", "list")
    first, second = [one["user_id"] for one in waiting[:2]]
    assert desk.run("approvals", "approve", first, "--by", "Grace Hopper").code == 0
    assert desk.run("approvals", "reject", second, "--reason", "left the team").code == 0
    assert desk.run("awards", "hold", first, "micro-credential").code == 0
    assert desk.run("awards", "release", first, "micro-credential").code == 0
    desk.sync()
    yield RunIn(desk, first, second)
    desk.stop()


def events(lines):
    return [line["event"] for line in lines]


def test_the_log_tells_what_was_done_and_by_whom(run_in):
    lines = run_in.listed("log", "--learner", run_in.first)

    trail = [one for one in lines if "by" in one["details"]]
    assert events(trail) == ["approval_given", "award_held", "award_released"]
    assert "(Grace Hopper)" in trail[0]["details"]["by"]
    assert {one["user_id"] for one in lines} == {run_in.first}
    assert events(lines)[-1] == "award_issued"
    assert "approval_refused" in events(run_in.listed("log", "--learner", run_in.second))
    assert {"signed_in", "team_imported"} <= set(events(run_in.listed("log")))


def test_the_log_is_filtered_by_pass_level_and_time(run_in):
    of_pass = run_in.listed("log", "--pass", 2)
    assert {one["pass"] for one in of_pass} == {2}
    assert {"award_issued", "pass_ended"} <= set(events(of_pass))
    grave = run_in.listed("log", "--level", "warning")
    assert {one["level"] for one in grave} <= {"warning", "error"}
    assert run_in.listed("log", "--since", "2999-01-01") == []
    assert run_in.listed("log", "--since", "1h") == run_in.listed("log")


def test_a_person_reads_sentences(run_in):
    text = run_in.run("log", "--pass", 2).out

    assert "award_issued          pass 2  user " in text
    assert run_in.run("log", "--since", "2999-01-01").out == "No such lines.\n"


def test_what_fits_nobody_or_is_no_time_is_a_mistake(desk):
    assert desk.run("log", "--learner", "999999").code == 2
    assert desk.run("log", "--since", "yesterday").code == 2
    assert desk.run("log", "--level", "loud").code == 2
    answer = desk.run("log", "--learner", "nobody@example.edu", "--json")
    assert (answer.code, "nobody@" in answer.err, json.loads(answer.out)["exit_code"]) == (2, False, 2)


def test_a_plan_leaves_no_line_behind(run_in):
    """It promises to write nothing but tokens."""
    before = run_in.listed("log")

    run_in.run("plan")
    run_in.run("sync", "--dry-run")

    assert run_in.listed("log") == before


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-02", "2026-03-02T00:00:00+00:00"),
        ("2026-03-02T14:30", "2026-03-02T14:30:00+00:00"),
        ("2026-03-02T14:30+02:00", "2026-03-02T12:30:00+00:00"),
        ("30s", "2026-03-02T11:59:30+00:00"),
        ("45m", "2026-03-02T11:15:00+00:00"),
        ("2h", "2026-03-02T10:00:00+00:00"),
        ("7d", "2026-02-23T12:00:00+00:00"),
    ],
)
def test_a_time_is_a_date_a_moment_or_a_while_ago(text, moment):
    assert since_when(text, now=lambda: NOON).isoformat() == moment


@pytest.mark.parametrize("text", ["", "7", "7w", "-1h", "noon", "2026-13-01", "999999d", "9999999s"])
def test_what_is_no_time_says_what_would_be_one(text):
    with pytest.raises(UsageError, match="neither a date") as caught:
        since_when(text, now=lambda: NOON)
    assert "2h" in caught.value.hint
