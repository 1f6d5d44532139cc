"""What no longer agrees after an award: reported for a person, never mended by itself."""

from dataclasses import replace

from d2l_sync.domain.ids import Address
from tests.services.programme import ADA, LEVEL_1, UNIT_1, UNIT_2, UNIT_3, Programme, entry


def kinds(programme):
    return [finding.kind for finding in programme.state.open_reviews]


def test_an_address_that_changed_after_the_award_opens_a_review_and_no_second_award():
    """A badge stays tied to the address that it was awarded to."""
    programme = Programme()
    programme.finishes(ADA)
    programme.sync()
    for unit in (UNIT_1, UNIT_2, UNIT_3):
        programme.brightspace.enrol(unit, replace(entry(ADA), address=Address("ada@new.example")))

    report = programme.later()

    assert (report.awards.issued, kinds(programme)) == (0, ["address_changed"])
    assert len(programme.platform.orders) == 1


def test_an_assertion_that_was_moved_to_another_address_opens_a_review():
    programme = Programme()
    programme.finishes(ADA)
    programme.sync()
    award = programme.award(ADA, LEVEL_1)
    for number, one in enumerate(programme.platform.held):
        if one.assertion_id == award.assertion_id:
            programme.platform.held[number] = replace(one, address=Address("grace@example.org"))

    programme.later()

    assert kinds(programme) == ["other_recipient"]
    assert programme.award(ADA, LEVEL_1) == award
