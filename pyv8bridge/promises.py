"""Promises of JavaScript's in Python.

What a promise becomes is asked for once, and told from wherever JavaScript settles it; whoever waits, in asyncio or
not, waits for that.
"""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import TYPE_CHECKING, Any

from . import _native, _native_host
from .errors import Error, JSTimeoutError
from .handles import JSObject
from .strand import thread_runs_loop
from .time_limits import AS_DEFAULT, NO_LIMIT, Seconds, nanoseconds

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .context import Context

# How often V8's own threads are asked whether they are done (WebAssembly, Atomics.waitAsync): from, to.
POLL_SECONDS = 0.004, 0.1


class JSPromise(JSObject):
    """A Promise: `await` it in asyncio, or ask for its `result()` elsewhere.

    What it is fulfilled with comes as a value, what it is rejected with is raised. Rejections that come to Python this
    way are its own to handle, and are not reported as unhandled.

    >>> from pyv8bridge import Context
    >>> Context().eval("Promise.resolve([1, 2])").result()
    [1, 2]
    """

    __slots__ = ("_future",)

    def __init__(self, context: Context, kind: str, handle: int) -> None:
        super().__init__(context, kind, handle)
        self._future: Future[Any] | None = None

    def _ask(
        self, timeout: int = AS_DEFAULT, token: int = 0, mode: int = _native.RESULT_VALUE, transfer: bool = False
    ) -> Future[Any]:
        """What will be told of the end. Enters the isolate the first time, and runs the microtasks."""
        if mode != _native.RESULT_VALUE or transfer:
            return self._context._host.watch(self._id, timeout, token, mode, transfer)
        if self._future is None:
            self._future = self._context._host.watch(self._id, timeout, token)
        return self._future

    def done(self) -> bool:
        """Whether it is settled."""
        return self._ask().done()

    def result(self, timeout: Seconds | None = None) -> Any:
        """Waits for the end, and meanwhile runs the context's timers and V8's tasks.

        Raises what the promise was rejected with, and JSTimeoutError when it takes longer. Inside of a function that
        JavaScript has called, and on the thread of an event loop, only a promise that is settled has a result: there is
        nobody else to settle it.
        """
        limit = nanoseconds(timeout, "timeout")
        end = None if limit == NO_LIMIT else monotonic() + limit / 1e9
        future = self._ask(limit if limit != NO_LIMIT else AS_DEFAULT)
        if not future.done():
            self._check_may_wait()
            self._drive(future, end)
        return future.result()

    def _check_may_wait(self) -> None:
        if _native_host.inside_call():
            raise Error(
                "a promise cannot be waited for in a function that JavaScript has called: JavaScript goes on only when "
                "it returns. Return the promise, or make the function async"
            )
        if thread_runs_loop():
            raise Error("result() would block the event loop: await the promise")

    def _drive(self, future: Future[Any], end: float | None) -> None:
        host = self._context._host
        shortest, longest = POLL_SECONDS
        pause = shortest
        while not future.done():
            left = None if end is None else end - monotonic()
            if left is not None and left <= 0:
                raise JSTimeoutError("the promise was not settled in time")
            limit = AS_DEFAULT if left is None else max(1, int(left * 1e9))
            if host.timers is not None and host.timers.run_due(limit):
                pause = shortest
                continue
            due = None if host.timers is None else host.timers.next_due()
            seconds = min(x for x in (pause, left, None if due is None else max(due - monotonic(), 0)) if x is not None)
            if not _wait(future, seconds):
                _native_host.run_tasks(self._context._native, limit, 0)
                pause = min(pause * 2, longest)

    def __await__(self) -> Generator[Any, None, Any]:
        from .async_calls import settled

        return settled(self).__await__()


def _wait(future: Future[Any], seconds: float) -> bool:
    """Whether it is done within that time. What it was rejected with stays in it."""
    from concurrent.futures import wait

    return bool(wait([future], seconds).done)
