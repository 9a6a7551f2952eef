"""Promises of JavaScript's in Python, and the calls that never block an event loop.

What a promise becomes is asked for once, and told from wherever JavaScript settles it; whoever waits, in asyncio or
not, waits for that.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Generator
from concurrent.futures import Future, wait
from time import monotonic
from typing import TYPE_CHECKING, Any

from . import _native_host
from .errors import Error, JSTimeoutError
from .handles import JSObject
from .strand import Operation
from .time_limits import AS_DEFAULT, NO_LIMIT, Seconds, nanoseconds

if TYPE_CHECKING:
    from .context import Context

# How often V8's own threads are asked whether they are done (WebAssembly, Atomics.waitAsync): from, to.
_POLL_SECONDS = 0.004, 0.1


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

    def _ask(self, timeout: int = AS_DEFAULT, token: int = 0) -> Future[Any]:
        """What will be told of the end. Enters the isolate the first time, and runs the microtasks."""
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
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        raise Error("result() would block the event loop: await the promise")

    def _drive(self, future: Future[Any], end: float | None) -> None:
        host = self._context._host
        shortest, longest = _POLL_SECONDS
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
        return self._settled().__await__()

    async def _settled(self) -> Any:
        operation = Operation(asyncio.get_running_loop())
        return await run_async(self._context, operation, lambda token, timeout: self)


def _wait(future: Future[Any], seconds: float) -> bool:
    """Whether it is done within that time. What it was rejected with stays in it."""
    return bool(wait([future], seconds).done)


async def run_async(context: Context, operation: Operation, work: Callable[[int, int], Any]) -> Any:
    """Runs `work(token, timeout)` in the isolate's queue; a promise that it gives is waited for.

    Cancelling the caller ends all that the operation set off.
    """
    loop = operation.loop
    waiter: asyncio.Future[Any] = loop.create_future()

    def finish(value: Any, error: BaseException | None) -> None:
        if waiter.done():
            return
        if error is not None:
            waiter.set_exception(error)
        else:
            waiter.set_result(value)

    def tell(value: Any, error: BaseException | None) -> None:
        if isinstance(error, StopIteration):  # no future takes it
            error = RuntimeError("a host function raised StopIteration")
        # A loop that is closed has nobody who waits.
        if not loop.is_closed():
            loop.call_soon_threadsafe(finish, value, error)

    def ended(future: Future[Any]) -> None:
        error = future.exception()
        tell(None if error is not None else future.result(), error)

    def run(token: int) -> Any:
        value = work(token, operation.remaining())
        if isinstance(value, JSPromise):
            future = value._ask(operation.remaining(), token)
            future.add_done_callback(ended)
            return _PENDING
        return value

    def done(value: Any, error: BaseException | None) -> None:
        if value is not _PENDING:
            tell(value, error)

    if context._host.timers is not None:
        context._host.timers.adopt(loop)
    operation.failed = lambda error: tell(None, error)
    timeout = operation.remaining()
    timer = None if timeout == NO_LIMIT else loop.call_later(timeout / 1e9, _time_is_up, operation, finish)
    context.isolate._strand.submit(run, done, operation)
    poll = _Poll.start(context, loop)
    try:
        return await waiter
    except asyncio.CancelledError:
        operation.cancel()
        raise
    finally:
        operation.active = False
        operation.failed = None
        poll.stop()
        if timer is not None:
            timer.cancel()


_PENDING: Any = object()


def _time_is_up(operation: Operation, finish: Callable[[Any, BaseException | None], None]) -> None:
    finish(None, JSTimeoutError("JavaScript was stopped: the call's timeout is over"))
    operation.cancel()


class _Poll:
    """Runs what V8's threads have left to do while somebody waits in a loop: one for all who wait in a context."""

    def __init__(self, context: Context, loop: asyncio.AbstractEventLoop) -> None:
        self.waiting = 0
        self._context = weakref.ref(context)
        self._loop = loop
        self._busy = False
        self._pause, self._longest = _POLL_SECONDS
        self._timer = loop.call_later(self._pause, self._run)

    @classmethod
    def start(cls, context: Context, loop: asyncio.AbstractEventLoop) -> _Poll:
        """To be followed by stop()."""
        polls = context._host.polls
        poll = polls.get(loop)
        if poll is None:
            polls[loop] = poll = cls(context, loop)
        poll.waiting += 1
        return poll

    def stop(self) -> None:
        self.waiting -= 1
        if self.waiting:
            return
        self._timer.cancel()
        context = self._context()
        if context is not None:
            context._host.polls.pop(self._loop, None)

    def _run(self) -> None:
        context = self._context()
        if context is None:
            return
        if not self._busy:
            self._busy = True
            native = context._native
            context.isolate._strand.submit(
                lambda token: _native_host.run_tasks(native, AS_DEFAULT, token), self._ran, None
            )
        self._pause = min(self._pause * 2, self._longest)
        self._timer = self._loop.call_later(self._pause, self._run)

    def _ran(self, _value: Any, _error: BaseException | None) -> None:
        self._busy = False
