"""The laboratory: finds the points of each fault's history, chooses where to kill, and runs it all on a few workers."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.crashlab.history import Job, Report

CHECKOUT = Path(__file__).parents[2]
WORKERS = 2
Told = Callable[[Report], None]


class Laboratory:
    """A few warm workers, each a process of its own that leads one history at a time. `close` it when done."""

    def __init__(self, workers: int = WORKERS) -> None:
        self._idle: queue.Queue[subprocess.Popen[str]] = queue.Queue()
        self._all = [_worker() for _ in range(workers)]
        for worker in self._all:
            self._idle.put(worker)

    def close(self) -> None:
        for worker in self._all:
            worker.kill()
            worker.communicate()

    def run(self, job: Job) -> Report:
        """Lead one history. Raises RuntimeError when the laboratory itself broke down."""
        worker = self._idle.get()
        try:
            assert worker.stdin is not None
            assert worker.stdout is not None
            worker.stdin.write(job.as_line())
            worker.stdin.flush()
            answer = worker.stdout.readline()
        finally:
            self._idle.put(worker)
        if not answer:
            raise RuntimeError(f"the worker died of {job}")
        return Report.of(json.loads(answer))

    def run_all(self, jobs: Iterable[Job], told: Told = lambda _: None) -> list[Report]:
        """Lead many histories, as many at once as there are workers; in no order."""
        waiting, reports, lock = iter(list(jobs)), list[Report](), threading.Lock()

        def work() -> None:
            while (job := _next(waiting, lock)) is not None:
                report = self.run(job)
                with lock:
                    reports.append(report)
                    told(report)

        threads = [threading.Thread(target=work) for _ in self._all]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return reports

    def points(self, fault: str, control: str = "") -> list[str]:
        """Return the names of the points of a fault's history without a kill, in their order."""
        return list(self.run(Job(fault, control=control, record=True)).names)


@contextmanager
def laboratory(workers: int = WORKERS) -> Iterator[Laboratory]:
    made = Laboratory(workers)
    try:
        yield made
    finally:
        made.close()


def chosen(names: Iterable[str], turn: int = 0, of: int = 1) -> list[int]:
    """Choose the numbers to kill at: of the points that write two in three, the first, second or last time.

    Of those that only ask, one in `of`: whoever dies asking has changed nothing, wherever it was. turn, of: which of
    how many histories this is; what one leaves out the next one takes.
    """
    hits: dict[str, list[int]] = {}
    for number, name in enumerate(names, 1):
        hits.setdefault(name, []).append(number)
    writing = [some for name, some in hits.items() if not is_question(name)]
    asking = [some for name, some in hits.items() if is_question(name)]
    picked = [
        some[(0, min(1, len(some) - 1), -1)[(place // 3 + turn // 3) % 3]]
        for place, some in enumerate(writing)
        if (place + turn) % 3
    ]
    return sorted(picked + [some[0] for place, some in enumerate(asking) if place % of == turn % of])


def is_question(name: str) -> bool:
    return " | GET " in name


def _worker() -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.crashlab.worker"]
    return subprocess.Popen(command, cwd=CHECKOUT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _next(waiting: Iterator[Job], lock: threading.Lock) -> Job | None:
    with lock:
        return next(waiting, None)
