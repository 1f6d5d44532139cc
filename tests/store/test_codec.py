"""What is stored as text comes back as it was: every digit, every instant, however deep."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from d2l_sync.domain.errors import StateError
from d2l_sync.domain.facts import AttemptPolicy, GradeValue, HandIn, Item, QuizAttempt, QuizAttempts
from d2l_sync.domain.verdict import Truth, Verdict
from d2l_sync.store.codec import fact_of, fact_text, item_of, item_text, verdicts_of, verdicts_text

TEXTS = st.text(max_size=12)
POINTS = st.none() | st.decimals(allow_nan=False, allow_infinity=False)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-7)), timezone(timedelta(hours=5, minutes=30))])
INSTANTS = st.none() | st.datetimes(min_value=datetime(2000, 1, 1), timezones=ZONES)  # noqa: DTZ001 - ZONES adds them
NUMBERS = st.integers(min_value=0, max_value=2**53)
ATTEMPTS = st.builds(
    QuizAttempt,
    attempt_id=NUMBERS,
    number=NUMBERS,
    score=POINTS,
    completed_at=INSTANTS,
    is_published=st.booleans(),
)
FACTS = st.one_of(
    st.builds(QuizAttempts, attempts=st.lists(ATTEMPTS, max_size=4).map(tuple)),
    st.builds(
        HandIn,
        count=NUMBERS,
        submitted_at=INSTANTS,
        score=POINTS,
        is_published=st.booleans(),
        completed_at=INSTANTS,
        group_id=st.none() | NUMBERS,
    ),
    st.builds(GradeValue, points=POINTS, max_points=POINTS, modified_at=INSTANTS, is_exempt=st.booleans()),
)
ITEMS = st.builds(
    Item,
    name=TEXTS,
    max_points=POINTS,
    policy=st.none() | st.sampled_from(AttemptPolicy),
    question_points=POINTS,
    group_category_id=st.none() | NUMBERS,
)


def verdicts(parts):
    return st.builds(
        Verdict,
        truth=st.sampled_from(Truth),
        because=TEXTS,
        key=TEXTS,
        name=TEXTS,
        value=TEXTS,
        threshold=TEXTS,
        source=TEXTS,
        read_at=INSTANTS,
        dated_at=INSTANTS,
        is_required=st.booleans(),
        parts=parts,
    )


TREES = st.lists(
    st.recursive(verdicts(st.just(())), lambda inner: verdicts(st.lists(inner, max_size=2).map(tuple)), max_leaves=5),
    max_size=3,
).map(tuple)


@given(FACTS)
def test_a_fact_comes_back_exactly(fact):
    """Equal is not enough: 80 and 80.0 are equal, and are different texts of Brightspace."""
    again = fact_of(fact_text(fact))

    assert again == fact
    assert fact_text(again) == fact_text(fact)
    assert type(again) is type(fact)


@given(ITEMS)
def test_an_item_comes_back_exactly(item):
    assert item_of(item_text(item)) == item


@given(TREES)
def test_verdicts_come_back_exactly_with_all_their_parts(tree):
    assert verdicts_of(verdicts_text(tree)) == tree


def test_a_decimal_keeps_the_digits_it_came_in():
    fact = GradeValue(Decimal("15.9999999990"), Decimal(20), None)

    assert fact_text(fact_of(fact_text(fact))) == (
        '{"fact":"grade_value","points":"15.9999999990","max_points":"20","modified_at":null}'
    )


def test_a_text_of_an_older_program_takes_todays_defaults():
    assert item_of('{"name":"Essay","colour":"red"}') == Item("Essay")


def test_an_instant_without_a_time_zone_is_not_stored():
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - the point of the test

    with pytest.raises(ValueError, match="no time zone"):
        fact_text(HandIn(1, naive))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="torn"),
        pytest.param("[]", id="no fact"),
        pytest.param('{"fact":"smile"}', id="unknown kind"),
        pytest.param('{"fact":"hand_in"}', id="nothing in it"),
        pytest.param('{"fact":"hand_in","count":"1","submitted_at":null}', id="wrong type"),
        pytest.param('{"fact":"grade_value","points":"x","max_points":null,"modified_at":null}', id="no number"),
    ],
)
def test_a_damaged_text_stops_the_program(text):
    with pytest.raises(StateError, match="a stored fact can't be read"):
        fact_of(text)


def test_damaged_verdicts_stop_the_program():
    with pytest.raises(StateError, match="can't be read"):
        verdicts_of('[{"truth":"perhaps","because":""}]')
