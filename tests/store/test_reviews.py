"""A review lives from when its finding is first reported until it is reported no longer."""

from d2l_sync.domain.stored import StoredReview
from tests.store.values import LATER, LATER_STILL, NOON, a_pass, make_finding

KINDS = frozenset({"vanished"})


def test_a_finding_opens_one_review_however_often_it_is_reported(store):
    a_pass(store, findings=(make_finding(),), finding_kinds=KINDS)
    a_pass(store, LATER, findings=(make_finding("gone, still"),), finding_kinds=KINDS)

    assert store.reviews() == [StoredReview(1, make_finding("gone, still"), NOON)]


def test_a_finding_that_is_reported_no_longer_has_ended(store):
    a_pass(store, findings=(make_finding(),), finding_kinds=KINDS)
    a_pass(store, LATER, finding_kinds=KINDS)

    assert store.reviews() == []
    assert store.reviews(open_only=False) == [StoredReview(1, make_finding(), NOON, ended_at=LATER)]


def test_a_pass_that_could_not_judge_a_kind_ends_none_of_it(store):
    a_pass(store, findings=(make_finding(),), finding_kinds=KINDS)
    a_pass(store, LATER, finding_kinds=frozenset({"fell"}))

    assert store.reviews() == [StoredReview(1, make_finding(), NOON)]


def test_what_a_person_closed_stays_closed_while_it_goes_on(store):
    a_pass(store, findings=(make_finding(),), finding_kinds=KINDS)

    assert store.close_review(1, by="root", at=LATER)
    a_pass(store, LATER, findings=(make_finding(),), finding_kinds=KINDS)

    closed = StoredReview(1, make_finding(), NOON, closed_at=LATER, closed_by="root")
    assert store.reviews() == []
    assert store.reviews(open_only=False) == [closed]


def test_what_ended_and_comes_again_is_a_new_review(store):
    a_pass(store, findings=(make_finding(),), finding_kinds=KINDS)
    store.close_review(1, by="root", at=NOON)
    a_pass(store, LATER, finding_kinds=KINDS)
    a_pass(store, LATER_STILL, findings=(make_finding(),), finding_kinds=KINDS)

    assert store.reviews() == [StoredReview(2, make_finding(), LATER_STILL)]


def test_different_subjects_are_different_reviews(store):
    a_pass(
        store, findings=(make_finding(subject="quiz 1"), make_finding(subject="quiz 2"), make_finding(subject="quiz 1"))
    )

    assert [one.finding.subject for one in store.reviews()] == ["quiz 1", "quiz 2"]


def test_only_an_open_review_can_be_closed(store):
    a_pass(store, findings=(make_finding(),), finding_kinds=KINDS)

    assert store.close_review(1, by="root", at=LATER)
    assert not store.close_review(1, by="root", at=LATER_STILL)
    assert not store.close_review(9, by="root", at=LATER)
