"""Do two isolates on two threads work as fast as two processes?

Each has an engine of its own and does the same work; all start at the same moment, and the time is until the last one
is done. Perfect scaling is the time of one alone. `python -m bench.questions.threads NAME WORK` is one of the
processes.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from time import perf_counter

from ..case import Case, Question, Sample, records
from ..subject import Subject, subjects

SCRIPT = """
    var busy = (n) => { let h = 0; for (let i = 0; i < n; i++) h = (h * 31 + i) | 0; return h };
    var sort = (n) => {
        const numbers = Array.from({ length: n }, (_, i) => (i * 7919) % 10007);
        return numbers.sort((a, b) => a - b)[0];
    };
    var identity = (rows) => rows;
"""


def _cpu(engine: Subject) -> Callable[[], None]:
    from pyv8bridge import Context

    context: Context = engine.context  # type: ignore[attr-defined]
    busy = context.eval("busy")
    return lambda: busy(30_000_000)


def _rows(engine: Subject) -> Callable[[], None]:
    from pyv8bridge import Context

    context: Context = engine.context  # type: ignore[attr-defined]
    identity, rows = context.eval("identity"), records(1000)

    def work() -> None:
        for _ in range(20):
            identity(rows)

    return work


WORK = {"cpu": _cpu, "rows": _rows}


def _ready(subject: type[Subject], work: str) -> Callable[[], None]:
    engine = subject()
    engine.define(SCRIPT)
    done = WORK[work](engine)
    done()
    return done


class Threads:
    """Threads of this process that wait for the word to go."""

    def __init__(self, subject: type[Subject], work: str, count: int) -> None:
        self._go: list[SimpleQueue[None]] = [SimpleQueue() for _ in range(count)]
        self._done: SimpleQueue[None] = SimpleQueue()
        for go in self._go:
            threading.Thread(target=self._serve, args=(subject, work, go), daemon=True).start()
        for _ in range(count):
            self._done.get()

    def _serve(self, subject: type[Subject], work: str, go: SimpleQueue[None]) -> None:
        task = _ready(subject, work)
        while True:
            self._done.put(None)
            go.get()
            task()

    def seconds(self) -> float:
        """Until the last is done."""
        start = perf_counter()
        for go in self._go:
            go.put(None)
        for _ in self._go:
            self._done.get()
        return perf_counter() - start


class Processes:
    """Processes that wait for the word to go, and end with this one."""

    def __init__(self, subject: type[Subject], work: str, count: int) -> None:
        root = Path(__file__).resolve().parent.parent.parent
        command = [sys.executable, "-m", __name__, subject.name, work]
        self._processes = [
            subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)
        ]
        self._wait()

    def _wait(self) -> None:
        for process in self._processes:
            assert process.stdout is not None
            if not process.stdout.readline():
                raise RuntimeError("a process ended")

    def seconds(self) -> float:
        """Until the last is done."""
        start = perf_counter()
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.write(b"\n")
            process.stdin.flush()
        self._wait()
        return perf_counter() - start


@lru_cache
def _team(
    team: Callable[..., Threads | Processes], subject: type[Subject], work: str, count: int
) -> Threads | Processes:
    return team(subject, work, count)


def _take(team: Callable[..., Threads | Processes], work: str, count: int) -> Callable[[type[Subject]], float]:
    return lambda subject: _team(team, subject, work, count).seconds()


def cases(quick: bool) -> list[Case]:
    found: list[Case] = []
    works = (("cpu", "a loop in JavaScript"), ("rows", "20 × 1,000 records there and back"))
    for work, words in works[:1] if quick else works:
        found += [
            Sample(f"{words}: one thread", _take(Threads, work, 1)),
            Sample(f"{words}: two threads", _take(Threads, work, 2)),
            Sample(f"{words}: two processes", _take(Processes, work, 2)),
        ]
    return found


QUESTION = Question(
    "Do two isolates on two threads work as fast as two processes?",
    cases,
    "Each does the same work, so the same time as one thread alone would be perfect. JavaScript runs "
    "without Python's lock; "
    "encoding and decoding records needs it.",
    subjects=("pyv8bridge",),
    ratios=(
        (
            "two threads against two processes, a loop",
            "a loop in JavaScript: two processes",
            "a loop in JavaScript: two threads",
        ),
        (
            "two threads against two processes, records",
            "20 × 1,000 records there and back: two processes",
            "20 × 1,000 records there and back: two threads",
        ),
    ),
)

if __name__ == "__main__":
    own_work = _ready(subjects()[sys.argv[1]], sys.argv[2])
    print("ready", flush=True)
    while sys.stdin.readline():
        own_work()
        print("done", flush=True)
