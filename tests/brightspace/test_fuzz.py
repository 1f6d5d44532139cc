"""Whatever JSON a route may answer with, it becomes values or a failure, and every text of it can be stored."""

import string
from contextlib import suppress
from dataclasses import asdict
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from d2l_sync.brightspace import parse
from d2l_sync.brightspace.client import Client
from d2l_sync.brightspace.reader import Reader
from d2l_sync.domain.errors import SourceRefused, SourceUnavailable
from d2l_sync.domain.facts import Source, SourceKind
from d2l_sync.domain.ids import GroupCategoryId, OrgUnitId, UserId
from d2l_sync.domain.ports import Usage
from d2l_sync.domain.settings import BrightspaceSettings
from tests.brightspace import bodies
from tests.brightspace.memory import NOON

UNIT, CATEGORY = OrgUnitId(7), GroupCategoryId(5)
FEW = settings(max_examples=40)
SETTINGS = BrightspaceSettings("https://courses.example.edu", "app-1")

NUMBERS = st.integers() | st.integers(-3, 200) | st.decimals(allow_nan=False, allow_infinity=False)
STRANGE = st.sampled_from(
    ["\ud800", "a\x00b", "Ada \ud83d", "9" * 25, "9" * 5000, "1e5", "٣", "2026-13-40", "0001-01-01", "1.1.1", "é" * 3]
)
TEXTS = st.text(st.characters(exclude_categories=())) | st.text(string.digits) | STRANGE
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS | st.just(Decimal("1E+400")) | st.just(10**400)
MEMBERS = [
    *("Identifier", "RoleId", "ClasslistRoleDisplayName", "Email", "Username", "OrgDefinedId", "User", "Role", "Id"),
    *("Name", "Enrollments", "GroupId", "DisplayName", "Assessment", "ScoreDenominator", "GroupTypeId", "Entity"),
    *("EntityId", "EntityType", "Feedback", "Score", "IsGraded", "Submissions", "SubmissionDate", "Status", "Items"),
    *("CompletionDate", "QuizId", "CalcTypeId", "GradeItemId", "AttemptId", "UserId", "AttemptNumber", "Completed"),
    *("Points", "IsPublished", "Bonus", "MaxPoints", "GradeValue", "LastModified", "PointsNumerator", "Objects"),
    *("PointsDenominator", "WeightedNumerator", "WeightedDenominator", "ExternalEmail", "ProductCode", "Next"),
    *("SupportedVersions", "PagingInfo", "HasMoreItems", "Bookmark"),
]
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner), max_leaves=12
)
ROWS = [
    bodies.listed(1),
    bodies.enrolled(1),
    bodies.role(110, "Learner"),
    bodies.group(50, 1),
    bodies.folder(31),
    bodies.entity(1, "2026-10-01T09:30:00Z", feedback=bodies.feedback(8)),
    bodies.quiz(44),
    bodies.attempt(1, 1),
    bodies.grade_object(900),
    bodies.graded(1),
    {"ExternalEmail": "ada@example.edu"},
    {"ProductCode": "lp", "SupportedVersions": ["1.49"]},
]
PARSERS = [
    parse.listed_user,
    parse.role,
    parse.enrolment,
    parse.group,
    parse.folder,
    parse.entity,
    parse.quiz,
    parse.attempt,
    parse.grade_object,
    parse.grade_value,
    parse.exempted,
    parse.user_id,
    parse.user_address,
    parse.supported_versions,
    lambda row: parse.question_points([row]),
]


@st.composite
def spoilt(draw):
    """Take a good row, and put anything in the place of some of its members, or of members of these."""
    row = dict(draw(st.sampled_from(ROWS)))
    for name in draw(st.sets(st.sampled_from(sorted(row)), max_size=3)):
        inner = row[name]
        if isinstance(inner, dict) and inner and draw(st.booleans()):
            row[name] = inner | {draw(st.sampled_from(sorted(inner))): draw(VALUES)}
        else:
            row[name] = draw(VALUES)
    return row


ANSWERS = VALUES | spoilt() | st.lists(spoilt() | VALUES, max_size=4)
PAGES = ANSWERS | st.fixed_dictionaries({"Objects": st.lists(spoilt(), max_size=4)}, optional={"Next": VALUES})


class Answering:
    """Answers every question with the next of some values, and then with the last one for ever."""

    def __init__(self, answers):
        self._answers = list(answers)

    def get(self, route, params=None):
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    def pin(self, link, *, seen_at):
        if not link.isascii():
            raise SourceRefused("a link to another host was refused")
        return "/d2l/api/next"

    def usage(self):
        return Usage()


def texts_in(value):
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_in(part)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []


def can_be_stored(value):
    return all(text == text.encode().decode() and "\x00" not in text for text in texts_in(asdict(value)))


def reader_of(*answers):
    return Reader(SETTINGS, cast("Client", Answering(answers)), clock=lambda: NOON)


@pytest.mark.parametrize("read", PARSERS, ids=lambda read: read.__name__)
@FEW
@given(value=ANSWERS)
def test_a_row_is_read_or_malformed(read, value):
    with suppress(SourceUnavailable):
        read(value)


@FEW
@given(answers=st.lists(PAGES, min_size=1, max_size=6))
def test_a_classlist_is_read_or_a_failure(answers):
    classlist = reader_of(*answers).classlist(UNIT)

    assert (classlist.failure is None) or not classlist.entries
    assert can_be_stored(classlist)


@pytest.mark.parametrize(
    "kind", [one for one in SourceKind if one is not SourceKind.GROUPS], ids=lambda kind: kind.value
)
@FEW
@given(answers=st.lists(PAGES, min_size=1, max_size=6))
def test_a_listing_is_read_or_a_failure(kind, answers):
    source = Source(kind, UNIT, 0 if kind is SourceKind.FINAL_GRADE else 31)

    listing = reader_of(*answers).listing(source)

    assert (listing.failure is None) or not listing.facts
    assert can_be_stored(listing)


@FEW
@given(answers=st.lists(PAGES, min_size=1, max_size=6))
def test_groups_and_user_records_are_read_or_failures(answers):
    assert can_be_stored(reader_of(*answers).groups(UNIT, CATEGORY))
    assert can_be_stored(reader_of(*answers).user_record(UserId(1)))


@FEW
@given(answer=PAGES)
def test_versions_and_the_tokens_user_are_told_or_unavailable(answer):
    reader = reader_of(answer)

    with suppress(SourceUnavailable):
        reader.whoami()
    with suppress(SourceUnavailable):
        reader.unsupported_versions()


def test_a_name_that_was_cut_in_the_middle_of_a_character_costs_nobody_the_list():
    """What is left of an address goes nowhere; everybody else's is as it was."""
    rows = [bodies.listed(1, OrgDefinedId="a\ud83d", Email="ada\ud800@example.edu"), bodies.listed(2)]

    entries = reader_of(rows).classlist(UNIT).entries

    assert [entry.address for entry in entries.values()] == [None, "user2@example.edu"]
    assert entries[UserId(1)].org_defined_id == "a\ufffd"


@pytest.mark.parametrize("mark", ["\ud800", "a\x00b"], ids=ascii)
def test_a_page_that_can_not_be_asked_for_breaks_the_list_off(mark):
    page = {"Items": [bodies.listed(1)], "PagingInfo": {"HasMoreItems": True, "Bookmark": mark}}

    assert reader_of(page).classlist(UNIT).failure is not None
