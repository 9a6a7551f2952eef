"""An isolate: one V8 heap, and the unit of locking. Contexts live in it and may share it.

Isolates run in parallel on different threads; calls on one isolate wait for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from . import _native
from .errors import ClosedError


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


class Isolate:
    """A V8 heap of its own.

    >>> with Isolate() as isolate:
    ...     isolate.closed
    False
    >>> isolate.closed
    True
    """

    def __init__(self) -> None:
        self._closed = False
        self._native = _native.isolate_create()

    @property
    def closed(self) -> bool:
        """Whether close() was called."""
        return self._closed

    def close(self) -> None:
        """Ends JavaScript that runs in it, and frees the heap; its contexts are closed with it. Fine to repeat."""
        _native.isolate_close(self._native)
        self._closed = True

    def terminate(self) -> None:
        """Makes the call that runs now, on whatever thread, raise TerminatedError; without one it does nothing."""
        _native.isolate_terminate(self._native)

    def heap_statistics(self) -> HeapStatistics:
        """The heap's sizes now."""
        return HeapStatistics(**_native.isolate_heap_statistics(self._native))

    def __enter__(self) -> Isolate:
        if self.closed:
            raise ClosedError("the isolate is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Isolate {'closed' if self._closed else 'open'}>"
