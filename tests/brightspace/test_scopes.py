"""A token asks for what the pathways read, and for nothing else."""

import pytest

from d2l_sync.brightspace.routes import SCOPES
from d2l_sync.brightspace.scopes import BY_KIND, scopes_needed
from d2l_sync.domain.facts import SourceKind

PEOPLE = ("users:own_profile:read", "users:userdata:read", "role:detail:read", "enrollment:orgunit:read")
QUIZZES = ("quizzing:quizzes:read", "quizzing:attempts:read")
FOLDERS = ("dropbox:folders:read", "groups:group:read")


def needed(*kinds, points=False, groups=False, enrols=False):
    return scopes_needed(kinds, asks_for_points=points, has_groups=groups, enrols=enrols)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        pytest.param(needed(), PEOPLE, id="attestations only"),
        pytest.param(needed(SourceKind.FOLDER), (*PEOPLE, *FOLDERS), id="a folder may be a group's"),
        pytest.param(needed(SourceKind.QUIZ), (*PEOPLE, *QUIZZES), id="a quiz whose points are given"),
        pytest.param(
            needed(SourceKind.QUIZ, points=True),
            (*PEOPLE, "grades:gradeobjects:read", *QUIZZES),
            id="a quiz whose points are its grade object's",
        ),
        pytest.param(
            needed(SourceKind.GRADE),
            (*PEOPLE, "grades:gradeobjects:read", "grades:gradevalues:read"),
            id="a grade",
        ),
        pytest.param(needed(SourceKind.FINAL_GRADE), (*PEOPLE, "grades:gradevalues:read"), id="a final grade"),
        pytest.param(needed(groups=True), (*PEOPLE, "groups:group:read"), id="teams by groups"),
        pytest.param(needed(enrols=True), (*PEOPLE, "enrollment:orgunit:create"), id="access"),
        pytest.param(needed(*SourceKind, points=True), SCOPES, id="everything"),
    ],
)
def test_scopes_are_the_fewest_that_do(scopes, expected):
    assert scopes == expected


def test_every_kind_of_source_has_its_scopes():
    assert set(BY_KIND) == set(SourceKind)
