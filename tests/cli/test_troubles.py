"""How faults are told: once for each cause, whatever they keep from being read."""

from d2l_sync.cli.troubles import Trouble, told_once

DOWN = "Brightspace answered 503"
WAIT = "the next pass asks again"


def unread(subject, cause=DOWN, hint=WAIT):
    return Trouble(subject, f"{subject} could not be read: {cause}", hint)


def shown(*faults):
    return [(str(one), one.hints) for one in told_once(faults)]


def test_one_cause_of_many_faults_is_one_line():
    faults = [Trouble("roles", DOWN), unread("org unit 1"), unread("org unit 2")]

    assert shown(*faults) == [(f"roles, org unit 1, org unit 2: {DOWN}", [WAIT])]


def test_a_line_names_no_more_than_can_be_read():
    """A certificate that has expired keeps from reading every id of every pathway."""
    faults = [unread(f"org unit {number}") for number in range(1, 251)]

    named = "org unit 1, org unit 2, org unit 3, org unit 4"
    assert shown(*faults) == [(f"{named} and 246 more (--json names each): {DOWN}", [WAIT])]


def test_every_other_cause_has_a_line_of_its_own_where_it_first_stands():
    faults = [unread("quiz 1"), unread("quiz 2", "Brightspace answered 404", "mend the id"), unread("quiz 3")]

    assert shown(*faults) == [
        (f"quiz 1, quiz 3: {DOWN}", [WAIT]),
        ("quiz 2: could not be read: Brightspace answered 404", ["mend the id"]),
    ]


def test_a_fault_alone_is_told_in_its_own_words():
    alone = Trouble("org unit 1", f"classlist of org unit 1 could not be read: {DOWN}")

    assert shown(alone) == [(f"org unit 1: classlist of org unit 1 could not be read: {DOWN}", [])]


def test_a_thing_that_has_one_fault_twice_is_named_once():
    twice = [
        Trouble("org unit 1", f"{what} of org unit 1 could not be read: {DOWN}") for what in ("classlist", "roles")
    ]

    assert shown(*twice) == [(f"org unit 1: classlist of org unit 1 could not be read: {DOWN}", [])]


def test_all_that_helps_is_told_once():
    faults = [Trouble("a", DOWN, "wait"), Trouble("b", DOWN, "ask the vendor"), Trouble("c", DOWN, "wait")]

    assert shown(*faults) == [(f"a, b, c: {DOWN}", ["wait", "ask the vendor"])]
