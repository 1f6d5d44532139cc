"""What somebody asked for: which badges, which people, and what is said when it fits nothing."""

from dataclasses import replace

import pytest

from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import OrgUnitId, PathwayKey, PersonId
from d2l_sync.services.scope import Part, Scope, badges_in, find_badges, only_person
from tests.services.programme import (
    FIRST,
    LAST,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    MACRO,
    SECOND,
    UNIT_2,
    WHOLE,
)

OTHER_KEY = PathwayKey("other")
OTHER = replace(WHOLE, key=OTHER_KEY, badges=(replace(FIRST, pathway=OTHER_KEY),))


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (Scope(), "everything"),
        (Scope(full=True), "full"),
        (Scope(OrgUnitId(6601), "ada@example.edu", "level-1"), "org unit 6601, one learner, badge level-1"),
    ],
    ids=["everything", "full", "narrow"],
)
def test_a_scope_is_said_in_words_without_naming_a_learner(scope, words):
    assert str(scope) == words


def test_a_badge_is_found_by_its_key_or_with_its_pathway():
    assert find_badges((WHOLE, OTHER), "ums-mcd/level-1") == [FIRST]
    assert find_badges((WHOLE, OTHER), "level-2") == [SECOND]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("level-1", "badge level-1 is in several pathways: ums-mcd/level-1, other/level-1"),
        ("level-9", "there is no badge level-9"),
        ("other/level-2", "there is no badge other/level-2"),
    ],
    ids=["in two", "in none", "in another"],
)
def test_a_name_that_fits_no_badge_or_two_is_refused_with_what_there_is(name, message):
    with pytest.raises(UsageError, match=f"^{message}$") as refused:
        find_badges((WHOLE, OTHER), name)

    assert refused.value.hint


def test_a_badge_without_a_name_is_not_everything():
    """As where a script's variable is empty: `sync --badge "$BADGE"`."""
    with pytest.raises(UsageError, match="there is no badge"):
        badges_in(Scope(badge=""), (WHOLE, OTHER))


def test_everything_is_every_badge_of_every_pathway():
    found = badges_in(Scope(), (WHOLE, OTHER))

    assert found.parts == (
        Part(WHOLE, WHOLE.badges, frozenset({LEVEL_1, LEVEL_2, LEVEL_3, MACRO})),
        Part(OTHER, OTHER.badges, frozenset({LEVEL_1})),
    )
    assert found.judged == found.chosen == [*WHOLE.badges, *OTHER.badges]


def test_one_badge_brings_its_prerequisites_along():
    second, last = badges_in(Scope(badge="level-2"), (WHOLE, OTHER)), badges_in(Scope(badge="macro"), (WHOLE,))

    assert (second.judged, second.chosen) == ([FIRST, SECOND], [SECOND])
    assert (last.judged, last.chosen) == ([*WHOLE.badges], [LAST])


def test_an_org_unit_means_the_badges_that_are_earned_there():
    found = badges_in(Scope(org_unit_id=UNIT_2), (WHOLE,))

    assert found.parts == (Part(WHOLE, (FIRST, SECOND), frozenset({LEVEL_2})),)


def test_an_org_unit_without_a_badge_is_refused():
    with pytest.raises(UsageError, match="no badge is earned in org unit 1"):
        badges_in(Scope(org_unit_id=OrgUnitId(1)), (WHOLE,))


def test_without_any_pathway_there_is_nothing_to_do():
    assert badges_in(Scope(), ()).parts == ()


TWO = {PersonId(302), PersonId(301)}


@pytest.mark.parametrize(
    ("found", "text", "message"),
    [
        (set(), " 999 ", "no learner fits 999"),
        (set(), "ada@home.example", "no learner fits what was given"),
        (set(), "9" * 21, "no learner fits what was given"),
        (TWO, "12345", "2 learners fit 12345: users 301, 302"),
        (TWO, "ada@home.example", "2 learners fit what was given: users 301, 302"),
    ],
    ids=["a number of nobody", "nobody's address", "noise", "a number of two", "an address of two"],
)
def test_a_learner_who_fits_nobody_or_two_is_refused(found, text, message):
    """Both are named, and the number that was given; an address is in no error message."""
    with pytest.raises(UsageError) as refused:
        only_person(found, text)

    assert str(refused.value) == message


def test_the_one_who_fits_is_meant():
    assert only_person({PersonId(301)}, "301") == PersonId(301)
