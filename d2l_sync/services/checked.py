"""What a check answers: one line for each thing that was looked at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from d2l_sync.domain.errors import D2lSyncError

GRAVEST_FIRST = (78, 74, 77, 75, 69)


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was checked. exit_code: 0 when it is well. subject: what; found: what was seen."""

    subject: str
    found: str
    hint: str = ""
    exit_code: int = 0


class _Unwell(D2lSyncError):
    exit_code = 69


def unwell(what: str, hint: str) -> D2lSyncError:
    return _Unwell(what, hint=hint)


def asked(subject: str, question: Callable[[], str]) -> Checked:
    """Ask, and take what is raised on purpose for the answer."""
    try:
        return Checked(subject, question())
    except D2lSyncError as error:
        return Checked(subject, str(error), error.hint, error.exit_code)


def gravest(found: Iterable[Checked]) -> int:
    codes = {one.exit_code for one in found}
    return next((code for code in GRAVEST_FIRST if code in codes), 0)
