"""What do 100 MB cost on the way in and out, against a bare memcpy into fresh memory?

The memory column is how far the process grew at most while the call ran, in units of the data; what JavaScript or
Python keeps afterwards is part of it, so that one copy shows as 1.0. Linux counts it (VmHWM in /proc/self/status).
"""

from __future__ import annotations

import ctypes
import gc
import re
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from clock import spell

from pyv8bridge import Context

SIZE = 100_000_000
ROUNDS = 5


def peak_and_present() -> tuple[int, int]:
    """Bytes of memory: at most since the last reset, and now."""
    status = Path("/proc/self/status").read_text()
    return tuple(int(re.search(rf"^{name}:\s+(\d+) kB", status, re.M)[1]) * 1024 for name in ("VmHWM", "VmRSS"))  # type: ignore[index,return-value]


def measure(call: Callable[[], Any], prepare: Callable[[], Any]) -> tuple[float, float]:
    """The fastest of some rounds, and the least growth of memory in units of SIZE."""
    seconds, growth = float("inf"), float("inf")
    for _ in range(ROUNDS):
        prepare()
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        _, before = peak_and_present()
        start = perf_counter()
        kept = call()
        seconds = min(seconds, perf_counter() - start)
        growth = min(growth, (peak_and_present()[0] - before) / SIZE)
        del kept
    return seconds, growth


def main() -> None:
    source = np.arange(SIZE // 8, dtype=np.float64)
    as_bytes = source.tobytes()
    ctx = Context()
    ctx.eval(f"""
        const out = {{ floats: new Float64Array({SIZE // 8}).map((_, i) => i) }};
        out.bytes = new Uint8Array(out.floats.buffer);
        let kept;
        const keep = (x) => {{ kept = x; return x.byteLength ?? x.data.byteLength }};
        const deep = (x) => keep(x[0][0]);
        const drop = () => {{ kept = undefined }};
        const give = (name) => out[name];
        const fresh = () => {{
            kept = {{ floats: out.floats.slice() }};
            kept.bytes = new Uint8Array(kept.floats.buffer);
        }};
        const given = (name) => kept[name];
        const lists = {{ nested: {{ id: 1, data: out.floats.buffer }} }};
        const nested = () => lists.nested;
    """)

    def collect() -> None:
        # V8 lets go of what the round before left in it.
        ctx.call("drop")
        for _ in range(20):
            ctx.eval("new ArrayBuffer(50e6); undefined")

    def memcpy() -> Any:
        memory = np.empty(SIZE, dtype=np.uint8)
        ctypes.memmove(memory.ctypes.data, as_bytes, SIZE)
        return memory

    def same(value: Any) -> bool:
        return np.array_equal(np.frombuffer(value, dtype=np.float64), source)

    keep, deep, give, given = ctx.eval("keep"), ctx.eval("deep"), ctx.eval("give"), ctx.eval("given")
    fresh: Callable[[], Any] = lambda: ctx.call("fresh")  # noqa: E731
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    cases: list[tuple[str, Callable[[], Any], Callable[[], Any], Callable[[Any], bool]]] = [
        ("memcpy into fresh memory", memcpy, nothing, lambda memory: bytes(memory[:64]) == as_bytes[:64]),
        ("in: bytes", lambda: keep(as_bytes), collect, lambda n: n == SIZE),
        ("in: bytes in a dict", lambda: keep({"data": as_bytes}), collect, lambda n: n == SIZE),
        ("in: bytes deep inside", lambda: deep([[{"data": as_bytes}]]), collect, lambda n: n == SIZE),
        ("in: numpy array", lambda: keep(source), collect, lambda n: n == SIZE and ctx.eval("kept[12345]") == 12345),
        ("out: Float64Array", lambda: give("floats"), nothing, lambda value: same(value.view)),
        ("out: Uint8Array, as bytes", lambda: give("bytes"), nothing, lambda value: value == as_bytes),
        ("out: ArrayBuffer in an Object", lambda: ctx.call("nested"), nothing, lambda value: same(value["data"].view)),
        ("out: Float64Array, transfer", lambda: given("floats", transfer=True), fresh, lambda value: same(value.view)),
        ("out: Uint8Array, transfer", lambda: given("bytes", transfer=True), fresh, lambda value: same(value.view)),
    ]
    print(f"{SIZE // 10**6} MB{'':28}time    of memcpy's   memory")
    base = 0.0
    for label, call, prepare, is_right in cases:
        prepare()
        if not is_right(call()):
            sys.exit(f"{label}: wrong result")
        seconds, growth = measure(call, prepare)
        base = base or seconds
        print(f"{label:32}{spell(seconds)}{seconds / base:11.2f}{growth:11.2f}")


if __name__ == "__main__":
    main()
