"""What does a call from JavaScript to Python cost, next to one from Python to JavaScript?

The same values cross in both. JavaScript calls in a loop, so that the one call around it does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from pyv8bridge import Context

from .clock import chunks, repetitions, spell

CALLS = 200
VALUES: dict[str, Any] = {
    "a number": 1,
    "a small object": {"id": 1, "name": "tea", "tags": ["a", "b"]},
    "10 records": [{"id": i, "name": f"name{i}", "score": i / 2} for i in range(10)],
}


def best(call: Callable[[], object]) -> float:
    """Seconds, at best."""
    return min(chunks(call, repetitions(call), 0.5))


def main() -> None:
    with Context() as ctx:
        ctx.expose("same", lambda value: value)
        identity = ctx.eval("(value) => value")
        many = ctx.eval(
            "(count, value) => { let last; for (let i = 0; i < count; i++) last = same(value); return last }"
        )
        print(f"{'':16}{'Python → JS':>14}{'JS → Python':>14}{'ratio':>8}")
        for name, value in VALUES.items():
            assert identity(value) == value
            assert many(3, value) == value
            out = best(partial(identity, value))
            back = best(partial(many, CALLS, value)) / CALLS
            print(f"{name:16}{spell(out):>14}{spell(back):>14}{back / out:8.2f}")


if __name__ == "__main__":
    main()
