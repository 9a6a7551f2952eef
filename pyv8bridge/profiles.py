"""Profiles in the formats of Chrome's DevTools: what is in the heap, and where CPU time goes.

Files are written beside their place and renamed, so that a file which is there is whole.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from . import _native, _native_tools
from .time_limits import Seconds, nanoseconds

DEFAULT_INTERVAL = 0.001


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write that appears under its name when all is written, and not at all after an error."""
    target = Path(path)
    # Not by tempfile, whose files only their owner can read.
    part = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        try:
            file = open(part, "xb")  # noqa: SIM115
        except OSError as error:
            raise type(error)(error.errno, error.strerror, os.fspath(path)) from None
        with file:
            yield file
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_heap_snapshot(isolate: _native.NativeIsolate, path: str | os.PathLike[str]) -> None:
    """All objects of an isolate, as a .heapsnapshot file."""
    with whole_file(path) as file:
        _native_tools.heap_snapshot(isolate, file.fileno())


class CPUProfile:
    """Samples the calls that this thread makes, from its start to its stop; the profile is then in `data`.

    `data` is a dict as DevTools' .cpuprofile files have it: `nodes`, a tree of functions by call stack; `samples`,
    the node met at each sample; `timeDeltas`, the microseconds before each; `startTime` and `endTime`. Time in which
    the thread ran no JavaScript of this isolate is in a node named ``(idle)``.
    """

    def __init__(
        self,
        isolate: _native.NativeIsolate,
        path: str | os.PathLike[str] | None,
        sampling_interval: Seconds,
    ) -> None:
        self._isolate = isolate
        self._path = None if path is None else os.fspath(path)
        if isinstance(sampling_interval, timedelta):
            sampling_interval = sampling_interval.total_seconds()
        self._microseconds = min(
            max(nanoseconds(sampling_interval, "sampling_interval", optional=False) // 1000, 1), 2**31 - 1
        )
        self.data: dict[str, Any] = {}

    def start(self) -> None:
        """Begins. One profile of an isolate at a time."""
        if self._path is not None:
            # Now, and not when there is something to lose.
            folder = Path(self._path).parent
            if not folder.is_dir():
                raise FileNotFoundError(errno.ENOENT, "there is no such folder", str(folder))
        _native_tools.cpu_profile_start(self._isolate, self._microseconds)

    def stop(self) -> dict[str, Any]:
        """Ends it, writes the file if there is a path, and gives `data`."""
        self.data = _cpuprofile(_native_tools.cpu_profile_stop(self._isolate), self._microseconds)
        if self._path is not None:
            with whole_file(self._path) as file:
                file.write(json.dumps(self.data, separators=(",", ":")).encode())
        return self.data

    def __enter__(self) -> CPUProfile:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


def _cpuprofile(raw: Any, interval: int) -> dict[str, Any]:
    start, end, raw_nodes, samples, times = raw
    nodes = [_node(*raw_node) for raw_node in raw_nodes]
    # In order of time: V8 adds a sample of where a profile starts, which others may overtake.
    timed = sorted(zip(times, samples, strict=True), key=lambda sample: sample[0])
    idle = max((node["id"] for node in nodes), default=0) + 1
    kept: list[int] = []
    deltas: list[int] = []
    last = start
    for time, node in _with_gaps(timed, start, end, idle, interval):
        kept.append(node)
        deltas.append(time - last)
        last = time
    if idle in kept:
        nodes[0].setdefault("children", []).append(idle)
        nodes.append(
            {
                "id": idle,
                "callFrame": {
                    "functionName": "(idle)",
                    "scriptId": "0",
                    "url": "",
                    "lineNumber": -1,
                    "columnNumber": -1,
                },
                "hitCount": kept.count(idle),
            }
        )
    return {"nodes": nodes, "startTime": start, "endTime": end, "samples": kept, "timeDeltas": deltas}


def _with_gaps(
    timed: list[tuple[int, int]], start: int, end: int, idle: int, interval: int
) -> Iterator[tuple[int, int]]:
    """The samples, and one of idleness where there is none for long: a sample stands for the time until the next.

    Between two calls V8 takes no samples, and viewers would give all of that time to the function sampled last.
    """
    longest = max(10 * interval, 10_000)
    previous = start
    for time, node in timed:
        if time - previous > longest:
            yield previous + min(interval, time - previous), idle
        yield time, node
        previous = time
    if end - previous > longest:
        yield previous + interval, idle


def _node(
    number: int,
    function: str,
    script: int,
    url: str,
    line: int,
    column: int,
    hits: int,
    children: list[int],
    ticks: list[int],
    not_optimised: str,
) -> dict[str, Any]:
    node: dict[str, Any] = {
        "id": number,
        "callFrame": {
            "functionName": function,
            "scriptId": str(script),
            "url": url,
            # From 0 in the file, -1 where there is none.
            "lineNumber": line - 1,
            "columnNumber": column - 1,
        },
        "hitCount": hits,
    }
    if children:
        node["children"] = children
    if ticks:
        node["positionTicks"] = [
            {"line": line, "ticks": count} for line, count in zip(ticks[::2], ticks[1::2], strict=True)
        ]
    if not_optimised and not_optimised != "no reason":
        node["deoptReason"] = not_optimised
    return node
