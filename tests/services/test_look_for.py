"""A learner of whom nothing is stored is looked for on the classlists of now."""

import pytest

from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.services.look_for import look_for
from tests.services.programme import ADA, GRACE, UNIT_1, UNIT_2, mail_of, person

UNITS = (UNIT_2, UNIT_1)


@pytest.mark.parametrize("text", [str(ADA), mail_of(ADA).upper(), "U301"], ids=["user id", "address", "OrgDefinedId"])
def test_a_learner_is_found_by_what_a_classlist_shows(one_badge, text):
    one_badge.enrol(ADA, GRACE)
    one_badge.brightspace.fail(UNIT_1)

    assert look_for(text, one_badge.brightspace, UNITS) == {person(ADA)}


def test_nobody_is_found_where_all_could_be_read(one_badge):
    assert look_for(str(ADA), one_badge.brightspace, UNITS) == set()


def test_that_there_is_nobody_is_not_said_of_a_classlist_that_could_not_be_read(one_badge):
    one_badge.enrol(GRACE)
    one_badge.brightspace.fail(UNIT_1, why="did not answer", hint="try again")

    with pytest.raises(SourceUnavailable, match="did not answer") as caught:
        look_for(str(ADA), one_badge.brightspace, UNITS)

    assert caught.value.hint == "try again"
