"""Timing: chunks that are long enough for the clock, and short enough to fit between two turns of other processes.

On a machine that others use, a long measurement always has somebody else's time in it; of many short ones, the least
has not. Python's cyclic garbage collector runs before the chunks instead of in them, so that the objects of whoever was
measured before do not count. What a call itself costs in collections of V8's heap stays in.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

CHUNK = 0.0015  # seconds; a slice of Linux's scheduler is about 3 ms


def repetitions(call: Callable[[], object], seconds: float = CHUNK) -> int:
    """How many calls take about `seconds`; warms up on the way."""
    number, passed = 1, timed(call, 1)
    while passed < seconds / 2 and number < 1 << 24:
        number *= 2
        passed = min(timed(call, number), timed(call, number))
    return max(1, round(number * seconds / max(passed, 1e-9)))


def timed(call: Callable[[], object], number: int) -> float:
    """Seconds that `number` calls take."""
    return chunks(call, number, 0.0)[0] * number


def chunks(call: Callable[[], object], number: int, seconds: float) -> list[float]:
    """Seconds of one call, for each of as many chunks of `number` calls as fit into `seconds`; at least one."""
    repeats = range(number)
    figures: list[float] = []
    with without_collections():
        end = perf_counter() + seconds
        while True:
            start = perf_counter()
            for _ in repeats:
                call()
            now = perf_counter()
            figures.append((now - start) / number)
            if now >= end:
                return figures


@contextmanager
def without_collections() -> Iterator[None]:
    """Python's garbage collector runs before the block, and not in it."""
    if not gc.isenabled():
        yield  # inside another such block
        return
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def spell(seconds: float) -> str:
    """A duration with a fitting unit, three digits."""
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{_three(seconds / scale)} {unit}"
    return f"{_three(seconds / 1e-9)} ns"


def spell_bytes(size: float) -> str:
    """A size in decimal units, three digits."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if abs(size) >= scale:
            return f"{_three(size / scale)} {unit}"
    return f"{size:.0f} B"


def spell_figure(value: float, unit: str) -> str:
    """A figure of a case in words."""
    if unit == "s":
        return spell(value)
    return spell_bytes(value) if unit == "B" else f"{_three(value)} {unit}".strip()


def _three(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
