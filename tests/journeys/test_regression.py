"""What falls after an award opens a review and takes nothing back; what falls before it is sent lapses."""

MOVED = "somewhere.else@example.org"


def lower_the_mark(desk, learner):
    attempt = desk.sandbox.control("attempts", org_unit=6601, quiz=44101, user=learner)[0]["attempt_id"]
    desk.sandbox.control("mark_attempt", org_unit=6601, attempt=attempt, score="6")


def withdraw(desk, learner):
    desk.sandbox.control("withdraw", org_unit=6601, user=learner)


def move(desk, learner):
    desk.sandbox.control("change_address", user=learner, email=MOVED)


def take_back(desk, learner):
    desk.sandbox.control("remove_submission", org_unit=6601, folder=33101, user=learner)


def raise_the_threshold(desk, learner):
    rules = next((desk.folder / "config" / "pathways").iterdir())
    text = rules.read_text(encoding="utf-8")
    rules.write_text(text.replace("min_percent = 80", "min_percent = 85"), encoding="utf-8")


FALLS = (
    ("finished Level 1", 0, lower_the_mark, "fell"),
    ("finished Level 1", 1, withdraw, "fell"),
    ("has 105 %", 0, move, "address_changed"),
    ("loses the reflection", 0, take_back, "vanished"),
    ("has exactly 80 %", 0, raise_the_threshold, "fell"),
)


def everything_falls(desk):
    """Let every fall happen, each to another learner; return who they are and what review is to be expected."""
    expected = {}
    for kind, number, falls, review in FALLS:
        learner = desk.learners(kind)[number]
        falls(desk, learner["user_id"])
        expected[learner["user_id"]] = (learner["address"], review)
    return expected


def reviews_of(desk, learner):
    return [one["kind"] for one in desk.listed("reviews", "list") if one["user_id"] == learner]


def test_whatever_falls_after_the_award_is_a_review_and_never_a_revocation_nor_a_second_award(desk):
    desk.sync()
    before = desk.held()

    expected = everything_falls(desk)
    outcomes = [desk.sync()["outcome"] for _ in range(2)]

    assert (outcomes, desk.held()) == (["complete"] * 2, before)
    assert {learner: reviews_of(desk, learner) for learner in expected} == {
        learner: [review] for learner, (_, review) in expected.items()
    }


def test_whatever_falls_before_the_award_is_sent_lets_it_lapse_or_wait(desk):
    desk.configure('mode = "issue"', 'mode = "observe"')
    desk.sync()
    desk.configure('mode = "observe"', 'mode = "issue"')

    expected = everything_falls(desk)
    desk.sync()

    held = desk.held()
    rows = {one["user_id"]: one["state"] for one in desk.listed("awards", "list", "--badge", "level-1")}
    ends = {"fell": "lapsed", "address_changed": "issued", "vanished": "earned"}
    assert {learner: rows[learner] for learner in expected} == {
        learner: ends[review] for learner, (_, review) in expected.items()
    }
    assert [held[address, "level-1"] for address, _ in expected.values()] == [0] * len(FALLS)
    assert held[MOVED, "level-1"] == 1


def test_who_falls_off_the_team_keeps_what_was_issued(desk):
    desk.sync()
    waiting = desk.listed("approvals", "list")[0]["user_id"]
    before = desk.held()
    roster = desk.folder / "roster.csv"
    heading = roster.read_text(encoding="utf-8").splitlines()[0]
    roster.write_text(heading + "\n", encoding="utf-8")

    imported = desk.run("teams", "import", "--replace", roster)
    desk.sync()

    fallen = sorted((one["kind"], one["badge"]) for one in desk.listed("reviews", "list") if one["user_id"] == waiting)
    assert (imported.code, desk.held()) == (0, before)
    assert fallen == [("fell", "level-2"), ("fell", "level-3")]
