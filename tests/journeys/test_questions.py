"""What can't be taken back is asked about first: of a person at a terminal, and of nobody else."""

import pytest


@pytest.fixture(scope="module")
def desk(open_desk_for_long):
    """Issue some awards, have one refused, and hold what a second pass would issue."""
    made = open_desk_for_long(learners=60)
    made.sign_in()
    made.sandbox.trouble("badgr", "/assertions$", method="POST", kind="status", status=400, times=1)
    made.run("sync", "--badge", "level-1")
    made.configure("max_awards_per_pass = 20000", "max_awards_per_pass = 1")
    assert made.run("sync").code == 75
    return made


@pytest.fixture
def desk_of_its_own(open_desk):
    made = open_desk(learners=60)
    made.sign_in()
    made.sync()
    return made


@pytest.fixture(params=["approve", "retry", "revoke", "release", "replace"])
def act(request, desk):
    """Return the words of an act, and the question it asks."""
    issued = desk.listed("awards", "list", "--state", "issued")[0]
    plan = desk.listed("passes", "list")[0]["pass"]
    return {
        "approve": (("approvals", "approve", "--all"), "Approve 4 awards?"),
        "retry": (("awards", "retry", "--all"), "Retry every refused, due and doubtful award?"),
        "revoke": (
            ("awards", "revoke", issued["user_id"], issued["badge"], "--reason", "a mistake"),
            f"Revoke {issued['badge']} of user {issued['user_id']} for good?",
        ),
        "release": (("passes", "release", plan), f"Issue everything that the guard holds of pass {plan}?"),
        "replace": (("teams", "import", "--replace", desk.folder / "roster.csv"), "Make the roster equal to 25 rows?"),
    }[request.param]


def test_a_person_at_a_terminal_is_asked_and_a_no_changes_nothing(desk, act):
    words, question = act
    before = desk.listed("awards", "list"), desk.listed("approvals", "list")

    answer = desk.run_by_hand(*words, typed="n\n")

    assert (answer.code, answer.out) == (130, "")
    assert answer.err == f"{question} [y/N]: Stopped.\n"
    assert (desk.listed("awards", "list"), desk.listed("approvals", "list")) == before


def test_who_said_yes_beforehand_and_a_script_are_asked_nothing(desk_of_its_own):
    approved = desk_of_its_own.run_by_hand("approvals", "approve", "--all", "--yes", typed="n\n")
    retried = desk_of_its_own.run("awards", "retry", "--all")

    assert (approved.code, approved.out) == (0, "4 approvals recorded; the next pass issues what is earned.\n")
    assert (retried.code, retried.out, retried.err) == (0, "Nothing to retry.\n", "")


def test_with_nothing_to_do_nobody_is_asked_and_words_say_so(desk_of_its_own):
    desk = desk_of_its_own
    learner = desk.listed("approvals", "list")[0]["user_id"]

    stranger = desk.run("approvals", "approve", "--team", "Nobody's")
    desk.run("approvals", "approve", "--all")
    everybody = desk.run_by_hand("approvals", "approve", "--all", typed="n\n")
    one = desk.run("approvals", "approve", learner)

    assert (stranger.code, stranger.out) == (0, "Nothing to do: nothing of team Nobody's waits for approval.\n")
    assert (everybody.code, everybody.out) == (0, "Nothing to do: nothing waits for approval.\n")
    assert (one.code, one.out) == (0, "Nothing to do: approved already.\n")


def test_a_retry_or_a_release_with_nothing_to_do_asks_nobody(desk_of_its_own):
    retried = desk_of_its_own.run_by_hand("awards", "retry", "--all", typed="n\n")
    released = desk_of_its_own.run_by_hand("passes", "release", 1, "--json", typed="n\n")

    assert (retried.code, retried.out) == (0, "Nothing to retry.\n")
    assert (released.code, released.json["problems"][0]["what"]) == (75, "the guard holds nothing")


def test_a_retry_that_names_whose_awards_do_not_need_it_says_how_they_stand(desk_of_its_own):
    issued = desk_of_its_own.listed("awards", "list", "--state", "issued", "--badge", "level-1")[0]["user_id"]
    rows = [one for one in desk_of_its_own.listed("awards", "list") if one["user_id"] == issued]

    answer = desk_of_its_own.run("awards", "retry", issued)

    told = "; ".join(f"{one['badge']} of user {issued} is {one['state']}" for one in rows)
    assert (answer.code, answer.out) == (0, f"Nothing to retry: {told}.\n")


def test_a_person_who_would_not_see_the_question_is_not_asked(desk_of_its_own):
    """Standard error goes to a file: the command would wait for an answer to words that nobody read."""
    answer = desk_of_its_own.run_by_hand("approvals", "approve", "--all", typed="n\n", reads_errors=False)

    assert (answer.code, answer.out) == (0, "4 approvals recorded; the next pass issues what is earned.\n")
