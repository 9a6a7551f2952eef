"""What does it cost to start: a process's first engine, a further one, a further context?"""

from __future__ import annotations

from time import perf_counter

from ..case import ENGINES, Case, Question, Sample
from ..fresh import in_fresh_process
from ..subject import Subject


def first_engine(subject: type[Subject]) -> float:
    """Importing the library, making the first engine, running a first script."""
    start = perf_counter()
    engine = subject()
    engine.define("var one = 1;")
    passed = perf_counter() - start
    engine.close()
    return passed


def further_engine(subject: type[Subject]) -> float:
    """The same once the library is warm."""
    return first_engine(subject)


def further_context(subject: type[Subject]) -> float | None:
    """A context more in a heap that is there."""
    engine = subject()
    try:
        if engine.another_context() is None:
            return None
        start = perf_counter()
        context = engine.another_context()
        passed = perf_counter() - start
        del context
        return passed
    finally:
        engine.close()


def cases(quick: bool) -> list[Case]:
    return [
        Sample("import and first engine, in a fresh process", in_fresh_process(__name__, "first_engine")),
        Sample("a further engine", further_engine, rounds=20),
        Sample("a further context in the same heap", further_context, rounds=20),
    ]


QUESTION = Question(
    "What does it cost to start?", cases, "Each runs one line of JavaScript, as some start lazily.", ENGINES
)
