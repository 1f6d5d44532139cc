"""The ledger moves only from where the mover saw it, and remembers every move."""

import threading
from dataclasses import replace
from datetime import timedelta

from d2l_sync.domain.award import LONGEST_REST, Holder, Pair, State
from d2l_sync.domain.ledger import Change, HistoryEntry
from d2l_sync.domain.stored import StoredJudgement
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.store.state import StateStore
from tests.store.values import (
    ADA,
    ADAS,
    BADGE,
    BADGE_CLASS,
    GRACE,
    LATER,
    LATER_STILL,
    NOON,
    PATHWAY,
    a_pass,
    add,
    make_award,
    make_judgement,
    person,
)


def moves(store, user_id=ADA):
    return [(entry.was, entry.becomes) for entry in store.history(person(user_id))]


def test_an_award_comes_back_with_every_field(store):
    award = make_award(
        state=State.HELD,
        held_by=Holder.GUARD,
        reason="too many",
        sent_to=(ADAS, "old@example.edu"),
        assertion_id="a1",
        assertion_url="https://badges.example.org/a1",
        issued_on=NOON,
        issued_at=LATER,
        attempts=2,
        retry_at=LATER,
        backoff_s=120,
        narrative="Ref abc",
        rule_version="v1",
    )

    add(store, award)

    assert store.snapshot().awards == (award,)
    assert store.awards() == [award]


def test_a_pass_writes_its_changes_with_their_history(store):
    due = make_award(state=State.EARNED)
    a_pass(store, changes=(Change(None, due, "its criteria are met"),))

    a_pass(store, LATER, changes=(Change(due, replace(due, state=State.DUE), "live again"),))

    assert store.history(person(ADA)) == [
        HistoryEntry(NOON, BADGE, PATHWAY, None, "earned", "its criteria are met", 1),
        HistoryEntry(LATER, BADGE, PATHWAY, "earned", "due", "live again", 2),
    ]


def test_two_changes_of_one_award_in_one_pass_follow_each_other(store):
    first, second = make_award(state=State.EARNED), make_award(state=State.DUE)

    a_pass(store, changes=(Change(None, first, "earned"), Change(first, second, "due")))

    assert store.awards() == [second]


def test_a_change_whose_row_has_moved_is_skipped(store):
    """Somebody rejected it while the pass was reading; the next pass sees that."""
    due, rejected = make_award(), make_award(state=State.REJECTED)
    add(store, due)
    store.change(Change(due, rejected, "by hand"), at=NOON, pass_id=None, by="root")

    written = store.change(Change(due, replace(due, state=State.LAPSED), "fell"), at=LATER, pass_id=None)

    assert not written
    assert store.awards() == [rejected]


def test_what_a_person_holds_is_not_released_by_who_saw_the_guard_hold_it(store):
    guarded = make_award(state=State.HELD, held_by=Holder.GUARD)
    add(store, guarded)
    store.change(Change(guarded, replace(guarded, held_by=Holder.PERSON), "hold"), at=NOON, pass_id=None)

    assert not store.change(Change(guarded, replace(guarded, state=State.DUE), "released"), at=LATER, pass_id=None)


def test_a_row_is_made_once(store):
    add(store, make_award())

    assert not store.change(Change(None, make_award(), "again"), at=LATER, pass_id=None)
    assert moves(store) == [(None, "due")]


def test_a_change_of_a_row_that_is_not_there_is_skipped(store):
    assert not store.change(Change(make_award(), make_award(state=State.LAPSED), "fell"), at=NOON, pass_id=None)


def test_the_next_epoch_is_a_new_row_beside_the_old_one(store):
    revoked = make_award(state=State.REVOKED, assertion_id="a1")
    again = make_award(state=State.EARNED, epoch=2)
    add(store, revoked)

    assert store.change(Change(revoked, again, "released"), at=LATER, pass_id=None)

    assert store.snapshot().awards == (revoked, again)
    assert store.awards() == [again]
    assert store.counts() == {State.EARNED: 1}


def test_claiming_notes_what_goes_out(store):
    add(store, make_award(sent_to=("old@example.edu",), attempts=1))
    going = make_award(state=State.SENDING, attempts=2, issued_on=LATER, narrative="Ref abc")

    assert store.claim(going, at=LATER, pass_id=7)

    assert store.awards() == [replace(going, sent_to=("old@example.edu", ADAS))]
    assert moves(store)[-1] == ("due", "sending")


def test_an_address_that_is_sent_to_again_is_noted_once(store):
    add(store, make_award(sent_to=(ADAS,), attempts=1))

    store.claim(make_award(), at=LATER, pass_id=None)

    assert store.awards()[0].sent_to == (ADAS,)


def test_what_is_due_no_longer_is_not_claimed(store):
    add(store, make_award(state=State.BLOCKED))

    assert not store.claim(make_award(), at=NOON, pass_id=None)
    assert not store.claim(make_award(GRACE), at=NOON, pass_id=None)
    assert moves(store) == [(None, "blocked")]


def test_of_two_who_claim_at_once_one_gets_it(store, url):
    add(store, make_award())
    stores = [StateStore.open(url) for _ in range(2)]
    ready, answers = threading.Barrier(2), []

    def claim(one):
        ready.wait()
        answers.append(one.claim(make_award(), at=LATER, pass_id=None))

    threads = [threading.Thread(target=claim, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores:
        one.close()

    assert sorted(answers) == [False, True]
    assert store.awards()[0].attempts == 1


def test_what_was_being_sent_when_the_sender_died_is_doubtful(store):
    add(store, make_award(), make_award(GRACE))
    store.claim(make_award(), at=NOON, pass_id=None)

    assert store.doubt_sending(at=LATER, retry_at=LATER_STILL) == 1

    doubtful = store.awards(state=State.DOUBTFUL)
    assert [(award.person_id, award.retry_at) for award in doubtful] == [(person(ADA), LATER_STILL)]
    assert store.doubt_sending(at=LATER, retry_at=LATER_STILL) == 0


def test_a_rest_from_before_the_clock_was_set_back_begins_anew(store):
    """A machine that began its day with a clock a day ahead would let its doubtful awards rest for that day."""
    ends = {ADA: NOON + timedelta(days=1), GRACE: NOON + LONGEST_REST}
    for who, retry_at in ends.items():
        add(store, make_award(who, state=State.DOUBTFUL, retry_at=retry_at))

    store.doubt_sending(at=NOON, retry_at=LATER)

    rests = {award.person_id: award.retry_at for award in store.awards()}
    assert rests == {person(ADA): LATER, person(GRACE): NOON + LONGEST_REST}


def test_awards_are_listed_by_state_and_badge(store):
    other = make_award(GRACE, badge_class="bc-2", badge="level-2")
    add(store, make_award(), other)

    assert store.awards(badge="level-2") == [other]
    assert store.awards(State.DUE) == [make_award(), other]
    assert store.awards(State.ISSUED) == []


def test_the_time_of_a_state_is_that_of_its_last_move(store):
    """A new reason or address is no move."""
    due = make_award()
    add(store, due, make_award(GRACE))
    store.change(Change(due, replace(due, address="new@example.edu"), "address"), at=LATER, pass_id=None)
    store.claim(make_award(GRACE), at=LATER, pass_id=None)

    assert store.award_times() == {
        Pair(person(ADA), BADGE_CLASS): NOON,
        Pair(person(GRACE), BADGE_CLASS): LATER,
    }


def test_an_award_waits_since_it_became_due_however_often_it_is_tried(store):
    """A platform that is down for a day moves it from due to sending and back in every pass."""
    due, sending = make_award(), replace(make_award(), state=State.SENDING, attempts=1)
    add(store, due)
    store.claim(due, at=LATER, pass_id=None)
    store.change(Change(sending, replace(sending, state=State.DOUBTFUL), "lost"), at=LATER, pass_id=None)

    assert store.unsent_since() == NOON


def test_an_award_that_is_to_be_sent_again_waits_since_then(store):
    due = make_award()
    failed = replace(due, state=State.FAILED)
    add(store, due, replace(make_award(GRACE), state=State.ISSUED))
    store.change(Change(due, failed, "refused"), at=NOON, pass_id=None)
    nothing = store.unsent_since()
    store.change(Change(failed, due, "retried"), at=LATER, pass_id=None)

    assert (nothing, store.unsent_since()) == (None, LATER)


def test_facts_are_counted_by_their_verdicts_down_to_the_nested_ones(store):
    """What rests on a classlist is no fact of an org unit, and a combination is none either."""
    handed_in = Verdict(Truth.MET, "", source="dropbox folder 33101 in org unit 6601", read_at=NOON)
    nested = (replace(handed_in, truth=Truth.UNMET), Verdict(Truth.UNKNOWN, "", source="quiz 44101 in org unit 6601"))
    of_ada = (Verdict(Truth.MET, "", source="classlist"), handed_in, Verdict(Truth.MET, "", parts=nested))
    ada, grace = make_judgement(), make_judgement(GRACE)

    a_pass(store, judgements=(replace(ada, verdicts=of_ada), replace(grace, verdicts=(handed_in,))))

    assert store.truths() == {Truth.MET: 2, Truth.UNMET: 1, Truth.UNKNOWN: 1}


def test_a_judgement_is_kept_with_everything_it_rested_on(store):
    a_pass(store, judgements=(make_judgement(truth=Truth.UNMET), make_judgement(GRACE)))
    latest = make_judgement()

    a_pass(store, LATER, judgements=(latest,))

    assert store.judgements(person(ADA)) == [
        StoredJudgement(
            person(ADA), PATHWAY, BADGE, Truth.MET, LATER, "v1", pass_id=2, earned_at=NOON, verdicts=latest.verdicts
        )
    ]


def test_a_decision_keeps_the_verdicts_of_its_time(store):
    """The last judgement is overwritten in each pass; the history must still say what the decision rested on."""
    met = make_judgement()
    a_pass(store, judgements=(met,), changes=(Change(None, make_award(), "met"),))
    a_pass(store, LATER, judgements=(make_judgement(truth=Truth.UNMET),))

    assert [entry.verdicts for entry in store.history(person(ADA))] == [met.verdicts]
