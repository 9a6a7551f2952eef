"""Where the time of one call goes, along the way of a value.

The library's own `timings=` give the hops. What they leave out, the Python frames around them, cffi, the lock and V8's
scopes, is the difference to the whole call's time, measured without them in the same run.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

from .case import Call
from .clock import repetitions, spell, timed, without_collections

CASES = (
    ("call_latency", "add(1, 2)"),
    ("small_rule", "a rule on a user"),
    ("records", "10 in"),
    ("records", "1,000 in"),
    ("records", "1,000 out"),
    ("documents", "twitter.json"),
    ("documents", "citm_catalog.json"),
    ("documents", "canada.json"),
)
REST = "frames, cffi, lock, scopes"


@dataclass
class Hops:
    """Nanoseconds of one call, by hop."""

    label: str
    whole: float
    parts: dict[str, float]


def measure(question: str, label: str, quick: bool = False) -> Hops:
    """The hops of one case of ours."""
    from pyv8bridge import Context, Timings

    cases = importlib.import_module(f"bench.questions.{question}").QUESTION.cases(quick)
    call = next(case for case in cases if isinstance(case, Call) and case.label == label)
    ctx = Context()
    ctx.eval(call.script)
    function: Callable[..., Any] = ctx.eval(call.function)
    arguments = call.arguments()
    number = 1 if quick else repetitions(lambda: function(*arguments), 0.0003)
    whole, parts = float("inf"), dict[str, float]()
    least = float("inf")
    with without_collections():
        end = perf_counter() + (0.0 if quick else 1.0)
        while True:
            whole = min(whole, timed(partial(function, *arguments), number) / number * 1e9)
            timings = Timings()
            timed(partial(function, *arguments, timings=timings), number)
            if timings.total < least:
                # All hops of one chunk, so that they belong together.
                least, parts = timings.total, {hop: spent / number for hop, spent in timings.hops().items()}
            if perf_counter() >= end:
                break
    parts[REST] = max(0.0, whole - sum(parts.values()))
    return Hops(call.label, whole, parts)


def all_hops(quick: bool = False) -> list[Hops]:
    """Of all cases of which it is asked."""
    if not quick:
        return [measure(question, label) for question, label in CASES]
    return [measure("call_latency", "add(1, 2)", quick), measure("records", "10 in", quick)]


def drawn(hops: Hops) -> str:
    """Lines for a terminal."""
    lines = [f"{hops.label}: {spell(hops.whole * 1e-9)}"]
    for name, nanoseconds in hops.parts.items():
        if nanoseconds:
            share = nanoseconds / hops.whole
            lines.append(f"  {name:28}{spell(nanoseconds * 1e-9):>9} {share:5.0%}  {'█' * round(share * 40)}")
    return "\n".join(lines)
