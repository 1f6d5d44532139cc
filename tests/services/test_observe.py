"""What is read, what is believed of it, and what is said about the rest."""

import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from threading import Lock

import pytest

from d2l_sync.domain.belief import Sizes
from d2l_sync.domain.errors import TokenRefused
from d2l_sync.domain.facts import Failure, Item
from d2l_sync.domain.ids import Address, GroupCategoryId, GroupId, UserId
from d2l_sync.domain.pathway import Offering, TeamSource
from d2l_sync.domain.people import Classlist, Person
from d2l_sync.domain.ports import PassRecord, Snapshot
from d2l_sync.services.observe import Needs, Observer, needs_of
from d2l_sync.services.problems import Problem
from tests.fakes import FakeBrightspace, TurnedClock
from tests.memory_state import MemoryState
from tests.services.programme import (
    ADA,
    ALAN,
    FIRST,
    GRACE,
    NOON,
    ONE_BADGE,
    PROJECT,
    QUIZ,
    REFLECTION,
    SECOND,
    UNIT_1,
    UNIT_2,
    UNIT_3,
    WHOLE,
    attempts,
    entry,
    hand_in,
    mail_of,
    person,
)

TODAY = date(2026, 3, 2)
OWLS = (UNIT_2, GroupCategoryId(9))
FIRST_NEEDS = Needs(frozenset({UNIT_1}), frozenset({REFLECTION}), frozenset(), frozenset())
CROWD = tuple(UserId(number) for number in range(400, 420))


@pytest.fixture
def brightspace():
    """Enrol Ada and Grace, who handed in."""
    made = FakeBrightspace(TurnedClock(NOON))
    made.enrol(UNIT_1, entry(ADA), entry(GRACE))
    made.show(REFLECTION, ADA, hand_in())
    made.show(REFLECTION, GRACE, hand_in())
    return made


def observe(brightspace, snapshot=None, needs=FIRST_NEEDS, **fields):
    observer = Observer(brightspace, **{"connections": 2, "max_shrink_percent": 30} | fields)
    return observer.observe(needs, snapshot or Snapshot())


def remembered(observation):
    """Return what the next pass is told after this one was recorded."""
    state = MemoryState()
    record = PassRecord(
        NOON,
        classlists=observation.fresh_classlists,
        listings=observation.fresh_listings,
        last_known=observation.addresses(),
        sizes=observation.sizes,
    )
    state.record(1, record)
    return state.snapshot()


def test_a_badge_needs_its_sources_and_the_classlists_of_its_whole_pathway():
    needs = needs_of([(WHOLE, (FIRST,))], TODAY)

    assert needs == Needs(frozenset({UNIT_1, UNIT_2, UNIT_3}), frozenset({REFLECTION, QUIZ}), frozenset(), frozenset())


def test_teams_by_groups_need_their_category():
    pathway = replace(ONE_BADGE, teams=TeamSource(*OWLS))

    assert needs_of([(pathway, (FIRST,))], TODAY) == Needs(
        frozenset({UNIT_1, UNIT_2}), frozenset({REFLECTION, QUIZ}), frozenset({OWLS}), frozenset()
    )


def test_an_ended_offering_is_not_read():
    over = replace(FIRST, offerings=(Offering(UNIT_1, date(2026, 3, 1)),))

    needs = needs_of([(replace(ONE_BADGE, badges=(over,)), (over,))], TODAY)

    assert needs == Needs(frozenset(), frozenset(), frozenset(), frozenset({UNIT_1}))


def test_an_org_unit_that_another_pathway_still_uses_is_read():
    over = replace(FIRST, offerings=(Offering(UNIT_1, date(2026, 3, 1)),))
    pathways = [(replace(ONE_BADGE, badges=(over,)), (over,)), (ONE_BADGE, (FIRST,))]

    assert needs_of(pathways, TODAY).ended == frozenset()


def test_everything_needed_is_read_and_counted(brightspace):
    seen = observe(brightspace)

    assert set(brightspace.asked) == {UNIT_1, REFLECTION}
    assert (seen.facts_read, seen.facts_changed, seen.problems, seen.is_blind) == (2, 2, (), False)
    assert seen.sizes == {"classlist of org unit 6601": 2, str(REFLECTION): 2}
    assert seen.addresses() == {ADA: mail_of(ADA), GRACE: mail_of(GRACE)}


def test_reading_the_same_again_finds_nothing_changed(brightspace):
    before = remembered(observe(brightspace))

    assert observe(brightspace, before).facts_changed == 0


def test_progress_is_told_after_each_answer(brightspace):
    told = []

    observe(brightspace, connections=1, progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 1), (2, 2)]


def test_progress_is_told_by_one_thread_at_a_time(brightspace):
    telling, told = Lock(), []

    def listen(done, total):
        is_alone = telling.acquire(blocking=False)
        time.sleep(0.01)
        told.append((is_alone, done, total))
        if is_alone:
            telling.release()

    for unit in (UNIT_2, UNIT_3):
        brightspace.enrol(unit, entry(ADA))
    observe(brightspace, needs=needs_of([(WHOLE, WHOLE.badges)], TODAY), connections=4, progress=listen)

    assert [(is_alone, done) for is_alone, done, _ in told] == [(True, number) for number in range(1, 8)]


def test_of_an_org_unit_that_can_not_be_read_the_last_good_classlist_is_kept(brightspace):
    """Its addresses still count: somebody there may share one with a learner elsewhere."""
    before = remembered(observe(brightspace))
    brightspace.fail(UNIT_1, why="answered 403", hint="grant the role")

    seen = observe(brightspace, before)

    kept = Classlist(UNIT_1, NOON, before.classlists[UNIT_1].entries, Failure("6601 answered 403", "grant the role"))
    assert seen.classlists == {UNIT_1: kept}
    assert (seen.fresh_listings, seen.fresh_classlists, seen.is_blind) == ((), (), True)
    unread = seen.listings[REFLECTION]
    assert (unread.facts, unread.failure, unread.vanished) == ({}, kept.failure, frozenset())
    assert seen.problems == (Problem("6601 answered 403", "org unit 6601", "grant the role"),)


def test_one_org_unit_of_two_makes_a_pass_partial_not_blind(brightspace):
    brightspace.fail(UNIT_2)
    needs = Needs(frozenset({UNIT_1, UNIT_2}), frozenset({REFLECTION, PROJECT}), frozenset(), frozenset())

    seen = observe(brightspace, needs=needs)

    assert (seen.is_blind, set(seen.listings)) == (False, {REFLECTION})
    assert seen.classlists[UNIT_2].entries == {}


def test_a_listing_that_breaks_off_is_unknown_as_a_whole(brightspace):
    brightspace.fail(REFLECTION, why="broke off")

    seen = observe(brightspace)

    assert (seen.listings[REFLECTION].facts, seen.fresh_listings, seen.facts_read) == ({}, (), 0)
    assert [(one.what, one.where) for one in seen.problems] == [(f"{REFLECTION} broke off", str(REFLECTION))]


def test_a_classlist_that_suddenly_shrank_is_not_believed(brightspace):
    brightspace.enrol(UNIT_1, *map(entry, CROWD))
    before = remembered(observe(brightspace))
    brightspace.withdraw(UNIT_1, *CROWD)

    seen = observe(brightspace, before)

    assert seen.classlists[UNIT_1].entries == before.classlists[UNIT_1].entries
    assert [one.kind for one in seen.findings] == ["shrunk"]
    assert (seen.is_blind, seen.sizes) == (False, {})  # it was read, and is not believed


def test_a_listing_that_suddenly_shrank_is_not_believed_until_its_size_returns(brightspace):
    brightspace.enrol(UNIT_1, *map(entry, CROWD))
    for user_id in CROWD:
        brightspace.show(REFLECTION, user_id, hand_in())
    before = remembered(observe(brightspace))
    crowd = dict(brightspace.facts[REFLECTION])
    brightspace.facts[REFLECTION].clear()

    shrunk = observe(brightspace, before)
    brightspace.facts[REFLECTION] = crowd
    returned = observe(brightspace, before)

    assert (shrunk.listings[REFLECTION].failure is None, [one.kind for one in shrunk.findings]) == (False, ["shrunk"])
    assert (returned.listings[REFLECTION].failure, returned.findings) == (None, ())


def test_at_100_percent_every_size_is_believed(brightspace):
    brightspace.enrol(UNIT_1, *map(entry, CROWD))
    before = remembered(observe(brightspace))
    brightspace.withdraw(UNIT_1, *CROWD)

    assert observe(brightspace, before, max_shrink_percent=100).problems == ()


def test_groups_that_suddenly_shrank_are_not_believed_until_a_person_accepts_it(brightspace):
    brightspace.teams[OWLS] = {GroupId(number): frozenset({user}) for number, user in enumerate(CROWD, 1)}
    needs = replace(FIRST_NEEDS, categories=frozenset({OWLS}))
    before = remembered(observe(brightspace, needs=needs))
    brightspace.teams[OWLS] = dict.fromkeys(brightspace.teams[OWLS], frozenset())

    shrunk = observe(brightspace, before, needs)
    accepted = observe(brightspace, replace(before, sizes={}), needs)

    name = "group category 9 in org unit 6602"
    assert [(one.kind, one.org_unit_id, one.subject) for one in shrunk.findings] == [("shrunk", UNIT_2, name)]
    assert [one.what for one in shrunk.problems] == [f"{name} shrank from 20 rows to 0 and is not believed"]
    assert (before.sizes[name], name in shrunk.sizes, accepted.sizes[name]) == (20, False, 0)
    assert (shrunk.groups[OWLS].failure is None, accepted.groups[OWLS].failure) == (False, None)


@pytest.mark.parametrize("made", [UNIT_1, REFLECTION], ids=["a classlist's roles", "a folder's groups"])
def test_what_was_made_with_a_list_that_suddenly_shrank_is_not_believed(brightspace, made):
    brightspace.lists[made] = {"another list": 12}
    before = remembered(observe(brightspace))
    brightspace.lists[made] = {"another list": 2}

    shrunk = observe(brightspace, before)

    assert before.sizes["another list"] == 12
    assert [(one.kind, one.org_unit_id, one.subject) for one in shrunk.findings] == [("shrunk", UNIT_1, "another list")]
    assert {one.source for one in shrunk.fresh_listings} == set()


def test_what_vanished_is_found_in_every_pass_until_it_returns(brightspace):
    before = remembered(observe(brightspace))
    brightspace.facts[REFLECTION].pop(ADA)

    first = observe(brightspace, before)
    second = observe(brightspace, remembered(first))

    assert [(one.kind, one.user_id) for one in first.findings] == [("vanished", person(ADA))]
    assert second.findings == first.findings


def test_what_vanished_with_a_folder_that_was_deleted_is_found_until_the_folder_returns(brightspace):
    before = remembered(observe(brightspace))
    brightspace.delete(REFLECTION)

    first = observe(brightspace, before)
    brightspace.fail(REFLECTION)
    unread = observe(brightspace, remembered(first))
    brightspace.recover()
    returned = observe(brightspace, remembered(first))

    assert [(one.kind, one.user_id) for one in first.findings] == [
        ("vanished", person(ADA)),
        ("vanished", person(GRACE)),
    ]
    assert (unread.findings, returned.findings) == (first.findings, ())
    assert (first.facts_read, first.facts_changed, first.sizes.get(str(REFLECTION))) == (0, 0, None)


@pytest.mark.parametrize("unread", [UNIT_1, REFLECTION], ids=["its org unit", "its folder"])
def test_what_had_vanished_stays_so_while_it_can_not_be_read(brightspace, unread):
    before = remembered(observe(brightspace))
    brightspace.facts[REFLECTION].pop(ADA)
    gone = remembered(observe(brightspace, before))
    brightspace.fail(unread)

    assert observe(brightspace, gone).listings[REFLECTION].vanished == {ADA}


def test_an_ended_offering_shows_nothing_that_had_vanished(brightspace):
    before = remembered(observe(brightspace))
    brightspace.facts[REFLECTION].pop(ADA)
    gone = remembered(observe(brightspace, before))

    ended = observe(brightspace, gone, needs=Needs(frozenset(), frozenset(), frozenset(), frozenset({UNIT_1})))

    assert (set(ended.listings[REFLECTION].facts), ended.listings[REFLECTION].vanished) == ({GRACE}, {ADA})


def test_an_ended_offering_keeps_what_a_folder_showed_that_was_deleted_in_its_last_days(brightspace):
    before = remembered(observe(brightspace))
    brightspace.delete(REFLECTION)
    gone = remembered(observe(brightspace, before))

    ended = observe(brightspace, gone, needs=Needs(frozenset(), frozenset(), frozenset(), frozenset({UNIT_1})))

    assert ended.listings[REFLECTION].facts == before.listings[REFLECTION].facts
    assert ended.listings[REFLECTION].vanished == frozenset()


def test_what_a_learner_who_left_had_is_not_vanished(brightspace):
    before = remembered(observe(brightspace))
    brightspace.facts[REFLECTION].pop(ADA)
    brightspace.withdraw(UNIT_1, ADA)

    assert observe(brightspace, before).findings == ()


def test_question_points_that_differ_are_for_a_person(brightspace):
    brightspace.items[QUIZ] = Item("Terms", Decimal(20), question_points=Decimal(25))
    brightspace.show(QUIZ, ADA, attempts("18"))

    seen = observe(brightspace, needs=replace(FIRST_NEEDS, sources=frozenset({QUIZ})))

    assert [(one.kind, one.org_unit_id, one.subject) for one in seen.findings] == [("points_differ", UNIT_1, str(QUIZ))]


def test_an_ended_offering_keeps_what_it_showed_its_learners_included(brightspace):
    before = remembered(observe(brightspace))
    ended = Needs(frozenset(), frozenset(), frozenset(), frozenset({UNIT_1, UNIT_2}))
    brightspace.asked.clear()

    seen = observe(brightspace, before, needs=ended)

    assert brightspace.asked == []
    assert seen.classlists == {
        UNIT_1: replace(before.classlists[UNIT_1], ended=True),
        UNIT_2: Classlist(UNIT_2, None, ended=True),
    }
    assert (seen.listings, seen.is_blind, seen.fresh_classlists) == (before.listings, False, ())


def test_a_user_record_is_read_only_where_nothing_else_gives_an_address(brightspace):
    """A tutor without an address needs none, and an administrator's word is good enough."""
    brightspace.enrol(
        UNIT_1, entry(ADA, address=None), entry(GRACE, address=None), entry(ALAN, address=None, is_learner=False)
    )
    brightspace.addresses[ADA] = mail_of(ADA)
    people = {person(GRACE): Person(person(GRACE), (GRACE,), set_address=Address("g@example.edu"))}

    seen = observe(brightspace, Snapshot(people=people))

    assert [one for one in brightspace.asked if isinstance(one, tuple)] == [("user", ADA)]
    assert seen.addresses() == {ADA: mail_of(ADA)}


def test_a_user_record_without_an_address_is_remembered_as_nothing(brightspace):
    brightspace.enrol(UNIT_1, entry(ADA, address=None))

    assert observe(brightspace).addresses() == {GRACE: mail_of(GRACE)}


def test_groups_that_can_not_be_read_are_a_problem(brightspace):
    brightspace.teams[OWLS] = {GroupId(1): frozenset({ADA})}
    needs = replace(FIRST_NEEDS, categories=frozenset({OWLS}))

    good = observe(brightspace, needs=needs)
    brightspace.fail(OWLS)
    bad = observe(brightspace, needs=needs)

    assert (good.groups[OWLS].groups, good.problems) == ({GroupId(1): frozenset({ADA})}, ())
    assert [one.where for one in bad.problems] == ["groups of org unit 6602"]


def test_a_role_that_can_not_be_told_is_a_problem_unless_the_user_is_excluded(brightspace):
    brightspace.enrol(UNIT_1, entry(ADA, is_learner=None), entry(ALAN, is_learner=None, is_excluded=True))

    seen = observe(brightspace)

    assert [one.what for one in seen.problems] == ["the role of one person could not be read"]


def test_a_refused_token_ends_the_reading(brightspace):
    brightspace.has_token = False

    with pytest.raises(TokenRefused):
        observe(brightspace)


def test_sizes_are_told_by_the_names_that_reviews_use():
    doubt = Sizes({"classlist of org unit 6601": 20}, 30).doubt("classlist of org unit 6601", 2)

    assert doubt is not None
    assert "d2l-sync reviews close --accept" in doubt.hint


def test_a_badge_without_criteria_reads_nothing_of_its_own():
    last = WHOLE.badges[-1]

    assert needs_of([(WHOLE, (last,))], TODAY).sources == frozenset()
    assert SECOND.sources == frozenset({PROJECT})
