"""Commands as people and scripts use them: members, exit codes, one sentence instead of a traceback."""

import json

import pytest

from d2l_sync.store.state import StateStore
from tests.builders import NOON
from tests.journeys.service import eventually, stop

COUNTS = {"earned", "issued", "adopted", "awaiting_approval", "blocked", "failed", "doubtful", "held"}
PASS = {"pass", "outcome", "learners", "facts", "awards", "enrolled", "calls", "credits", "seconds", "problems"}
AWARD = {
    "pathway",
    "badge",
    "user_id",
    "email",
    "state",
    "assertion_id",
    "assertion_url",
    "earned_at",
    "issued_at",
    "reason",
    "attempts",
}
REVIEW = {"id", "kind", "pathway", "badge", "user_id", "org_unit", "email", "assertion_id", "what", "since"}


def test_the_answers_for_scripts_have_the_members_that_the_contract_names(desk):
    plan = desk.run("plan", "--json").json
    report = desk.sync()

    awards = desk.run("awards", "list", "--json").json
    approvals = desk.run("approvals", "list", "--json").json
    reviews = desk.run("reviews", "list", "--json").json

    assert (set(report), set(report["awards"])) == (PASS, COUNTS)
    assert set(plan) == PASS | {"would_issue", "would_enrol"}
    assert {frozenset(one) for one in awards} == {frozenset(AWARD)}
    assert {frozenset(one) for one in approvals} == {
        frozenset({"pathway", "badge", "user_id", "email", "since", "team"})
    }
    assert {frozenset(one) for one in reviews} == {frozenset(REVIEW)}
    assert all(isinstance(one["user_id"], int) for one in awards)


def test_explain_answers_no_with_value_threshold_source_and_time(desk):
    """79 % is not 80 %."""
    desk.sync()
    learner = next(one["user_id"] for one in desk.sandbox.control("learners") if "79 %" in one["kind"])

    answer = desk.run("explain", learner, "--badge", "level-1")
    body = desk.run("explain", learner, "--badge", "level-1", "--json").json[0]

    quiz = next(one for one in body["criteria"] if one["key"] == "quiz")
    assert answer.out.startswith(f"User {learner} does not have UMS Micro-Credential Development Level 1, because ")
    assert (quiz["verdict"], quiz["value"], quiz["threshold"]) == ("unmet", "7.9 of 10 (79 %)", "at least 80 %")
    assert quiz["source"] == "quiz 44101 in org unit 6601"
    assert quiz["read_at"] is not None


def test_explain_answers_yes_with_the_history_of_the_award(desk):
    desk.sync()
    award = next(one for one in desk.run("awards", "list", "--state", "issued", "--json").json if one["attempts"])

    body = desk.run("explain", award["email"], "--badge", award["badge"], "--json").json[0]

    assert (body["state"], body["verdict"]) == ("issued", "met")
    assert [one["becomes"] for one in body["history"]] == ["due", "sending", "issued"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("explain", "nobody@example.net"), id="a learner who fits nobody"),
        pytest.param(("sync", "--badge", "level-9"), id="a badge that is not there"),
        pytest.param(("sync", "--org-unit", "1"), id="an org unit without a badge"),
        pytest.param(("passes", "show", "99"), id="a pass that never was"),
        pytest.param(("approvals", "approve"), id="an approval of nobody"),
        pytest.param(("frobnicate",), id="an unknown command"),
    ],
)
def test_what_does_not_fit_is_2_and_a_sentence(desk, words):
    answer = desk.run(*words)

    assert (answer.code, answer.out) == (2, "")
    assert "Traceback" not in answer.err
    assert answer.err


def test_a_roster_with_faults_names_every_line_and_changes_nothing(desk, tmp_path):
    file = tmp_path / "faulty.csv"
    file.write_text(
        "team,email,confirmed_on\nOwls,ada@example.edu,soon\n,alan@example.edu,\nOwls,,\n", encoding="utf-8"
    )
    before = desk.run("teams", "list", "--json").json

    answer = desk.run("teams", "import", file)

    assert answer.code == 65
    assert [f"faulty.csv:{line}" in answer.err for line in (2, 3, 4)] == [True, True, True]
    assert desk.run("teams", "list", "--json").json == before


def test_every_fault_of_a_broken_configuration_is_told_at_once(desk):
    text = desk.sandbox.configuration.read_text(encoding="utf-8")
    broken = text.replace("[schedule]", 'colour = "blue"\n[schedule]\nfull = "25:99"').replace(
        'auth = "refresh_token"', 'auth = "magic"'
    )
    desk.sandbox.configuration.write_text(broken.replace('full = "02:30"', ""), encoding="utf-8")
    rules = next((desk.folder / "config" / "pathways").iterdir())
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("min_percent = 80", "min_percent = 180"), encoding="utf-8"
    )

    answer = desk.run("sync", "--json")

    assert answer.code == 78
    assert [word in answer.err for word in ("colour", "25:99", "magic", "min_percent")] == [True] * 4
    assert json.loads(answer.out)["exit_code"] == 78


def test_an_approval_can_be_given_taken_back_and_given_again(desk):
    desk.sync()
    learner = desk.run("approvals", "list", "--json").json[0]["user_id"]

    rejected = desk.run("approvals", "reject", learner, "--reason", "the team's credential is not approved yet")
    desk.sync()
    during = desk.run("awards", "list", "--state", "rejected", "--json").json
    desk.run("approvals", "approve", "--all")
    desk.sync()
    still = desk.run("awards", "list", "--state", "rejected", "--json").json
    desk.run("approvals", "approve", learner)
    desk.sync()

    assert (rejected.code, [one["user_id"] for one in during], during) == (0, [learner], still)
    assert desk.held() == desk.expected("after_approvals")


def test_in_observe_mode_everything_is_decided_and_nothing_is_sent(desk):
    desk.configure('mode = "issue"', 'mode = "observe"')
    before = desk.held()

    report = desk.sync()

    assert (report["awards"]["issued"], desk.held()) == (0, before)
    assert report["awards"]["adopted"] > 0
    assert len(desk.run("plan", "--json").json["would_issue"]) > 0


def test_a_pass_over_one_learner_serves_that_learner_only(desk):
    address = next(iter(desk.expected("before_approvals") - desk.expected("hand_made")))[0]

    desk.sync("--learner", address)

    assert {who for who, _ in desk.held() - desk.expected("hand_made")} == {address}


def test_the_daemon_makes_passes_and_ends_soon_after_sigterm(desk):
    desk.configure('every = "1h"', 'every = "1s"')
    running = desk.start("run")
    eventually(lambda: len(desk.listed("passes", "list")) >= 3)

    stop(running)

    assert desk.held() == desk.expected("before_approvals")


def test_check_names_what_is_wrong_on_either_system(desk):
    well = desk.run("check")
    desk.sandbox.control("delete_quiz", org_unit=6601, quiz=44101)
    desk.sandbox.control("deny", org_unit=6603)

    unwell = desk.run("check", "--json")

    bad = {one["subject"] for one in unwell.json["checks"] if not one["ok"]}
    assert (well.code, unwell.code) == (0, 69)
    assert {"quiz 44101 in org unit 6601", "org unit 6603"} <= bad


def test_the_demo_shows_the_whole_loop(desk):
    answer = desk.run("demo")

    assert answer.code == 0
    for words in ("learners", "Who waits for approval", "Who is blocked, and why", "issued", "d2l-sync explain"):
        assert words in answer.out


def test_a_mistyped_command_answers_scripts_in_json_too(desk):
    answers = [desk.run("passes", "show", "x", "--json"), desk.run("sync", "--nope", "--json")]

    assert [(one.code, one.json["exit_code"]) for one in answers] == [(2, 2), (2, 2)]


def test_scripts_get_every_pass_and_people_the_newest_ones(desk):
    store = StateStore.open(f"sqlite:///{desk.folder}/state/d2l-sync.db")
    for _ in range(25):
        store.close_pass(store.open_pass(at=NOON, scope="everything"), at=NOON, outcome="complete", summary="")

    scripts, people = desk.run("passes", "list", "--json"), desk.run("passes", "list")
    asked = [desk.run("passes", "list", "--limit", "3", *words) for words in ((), ("--json",))]

    assert [one["pass"] for one in scripts.json] == [*range(25, 0, -1)]
    assert (len(people.out.splitlines()), len(asked[0].out.splitlines()), len(asked[1].json)) == (21, 4, 3)


def test_a_sound_database_is_told_to_scripts(desk):
    answer = desk.run("db", "verify", "--json")

    assert (answer.code, answer.json) == (0, {"ok": True, "faults": []})


def test_status_says_what_a_person_would_ask_next(desk):
    """At night: whether it is live, why the last pass was not complete, since when something waits."""
    desk.sync()
    since = desk.listed("status")["needs_a_person"]["approvals_since"]
    desk.sandbox.control("trouble", server="brightspace", path="/classlist/", kind="status", status=503)
    desk.run("sync")
    configuration = desk.sandbox.configuration
    text = configuration.read_text(encoding="utf-8")
    configuration.write_text(text.replace('mode = "issue"', 'mode = "observe"'), encoding="utf-8")

    shown = desk.run("status").out.splitlines()

    assert "  see: d2l-sync passes show 2" in shown
    assert 'Mode: observe, so nothing is sent; to go live, set delivery.mode = "issue"' in shown
    assert any(since[:16].replace("T", " ") in line for line in shown if "approvals list" in line)
    assert len([line for line in desk.run("passes", "show", 2).out.splitlines() if "answered 503" in line]) == 1


def test_a_row_of_a_table_is_one_line_where_it_goes_to_a_program(desk):
    """Whoever pipes it through `grep` gets whole rows, and nothing that only fills."""
    desk.sync()

    reviews, lines = desk.listed("reviews", "list"), desk.run("reviews", "list").out.splitlines()

    assert [line.split()[0] for line in lines[1:-1]] == [str(one["id"]) for one in reviews]
    assert [line for line in lines if line != line.rstrip()] == []


def test_nothing_waits_is_not_said_beside_what_a_person_must_do(unsigned):
    shown = unsigned.run("status").out

    assert "a person must run auth login" in shown
    assert "Nothing waits for a person." not in shown


def test_a_level_may_be_written_in_capitals(desk):
    assert desk.run("log", "--level", "ERROR").code == 0


@pytest.mark.parametrize("table", [("passes", "list"), ("approvals", "list"), ("reviews", "list"), ("awards", "list")])
def test_a_table_says_by_which_clock_its_times_are(desk, table):
    """Whoever reads it is hours away from it, and would look for a pass at another time of the day."""
    desk.sync()

    assert "(UTC)" in desk.run(*table).out.splitlines()[0]
