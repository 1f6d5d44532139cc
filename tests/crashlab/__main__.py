"""The whole laboratory: `make crash-lab`. Prints its figures; ends with 1 when anything was lost, doubled or missed."""

import sys
import time
from collections import Counter
from collections.abc import Iterable

from tests.crashlab.faults import FAULTS
from tests.crashlab.history import Job, Report
from tests.crashlab.laboratory import Laboratory, chosen, laboratory


def main() -> int:
    with laboratory() as lab:
        return 0 if _crashes(lab) else 1


def _crashes(lab: Laboratory) -> bool:
    """Kill the program at every chosen point of every fault's history."""
    began = time.monotonic()
    recorded = {fault.name: lab.points(fault.name) for fault in FAULTS}
    jobs = [
        Job(fault, kill_at=number)
        for turn, (fault, names) in enumerate(recorded.items())
        for number in chosen(names, turn, len(FAULTS))
    ]
    places = {name for names in recorded.values() for name in names}
    _say(f"{len(places)} kinds of points found; {len(jobs)} kills under {len(FAULTS)} faults")
    reports = lab.run_all(jobs, _told)
    killed = [report for report in reports if report.killed]
    by_fault = Counter(report.job.fault for report in killed)
    wrong = [report for report in reports if not report.verdict.is_right]
    _say(f"kill points x faults   {min(by_fault.values())} to {max(by_fault.values())} x {len(by_fault)}")
    _say(f"different points       {len({report.killed for report in killed})}")
    _say(f"histories              {len(reports)}, killed in {len(killed)}")
    for name in ("lost", "double", "unearned", "not_let_in", "stuck"):
        _say(f"{name:22} {sum(len(getattr(report.verdict, name)) for report in reports)}")
    _say(f"{'chains broken':22} {sum(report.verdict.broken_chains for report in reports)} that could have been kept")
    _say(f"{'seconds':22} {time.monotonic() - began:.0f}")
    _show(wrong)
    return not wrong


def _told(report: Report) -> None:
    if not report.verdict.is_right:
        _show([report])


def _show(wrong: Iterable[Report]) -> None:
    for report in wrong:
        _say(f"WRONG {report.job} at {report.killed}: {report.verdict}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
