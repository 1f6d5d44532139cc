"""A source that is suddenly much smaller is not believed until its size returns or a person accepts it."""

import pytest

SOURCES = [
    pytest.param("brightspace", "/6601/classlist/", 0, "classlist of org unit 6601", id="an empty classlist"),
    pytest.param("brightspace", "/folders/33101/submissions", 9, "folder 33101", id="a folder cut in half"),
    pytest.param("brightspace", "/quizzes/44101/attempts", 9, "quiz 44101", id="a quiz cut in half"),
    pytest.param("badgr", "/badgeclasses/tGnSYrBbReW7Voa8FsVWRw/assertions", 9, "badge class", id="a platform list"),
]


def earn(desk):
    """Let one learner finish Level 1 and another hand in what Level 2 lacks, so that there is something to serve."""
    user = desk.learners("begins later")[0]
    desk.sandbox.control("submit", org_unit=6601, folder=33101, user=user["user_id"])
    desk.sandbox.control("take_quiz", org_unit=6601, quiz=44101, user=user["user_id"], score="9")
    behind = desk.learners("lacks the starter")[0]
    desk.sandbox.control("submit", org_unit=6602, folder=33201, user=behind["user_id"])
    return (user["address"], "level-1"), (behind["address"], "level-2")


def states(desk):
    return {(one["user_id"], one["badge"]): one["state"] for one in desk.listed("awards", "list")}


@pytest.mark.parametrize(("server", "path", "keep", "name"), SOURCES)
def test_a_source_that_shrank_is_not_believed_and_the_rest_is_served(desk, server, path, keep, name):
    desk.sync()
    desk.sync()  # and believe the platform's lists with our awards on them
    before, known = desk.held(), states(desk)
    in_level_1, in_level_2 = earn(desk)
    desk.sandbox.trouble(server, path, kind="shorten", method="GET", keep=keep)

    answers = [desk.run("sync", "--json") for _ in range(2)]
    during = desk.held()
    shrunk = [one for one in desk.listed("reviews", "list") if one["kind"] == "shrunk"]
    kept = states(desk)
    desk.sandbox.clear_trouble()
    after = desk.sync()

    assert [(one.code, one.json["outcome"]) for one in answers] == [(69, "partial")] * 2
    assert [name in one["where"] or name in one["what"] for one in answers[1].json["problems"]] == [True]
    assert during - before == {in_level_2: 1}
    assert {pair: kept[pair] for pair in known} == known
    assert [name in one["what"] for one in shrunk] == [True]
    assert (after["outcome"], desk.held() - during) == ("complete", {in_level_1: 1})
    assert [one for one in desk.listed("reviews", "list") if one["kind"] == "shrunk"] == []


def test_a_shrunken_source_is_believed_once_a_person_accepts_it(desk):
    """Half the folder is really gone: what was handed in there has vanished, and nobody loses a badge by it."""
    desk.sync()
    before = desk.held()
    desk.sandbox.trouble("brightspace", "/folders/33101/submissions", kind="shorten", method="GET", keep=9)
    doubted = desk.run("sync", "--json")
    review = next(one for one in desk.listed("reviews", "list") if one["kind"] == "shrunk")

    closed = desk.run("reviews", "close", review["id"], "--accept")
    believed = desk.run("sync", "--json")

    kinds = {one["kind"] for one in desk.listed("reviews", "list")}
    assert (doubted.json["outcome"], closed.code, believed.json["outcome"]) == ("partial", 0, "complete")
    assert (desk.held(), "vanished" in kinds, "shrunk" in kinds) == (before, True, False)


def test_a_group_category_that_shrank_is_not_believed(desk):
    """Its groups are the confirmed teams, so that nobody falls off a team by it."""
    rules = next((desk.folder / "config" / "pathways").iterdir())
    text = rules.read_text(encoding="utf-8")
    by_groups = 'source = "groups"\norg_unit = 6602\ngroup_category = 8201'
    rules.write_text(text.replace('source = "roster"', by_groups), encoding="utf-8")
    desk.sync()
    known = states(desk)
    teams = len(desk.sandbox.control("groups", org_unit=6602))
    desk.sandbox.trouble("brightspace", "/groupcategories/8201/groups/", kind="shorten", keep=2)

    answer = desk.run("sync", "--json")

    assert teams >= 10
    assert (answer.code, answer.json["outcome"], states(desk)) == (69, "partial", known)
    assert "shrunk" in {one["kind"] for one in desk.listed("reviews", "list")}
