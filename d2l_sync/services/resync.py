"""Resync: a pass that somebody asks the running service for, over a scope or to let a held plan go."""

import json
from dataclasses import asdict, dataclass, field

from d2l_sync.domain.errors import UsageError
from d2l_sync.domain.ids import OrgUnitId
from d2l_sync.services.problems import Problem
from d2l_sync.services.report import AwardCounts, PassReport
from d2l_sync.services.scope import Scope


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for. released: the number of a held plan to let go, by a pass over everything."""

    scope: Scope = field(default_factory=Scope)
    released: int | None = None

    def __str__(self) -> str:
        return str(self.scope) if self.released is None else f"held plan {self.released}"


def write_wish(wish: Wish) -> str:
    """Write a wish so that the same wish is the same text."""
    return json.dumps(asdict(wish.scope) | {"released": wish.released}, sort_keys=True)


def read_wish(text: str) -> Wish:
    """Read what somebody asked for, all of it: half a wish would be another one.

    Raises UsageError for what this version of the program can't have written.
    """
    try:
        given = json.loads(text)
        unit = given["org_unit_id"]
        scope = Scope(
            org_unit_id=OrgUnitId(unit) if unit is not None else None,
            learner=given["learner"],
            badge=given["badge"],
            full=given["full"],
        )
        wish = Wish(scope, given["released"])
        if json.loads(write_wish(wish)) == given:
            return wish
    except (ValueError, KeyError, TypeError):
        pass
    raise UsageError("this version can't read the request", hint="ask again: d2l-sync resync")


def told_wish(text: str) -> str:
    """Say what somebody asked for, or that it can't be read."""
    try:
        return str(read_wish(text))
    except UsageError:
        return "unreadable"


def read_report(text: str) -> PassReport:
    """Read the figures of a pass as `Ending` wrote them."""
    given = json.loads(text)
    facts, calls = given["facts"], given["calls"]
    return PassReport(
        pass_id=given["pass"],
        outcome=given["outcome"],
        learners=given["learners"],
        facts_read=facts["read"],
        facts_changed=facts["changed"],
        facts_unknown=facts["unknown"],
        awards=AwardCounts(**given["awards"]),
        enrolled=given["enrolled"],
        calls_brightspace=calls["brightspace"],
        calls_badging=calls["badging"],
        credits=given["credits"],
        seconds=given["seconds"],
        problems=tuple(Problem(**one) for one in given["problems"]),
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """How a request ended, as it is stored."""

    pass_id: int | None
    outcome: str | None
    exit_code: int
    report: str

    @classmethod
    def of(cls, report: PassReport) -> "Ending":
        return cls(report.pass_id, report.outcome, report.exit_code, json.dumps(report.as_json()))
