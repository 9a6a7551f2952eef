"""What does a large script cost, from its source, with a code cache, and from a snapshot?

The script is like a bundled library: one function that defines thousands, of which few run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from ..case import Case, Question, Sample
from ..subject import Subject

if TYPE_CHECKING:
    from pyv8bridge import Context

CALL = "library.f1([{ n: 3 }], 2).sum"
RESULT = 4


@lru_cache(maxsize=2)
def script(size: int) -> str:
    """About so many characters of functions."""
    functions = "".join(
        f"made.f{i} = (rows, limit) => {{ let sum = {i}; for (const r of rows) if (r.n > limit) sum += r.n * {i}; "
        f"return {{ sum, label: 'label {i}', rows: rows.map((row) => row.n + {i}) }} }};\n"
        for i in range(size // 170)
    )
    return f"const library = (() => {{ const made = {{}};\n{functions}return made }})();\n{CALL}"


@lru_cache(maxsize=2)
def snapshot(size: int) -> bytes:
    """A context in which the script has run."""
    from pyv8bridge import Snapshot

    return Snapshot.build({"library.js": script(size)})


def _seconds(run: Callable[[], Context]) -> float:
    start = perf_counter()
    context = run()
    passed = perf_counter() - start
    if context.eval(CALL) != RESULT:
        raise ValueError("wrong result")
    context.close()
    return passed


def cases(quick: bool) -> list[Case]:
    size = 50_000 if quick else 1_000_000

    def from_source(_: type[Subject]) -> float:
        from pyv8bridge import Context

        context = Context()
        return _seconds(lambda: (context.eval(script(size)), context)[1])

    def from_code_cache(_: type[Subject]) -> float:
        from pyv8bridge import CodeCache, Context

        cache = CodeCache({})
        Context(code_cache=cache).eval(script(size))
        context = Context(code_cache=cache)
        passed = _seconds(lambda: (context.eval(script(size)), context)[1])
        if cache.hits != 1:
            raise ValueError("the code cache was not used")
        return passed

    def isolate_from_snapshot(_: type[Subject]) -> float:
        from pyv8bridge import Context

        data = snapshot(size)
        return _seconds(lambda: Context(snapshot=data))

    def context_from_snapshot(_: type[Subject]) -> float:
        from pyv8bridge import Context, Isolate

        with Isolate(snapshot=snapshot(size)) as isolate:
            Context(isolate)
            return _seconds(lambda: Context(isolate))

    return [
        Sample("run it in a context that is there", from_source),
        Sample("the same with a code cache", from_code_cache),
        Sample("an isolate and a context in which it has run, from a snapshot", isolate_from_snapshot),
        Sample("a further context in which it has run, from a snapshot", context_from_snapshot),
    ]


QUESTION = Question(
    "What does a script of a megabyte cost?",
    cases,
    "Thousands of functions, of which one runs. The checksums of cache and snapshot are part of the figures.",
    subjects=("pyv8bridge",),
    ratios=(
        ("source / code cache", "run it in a context that is there", "the same with a code cache"),
        (
            "source / context from a snapshot",
            "run it in a context that is there",
            "a further context in which it has run, from a snapshot",
        ),
    ),
)
