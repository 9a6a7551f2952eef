"""The process in which one subject is measured: `python -m bench.worker NAME`.

It obeys run.py: prepare a case (make the subject, check the results of all its ways), then time round after round, so
that the rounds of all subjects take turns and noise hits all alike. Requests and answers are pickles on stdin and
stdout.
"""

from __future__ import annotations

import importlib
import os
import pickle
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, BinaryIO

from .case import Call, Case, Prepared, Question, Sample
from .clock import chunks, repetitions
from .subject import Subject, Way, subjects


class Bench:
    """One subject and the case it is at."""

    def __init__(self, subject: type[Subject]) -> None:
        self._subject = subject
        self._engine: Subject | None = None
        self._case: Case | None = None
        self._arguments: tuple[Any, ...] = ()
        self._ways: list[Way] = []
        self._numbers: list[int] = []

    def versions(self) -> str:
        return self._subject.versions()

    def prepare(self, module: str, index: int, quick: bool) -> Prepared:
        """Makes everything ready for rounds."""
        if self._engine is not None:
            self._ways = []
            self._engine.close()
            self._engine = None
        question: Question = importlib.import_module(module).QUESTION
        self._case = case = question.cases(quick)[index]
        answer = Prepared()
        if isinstance(case, Sample):
            try:
                figure = case.take(self._subject)
                if figure is not None:
                    answer.ways.append("")
                    answer.first.append(figure)
            except Exception as error:
                answer.refused[""] = _sentence(error)
            return answer
        self._engine = engine = self._subject()
        self._arguments = case.arguments()
        engine.run(lambda: engine.define(case.script))
        engine.run(lambda: self._check(engine, case, answer, quick))
        return answer

    def _check(self, engine: Subject, case: Call, answer: Prepared, quick: bool) -> None:
        self._ways, self._numbers = [], []
        try:
            for name, function in engine.ways(case):
                start = perf_counter()
                problem = self._problem(case, function)
                passed = perf_counter() - start
                if problem:
                    answer.refused[name] = problem
                    continue
                number = 1 if quick else repetitions(partial(function, *self._arguments))
                answer.ways.append(name)
                answer.first.append(passed)
                self._ways.append((name, function))
                self._numbers.append(number)
        except Exception as error:
            answer.refused["all ways"] = _sentence(error)

    def _problem(self, case: Call, function: Callable[..., Any]) -> str:
        try:
            return "" if case.is_right(function(*self._arguments), self._arguments) else "wrong result"
        except Exception as error:
            return _sentence(error)

    def round(self, seconds: float) -> list[list[float]]:
        """Figures for each way: seconds of a call, chunk by chunk; or what the sample says."""
        case, engine = self._case, self._engine
        if isinstance(case, Sample):
            figure = case.take(self._subject)
            return [] if figure is None else [[figure]]
        if case is None or engine is None:
            raise RuntimeError("prepare comes first")
        return engine.run(lambda: self._timed_round(engine, case, seconds))

    def _timed_round(self, engine: Subject, case: Call, seconds: float) -> list[list[float]]:
        figures = []
        arguments = self._arguments
        for (_, function), number in zip(self._ways, self._numbers, strict=True):
            # A partial costs 30 ns less than a lambda, and next to nothing.
            call = partial(function, *arguments) if arguments else function
            figures.append(chunks(call, number, 0.0 if case.after_each else seconds))
            if case.after_each:
                engine.define(case.after_each)
        return figures


def _sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]


def serve(name: str, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answers each request (method, arguments) with (True, result) or (False, sentence), until there are no more."""
    bench = Bench(subjects()[name])
    while True:
        try:
            method, arguments = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = True, getattr(bench, method)(*arguments)
        except Exception as error:
            answer = False, _sentence(error)
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    # What a library prints must not get between the answers.
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.argv[1], sys.stdin.buffer, channel)
