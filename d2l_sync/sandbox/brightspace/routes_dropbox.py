"""Dropbox folders and what stands in them, by user, by group and as lists."""

from collections.abc import Iterable

from d2l_sync.sandbox.brightspace.call import Call, Routes, not_found
from d2l_sync.sandbox.brightspace.dropbox import Entity, Feedback, Folder, Submission
from d2l_sync.sandbox.brightspace.notation import grown, rich, stamp
from d2l_sync.sandbox.brightspace.paging import items, objects
from d2l_sync.sandbox.brightspace.people import SHOWN_IN_GRADES
from d2l_sync.sandbox.web import Block, Response, json_response

ROUTES = Routes("dropbox")
SCOPE = "dropbox:folders:read"
UNSUBMITTED, SUBMITTED, DRAFT, PUBLISHED = range(4)


@ROUTES.get("le/{ou}/dropbox/folders/", scopes=SCOPE)
def folders(call: Call) -> Response:
    return json_response(200, [_folder(call, each) for each in call.unit.dropbox.folders.values()])


@ROUTES.get("le/{ou}/dropbox/folders/{folder}", scopes=SCOPE)
def one_folder(call: Call) -> Response:
    return json_response(200, _folder(call, _named(call)))


@ROUTES.get("le/{ou}/dropbox/folders/{folder}/submissions/", scopes=SCOPE, tool="submissions")
def submissions(call: Call) -> Response:
    folder = _named(call)
    return json_response(200, [_row(call, folder, each) for each in _listed(call, folder)])


@ROUTES.get("le/{ou}/dropbox/folders/{folder}/submissions/paged/", scopes=SCOPE, tool="submissions")
def submissions_by_pages(call: Call) -> Response:
    """Answer in the envelope of the habits: references disagree on which it is."""
    folder = _named(call)
    pages = items if call.world.habits.submissions_envelope == "Items" else objects
    return pages(call, _listed(call, folder), write=lambda each: _row(call, folder, each), name="submissions")


@ROUTES.get("le/{ou}/dropbox/folders/{folder}/submissions/user/{user}", scopes=SCOPE, tool="submissions")
def submissions_of_user(call: Call) -> Response:
    return json_response(200, _row(call, _named(call), Entity("User", call.user().user_id)))


@ROUTES.get("le/{ou}/dropbox/folders/{folder}/submissions/group/{group}", scopes=SCOPE, tool="submissions")
def submissions_of_group(call: Call) -> Response:
    if call.ids["group"] not in call.unit.groups:
        raise not_found("Group not found")
    return json_response(200, _row(call, _named(call), Entity("Group", call.ids["group"])))


def _named(call: Call) -> Folder:
    folder = call.unit.dropbox.folders.get(call.ids["folder"])
    if folder is None:
        raise not_found(f"Folder {call.ids['folder']} not found")
    return folder


def _listed(call: Call, folder: Folder) -> list[Entity]:
    entities = _entities(call, folder)
    if call.flag("activeOnly"):
        entities = {each for each in entities if _is_active(call, each)}
    return sorted(entities)


def _entities(call: Call, folder: Folder) -> set[Entity]:
    """Return whoever has a row: all who acted, left or not, and the untouched where the habits list them."""
    acted = set(call.unit.dropbox.seen_in(folder.folder_id))
    return acted | set(_expected(call, folder)) if call.world.habits.lists_untouched else acted


def _expected(call: Call, folder: Folder) -> Iterable[Entity]:
    if folder.group_category_id is None:
        return (Entity("User", user_id) for user_id in call.unit.members_with(SHOWN_IN_GRADES))
    groups = (each for each in call.unit.groups.values() if each.category_id == folder.group_category_id)
    return (Entity("Group", each.group_id) for each in groups)


def _is_active(call: Call, entity: Entity) -> bool:
    known = call.unit.enrolments if entity.kind == "User" else call.unit.groups
    return entity.entity_id in known


def _row(call: Call, folder: Folder, entity: Entity) -> Block:
    handed_in = call.unit.dropbox.handed_in(folder.folder_id, entity)
    feedback = call.unit.dropbox.feedback.get((folder.folder_id, entity))
    row: Block = {
        "Entity": _entity(call, entity),
        "Status": _status(feedback, handed_in=bool(handed_in)),
        "Feedback": None if feedback is None else _feedback(feedback),
        "Submissions": [_submission(call, each) for each in handed_in],
        "CompletionDate": stamp(max((each.at for each in handed_in), default=None)),
    }
    return grown(row)


def _entity(call: Call, entity: Entity) -> Block:
    named: Block = {"EntityId": entity.entity_id, "EntityType": entity.kind}
    if entity.kind == "Group":
        group = call.unit.groups.get(entity.entity_id)
        return named | {"Name": group.name if group else ""}
    return named | {"DisplayName": call.world.users[entity.entity_id].display_name}


def _status(feedback: Feedback | None, *, handed_in: bool) -> int:
    if feedback is not None:
        return PUBLISHED if feedback.is_published else DRAFT
    return SUBMITTED if handed_in else UNSUBMITTED


def _feedback(feedback: Feedback) -> Block:
    block: Block = {"Score": feedback.score, "Feedback": None, "RubricAssessments": []}
    return grown(block | {"IsGraded": feedback.is_published, "Files": [], "Links": [], "GradedSymbol": None})


def _submission(call: Call, submission: Submission) -> Block:
    by: Block = {call.world.habits.submitted_by: str(submission.by)}
    name = f"work-{submission.submission_id}.pdf"
    file: Block = {"FileId": submission.submission_id, "FileName": name, "Size": 4096, "isRead": False}
    return {
        "Id": submission.submission_id,
        "SubmittedBy": by | {"DisplayName": call.world.users[submission.by].display_name},
        "SubmissionDate": stamp(submission.at),
        "Comment": rich("What I thought of it"),
        "Files": [file],
    }


def _folder(call: Call, folder: Folder) -> Block:
    """Write a DropboxFolder; its counters are -1, as for a large course."""
    assessment: Block = {"ScoreDenominator": folder.denominator, "Rubrics": []}
    block: Block = {
        "Id": folder.folder_id,
        "CategoryId": None,
        "Name": folder.name,
        "CustomInstructions": rich(),
        "Attachments": [],
        "LinkAttachments": [],
        "GroupTypeId": folder.group_category_id,
        "Availability": None,
        "DueDate": None,
        "DisplayInCalendar": False,
        "Assessment": None if folder.denominator is None else assessment,
        "NotificationEmail": None,
    }
    counters = ("TotalFiles", "UnreadFiles", "FlaggedFiles", "TotalUsers", "TotalUsersWithSubmissions")
    block |= dict.fromkeys((*counters, "TotalUsersWithFeedback"), -1)
    block |= {"IsHidden": folder.is_hidden, "ActivityId": None, "IsAnonymous": False, "SubmissionType": 0}
    block |= {"DropboxType": 2 if folder.group_category_id is None else 1, "CompletionType": 0}
    is_numbered = call.unit.gradebook.objects.get(folder.grade_object_id or -1) is not None
    return grown(block | {"GradeItemId": folder.grade_object_id if is_numbered else None})
