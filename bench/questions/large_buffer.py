"""What does a large buffer cost on the way in and out, against a bare memcpy into fresh memory?"""

from __future__ import annotations

import ctypes
import gc
import re
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from ..case import Call, Case, Kind, Question, Sample, equals
from ..subject import Subject

SIZE = 100_000_000
LABEL = "memcpy into fresh memory"


def _script(size: int) -> str:
    # What a round leaves in JavaScript is collected before the next: V8 sees the pressure of memory outside its heap.
    return f"""
        var held; var keep = (x) => {{ held = x; return x.byteLength ?? x.data.byteLength; }};
        var out = new Float64Array({size // 8}).map((_, i) => i);
        var give = () => out; var giveBytes = () => new Uint8Array(out.buffer); var giveBuffer = () => out.buffer;
        var fresh = () => {{ held = out.slice(); return held; }};
    """


def _is_counting(result: Any, _: Any) -> bool:
    view = result.view if hasattr(result, "view") else result
    numbers = np.frombuffer(view, dtype=np.float64)
    return bool(numbers[0] == 0 and numbers[-1] == len(numbers) - 1 and numbers[len(numbers) // 3] == len(numbers) // 3)


def _memcpy(size: int) -> Callable[[type[Subject]], float | None]:
    source = np.arange(size // 8, dtype=np.float64)

    def take(subject: type[Subject]) -> float | None:
        if subject.name != "pyv8bridge":
            return None
        gc.collect()
        start = perf_counter()
        memory = np.empty(size, dtype=np.uint8)
        ctypes.memmove(memory.ctypes.data, source.ctypes.data, size)
        return perf_counter() - start

    return take


def _memory(call: str, size: int) -> Callable[[type[Subject]], float | None]:
    """How far the process grew at most while the call ran, in units of the data, what is kept at its end included."""

    def take(subject: type[Subject]) -> float | None:
        if subject.name != "pyv8bridge":
            return None
        from pyv8bridge import Context

        with Context() as ctx:
            ctx.eval(_script(size))
            function = ctx.eval(call)
            arguments = (np.arange(size // 8, dtype=np.float64),) if call == "keep" else ()
            gc.collect()
            Path("/proc/self/clear_refs").write_text("5")
            before = _status("VmRSS")
            kept = function(*arguments)
            growth = (_status("VmHWM") - before) / size
            del kept
            return growth

    return take


def _status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.M)
    assert found is not None
    return int(found[1]) * 1024


def cases(quick: bool) -> list[Case]:
    size = 1_000_000 if quick else SIZE
    script, words = _script(size), f"{size // 1_000_000} MB"
    source = lambda: (np.arange(size // 8, dtype=np.float64),)  # noqa: E731
    as_bytes = lambda: (np.arange(size // 8, dtype=np.float64).tobytes(),)  # noqa: E731
    free = "held = undefined;"
    return [
        Sample(LABEL, _memcpy(size)),
        Call(f"{words} in, bytes", script, "keep", as_bytes, equals(size), Kind.BYTES, after_each=free),
        Call(f"{words} in, numpy array", script, "keep", source, equals(size), Kind.BYTES, after_each=free),
        Call(f"{words} out, Float64Array", script, "give", tuple, _is_counting, Kind.BYTES),
        Call(f"{words} out, Uint8Array", script, "giveBytes", tuple, _is_counting, Kind.BYTES),
        Call(f"{words} out, ArrayBuffer", script, "giveBuffer", tuple, _is_counting, Kind.BYTES),
        Sample("memory grows by, in", _memory("keep", size), "× the data", rounds=3),
        Sample("memory grows by, out", _memory("give", size), "× the data", rounds=3),
    ]


QUESTION = Question(
    "What does a large buffer cost?",
    cases,
    "Against a bare memcpy into fresh memory. The two lines about memory say how far the process grew at "
    "most, in units of the data; "
    "what JavaScript or Python keeps afterwards is part of it, so one copy shows as 1.",
)
