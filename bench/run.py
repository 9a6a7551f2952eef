"""The run: asks every question of every subject that is installed, with the rounds of all subjects taking turns."""

from __future__ import annotations

import importlib
import pickle
import select
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import questions
from .case import Call, Prepared, Question
from .subject import is_installed, subjects

ROOT = Path(__file__).resolve().parent.parent
OURS = "pyv8bridge"


@dataclass(frozen=True)
class Effort:
    """How long a run takes."""

    rounds: int = 9
    """0: the first call, which is checked, has to do."""
    seconds: float = 0.05
    """Of one round of one way."""
    limit: float = 120.0
    """Seconds that a subject may take for one answer before it counts as hung."""
    quick: bool = False


THOROUGH = Effort()
QUICK = Effort(rounds=0, limit=60.0, quick=True)


@dataclass
class Figures:
    """What one subject showed in one case."""

    way: str
    least: float
    median: float


@dataclass
class Row:
    """One case and all subjects' figures; `refused` says why a subject or a way has none."""

    label: str
    unit: str
    units: int
    compared: bool
    figures: dict[str, Figures] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass
class Section:
    """One question, answered."""

    name: str
    question: Question
    rows: list[Row]


class Worker:
    """A subject's process as seen from here."""

    def __init__(self, name: str, limit: float) -> None:
        self.name = name
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, method: str, *arguments: Any) -> Any:
        """The answer. Raises RuntimeError when it fails, ends or hangs; the next request then finds a fresh process."""
        process = self._process
        if process is None:
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.worker", self.name],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(pickle.dumps((method, arguments)))
            process.stdin.flush()
            if not select.select([process.stdout], [], [], self._limit)[0]:
                self.end()
                raise RuntimeError(f"no answer in {self._limit:.0f} s")
            done, answer = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self.end()
            raise RuntimeError(f"its process ended with status {process.returncode}") from None
        if not done:
            raise RuntimeError(answer)
        return answer

    def end(self) -> None:
        """Ends the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def question_names() -> list[str]:
    """All questions, in the order of the page."""
    return list(questions.ORDER)


def installed() -> list[str]:
    """The subjects that can be asked here, ours first."""
    return [name for name, subject in subjects().items() if is_installed(subject)]


def versions(names: Iterable[str]) -> dict[str, str]:
    """What each subject is."""
    found = {}
    for name in names:
        worker = Worker(name, 60.0)
        try:
            found[name] = worker.ask("versions")
        except RuntimeError as error:
            found[name] = f"unknown ({error})"
        finally:
            worker.end()
    return found


def ask(name: str, workers: list[Worker], effort: Effort, say: Callable[[str], None]) -> Section:
    """Asks one question of the workers that it is for.

    Raises RuntimeError when this library itself gives no right answer.
    """
    module = f"bench.questions.{name}"
    question: Question = importlib.import_module(module).QUESTION
    asked = [worker for worker in workers if not question.subjects or worker.name in question.subjects]
    rows = []
    try:
        for index, case in enumerate(question.cases(effort.quick)):
            if isinstance(case, Call):
                row, rounds = Row(case.label, "s", case.units, True), effort.rounds
            else:
                row, rounds = Row(case.label, case.unit, 1, case.compared), min(case.rounds, effort.rounds)
            _measure(row, asked, (module, index, effort.quick), rounds, effort.seconds)
            if OURS in row.refused:
                raise RuntimeError(f"{name}, {case.label}: {row.refused[OURS]}")
            rows.append(row)
            say(f"  {case.label}")
    finally:
        if not effort.quick:
            # What one question leaves in a heap must not count in the next.
            for worker in asked:
                worker.end()
    return Section(name, question, rows)


def _measure(row: Row, workers: list[Worker], request: tuple[Any, ...], rounds: int, seconds: float) -> None:
    ready: list[tuple[Worker, Prepared, list[list[float]]]] = []
    for worker in workers:
        try:
            prepared: Prepared = worker.ask("prepare", *request)
        except RuntimeError as error:
            row.refused[worker.name] = str(error)
            continue
        if prepared.ways:
            # A list of figures for each way.
            ready.append((worker, prepared, [[] for _ in prepared.ways]))
        elif prepared.refused:
            row.refused[worker.name] = "; ".join(sorted(set(prepared.refused.values())))
    for _ in range(rounds):
        for entry in list(ready):
            worker, _, results = entry
            try:
                for figures, more in zip(results, worker.ask("round", seconds), strict=True):
                    figures.extend(more)
            except RuntimeError as error:
                row.refused[worker.name] = str(error)
                ready.remove(entry)
    for worker, prepared, results in ready:
        by_way = results if rounds else [[figure] for figure in prepared.first]
        best = min(range(len(by_way)), key=lambda index: min(by_way[index]))
        row.figures[worker.name] = Figures(prepared.ways[best], min(by_way[best]), statistics.median(by_way[best]))
