"""The whole laboratory: `make crash-lab`. Prints its figures; ends with 1 when anything was lost, doubled or missed."""

import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.crashlab.controls import try_control
from tests.crashlab.faults import FAULTS
from tests.crashlab.history import Job, Report
from tests.crashlab.laboratory import Laboratory, Told, chosen, is_question, laboratory
from tests.crashlab.powercuts import cut, on_the_disk, said_by_the_store
from tests.crashlab.sabotage import CONTROLS
from tests.workers import number

CUTS = 2000


def main() -> int:
    began = time.monotonic()
    is_durable = _power_cuts()
    with laboratory(number()) as lab:
        is_sharp = _controls(lab)
        is_exact = _crashes(lab)
    _say(
        f"{time.monotonic() - began:.0f} seconds; {'all is right' if is_durable and is_sharp and is_exact else 'WRONG'}"
    )
    return 0 if is_durable and is_sharp and is_exact else 1


def _crashes(lab: Laboratory) -> bool:
    """Kill the program at every chosen point of every fault's history."""
    recorded = {fault.name: lab.points(fault.name) for fault in FAULTS}
    jobs = [
        Job(fault, kill_at=number)
        for turn, (fault, names) in enumerate(recorded.items())
        for number in chosen(names, turn, len(FAULTS))
    ]
    found = {name for names in recorded.values() for name in names}
    _say(f"kill points found: {len(found)}, of which {sum(not is_question(one) for one in found)} write or send")
    reports = lab.run_all(jobs, _counted(len(jobs)))
    killed = [report for report in reports if report.killed]
    by_fault = Counter(report.job.fault for report in killed)
    _say(f"kill points x faults: {min(by_fault.values())} to {max(by_fault.values())} x {len(by_fault)}")
    _say(f"different kill points: {len({report.killed for report in killed})}")
    _say(f"runs: {len(reports)}, killed in {len(killed)}")
    for name in ("lost", "double", "unearned", "not_let_in", "stuck"):
        _say(f"{name.replace('_', ' ')}: {sum(len(getattr(report.verdict, name)) for report in reports)}")
    _say(f"token chains broken that could have been kept: {sum(report.verdict.broken_chains for report in reports)}")
    return all(report.verdict.is_right for report in reports) and len(by_fault) == len(FAULTS)


def _controls(lab: Laboratory) -> bool:
    """Break the program on purpose, one thing at a time."""
    trials = [try_control(lab, control) for control in CONTROLS.values()]
    for trial in trials:
        verdict = "caught" if trial.caught else "MISSED"
        _say(
            f"control, {trial.control.name}: {verdict} in {trial.caught} of {len(trial.broken)} ({trial.control.shows})"
        )
        _show(trial.whole)
    _say(f"controls caught: {sum(trial.caught > 0 for trial in trials)} of {len(trials)}")
    return all(trial.is_right for trial in trials)


def _power_cuts() -> bool:
    """Cut the power of a disk on which the store works, as it is set up and with a weaker setting."""
    said = said_by_the_store()
    found = []
    for is_weaker in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            found.append(cut(on_the_disk(said, Path(folder), is_weaker=is_weaker), CUTS))
    ours, weaker = found
    _say(f"power cuts: {ours.cuts}, acknowledged commits lost in {ours.lost}, corrupt in {ours.corrupt}")
    verdict = f"caught, lost in {weaker.lost} of {weaker.cuts}" if weaker.lost else "MISSED"
    _say(f"control, synchronous=NORMAL: {verdict} (up to {weaker.most_lost} commits)")
    return not ours.lost and not ours.corrupt and weaker.lost > 0


def _counted(number: int) -> Told:
    """Return what is done with each report: what is wrong is shown at once, and how far it all is, now and then."""
    done = itertools.count(1)

    def told(report: Report) -> None:
        _show([report])
        if (so_far := next(done)) % 100 == 0:
            _say(f"  {so_far} of {number} histories")

    return told


def _show(reports: Iterable[Report]) -> None:
    for report in reports:
        if not report.verdict.is_right:
            _say(f"WRONG {report.job} at {report.killed}: {report.verdict}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
