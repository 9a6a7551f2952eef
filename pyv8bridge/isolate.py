"""An isolate: one V8 heap, and the unit of locking. Contexts live in it and may share it.

Isolates run in parallel on different threads; calls on one isolate wait for each other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING

from . import _native
from .errors import ClosedError
from .strand import Strand
from .time_limits import Seconds, nanoseconds

if TYPE_CHECKING:
    from .profiles import CPUProfile

_SMALLEST_MEMORY_LIMIT = 8 << 20


@dataclass(frozen=True)
class HeapStatistics:
    """What an isolate holds; sizes are in bytes."""

    used_heap_bytes: int
    total_heap_bytes: int
    heap_limit_bytes: int
    external_bytes: int
    """Memory that V8 knows of outside its heap, such as the contents of ArrayBuffers."""
    contexts: int
    handles: int
    """Objects and functions that Python holds on to, in all contexts."""
    physical_heap_bytes: int
    """The part of `total_heap_bytes` that takes memory."""
    malloced_bytes: int
    """V8's own structures outside the heap."""
    peak_malloced_bytes: int
    buffer_bytes: int
    """Contents of ArrayBuffers."""
    memory_limit_bytes: int
    """What `memory_limit` was set to; 0: nothing."""
    detached_contexts: int
    """Contexts that are closed and that something in JavaScript still refers to."""


class Isolate:
    """A V8 heap of its own.

    `memory_limit`, in bytes, at least 8 MiB, holds for V8's heap, the contents of ArrayBuffers, and the buffers in
    which values cross, together: a call that comes to it raises MemoryLimitError, and the contexts stay usable. Without
    one, V8's own limit for its heap has that effect. What V8 cannot survive in spite of limits, docs/limits.md lists.

    `timeout` and `cpu_timeout`, in seconds or as a timedelta, are defaults for every call in the isolate: one that
    takes longer raises JSTimeoutError, and the contexts stay usable.

    With a `snapshot`, from Snapshot.build(), every context starts with what the snapshot's scripts have made.

    >>> with Isolate() as isolate:
    ...     isolate.closed
    False
    >>> isolate.closed
    True
    """

    def __init__(
        self,
        *,
        memory_limit: int | None = None,
        timeout: Seconds | None = None,
        cpu_timeout: Seconds | None = None,
        snapshot: bytes | None = None,
    ) -> None:
        self._closing = False  # or closed
        self._terminations = 0
        self._closed = False
        self._timeout = nanoseconds(timeout, "timeout")
        blob = b""
        if snapshot is not None:
            from .snapshot import opened

            blob = opened(snapshot)
        self._native = _native.isolate_create(
            _checked_memory_limit(memory_limit),
            self._timeout,
            nanoseconds(cpu_timeout, "cpu_timeout"),
            blob,
        )
        self._strand = Strand(self._native)

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def close(self) -> None:
        """Ends JavaScript that runs in it, and frees the heap; its contexts are closed with it. Fine to repeat."""
        self._closing = True
        try:
            _native.isolate_close(self._native)
            self._closed = True
        finally:
            self._closing = self._closed

    def terminate(self) -> None:
        """Makes the call that runs now, on whatever thread, raise JSCancelledError; without one it does nothing.

        A `map` or `starmap` is one call here, although each of its items is one to JavaScript.
        """
        self._terminations += 1
        _native.isolate_terminate(self._native)

    def collect_garbage(self) -> None:
        """Frees everything that JavaScript does not refer to any more. Waits until nobody is inside."""
        _native.isolate_collect_garbage(self._native, hard=False)

    def low_memory(self) -> None:
        """Frees all that can be: garbage, caches, compiled code that is not in use. It makes the next calls slower."""
        _native.isolate_collect_garbage(self._native, hard=True)

    def heap_statistics(self) -> HeapStatistics:
        """The heap's sizes now."""
        return HeapStatistics(**_native.isolate_heap_statistics(self._native))

    def heap_snapshot(self, path: str | os.PathLike[str]) -> None:
        """Writes all objects in the heap to a file for the Memory panel of Chrome's DevTools (.heapsnapshot)."""
        from .profiles import write_heap_snapshot

        write_heap_snapshot(self._native, path)

    def cpu_profile(
        self, path: str | os.PathLike[str] | None = None, *, sampling_interval: Seconds = 0.001
    ) -> CPUProfile:
        """``with isolate.cpu_profile("x.cpuprofile"):`` samples what JavaScript does in the calls of this thread.

        The file opens in Chrome's DevTools and in speedscope; `data` of what `with` gives is the same as a dict.
        """
        from .profiles import CPUProfile

        return CPUProfile(self._native, path, sampling_interval)

    def __enter__(self) -> Isolate:
        if self.closed:
            raise ClosedError("the isolate is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __copy__(self) -> Isolate:
        return self

    def __repr__(self) -> str:
        return f"<Isolate {'closed' if self._closed else 'open'}>"


def _checked_memory_limit(limit: int | None) -> int:
    if limit is None:
        return 0
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise TypeError(f"memory_limit is an int, in bytes, not {limit!r:.80}")
    if not _SMALLEST_MEMORY_LIMIT <= limit < 1 << 63:
        bounds = f"at least {_SMALLEST_MEMORY_LIMIT} (8 MiB) and below 2**63"
        raise ValueError(f"memory_limit is in bytes, {bounds}, not {limit}")
    return limit
