"""Whatever happens, and in whatever order: nobody holds a badge twice, and a quiet pass changes nothing."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from d2l_sync.domain.errors import SourceUnavailable
from tests.fakes import Fault
from tests.fuse import Fuse, Killed
from tests.services.programme import (
    ADA,
    CLASS_1,
    GRACE,
    LEVEL_1,
    LEVEL_2,
    LEVEL_3,
    PROJECT,
    SETTLE,
    UNIT_1,
    UNIT_2,
    Programme,
    mail_of,
)

LEVELS = (LEVEL_1, LEVEL_2, LEVEL_3)
LEARNERS = st.sampled_from([ADA, GRACE])


def earns(programme, user_id, level):
    programme.enrol(user_id)
    programme.earns(user_id, level)


def is_awarded_by_hand(programme, user_id):
    if not programme.platform.live()[CLASS_1, mail_of(user_id)]:
        programme.platform.hold(CLASS_1, mail_of(user_id))


def will_be_killed(programme, place, after_the_call):
    programme.fuse = Fuse(place, after_the_call=after_the_call)


def lags(programme):
    programme.platform.lag = min(1, len(programme.platform.held))


def becomes_quiet(programme):
    programme.brightspace.recover()
    programme.platform.failing.clear()
    programme.platform.faults.clear()
    programme.platform.lag = 0


EVENTS = st.one_of(
    st.tuples(st.just(earns), LEARNERS, st.sampled_from(LEVELS)),
    st.tuples(st.just(lambda programme, fault: programme.platform.faults.append(fault)), st.sampled_from(Fault)),
    st.tuples(st.just(will_be_killed), st.integers(1, 40), st.booleans()),
    st.tuples(st.just(is_awarded_by_hand), LEARNERS),
    st.tuples(st.just(lambda programme, user_id: programme.brightspace.entries[UNIT_1].pop(user_id, None)), LEARNERS),
    st.tuples(st.just(lambda programme: programme.approves(ADA))),
    st.tuples(st.just(lambda programme: programme.brightspace.fail(UNIT_2, PROJECT))),
    st.tuples(st.just(lambda programme: programme.platform.failing.update({CLASS_1: SourceUnavailable("no answer")}))),
    st.tuples(st.just(lags)),
    st.tuples(st.just(becomes_quiet)),
    st.tuples(st.just(lambda programme: programme.clock.turn(SETTLE))),
)


def makes_a_pass(programme):
    try:
        programme.sync()
    except Killed:
        programme.fuse = Fuse()


@settings(max_examples=150)
@given(st.lists(EVENTS, max_size=12))
def test_nobody_ever_holds_two_and_a_quiet_pass_changes_nothing(events):
    programme = Programme()
    programme.sets(delivery={"connections": 1}, brightspace={"connections": 1})
    for happens, *details in events:
        happens(programme, *details)
        makes_a_pass(programme)
        assert max(programme.platform.live().values(), default=0) <= 1

    becomes_quiet(programme)
    programme.fuse = Fuse()
    for _ in range(3):
        programme.later(timedelta(hours=1))
    before = (programme.state.awards, list(programme.state.history), programme.state.open_reviews)
    programme.later()

    assert (programme.state.awards, programme.state.history, programme.state.open_reviews) == before
    assert max(programme.platform.live().values(), default=0) <= 1
