"""Content and discussions, which need scopes of their own."""

import pytest

TOPIC = "le/1.82/6601/content/topics/30101"
POSTS = "le/1.82/6602/discussions/forums/71001/topics/72001/posts/"


@pytest.fixture
def reader(sandbox, brightspace):
    """Return a client that may read everything."""
    sandbox.control("set_scope", scope="core:*:*")
    brightspace.tokens = brightspace.refresh(sandbox.control("new_refresh_token")).json()
    return brightspace


def test_content_needs_a_scope_that_the_programme_does_not(brightspace):
    assert brightspace.ask(f"{TOPIC}/completions/").status_code == 403


def test_topics_stand_in_the_table_of_contents(reader):
    (module,) = reader.get("le/1.82/6601/content/toc")["Modules"]

    assert [each["TopicId"] for each in module["Topics"]] == [30101, 30102, 30103]
    assert reader.get(TOPIC)["Title"] == "Four videos"


def test_a_topic_lists_who_completed_it_and_when(sandbox, reader):
    learner = reader.learner("did nothing")["user_id"]
    sandbox.control("complete_topic", org_unit=6601, topic=30101, user=learner)

    rows = {row["UserId"]: row["CompletionDate"] for row in reader.objects(f"{TOPIC}/completions/")}

    assert [user for user, date in rows.items() if date] == [learner]
    assert reader.get(f"{TOPIC}/completions/users/{learner}")["CompletionDate"] == rows[learner]
    assert len(reader.objects(f"{TOPIC}/completions/", userId=learner)) == 1


def test_a_completion_can_be_taken_back(sandbox, reader):
    learner = reader.learner("did nothing")["user_id"]
    sandbox.control("complete_topic", org_unit=6601, topic=30101, user=learner)
    sandbox.control("uncomplete_topic", org_unit=6601, topic=30101, user=learner)

    assert reader.get(f"{TOPIC}/completions/users/{learner}")["CompletionDate"] is None


def test_required_items_are_counted_for_up_to_a_hundred_users(sandbox, reader):
    learner = reader.learner("did nothing")["user_id"]
    for topic in (30101, 30103):
        sandbox.control("complete_topic", org_unit=6601, topic=topic, user=learner)

    (row,) = reader.get("le/1.82/6601/content/completions/", userIdsCSV=f"{learner},1")
    refused = reader.ask("le/1.82/6601/content/completions/", params={"userIdsCSV": ",".join("1" * 101)})

    assert (row["UserId"], row["RequiredItems"], row["CompletedItems"]) == (str(learner), 2, 1)
    assert refused.status_code == 400


def test_an_unknown_topic_is_not_found(reader):
    assert reader.ask("le/1.82/6601/content/topics/1/completions/").status_code == 404
    assert reader.ask("le/1.82/6602/discussions/forums/71001/topics/1/posts/").status_code == 404
    assert reader.ask("le/1.82/6602/discussions/forums/1/topics/").status_code == 404


def test_forums_and_topics_can_be_found(reader):
    (forum,) = reader.get("le/1.82/6602/discussions/forums/")
    (topic,) = reader.get(f"le/1.82/6602/discussions/forums/{forum['ForumId']}/topics/")

    assert (forum["ForumId"], topic["TopicId"]) == (71001, 72001)
    assert reader.get("le/1.82/6602/discussions/forums/71001/topics/72001") == topic


def test_posts_come_in_numbered_pages_that_end_with_a_short_one(sandbox, reader):
    learner = reader.learner("finished everything")["user_id"]
    made = [
        sandbox.control("post", org_unit=6602, forum=71001, user=learner, at=f"2026-03-0{day}T10:00:00Z")
        for day in (1, 2, 3)
    ]

    pages = [reader.get(POSTS, pageSize=2, pageNumber=number) for number in (1, 2, 3)]

    assert [[each["PostId"] for each in page] for page in pages] == [[made[2], made[1]], [made[0]], []]
    assert reader.ask(POSTS, params={"pageSize": 1001}).status_code == 400


def test_a_post_may_be_anonymous_deleted_or_wait_for_approval(sandbox, reader):
    learner = reader.learner("finished everything")["user_id"]
    sandbox.control("post", org_unit=6602, forum=71001, user=None, at="2026-03-01T10:00:00Z")
    deleted = sandbox.control("post", org_unit=6602, forum=71001, user=learner, at="2026-03-02T10:00:00Z")
    waiting = sandbox.control(
        "post", org_unit=6602, forum=71001, user=learner, at="2026-03-03T10:00:00Z", awaits_approval=True
    )
    sandbox.control("delete_post", org_unit=6602, post=deleted)
    before = reader.get(POSTS)
    sandbox.control("approve_post", org_unit=6602, post=waiting)

    assert [each["PostingUserId"] for each in before] == [learner, learner, None]
    assert [each["RequiresApproval"] for each in before] == [True, False, False]
    assert [each["IsDeleted"] for each in before] == [False, True, False]
    assert reader.get(POSTS)[0]["RequiresApproval"] is False
