"""What a pass answers: the figures of `sync --json` and `plan --json`, and the exit code."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from d2l_sync.domain.award import Award, State
from d2l_sync.services.problems import Problem

EXIT_DONE, EXIT_UNAVAILABLE, EXIT_HELD, EXIT_CREDENTIALS = 0, 69, 75, 77
COUNTED_STATES = (State.AWAITING_APPROVAL, State.BLOCKED, State.FAILED, State.DOUBTFUL, State.HELD)


@dataclass(frozen=True, slots=True)
class AwardCounts:
    """earned: pairs that hold now, issued ones included. issued, adopted: by this pass. The rest: rows at its end."""

    earned: int = 0
    issued: int = 0
    adopted: int = 0
    awaiting_approval: int = 0
    blocked: int = 0
    failed: int = 0
    doubtful: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class WouldIssue:
    """One award that a live pass would send now."""

    pathway: str
    badge: str
    user_id: int


@dataclass(frozen=True, slots=True)
class WouldEnrol:
    """One person whom a live pass would let into an org unit now."""

    pathway: str
    badge: str
    user_id: int
    org_unit: int


@dataclass(frozen=True, slots=True)
class PassReport:
    """One pass as people and scripts see it. pass_id, outcome: None where no pass was made.

    would_issue: None for a pass that was meant to issue. exit_code: what the command ends with.
    """

    pass_id: int | None = None
    outcome: str | None = None
    learners: int = 0
    facts_read: int = 0
    facts_changed: int = 0
    facts_unknown: int = 0
    awards: AwardCounts = field(default_factory=AwardCounts)
    enrolled: int = 0
    calls_brightspace: int = 0
    calls_badging: int = 0
    credits: int = 0
    seconds: float = 0.0
    problems: tuple[Problem, ...] = ()
    would_issue: tuple[WouldIssue, ...] | None = None
    would_enrol: tuple[WouldEnrol, ...] = ()
    exit_code: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the members that the contract names."""
        body: dict[str, object] = {
            "pass": self.pass_id,
            "outcome": self.outcome,
            "learners": self.learners,
            "facts": {"read": self.facts_read, "changed": self.facts_changed, "unknown": self.facts_unknown},
            "awards": asdict(self.awards),
            "enrolled": self.enrolled,
            "calls": {"brightspace": self.calls_brightspace, "badging": self.calls_badging},
            "credits": self.credits,
            "seconds": round(self.seconds, 3),
            "problems": [asdict(problem) for problem in self.problems],
        }
        if self.would_issue is not None:
            body["would_issue"] = [asdict(one) for one in self.would_issue]
            body["would_enrol"] = [asdict(one) for one in self.would_enrol]
        return body


def no_pass(problem: Problem, exit_code: int, *, is_plan: bool = False) -> PassReport:
    """Report that no pass could be made, and why."""
    return PassReport(problems=(problem,), exit_code=exit_code, would_issue=() if is_plan else None)


def count_states(awards: Iterable[Award]) -> dict[State, int]:
    counts = dict.fromkeys(COUNTED_STATES, 0)
    for award in awards:
        if award.state in counts:
            counts[award.state] += 1
    return counts


def exit_code(*, outcome: str, has_bad_credentials: bool, is_unanswered: bool, is_held: bool) -> int:
    """Choose the gravest: credentials, held, then what did not answer."""
    if has_bad_credentials:
        return EXIT_CREDENTIALS
    if is_held:
        return EXIT_HELD
    return EXIT_UNAVAILABLE if outcome in {"partial", "blind"} or is_unanswered else EXIT_DONE
