"""What a log line looks like to a terminal, to a journal and to `d2l-sync log`, and what it never holds."""

import io
import json
import logging
import os

import pytest
import structlog

from d2l_sync.logs import KEPT, goes_to_journal, set_up_logs

SECRET = "pretended-secret-1"


@pytest.fixture(autouse=True)
def _as_before():
    """Leave logging as pytest set it up."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    KEPT.take()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    KEPT.take()


@pytest.fixture
def stream(monkeypatch, tmp_path):
    """Stand in for standard error."""
    with (tmp_path / "stderr").open("w+", encoding="utf-8") as file:
        monkeypatch.delenv("JOURNAL_STREAM", raising=False)
        yield file


def written(stream):
    stream.flush()
    stream.seek(0)
    return stream.read().splitlines()


def as_journal(monkeypatch, stream):
    stat = os.fstat(stream.fileno())
    monkeypatch.setenv("JOURNAL_STREAM", f"{stat.st_dev}:{stat.st_ino}")


def test_without_a_terminal_a_line_is_json_that_begins_with_when_and_what(stream):
    set_up_logs(stream=stream, log_format="auto", level="info")

    structlog.get_logger().info("award_issued", user_id=169, badges=["a", "b"])

    (line,) = written(stream)
    assert list(json.loads(line)) == ["timestamp", "level", "event", "pass_id", "user_id", "badges"]
    assert json.loads(line)["badges"] == ["a", "b"]


@pytest.mark.parametrize(("bound", "told"), [({"pass_id": 7}, 7), ({}, None)], ids=["a pass", "no pass"])
def test_every_json_line_says_of_which_pass_it_is(stream, bound, told):
    set_up_logs(stream=stream, log_format="json", level="info")

    with structlog.contextvars.bound_contextvars(**bound):
        structlog.get_logger().info("award_issued")
        logging.getLogger("somebody.else").warning("something else")

    assert [json.loads(line)["pass_id"] for line in written(stream)] == [told, told]


@pytest.mark.parametrize(("level", "priority"), [("error", 3), ("warning", 4), ("info", 6)])
def test_a_line_to_the_journal_carries_its_priority_before_the_json(stream, monkeypatch, level, priority):
    """Journald takes `<N>` off again and keeps it as the line's priority."""
    as_journal(monkeypatch, stream)
    set_up_logs(stream=stream, log_format="auto", level="info")

    getattr(structlog.get_logger(), level)("something_happened")

    (line,) = written(stream)
    assert line.startswith(f"<{priority}>{{")
    assert json.loads(line[3:])["event"] == "something_happened"


def test_a_stream_is_the_journal_only_when_it_is_the_very_one(stream, monkeypatch):
    """Whoever redirects a service's standard error into a file gets no prefixes there."""
    assert not goes_to_journal(stream, {"JOURNAL_STREAM": "1:2"})
    assert not goes_to_journal(stream, {})
    assert not goes_to_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})
    as_journal(monkeypatch, stream)
    assert goes_to_journal(stream, os.environ)


def test_text_is_for_people(stream):
    set_up_logs(stream=stream, log_format="text", level="info")

    structlog.get_logger().warning("problem_arose", where="org unit 6601")

    (line,) = written(stream)
    assert "problem_arose" in line
    assert "where='org unit 6601'" in line
    assert "\x1b" not in line


def test_nothing_below_the_level_is_printed_and_what_matters_is_kept_all_the_same(stream):
    set_up_logs(stream=stream, log_format="json", level="error")

    structlog.get_logger().info("approval_given", user_id=169, pass_id=7, by="hopper")
    structlog.get_logger().debug("pass_started")

    assert written(stream) == []
    (kept,) = KEPT.take()
    assert (kept.level, kept.event, kept.user_id, kept.pass_id) == ("info", "approval_given", 169, 7)
    assert json.loads(kept.details) == {"by": "hopper"}


def test_debug_lines_are_kept_where_they_are_printed(stream):
    set_up_logs(stream=stream, log_format="json", level="debug")

    structlog.get_logger().debug("pass_started")

    assert [line.event for line in KEPT.take()] == ["pass_started"]
    assert len(written(stream)) == 1


@pytest.mark.parametrize(
    "value",
    [
        f"refused: {SECRET}",
        ["a", {"b": SECRET}],
        {"x": f"https://h/?q={SECRET}"},
        ValueError(SECRET),
        "ada.lovelace@example.edu",
        "to=ada.lovelace%40example.edu&x=1",
        "Authorization: Basic cHJldGVuZGVkLXNlY3JldA==",
        "Bearer abc.def-ghi",
        {"authorization": "abc.def-ghi"},
        {"email": "ada.lovelace"},
    ],
    ids=["text", "list", "mapping", "error", "address", "in a query", "basic", "bearer", "header", "by its key"],
)
def test_no_value_of_whatever_shape_brings_a_secret_or_an_address(stream, value):
    set_up_logs(stream=stream, log_format="json", level="info", secrets=[SECRET])

    structlog.get_logger().info("something_happened", value=value)

    text = "".join(written(stream)) + "".join(line.details for line in KEPT.take())
    assert [word for word in (SECRET, "lovelace", "cHJldGVuZG", "abc.def") if word in text] == []


def test_a_traceback_is_redacted_and_stays_in_one_line(stream):
    set_up_logs(stream=stream, log_format="json", level="info", secrets=[SECRET])
    try:
        int(f"ada@example.edu {SECRET}")
    except ValueError:
        structlog.get_logger().exception("pass_broke")

    (line,) = written(stream)
    assert "'[address] [hidden]'" in json.loads(line)["exception"]


def test_a_library_speaks_through_the_same_redactor(stream):
    set_up_logs(stream=stream, log_format="json", level="info", secrets=[SECRET])

    logging.getLogger("urllib3").warning("GET /?email=ada@example.edu")
    logging.getLogger("elsewhere").warning("it said %s", SECRET)

    (line,) = written(stream)
    assert (json.loads(line)["event"], json.loads(line)["level"]) == ("it said [hidden]", "warning")


def test_what_administrators_call_themselves_and_their_teams_is_kept_and_not_printed(stream):
    """A person's name reaches no log line; the audit trail in the database has it."""
    set_up_logs(stream=stream, log_format="json", level="info")

    structlog.get_logger().info("team_confirmed", by="root (Grace Hopper)", team="Owls")

    (line,) = written(stream)
    (kept,) = KEPT.take()
    assert {key: json.loads(line).get(key) for key in ("by", "team")} == {"by": "root", "team": None}
    assert json.loads(kept.details) == {"by": "root (Grace Hopper)", "team": "Owls"}


def test_a_number_that_no_database_holds_is_kept_as_none(stream):
    set_up_logs(stream=stream, log_format="json", level="info")

    structlog.get_logger().info("something_happened", user_id=2**63, pass_id="7")

    (kept,) = KEPT.take()
    assert (kept.user_id, kept.pass_id) == (None, None)
    assert len(written(stream)) == 1
