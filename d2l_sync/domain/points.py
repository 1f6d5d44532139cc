"""Points: compared exactly, written as people do, and of several quiz attempts the ones that count."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, localcontext

from d2l_sync.domain.facts import AttemptPolicy, QuizAttempt
from d2l_sync.domain.verdict import Verdict, met, unmet

HUNDRED = Decimal(100)
DIGITS = 80
"""Enough for a product of any two numbers that a gradebook holds to stay exact."""


def plain(number: Decimal) -> str:
    """Write a decimal as people do: no exponent, no trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def reaches(points: Decimal, *, max_points: Decimal, min_percent: Decimal) -> bool:
    """Compare exactly, by multiplying instead of dividing: 16 of 20 is 80 %, 15.999999999 is not."""
    with localcontext() as context:
        context.prec = DIGITS
        return points * HUNDRED >= min_percent * max_points


def _percent(points: Decimal, max_points: Decimal) -> str:
    with localcontext() as context:
        context.prec = DIGITS
        shown = (points * HUNDRED / max_points).quantize(Decimal("0.01"), rounding="ROUND_DOWN")
    return f"{plain(points)} of {plain(max_points)} ({plain(shown)} %)"


def against(points: Decimal, max_points: Decimal, min_percent: Decimal, dated_at: datetime | None) -> Verdict:
    """Judge points against a share of the points possible, which are above zero."""
    value, threshold = _percent(points, max_points), f"at least {plain(min_percent)} %"
    if reaches(points, max_points=max_points, min_percent=min_percent):
        return met(f"has {value}", value=value, threshold=threshold, dated_at=dated_at)
    return unmet(f"has {value}", value=value, threshold=threshold)


def counted(policy: AttemptPolicy, counting: list[QuizAttempt]) -> tuple[Decimal, datetime | None]:
    """Return the points that count under a policy, and when the deciding attempt was completed."""

    def points(attempt: QuizAttempt) -> Decimal:
        return attempt.score or Decimal(0)

    pick: dict[AttemptPolicy, Callable[[], QuizAttempt]] = {
        AttemptPolicy.HIGHEST: lambda: max(counting, key=lambda one: (points(one), -one.number)),
        AttemptPolicy.LOWEST: lambda: min(counting, key=lambda one: (points(one), one.number)),
        AttemptPolicy.FIRST: lambda: min(counting, key=lambda one: one.number),
        AttemptPolicy.LATEST: lambda: max(counting, key=lambda one: one.number),
    }
    if policy in pick:
        deciding = pick[policy]()
        return points(deciding), deciding.completed_at
    with localcontext() as context:
        context.prec = DIGITS
        mean = sum((points(one) for one in counting), Decimal(0)) / len(counting)
    return mean, max((one.completed_at for one in counting if one.completed_at), default=None)
