"""What the other systems do wrong in one history: each fault is an order of troubles, met in the middle of the work."""

from dataclasses import dataclass
from typing import Any

AWARDS = {"server": "badgr", "path": r"/assertions$", "method": "POST"}
LISTS = {"server": "badgr", "path": r"/assertions\?", "method": "GET"}
PLATFORM_SIGN_IN = {"server": "badgr", "path": r"/o/token", "method": "POST"}
SIGN_IN = {"server": "auth", "path": r"/core/connect/token", "method": "POST"}
ENROLMENTS = {"server": "brightspace", "path": r"/enrollments/$", "method": "POST"}
READS = {"server": "brightspace", "path": r"/dropbox/|/classlist/|/attempts/", "method": "GET"}
SECOND_AND_THIRD = {"after": 1, "times": 2}

SETTLE_S = 0.06
GIVES_UP_S = 0.08
"""When a client in a hurry stops waiting for the answer to an award."""
PATIENCE_S = 60
"""When any other does: an honest answer may take long on a busy machine, and would be one that was lost."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong besides the kill.

    troubles: as the sandbox takes them. hidden_s: for how long lists hide a new assertion. settle_s: how long a
    doubtful award rests; longer than the platform needs to commit. breaks_chain: no client could have kept the token.
    takes_duplicates: the platform refuses no duplicate, so that one guard is all there is. window_s: how far its check
    and its insert lie apart. restores: in the end the backup from before the first award is put back, and all goes on.
    tried_after_s: for how long people wait before they try again; as long as awards rest, unless told otherwise.
    gives_up_s: when the client stops waiting for the answer to an award.
    """

    name: str
    troubles: tuple[dict[str, Any], ...] = ()
    hidden_s: float = 0
    settle_s: float = SETTLE_S
    breaks_chain: bool = False
    takes_duplicates: bool = False
    window_s: float = 0.003
    restores: bool = False
    tried_after_s: float | None = None
    gives_up_s: float = PATIENCE_S


def _award(name: str, kind: str, **options: Any) -> Fault:
    return Fault(name, ({**AWARDS, **SECOND_AND_THIRD, "kind": kind, **options},))


LOST_TWICE = ({**AWARDS, **SECOND_AND_THIRD, "kind": "lose_answer"},)
NONE = Fault("none")
FAULTS = (
    NONE,
    _award("500 before storing", "status", status=500),
    _award("500 after storing", "fail_after", status=500),
    _award("reset before storing", "reset"),
    _award("closed after storing", "lose_answer"),
    Fault(
        "stalled past the time-out, stored late",
        ({**AWARDS, **SECOND_AND_THIRD, "kind": "late", "seconds": GIVES_UP_S + 0.03},),
        settle_s=0.4,
        gives_up_s=GIVES_UP_S,
    ),
    Fault(
        "hung up, stored late",
        ({**AWARDS, **SECOND_AND_THIRD, "kind": "late", "seconds": 0.03, "hang_up": True},),
        settle_s=0.4,
    ),
    _award("half an answer", "truncate"),
    _award("login page with 200", "login_page"),
    _award("maintenance", "redirect", location="/maintenance"),
    _award("429", "status", status=429),
    _award("401 once", "status", status=401, times=1),
    _award("503", "status", status=503),
    Fault("lists lag", LOST_TWICE, hidden_s=0.3),
    Fault(
        "look-ups fail for a while",
        (
            *LOST_TWICE,
            {**LISTS, "after": 3, "times": 6, "kind": "status", "status": 500},
        ),
    ),
    Fault("closed after storing, duplicates taken", LOST_TWICE, takes_duplicates=True),
    Fault(
        "hung up, stored late, duplicates taken",
        ({**AWARDS, **SECOND_AND_THIRD, "kind": "late", "seconds": 0.03, "hang_up": True},),
        settle_s=1,
        takes_duplicates=True,
    ),
    Fault("its list empty for a while", (*LOST_TWICE, {**LISTS, "after": 4, "times": 8, "kind": "shorten"})),
    Fault("its list shrunk for a while", ({**LISTS, "after": 4, "times": 8, "kind": "shorten", "keep": 1},)),
    Fault("an old backup restored", LOST_TWICE, restores=True),
    Fault("its sign-in refused with 503", ({**PLATFORM_SIGN_IN, "times": 2, "kind": "status", "status": 503},)),
    Fault("a sign-in's answer lost", ({**SIGN_IN, "times": 1, "kind": "lose_answer"},), breaks_chain=True),
    Fault("a sign-in refused with 503", ({**SIGN_IN, "times": 1, "kind": "status", "status": 503},)),
    Fault(
        "Brightspace stumbles",
        (
            {**READS, "after": 2, "times": 4, "kind": "status", "status": 500},
            {**READS, "after": 3, "times": 1, "kind": "status", "status": 401},
            {**ENROLMENTS, "times": 1, "kind": "lose_answer"},
        ),
    ),
)
FOR_CONTROLS = (
    Fault("lists lag, duplicates taken", LOST_TWICE, hidden_s=3, settle_s=4, takes_duplicates=True, tried_after_s=0.1),
    Fault("slow to store", window_s=3, settle_s=4, tried_after_s=0.1, gives_up_s=GIVES_UP_S),
    Fault("its list empty once", ({**LISTS, "after": 4, "times": 4, "kind": "shorten"},), takes_duplicates=True),
)
"""Where a broken design shows, and the whole one does not: the other guard is gone, or time is short."""
BY_NAME = {fault.name: fault for fault in (*FAULTS, *FOR_CONTROLS)}
