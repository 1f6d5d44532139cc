"""Whatever a reading command ends with, a script gets exactly one JSON value, and the code says what to do."""

import fcntl
import shutil
from contextlib import contextmanager

import pytest

PASS = {"pass", "outcome", "learners", "facts", "awards", "enrolled", "calls", "credits", "seconds", "problems"}
PLAN = PASS | {"would_issue", "would_enrol"}
FROM_FILES = (("auth", "scopes"), ("pathway", "show"))
FROM_STATE = (
    ("status",),
    ("passes", "list"),
    ("passes", "show", 1),
    ("awards", "list"),
    ("awards", "show", "LEARNER"),
    ("approvals", "list"),
    ("reviews", "list"),
    ("teams", "list"),
    ("explain", "LEARNER"),
    ("log",),
    ("report",),
    ("auth", "status"),
    ("check", "--offline"),
    ("db", "verify"),
)
PASSES = (("sync",), ("sync", "--dry-run"), ("plan",))
ASKING = (*PASSES, ("check",))
EVERY = (*FROM_FILES, *FROM_STATE, *ASKING)


@pytest.fixture(scope="module")
def desk(open_desk_for_long):
    made = open_desk_for_long(learners=60)
    made.sign_in()
    made.sync()
    return made


@contextmanager
def nothing_wrong(_desk):
    yield


@contextmanager
def a_mistyped_option(desk):
    run, desk.run = desk.run, lambda *words: run(*words, "--none-such")
    try:
        yield
    finally:
        desk.run = run


@contextmanager
def a_fault_in_the_configuration(desk):
    desk.configure("[schedule]", "[shedule]")
    try:
        yield
    finally:
        desk.configure("[shedule]", "[schedule]")


@contextmanager
def a_damaged_database(desk):
    file = desk.folder / "state" / "d2l-sync.db"
    whole = shutil.copy(file, desk.folder / "whole.db")
    file.write_bytes(b"Dear diary, " * 100 + file.read_bytes()[1200:])
    try:
        yield
    finally:
        shutil.copy(whole, file)
        for log in file.parent.glob("d2l-sync.db-*"):
            log.unlink()


@contextmanager
def another_pass(desk):
    with (desk.folder / "state" / "d2l-sync.db.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def no_sign_in(desk):
    desk.sandbox.control("revoke_all_tokens")
    try:
        yield
    finally:
        assert desk.run("auth", "import", given=desk.sandbox.control("new_refresh_token")).code == 0


@contextmanager
def a_wrong_secret_of_the_platform(desk):
    desk.configure('badging_client_secret_file = "secrets/badging_client_secret"', "")
    desk.sandbox.control("revoke_platform_tokens")
    desk.sandbox.control("set_throttle", on=False)
    desk.environment["D2L_SYNC_BADGING_CLIENT_SECRET"] = "not-the-secret"
    try:
        yield
    finally:
        del desk.environment["D2L_SYNC_BADGING_CLIENT_SECRET"]
        desk.configure("[pathways]", 'badging_client_secret_file = "secrets/badging_client_secret"\n\n[pathways]')


@contextmanager
def a_forbidden_course(desk):
    desk.sandbox.control("deny", org_unit=6603)
    try:
        yield
    finally:
        desk.sandbox.control("allow", org_unit=6603)


@contextmanager
def a_brightspace_that_is_down(desk):
    desk.sandbox.trouble("brightspace", r"/d2l/api/", kind="status", status=503)
    try:
        yield
    finally:
        desk.sandbox.clear_trouble()


@contextmanager
def a_platform_that_is_down(desk):
    desk.sandbox.trouble("badgr", "/", kind="status", status=503)
    try:
        yield
    finally:
        desk.sandbox.clear_trouble()


SOME = (*ASKING, ("status",), ("explain", "LEARNER"))
OFFLINE = (("check", "--offline"), ("db", "verify"))
MORE = (*SOME, *OFFLINE, *FROM_FILES)
SITUATIONS = [
    pytest.param(nothing_wrong, EVERY, {}, id="0 nothing wrong"),
    pytest.param(a_mistyped_option, SOME, dict.fromkeys(SOME, 2), id="2 a mistyped option"),
    pytest.param(a_fault_in_the_configuration, MORE, dict.fromkeys(MORE, 78), id="78 a fault in the configuration"),
    pytest.param(a_damaged_database, MORE, dict.fromkeys((*SOME, *OFFLINE), 74), id="74 a damaged database"),
    pytest.param(another_pass, SOME, {("sync",): 75}, id="75 another pass"),
    pytest.param(no_sign_in, SOME, dict.fromkeys(ASKING, 77), id="77 no sign-in"),
    pytest.param(a_wrong_secret_of_the_platform, SOME, dict.fromkeys(ASKING, 77), id="77 a wrong secret"),
    pytest.param(a_forbidden_course, SOME, dict.fromkeys(ASKING, 69), id="69 a forbidden course"),
    pytest.param(a_brightspace_that_is_down, SOME, dict.fromkeys(ASKING, 69), id="69 Brightspace is down"),
    pytest.param(a_platform_that_is_down, SOME, dict.fromkeys(ASKING, 69), id="69 the platform is down"),
]


@pytest.mark.parametrize(("situation", "commands", "codes"), SITUATIONS)
def test_a_reading_command_answers_one_json_value_and_its_code(desk, situation, commands, codes):
    learner = desk.listed("awards", "list")[0]["user_id"]

    with situation(desk):
        answers = {
            words: desk.run(*(learner if one == "LEARNER" else one for one in words), "--json") for words in commands
        }

    bodies = {words: answer.json for words, answer in answers.items()}
    assert {words: answer.code for words, answer in answers.items()} == dict.fromkeys(commands, 0) | codes
    for words in PASSES:
        code, body = answers[words].code, bodies[words]
        if code in {0, 69, 75, 77}:
            assert set(body) == (PASS if words == ("sync",) else PLAN), words
            assert (body["outcome"] is None, body["problems"] == []) == (_is_not_made(code, body), code == 0), words
        else:
            assert body["exit_code"] == code, words


def _is_not_made(code, body):
    """Tell whether nothing was read at all: then there is neither a pass nor an outcome."""
    return code in {75, 77} and body["facts"] == {"read": 0, "changed": 0, "unknown": 0}
