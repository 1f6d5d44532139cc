"""Discussions: forums, topics, and posts by numbered pages that never tell whether there is more."""

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.content import Forum, Post
from d2l_sync.sandbox.brightspace.notation import grown, rich, stamp
from d2l_sync.sandbox.error_bodies import Refused, problem
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("discussions")
LARGEST_PAGE = 1000


@ROUTES.get("le/{ou}/discussions/forums/", scopes="discussions:forums:readonly")
def forums(call: Call) -> Response:
    rows = [{"ForumId": each.forum_id, "Name": each.name} for each in call.unit.content.forums.values()]
    common: Block = {"Description": rich(), "StartDate": None, "EndDate": None, "IsHidden": False, "IsLocked": False}
    return json_response(200, [grown(row | common) for row in rows])


@ROUTES.get("le/{ou}/discussions/forums/{forum}/topics/", scopes="discussions:topics:readonly")
def topics(call: Call) -> Response:
    return json_response(200, [_topic(_named(call))])


@ROUTES.get("le/{ou}/discussions/forums/{forum}/topics/{topic}", scopes="discussions:topics:readonly")
def one_topic(call: Call) -> Response:
    return json_response(200, _topic(_with_topic(call)))


@ROUTES.get("le/{ou}/discussions/forums/{forum}/topics/{topic}/posts/", scopes="discussions:posts:readonly")
def posts(call: Call) -> Response:
    """List posts newest first, by `pageSize` (at most and by default 1000) and `pageNumber` from 1."""
    forum = _with_topic(call)
    size, page = call.number("pageSize") or LARGEST_PAGE, call.number("pageNumber") or 1
    if size > LARGEST_PAGE:
        raise Refused(problem(400, f"pageSize must be at most {LARGEST_PAGE}", title="Validation Error"))
    found = [each for each in call.unit.content.posts.values() if each.topic_id == forum.topic_id]
    newest_first = sorted(found, key=lambda each: each.at, reverse=True)
    return json_response(200, [_post(forum, each) for each in newest_first[(page - 1) * size : page * size]])


def _named(call: Call) -> Forum:
    forum = call.unit.content.forums.get(call.ids["forum"])
    if forum is None:
        raise not_found()
    return forum


def _with_topic(call: Call) -> Forum:
    forum = _named(call)
    if forum.topic_id != call.ids["topic"]:
        raise not_found()
    return forum


def _topic(forum: Forum) -> Block:
    ids: Block = {"ForumId": forum.forum_id, "TopicId": forum.topic_id, "Name": forum.name, "Description": rich()}
    settings: Block = {"ScoreOutOf": None, "GroupTypeId": None, "IsHidden": False, "AllowAnonymousPosts": True}
    return grown(ids | settings)


def _post(forum: Forum, post: Post) -> Block:
    block: Block = {
        "ForumId": forum.forum_id,
        "TopicId": forum.topic_id,
        "PostId": post.post_id,
        "ThreadId": post.post_id,
        "ParentPostId": None,
        "PostingUserId": post.user_id,
        "Subject": "About our team",
        "Message": rich("Hello"),
        "DatePosted": stamp(post.at),
        "IsAnonymous": post.user_id is None,
        "RequiresApproval": post.awaits_approval,
        "IsDeleted": post.is_deleted,
    }
    return grown(block | {"ReplyPostIds": [], "WordCount": 1, "AttachmentCount": 0})
