"""Content: the table of contents, and who completed what."""

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.content import ContentTopic
from d2l_sync.sandbox.brightspace.notation import grown, stamp
from d2l_sync.sandbox.brightspace.paging import objects
from d2l_sync.sandbox.brightspace.people import SHOWN_IN_GRADES
from d2l_sync.sandbox.error_bodies import Refused, problem
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("content")
COMPLETIONS = "content:completions:read"
AUTOMATIC = 2
MOST_USERS = 100


@ROUTES.get("le/{ou}/content/toc", scopes="content:toc:read")
def table_of_contents(call: Call) -> Response:
    topics = [_topic(each) for each in call.unit.content.topics.values()]
    module: Block = {"ModuleId": 30100, "Title": "Start here", "SortOrder": 1, "Modules": [], "Topics": topics}
    return json_response(200, {"Modules": [grown(module | {"StartDateTime": None, "EndDateTime": None})]})


@ROUTES.get("le/{ou}/content/topics/{topic}", scopes="content:topics:readonly")
def one_topic(call: Call) -> Response:
    topic = _named(call)
    return json_response(200, grown({"Id": topic.topic_id, "Title": topic.title, "GradeItemId": None}))


@ROUTES.get("le/{ou}/content/topics/{topic}/completions/", scopes=COMPLETIONS)
def completions_of_topic(call: Call) -> Response:
    """List every learner, those who have not completed the topic with null; one learner by `userId`."""
    _named(call)
    wanted = call.number("userId")
    users = [each for each in sorted(call.unit.members_with(SHOWN_IN_GRADES)) if wanted in {None, each}]
    return objects(call, users, write=lambda user: _completion(call, user), name="completions", sized=True)


@ROUTES.get("le/{ou}/content/topics/{topic}/completions/users/{user}", scopes=COMPLETIONS)
def completion_of_user(call: Call) -> Response:
    _named(call)
    return json_response(200, _completion(call, call.user().user_id))


@ROUTES.get("le/{ou}/content/completions/")
def counts(call: Call) -> Response:
    """Count required and completed items of up to a hundred users, named in `userIdsCSV`."""
    named = [each for each in (call.request.first("userIdsCSV") or "").split(",") if each]
    if not named or len(named) > MOST_USERS or not all(each.isdigit() for each in named):
        raise Refused(problem(400, f"userIdsCSV must name 1 to {MOST_USERS} users", title="Validation Error"))
    return json_response(200, [_count(call, int(each)) for each in named if int(each) in call.unit.enrolments])


def _named(call: Call) -> ContentTopic:
    topic = call.unit.content.topics.get(call.ids["topic"])
    if topic is None:
        raise not_found(f"Topic {call.ids['topic']} not found")
    return topic


def _completion(call: Call, user_id: int) -> Block:
    topic_id = call.ids["topic"]
    block: Block = {
        "UserId": user_id,
        "OrgUnitId": call.unit.org_unit_id,
        "TopicId": topic_id,
        "CompletionType": AUTOMATIC,
        "CompletionDate": stamp(call.unit.content.completions.get((topic_id, user_id))),
    }
    return grown(block)


def _count(call: Call, user_id: int) -> Block:
    required = sum(each.is_required for each in call.unit.content.topics.values())
    ids: Block = {"UserId": str(user_id), "OrgUnitId": str(call.unit.org_unit_id)}
    return grown(ids | {"RequiredItems": required, "CompletedItems": call.unit.content.completed_by(user_id)})


def _topic(topic: ContentTopic) -> Block:
    block: Block = {
        "TopicId": topic.topic_id,
        "Identifier": str(topic.topic_id),
        "TypeIdentifier": "File",
        "Title": topic.title,
        "Url": None,
        "ActivityType": 1,
        "CompletionType": AUTOMATIC,
        "IsHidden": False,
        "IsLocked": False,
        "IsBroken": False,
        "IsExempt": not topic.is_required,
    }
    return grown(block | {"ToolId": None, "ToolItemId": None, "GradeItemId": None})
