"""What no longer agrees after an award: reported for a person, never mended by itself."""

from dataclasses import replace

import pytest

from d2l_sync.domain.award import Holder, State
from d2l_sync.domain.criterion import Submission
from d2l_sync.domain.errors import SourceUnavailable
from d2l_sync.domain.ids import Address
from d2l_sync.domain.pathway import Pathway
from d2l_sync.services.report import AwardCounts
from tests.fakes import Fault
from tests.services.programme import (
    ADA,
    CLASS_1,
    LEVEL_1,
    NOON,
    ONE_BADGE,
    PATHWAY,
    PROJECT,
    QUIZ,
    REFLECTION,
    SETTLE,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    Programme,
    criterion,
    entry,
    mail_of,
    make_badge,
)

ONE_OTHER = Pathway(
    PATHWAY, "Another", (make_badge("other", criterion("project", "submission", Submission(), PROJECT), unit=UNIT_2),)
)


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


def test_a_changed_address_stays_in_review_when_the_learner_leaves_until_it_is_as_it_was():
    programme = Programme(ONE_BADGE)
    programme.finishes(ADA)
    programme.sync()
    programme.brightspace.enrol(UNIT_1, replace(entry(ADA), address=Address("ada@new.example")))
    programme.later()

    programme.brightspace.withdraw(UNIT_1, ADA)
    programme.later()
    gone = kinds(programme)
    programme.enrol(ADA, units=(UNIT_1,))
    programme.later()

    assert ("address_changed" in gone, kinds(programme)) == (True, [])


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


UNSENT = [
    pytest.param({"state": state}, id=state.value)
    for state in (
        State.EARNED,
        State.BLOCKED,
        State.DUE,
        State.DOUBTFUL,
        State.FAILED,
        State.LAPSED,
        State.REJECTED,
    )
] + [
    pytest.param({"state": State.HELD, "held_by": Holder.PERSON}, id="held by a person"),
    pytest.param({"state": State.HELD, "held_by": Holder.PERSON, "retry_at": NOON}, id="held while doubtful"),
    pytest.param({"state": State.HELD, "held_by": Holder.GUARD, "held_in": 1}, id="held by the guard"),
]


@pytest.mark.parametrize("is_seen", [True, False], ids=["facts read", "facts unread"])
@pytest.mark.parametrize("sent_to", [(), (mail_of(ADA),)], ids=["never sent", "sent before"])
@pytest.mark.parametrize("fields", UNSENT)
def test_what_was_revoked_on_the_platform_is_never_sent_whatever_the_row_says(one_badge, fields, sent_to, is_seen):
    """Revoked under an address that no request went to: the list shows it, a look-up does not."""
    one_badge.finishes(ADA)
    one_badge.put(ADA, sent_to=sent_to, **fields)
    elsewhere = Address("ada@home.example")
    one_badge.brightspace.enrol(UNIT_2, replace(entry(ADA), address=elsewhere))
    one_badge.state.last_known[ADA] = elsewhere
    gone = one_badge.platform.hold(CLASS_1, elsewhere, is_revoked=True)
    one_badge.brightspace.enrol(UNIT_1, replace(entry(ADA), address=elsewhere))
    if not is_seen:
        one_badge.brightspace.fail(REFLECTION, QUIZ)

    one_badge.sync()
    one_badge.later()

    assert (one_badge.award(ADA).state, one_badge.award(ADA).assertion_id) == (State.REVOKED, gone.assertion_id)
    assert one_badge.platform.orders == []
    assert kinds(one_badge) == ["revoked_there"]


class Released:
    """Ada's award was revoked there, and released: older revoked assertions count no longer."""

    def __init__(self):
        self.programme = Programme(ONE_BADGE)
        self.programme.finishes(ADA)
        self.by_hand = self.programme.platform.hold(CLASS_1, mail_of(ADA), is_revoked=True)
        gone = self.programme.platform.hold(CLASS_1, mail_of(ADA), is_revoked=True)
        self.programme.put(ADA, State.REVOKED, assertion_id=gone.assertion_id)
        older = (gone.assertion_id, self.by_hand.assertion_id)
        self.programme.put(ADA, State.EARNED, epoch=2, is_released=True, passed_over=older)


def test_after_a_release_a_revoked_assertion_that_nobody_here_made_counts_no_longer_either():
    programme = Released().programme

    report = programme.sync()

    assert (programme.award(ADA).epoch, programme.award(ADA).state) == (2, State.ISSUED)
    assert report.awards == AwardCounts(earned=1, issued=1)


def test_an_award_revoked_while_its_answer_was_lost_is_not_sent_again_after_a_release_either():
    programme = Released().programme
    programme.platform.faults.append(Fault.LOSES_ITS_ANSWER)
    programme.sync()
    made = programme.platform.held[-1]
    programme.platform.revoke(made.assertion_id, "by hand")

    programme.later(SETTLE)
    programme.later()

    assert (programme.award(ADA).state, programme.award(ADA).assertion_id) == (State.REVOKED, made.assertion_id)
    assert len(programme.platform.orders) == 1


def test_an_award_made_and_revoked_by_hand_after_a_release_is_not_sent():
    programme = Released().programme
    made = programme.platform.hold(CLASS_1, mail_of(ADA), is_revoked=True)

    programme.sync()

    assert (programme.award(ADA).state, programme.award(ADA).assertion_id) == (State.REVOKED, made.assertion_id)
    assert programme.platform.orders == []


def test_a_doubtful_award_that_is_held_is_looked_up_and_stays_held_when_it_is_not_there(one_badge):
    one_badge.finishes(ADA)
    one_badge.put(ADA, State.HELD, held_by=Holder.PERSON, sent_to=(mail_of(ADA),), retry_at=NOON)

    one_badge.sync()
    one_badge.later()

    assert one_badge.platform.looked_up == [(CLASS_1, mail_of(ADA))]
    assert (one_badge.award(ADA).state, one_badge.award(ADA).retry_at) == (State.HELD, None)
    assert one_badge.platform.orders == []


def test_a_doubtful_award_that_is_held_is_issued_when_it_is_there(one_badge):
    """The list does not show it yet; a look-up by address does."""
    one_badge.finishes(ADA)
    one_badge.platform.faults.append(Fault.LOSES_ITS_ANSWER)
    one_badge.platform.lag = 1
    one_badge.sync()
    one_badge.state.add(replace(one_badge.award(ADA), state=State.HELD, held_by=Holder.PERSON))

    report = one_badge.later(SETTLE)

    assert (one_badge.award(ADA).state, one_badge.award(ADA).held_by) == (State.ISSUED, None)
    assert report.awards == AwardCounts(earned=1, issued=1)


LATER_FINDINGS = [
    pytest.param("missing_there", lambda programme: programme.platform.held.clear(), id="missing there"),
    pytest.param(
        "other_recipient",
        lambda programme: programme.platform.held.append(
            replace(programme.platform.held.pop(), address=Address("grace@example.org"))
        ),
        id="other recipient",
    ),
    pytest.param("doubled", lambda programme: programme.platform.hold(CLASS_1, mail_of(ADA)), id="doubled"),
    pytest.param(
        "unknown_recipient", lambda programme: programme.platform.hold(CLASS_1, "nobody@example.org"), id="unknown here"
    ),
]
PASSES = [
    pytest.param({}, False, id="everything"),
    pytest.param({}, True, id="everything, in part unread"),
    pytest.param({"badge": LEVEL_1}, False, id="one badge"),
    pytest.param({"learner": str(ADA)}, False, id="one learner"),
    pytest.param({"org_unit_id": UNIT_1}, True, id="one org unit, unread"),
]


@pytest.mark.parametrize(("scope", "is_unread"), PASSES)
@pytest.mark.parametrize(("kind", "happens"), LATER_FINDINGS)
def test_what_a_list_shows_opens_a_review_and_ends_it_in_every_pass_that_reads_the_list(
    programme, kind, happens, scope, is_unread
):
    """A course that can't be read for weeks must not keep what was mended on the platform open."""
    programme.finishes(ADA)
    programme.sync()
    right = list(programme.platform.held)
    if is_unread:
        programme.brightspace.fail(UNIT_1)

    happens(programme)
    programme.sync(**scope)
    opened = kinds(programme)
    programme.platform.held[:] = right
    programme.sync(**scope)

    assert (opened, kinds(programme)) == ([kind], [])
    assert len(programme.platform.orders) == 1


def test_a_review_of_a_list_stays_while_the_list_is_unread_or_another_badge_is_looked_at(programme):
    programme.finishes(ADA)
    programme.sync()
    programme.platform.held.clear()
    programme.sync()
    programme.platform.failing[CLASS_1] = SourceUnavailable("no answer")

    programme.sync()
    programme.sync(badge=LEVEL_1)
    unread = kinds(programme)
    programme.platform.failing.clear()
    programme.pathways = (ONE_OTHER,)
    programme.sync(badge="other")

    assert (unread, kinds(programme)) == (["missing_there"], ["missing_there"])


def test_a_review_of_a_fallen_award_ends_when_it_is_earned_again_also_beside_an_unread_course(programme):
    programme.finishes(ADA)
    programme.sync()
    programme.brightspace.withdraw(UNIT_1, ADA)
    programme.sync()
    fallen = kinds(programme)
    programme.brightspace.fail(UNIT_1)
    programme.sync()
    unread = kinds(programme)
    programme.brightspace.recover()
    programme.brightspace.fail(UNIT_3)
    programme.finishes(ADA)

    report = programme.sync()

    assert (fallen, unread, kinds(programme)) == (["fell"], ["fell"], [])
    assert report.outcome == "partial"


def test_what_is_missing_there_is_looked_up_before_it_is_sent_again(one_badge):
    """A person has it retried by name; the list still lags, and a look-up finds it."""
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.platform.lag = 1
    one_badge.sync()
    missing = kinds(one_badge)
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE))

    one_badge.sync()

    assert (missing, one_badge.award(ADA).state) == (["missing_there"], State.ISSUED)
    assert len(one_badge.platform.orders) == 1


def test_what_is_missing_there_and_stays_so_is_sent_again_once_a_person_says_so(one_badge):
    one_badge.finishes(ADA)
    one_badge.sync()
    one_badge.platform.held.clear()
    one_badge.later()
    one_badge.later()
    without = len(one_badge.platform.orders)
    one_badge.state.add(replace(one_badge.award(ADA), state=State.DUE))

    report = one_badge.later()

    assert (without, len(one_badge.platform.orders), report.awards.issued) == (1, 2, 1)
    assert (kinds(one_badge), one_badge.award(ADA).state) == ([], State.ISSUED)
