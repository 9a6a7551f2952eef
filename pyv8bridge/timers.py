"""The time behind setTimeout: an event loop's, when JavaScript runs for one; else a heap.

Who waits in JSPromise.result() works off the heap, and a loop that comes later takes it over.
"""

from __future__ import annotations

import heapq
import weakref
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any

from . import _native
from .errors import ClosedError, TerminatedError
from .handles import RELEASED
from .strand import Operation, current_operation, running_loop, tell_loop

if TYPE_CHECKING:
    import asyncio

    from .context import Context
    from .handles import JSFunction
    from .host_functions import HostFunctions


class Timers:
    """The timers of one context that have not fired, by the numbers that JavaScript knows them by."""

    def __init__(self, host: HostFunctions) -> None:
        # Weakly, and a bare number of a handle: what the context owns must not own the context.
        self._host_ref = weakref.ref(host)
        self._fire = RELEASED
        self._order = count()
        # Without a loop: when, and in which order they were set. Those that were cleared stay until they are due.
        self._heap: list[tuple[float, int, int]] = []
        # Of each timer that waits, the time and the loop's handle, if it has one.
        self._waiting: dict[int, tuple[float, asyncio.TimerHandle | None]] = {}

    def installed(self, fire: JSFunction) -> None:
        """`fire(number)` is what runs one. Takes the handle over, for as long as the context lives."""
        self._fire, fire._id = fire._id, RELEASED

    def __len__(self) -> int:
        return len(self._waiting)

    def schedule(self, number: int, milliseconds: float) -> None:
        """JavaScript sets a timer; on whatever thread runs it."""
        due = monotonic() + milliseconds / 1000
        self._waiting[number] = (due, None)
        loop = running_loop()
        if loop is None:
            heapq.heappush(self._heap, (due, next(self._order), number))
        else:
            self._schedule_in(loop, number, due, current_operation())

    def unschedule(self, number: int) -> None:
        """JavaScript clears one."""
        _, handle = self._waiting.pop(number, (0, None))
        if handle is not None:
            tell_loop(handle._loop, handle.cancel)  # type: ignore[attr-defined]

    def adopt(self, loop: asyncio.AbstractEventLoop) -> None:
        """A loop takes over what was set without one."""
        heap, self._heap = self._heap, []
        for due, _, number in sorted(heap):
            if number in self._waiting:
                self._schedule_in(loop, number, due, None)

    # ---- without a loop ----

    def next_due(self) -> float | None:
        """When the next one is due, by time.monotonic()."""
        while self._heap and self._heap[0][2] not in self._waiting:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run_due(self, timeout: int) -> bool:
        """Runs one that is due. Whether there was one."""
        due = self.next_due()
        if due is None or due > monotonic():
            return False
        number = heapq.heappop(self._heap)[2]
        self._waiting.pop(number, None)
        self._run(number, timeout, 0)
        return True

    # ---- with a loop ----

    def _schedule_in(
        self, loop: asyncio.AbstractEventLoop, number: int, due: float, operation: Operation | None
    ) -> None:
        def start() -> None:
            if number in self._waiting:
                handle = loop.call_later(max(due - monotonic(), 0), self._due, loop, number, operation)
                self._waiting[number] = (due, handle)

        tell_loop(loop, start)

    def _due(self, loop: asyncio.AbstractEventLoop, number: int, operation: Operation | None) -> None:
        if self._waiting.pop(number, None) is None:
            return
        # It belongs to the call that set it off as long as somebody waits for that.
        inside = operation if operation is not None and operation.active else Operation(loop)

        def done(_value: Any, error: BaseException | None) -> None:
            if error is None or isinstance(error, ClosedError):
                return
            if inside.failed is not None:
                inside.failed(error)
            elif inside is not operation:
                self._report(error)  # else its call has ended, and this with it

        context = self._context()
        if context is None:
            return
        context.isolate._strand.submit(lambda token: self._run(number, inside.remaining(), token), done, inside)

    # ---- both ----

    def _run(self, number: int, timeout: int, token: int) -> None:
        context = self._context()
        if context is None:
            return
        try:
            context._run(
                _native.CALL,
                self._fire,
                "",
                (number,),
                mode=_native.RESULT_NONE,
                timeout=timeout if timeout > 0 else None,
                token=token,
            )
        except (TerminatedError, ClosedError):
            raise
        except Exception as error:
            # Nobody in JavaScript can catch what a timer's function throws.
            self._report(error)

    def _report(self, error: BaseException) -> None:
        host = self._host_ref()
        if host is not None:
            host.report(error)

    def _context(self) -> Context | None:
        host = self._host_ref()
        return host._context() if host is not None else None
