"""What does a call cost, and where does the time go?

The second column is what a user would write without a bridge for data: JSON text in and out of the same engine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clock import best, spell

from pyv8bridge import Context, Timings

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"


def records(count: int) -> list[dict[str, Any]]:
    return [{"id": i, "name": f"name{i}", "score": i / 2, "ok": i % 2 == 0, "tag": "x"} for i in range(count)]


def json_way(ctx: Context, name: str) -> Callable[..., Any]:
    """The function called through JSON text, both ways."""
    function = ctx.eval(f"(text) => JSON.stringify({name}(...JSON.parse(text)))")
    return lambda *args: json.loads(function(json.dumps(args)))


def main() -> None:
    ctx = Context()
    ctx.eval("""
        const add = (a, b) => a + b;
        const rule = (user) => user.age >= 18 && user.tags.includes("a") ? { ok: true } : { ok: false, why: "age" };
        const identity = (x) => x;
        const count = (x) => x.length;
        const record = (i) => ({ id: i, name: "name" + i, score: i / 2, ok: i % 2 === 0, tag: "x" });
        const make = (n) => Array.from({ length: n }, (_, i) => record(i));
    """)
    user = {"name": "Ada", "age": 36, "tags": ["a", "b"]}
    cases: list[tuple[str, str, tuple[Any, ...], Any]] = [
        ("add(1, 2)", "add", (1, 2), 3),
        ("a small rule", "rule", (user,), {"ok": True}),
        ("10 records in", "count", (records(10),), 10),
        ("10 records out", "make", (10,), records(10)),
        ("1,000 records in", "count", (records(1000),), 1000),
        ("1,000 records out", "make", (1000,), records(1000)),
        ("100,000 records in", "count", (records(100_000),), 100_000),
    ]
    for name in ("twitter", "citm_catalog", "canada"):
        document = json.loads((DATA / f"{name}.json").read_text())
        cases.append((f"{name} there and back", "identity", (document,), document))

    print(f"{'':24}{'call':>11}{'by JSON':>13}{'ratio':>8}")
    for label, name, args, expected in cases:
        direct, by_json = ctx.eval(name), json_way(ctx, name)
        if direct(*args) != expected:
            sys.exit(f"{label}: wrong result")
        # JSON makes doubles of large ints, so only the direct way is held to the exact result.
        ours, theirs = best(lambda f=direct, a=args: f(*a)), best(lambda f=by_json, a=args: f(*a))
        print(f"{label:24}{spell(ours)}  {spell(theirs)}{theirs / ours:8.2f}")

    print("\nwhere the time of a call goes")
    for label, name, args, _ in cases:
        show_hops(ctx, label, name, args)


def show_hops(ctx: Context, label: str, name: str, args: tuple[Any, ...]) -> None:
    """The hops of the fastest of several calls."""
    function = ctx.eval(name)
    runs = []
    for _ in range(20):
        timings = Timings()
        function(*args, timings=timings)
        runs.append(timings)
    fastest = min(runs, key=lambda timings: timings.total)
    print(f"  {label}: " + ", ".join(f"{hop} {spell(ns * 1e-9).strip()}" for hop, ns in fastest.hops().items() if ns))


if __name__ == "__main__":
    main()
