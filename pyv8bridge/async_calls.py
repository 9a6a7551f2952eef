"""The calls that never block an event loop: JavaScript runs on another thread, and the loop hears what comes of it.

Only imported when somebody awaits, as asyncio takes longer to import than all of the rest.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from . import _native, _native_host
from .errors import Error, JSError, JSTimeoutError, TerminatedError
from .promises import POLL_SECONDS, JSPromise
from .strand import Operation, tell_loop
from .time_limits import AS_DEFAULT, NO_LIMIT, nanoseconds

if TYPE_CHECKING:
    from .code_cache import CodeCache
    from .context import Context
    from .module_loader import ModuleLoader


def operation_of(context: Context, keywords: Mapping[str, Any]) -> Operation:
    """What an async call is about to set off, with the time that it has."""
    return _operation(
        context, nanoseconds(keywords["timeout"], "timeout") if "timeout" in keywords else context._defaults.timeout
    )


def _operation(context: Context, limit: int) -> Operation:
    return Operation(asyncio.get_running_loop(), context.isolate._timeout if limit == AS_DEFAULT else limit)


async def settled(promise: JSPromise) -> Any:
    """What a promise is fulfilled with."""
    return await run_async(promise.context, Operation(asyncio.get_running_loop()), lambda token, timeout: promise)


async def import_async(
    context: Context, loader: ModuleLoader, specifier: str, limits: tuple[int, int], code_cache: CodeCache | None
) -> Any:
    """Imports a module, and waits with it for what it awaits."""
    own = loader.new_import(code_cache)
    module: Any = None

    def work(token: int, timeout: int) -> JSPromise | None:
        nonlocal module
        time = timeout, limits[1]
        module, promise = loader.start(context, own, specifier, time, context._decode_module, token)
        return promise

    stopped = False
    try:
        await run_async(context, _operation(context, limits[0]), work)
    except (TerminatedError, asyncio.CancelledError):
        stopped = True
        raise
    except JSError as error:
        loader.explain(error, own)
        raise
    finally:
        if stopped:
            # In the queue, as it may still run.
            context.isolate._strand.submit(lambda token: loader.conclude(own, stopped=True), _ignore, None)
        else:
            loader.conclude(own, stopped=False)
    return module


def _ignore(_value: Any, _error: BaseException | None) -> None:
    pass


async def call_async(
    context: Context,
    work: Callable[[Mapping[str, Any], int, int], Any],
    keywords: Mapping[str, Any],
    *,
    encodes: bool,
) -> Any:
    """Runs `work(keywords, token, timeout)`, which calls with keywords; `result` and `transfer` hold for the end."""
    run = {name: option for name, option in keywords.items() if name != "code_cache"}
    options = context._defaults.updated(run, encodes=encodes) if run else context._defaults
    if options.mode == _native.RESULT_NONE:
        # Only with a result is there a promise to be waited for.
        keywords = {**keywords, "result": "handle"}
    return await run_async(
        context,
        operation_of(context, keywords),
        lambda token, timeout: work(keywords, token, timeout),
        options.mode,
        options.transfer,
    )


async def run_async(
    context: Context,
    operation: Operation,
    work: Callable[[int, int], Any],
    mode: int = _native.RESULT_VALUE,
    transfer: bool = False,
) -> Any:
    """Runs `work(token, timeout)` in the isolate's queue; a promise that it gives is waited for.

    Cancelling the caller ends all that the operation set off.
    """
    if _native_host.entered(context.isolate._native):
        raise Error(
            "an async call would wait for ever in a function that JavaScript of the same isolate has called: "
            "JavaScript goes on only when it returns. Make the function async"
        )
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
        tell_loop(loop, finish, value, error)

    def ended(future: Future[Any]) -> None:
        error = future.exception()
        tell(None if error is not None else future.result(), error)

    def run(token: int) -> Any:
        value = work(token, operation.remaining())
        if isinstance(value, JSPromise):
            future = value._ask(operation.remaining(), token, mode, transfer)
            future.add_done_callback(ended)
            return _PENDING
        return None if mode == _native.RESULT_NONE else value

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
        self._pause, self._longest = POLL_SECONDS
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
