"""What does the first call cost, when nothing is compiled or warm yet?"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from ..case import RECORDS_SCRIPT, Call, Case, Kind, Question, Sample, document, equals, records, returns_its_argument
from ..subject import Subject
from . import small_rule


def _first(call: Call) -> Callable[[type[Subject]], float | None]:
    """Seconds of the first call in a fresh engine, in the way that the subject names first."""
    arguments = call.arguments()

    def take(subject: type[Subject]) -> float | None:
        engine = subject()
        try:
            engine.define(call.script)

            def once() -> float | None:
                for _, function in engine.ways(call):
                    start = perf_counter()
                    result = function(*arguments)
                    passed = perf_counter() - start
                    if not call.is_right(result, arguments):
                        raise ValueError("wrong result")
                    return passed
                return None

            return engine.run(once)
        finally:
            engine.close()

    return take


def cases(quick: bool) -> list[Case]:
    size = 10 if quick else 1000
    made = RECORDS_SCRIPT + f"keep({size});"
    calls = [
        Call("add(1, 2)", "var add = (a, b) => a + b;", "add", lambda: (1, 2), equals(3), Kind.SCALARS),
        Call("a small rule", small_rule.SCRIPT, "rule", lambda: (small_rule.USER,), equals({"ok": True})),
        Call(f"{size:,} records in", RECORDS_SCRIPT, "count", lambda: (records(size),), equals(size)),
        Call(f"{size:,} records out", made, "give", tuple, equals(records(size))),
    ]
    if not quick:
        script = "var identity = (x) => x;"
        calls.append(Call("twitter.json", script, "identity", lambda: (document("twitter"),), returns_its_argument))
    return [Sample(call.label, _first(call)) for call in calls]


QUESTION = Question("What does the first call cost?", cases, "In a fresh isolate and context, before anything is warm.")
