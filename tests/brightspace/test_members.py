"""Numbers and dates in every spelling that was seen, and nothing that was not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from d2l_sync.brightspace.members import decimal_or_none, id_of, moment_or_none
from d2l_sync.domain.errors import SourceUnavailable


@pytest.mark.parametrize("value", [7, "7", " 7 ", Decimal("7.0"), "007"], ids=repr)
def test_an_id_comes_as_number_or_as_text(value):
    assert id_of(value, "an id") == 7


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        0,
        -7,
        "-7",
        "7.5",
        Decimal("7.5"),
        True,
        [7],
        "seven",
        "\u0667",
        Decimal("1e999999999"),
        2**63,
        "9" * 19,
    ],
    ids=repr,
)
def test_what_is_no_id_is_malformed(value):
    with pytest.raises(SourceUnavailable, match="an id"):
        id_of(value, "an id")


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (10, Decimal(10)),
        (Decimal("10.0"), Decimal(10)),
        ("33.333333333", Decimal("33.333333333")),
        (-2, Decimal(-2)),
        (None, None),
        ("", None),
    ],
    ids=repr,
)
def test_points_are_exact(value, meant):
    assert decimal_or_none(value, "points") == meant


@pytest.mark.parametrize(
    "value", [True, "60,5", "B+", "NaN", [], Decimal("1e999999999"), Decimal("1e-99"), 10**40], ids=repr
)
def test_what_is_no_number_is_malformed(value):
    with pytest.raises(SourceUnavailable, match="points"):
        decimal_or_none(value, "points")


@pytest.mark.parametrize(
    "text",
    ["2026-10-01T09:30:00.000Z", "2026-10-01T09:30:00Z", "2026-10-01T09:30:00", "U2026-10-01T09:30:00.000",
     "2026-10-01T09:30:00.0000000Z", "2026-10-01T11:30:00+02:00"],
)  # fmt: skip
def test_a_date_is_read_with_or_without_milliseconds(text):
    assert moment_or_none(text, "a date") == datetime(2026, 10, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00"], ids=repr)
def test_some_dates_mean_none(value):
    assert moment_or_none(value, "a date") is None


@pytest.mark.parametrize("value", ["yesterday", 5, "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+05:00"], ids=repr)
def test_what_is_no_date_is_malformed(value):
    with pytest.raises(SourceUnavailable, match="a date"):
        moment_or_none(value, "a date")
