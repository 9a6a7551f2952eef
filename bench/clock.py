"""Timing for the benchmarks: the minimum of several rounds, each long enough for the clock."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def best(call: Callable[[], object], seconds: float = 0.4) -> float:
    """Seconds for one call: the fastest of rounds that together take about `seconds`."""
    call()
    start = perf_counter()
    call()
    once = max(perf_counter() - start, 1e-7)
    rounds = 7
    number = max(1, int(seconds / rounds / once))
    fastest = float("inf")
    for _ in range(rounds):
        start = perf_counter()
        for _ in range(number):
            call()
        fastest = min(fastest, (perf_counter() - start) / number)
    return fastest


def spell(seconds: float) -> str:
    """A duration with a fitting unit."""
    for unit, scale in (("s ", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale:
            return f"{seconds / scale:8.2f} {unit}"
    return f"{seconds / 1e-9:8.0f} ns"
