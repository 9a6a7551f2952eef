"""Async functions of Python's: JavaScript has a promise, the event loop runs the coroutine, whose end settles it.

Only imported when the first one is called, as it needs asyncio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import TYPE_CHECKING, Any

from . import _native_host
from .errors import ClosedError, EncodeError, NotFoundError
from .message import Attachments
from .strand import Operation, current_operation, running_loop
from .time_limits import AS_DEFAULT, NO_LIMIT

if TYPE_CHECKING:
    from ._native_host import Reply
    from .host_functions import ExposedFunction, HostFunctions

# The loop itself holds its tasks weakly.
_tasks: set[asyncio.Future[Any]] = set()


def defer(host: HostFunctions, entry: ExposedFunction, reply: Reply, awaitable: Awaitable[Any]) -> None:
    """Answers with a promise, and has the loop do the rest."""
    operation = current_operation()
    loop = running_loop()
    if loop is None:
        if isinstance(awaitable, Coroutine):
            awaitable.close()
        raise RuntimeError(
            f"{entry.name or 'the host function'}() is async and needs a running event loop: "
            "call JavaScript from a coroutine, with eval_async or call_async"
        )
    if asyncio.isfuture(awaitable) and awaitable.get_loop() is not loop:
        raise RuntimeError(f"{entry.name or 'the host function'}() gave a Future of another event loop")
    number = _native_host.new_number()
    reply.defer(number)

    def start() -> None:
        task = asyncio.ensure_future(awaitable, loop=loop)
        _tasks.add(task)
        if operation is not None:
            operation.tasks.add(task)
        task.add_done_callback(finished)

    def finished(task: asyncio.Future[Any]) -> None:
        _tasks.discard(task)
        if operation is not None:
            operation.tasks.discard(task)
        context = host._context()
        if context is not None:
            # It belongs to the call that set it off as long as somebody waits for that.
            inside = operation if operation is not None and operation.active else Operation(loop)
            context.isolate._strand.submit(
                lambda token: _settle(host, entry, number, task, inside, token), settled, inside
            )

    def settled(_value: Any, error: BaseException | None) -> None:
        if error is None or isinstance(error, (ClosedError, NotFoundError)):
            return
        if operation is not None and operation.failed is not None:
            operation.failed(error)
        elif operation is None or operation.active:
            host.report(error)  # else its call has ended, and this with it

    if _runs_here(loop):
        start()
    else:
        loop.call_soon_threadsafe(start)


def _runs_here(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


def _settle(
    host: HostFunctions,
    entry: ExposedFunction,
    promise: int,
    task: asyncio.Future[Any],
    operation: Operation,
    token: int,
) -> None:
    native = host._of()._native
    left = operation.remaining()
    timeout = left if left != NO_LIMIT else AS_DEFAULT
    attachments = Attachments()
    if task.cancelled():
        error: BaseException | None = asyncio.CancelledError("the task was cancelled")
    else:
        error = task.exception()
    if error is None:
        try:
            message = host.encoded(entry, task.result(), attachments)
            return _native_host.settle(native, promise, message, attachments, host.encode.big_ints, timeout, token)
        except EncodeError as problem:
            error = problem
            attachments = Attachments()
    number, name, text, details = host.kept(error, attachments)
    try:
        _native_host.settle(native, promise, details, attachments, "bigint", timeout, token, (number, name, text))
    except BaseException:
        host.released(number)
        raise
