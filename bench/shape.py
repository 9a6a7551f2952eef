"""What does the shape codec gain over the wire codec, message by message, warm and on the first calls?

Both run in the same process, turn about, so that ratios hold on a machine that is shared.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Literal

from pyv8bridge import Context, Timings

from .clock import spell, without_collections

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"

SOURCE = """
    const add = (a, b) => a + b;
    const rule = (user) => user.age >= 18 && user.tags.includes("a") ? { ok: true } : { ok: false, why: "age" };
    const identity = (x) => x;
    const count = (x) => x.length;
    const record = (i) => ({ id: i, name: "name" + i, score: i / 2, ok: i % 2 === 0, tag: "x" });
    const make = (n) => Array.from({ length: n }, (_, i) => record(i));
    const made = {};
    const keep = (n) => made[n] ??= make(n);
"""

Codec = Literal["auto", "wire", "shape"]
Case = tuple[str, str, tuple[Any, ...], Any]


def records(count: int) -> list[dict[str, Any]]:
    return [{"id": i, "name": f"name{i}", "score": i / 2, "ok": i % 2 == 0, "tag": "x"} for i in range(count)]


def cases() -> list[Case]:
    user = {"name": "Ada", "age": 36, "tags": ["a", "b"]}
    found: list[Case] = [
        ("add(1, 2)", "add", (1, 2), 3),
        ("a small rule", "rule", (user,), {"ok": True}),
    ]
    for size in (10, 1000, 100_000):
        found.append((f"{size:,} records in", "count", (records(size),), size))
        found.append((f"{size:,} records out", "keep", (size,), records(size)))
    pairs = {f"key{i}": i for i in range(1000)}
    found.append(("an object of 1,000 keys", "identity", (pairs,), pairs))
    for name in ("twitter", "citm_catalog", "canada"):
        document = json.loads((DATA / f"{name}.json").read_text())
        found.append((f"{name} there and back", "identity", (document,), document))
    return found


def crossing(timings: Timings) -> float:
    """Seconds between a message and its value, both ways: what the codecs differ in."""
    hops = ("message_to_wire", "deserialize", "serialize", "wire_to_message")
    return sum(timings.hops()[hop] for hop in hops) * 1e-9


def turn_about(functions: list[Callable[..., Any]], args: tuple[Any, ...], seconds: float) -> list[tuple[float, float]]:
    """For each function the fastest call and the fastest crossing, out of calls that take turns."""
    fastest = [(float("inf"), float("inf"))] * len(functions)
    with without_collections():
        end = perf_counter() + seconds * len(functions)
        while True:
            for place, function in enumerate(functions):
                start = perf_counter()
                function(*args)
                whole = perf_counter() - start
                timings = Timings()
                function(*args, timings=timings)
                fastest[place] = min(fastest[place][0], whole), min(fastest[place][1], crossing(timings))
            if perf_counter() > end:
                return fastest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=0.5, help="for each case and codec")
    parser.add_argument("--only", default="", help="cases with this in their name")
    options = parser.parse_args()
    chosen = [case for case in cases() if options.only in case[0]]
    codecs: tuple[Codec, ...] = ("wire", "shape", "auto")

    print(f"{'warm: call (crossing)':28}" + "".join(f"{codec:>24}" for codec in codecs) + "   wire / shape")
    for label, name, args, expected in chosen:
        functions = []
        for codec in codecs:
            ctx = Context(codec=codec)
            ctx.eval(SOURCE)
            function = ctx.eval(name)
            if function(*args) != expected:
                sys.exit(f"{label}: wrong result by {codec}")
            functions.append(function)
        times = turn_about(functions, args, options.seconds)
        spelled = "".join(f"{f'{spell(whole)} ({spell(part)})':>24}" for whole, part in times)
        ratios = times[0][0] / times[1][0], times[0][1] / times[1][1]
        print(f"{label:28}{spelled}{ratios[0]:10.2f} ({ratios[1]:.2f})")

    print("\nthe first calls in a new context: total time after 1, 3, 10, 30, 100 calls, wire/auto")
    for label, name, args, _ in chosen:
        gains: list[float] = []
        totals = {codec: first_calls(codec, name, args) for codec in (codecs[0], codecs[2])}
        for calls in (1, 3, 10, 30, 100):
            if calls <= min(map(len, totals.values())):
                gains.append(totals["wire"][calls - 1] / totals["auto"][calls - 1])
        print(f"{label:26}" + "".join(f"{ratio:9.2f}" for ratio in gains))


def first_calls(codec: Codec, name: str, args: tuple[Any, ...]) -> list[float]:
    """The time that the first calls have taken together, each the least of several contexts."""
    least: list[float] = []
    for _ in range(5):
        ctx = Context(codec=codec)
        ctx.eval(SOURCE)
        function = ctx.eval(name)
        if name == "keep":
            ctx.eval(f"keep({args[0]}); 0")  # the way out is timed, not what makes the value
        total, totals, start = 0.0, [], perf_counter()
        for _ in range(100):
            begin = perf_counter()
            function(*args)
            total += perf_counter() - begin
            totals.append(total)
            if perf_counter() - start > 1:
                break
        least = [min(pair) for pair in zip(least, totals, strict=False)] if least else totals
        ctx.close()
    return least


if __name__ == "__main__":
    main()
