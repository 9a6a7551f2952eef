"""Does the cost of a record stay the same from ten records to a million, and how much memory does its way take?

V8's garbage collections are shown apart: they depend on how much lives in the heap, which is the same for whatever way
the data came. Python's collector is off while a call is timed.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import Any

from ..case import RECORDS_SCRIPT, Case, Question, Sample, records
from ..clock import timed, without_collections
from ..subject import Subject

Once = Callable[[Any], Any]  # one call, given `timings` or None


def _by_values(engine: Any, what: str, size: int) -> Once:
    function, rows = engine.context.eval("count" if what == "in" else "give"), records(size)
    if what == "in":
        return lambda timings: function(rows, timings=timings) if timings else function(rows)
    return lambda timings: function(timings=timings) if timings else function()


def _by_text(engine: Any, what: str, size: int) -> Once:
    import orjson

    engine.define(
        "var countText = (text) => count(JSON.parse(text)); var giveText = () => JSON.stringify(give());",
    )
    function, rows = engine.context.eval("countText" if what == "in" else "giveText"), records(size)
    if what == "in":
        return lambda timings: function(orjson.dumps(rows).decode(), timings=timings)
    return lambda timings: orjson.loads(function(timings=timings))


WAYS = {"pyv8bridge": _by_values, "orjson on our engine": _by_text}


class Warm:
    """An engine of ours that has made the call before."""

    def __init__(self, subject: type[Subject], what: str, size: int) -> None:
        from pyv8bridge import Timings

        self._new_timings = Timings
        self._size = size
        engine = subject()
        engine.define(RECORDS_SCRIPT + (f"keep({size});" if what == "out" else ""))
        self.context: Any = engine.context  # type: ignore[attr-defined]
        self.once = WAYS[subject.name](engine, what, size)
        result = self.once(None)
        if result != (size if what == "in" else records(size)):
            raise ValueError("wrong result")
        del result
        timed(lambda: self.once(None), max(1, 3_000 // size))

    def nanoseconds(self) -> tuple[float, float]:
        """Of one record: without V8's collections, and in them."""
        number = max(1, 2_000 // self._size)
        least, collected, count = float("inf"), 0, 0
        with without_collections():
            end = perf_counter() + 0.1
            while perf_counter() < end:
                # To read the hops costs as much as a few records.
                timings = self._new_timings() if self._size >= 1000 else None
                start = perf_counter()
                for _ in range(number):
                    self.once(timings)
                passed = perf_counter() - start
                if timings is None:
                    timings = self._new_timings()
                    self.once(timings)
                    # Small messages meet a collection so seldom that the least has none.
                    least = min(least, passed * 1e9 / number / self._size)
                    count += self._size
                else:
                    least = min(least, (passed * 1e9 - timings.garbage_collection) / number / self._size)
                    count += number * self._size
                collected += timings.garbage_collection
        return least, collected / count


@lru_cache(maxsize=1)
def _warm(subject: type[Subject], what: str, size: int) -> Warm:
    return Warm(subject, what, size)


def _seconds(what: str, size: int, part: int) -> Callable[[type[Subject]], float]:
    return lambda subject: _warm(subject, what, size).nanoseconds()[part] * 1e-9


class _Mallinfo(ctypes.Structure):
    _names = ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost")
    _fields_ = [(name, ctypes.c_size_t) for name in _names]


def _allocated() -> int:
    libc = ctypes.CDLL(None)
    libc.mallinfo2.restype = _Mallinfo
    found = libc.mallinfo2()
    return int(found.uordblks + found.hblkhd)


def _peak(what: str, size: int) -> Callable[[type[Subject]], float]:
    """malloc's memory at its most while the native call runs, in units of the message. V8's heap is none of it."""

    def take(subject: type[Subject]) -> float:
        from pyv8bridge.encode import encode_arguments

        warm = _warm(subject, what, size)
        message = len(encode_arguments((records(size),)))
        before = most = _allocated()
        done = threading.Event()

        def watch() -> None:
            nonlocal most
            while not done.wait(0.0005):
                most = max(most, _allocated())

        watcher = threading.Thread(target=watch)

        def decode(*arguments: Any) -> Any:
            # The native call is over: Python's own objects, which come next, are no buffers.
            done.set()
            watcher.join()
            return type(warm.context)._decode(warm.context, *arguments)

        warm.context._decode = decode
        try:
            watcher.start()
            warm.once(None)
        finally:
            del warm.context._decode
            done.set()
            watcher.join()
        return (most - before) / message

    return take


def cases(quick: bool) -> list[Case]:
    found: list[Case] = []
    for what in ("in", "out"):
        for exponent in (1, 2) if quick else range(1, 7):
            size, rounds = 10**exponent, 3 if exponent == 6 else 5
            found += [
                Sample(f"{size:,} {what}, each", _seconds(what, size, 0), rounds=rounds),
                Sample(
                    f"{size:,} {what}, each: V8's collections", _seconds(what, size, 1), rounds=rounds, compared=False
                ),
            ]
        size = 1000 if quick else 1_000_000
        found.append(
            Sample(f"native buffers at their peak, {size:,} {what}", _peak(what, size), "× the message", 3, False)
        )
    return found


QUESTION = Question(
    "Does the cost of a record stay the same, from ten to a million?",
    cases,
    "V8's garbage collections are shown apart and left out of the lines above them. The native buffers "
    "are malloc's memory, sampled every half millisecond.",
    subjects=("pyv8bridge", "orjson on our engine"),
    ratios=(
        ("a record in, at 1,000,000 against 10,000", "1,000,000 in, each", "10,000 in, each"),
        ("a record out, at 1,000,000 against 10,000", "1,000,000 out, each", "10,000 out, each"),
    ),
)
