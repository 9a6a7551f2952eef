"""Where JavaScript runs for asyncio: a few threads for the whole process, and one queue for each isolate.

An isolate runs one call at a time, so its calls stand in one queue, which one thread works off: however many wait, they
take one thread, and isolates run beside each other. The threads are daemons, as JavaScript may never end.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from . import _native, _native_host
from .errors import ForkError, JSTimeoutError
from .time_limits import NO_LIMIT

if TYPE_CHECKING:
    import asyncio

# Calls that one isolate makes before it queues up behind the others.
_TURN = 32


class _Threads:
    """The threads. They are started when they are needed first, and stay."""

    def __init__(self) -> None:
        self._reset()
        # A child that is forked has none of them, and locks that nobody will open.
        os.register_at_fork(after_in_child=self._reset)

    generation = 0

    def _reset(self) -> None:
        self.generation += 1
        self._most = min(8, (os.cpu_count() or 1) + 1)
        self._lock = threading.Lock()
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._started = 0
        self._busy = 0

    def run(self, work: Callable[[], None]) -> None:
        with self._lock:
            self._busy += 1
            start = self._busy > self._started and self._started < self._most
            self._started += start
        self._work.put(work)
        if start:
            threading.Thread(target=self._main, args=(self._work,), name="pyv8bridge", daemon=True).start()

    def _main(self, queue: SimpleQueue[Callable[[], None]]) -> None:
        while True:
            queue.get()()
            with self._lock:
                self._busy -= 1


_threads = _Threads()


class Operation:
    """What one `…_async` call set off: its own run, timers, coroutines, and all that they set off in turn.

    They share one deadline, and end together when the caller is cancelled.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, timeout: int = NO_LIMIT) -> None:
        self.loop = loop
        self._due = None if timeout == NO_LIMIT else monotonic_ns() + timeout
        self.tasks: set[asyncio.Future[Any]] = set()
        self.jobs: set[Job] = set()
        self.active = True
        """Whether somebody still waits for it."""
        self.failed: Callable[[BaseException], None] | None = None

    def remaining(self) -> int:
        """Nanoseconds, or NO_LIMIT. Raises JSTimeoutError when there are none."""
        if self._due is None:
            return NO_LIMIT
        left = self._due - monotonic_ns()
        if left <= 0:
            raise JSTimeoutError("JavaScript was stopped: the call's timeout is over")
        return left

    def cancel(self) -> None:
        """Ends what runs, on the loop's thread."""
        for job in list(self.jobs):
            job.cancel()
        for task in list(self.tasks):
            task.cancel()


def tell_loop(loop: asyncio.AbstractEventLoop, callback: Callable[..., Any], *args: Any) -> bool:
    """Has the loop call back, from any thread. False: it is closed, and nobody waits any more."""
    try:
        loop.call_soon_threadsafe(callback, *args)
    except RuntimeError:
        if not loop.is_closed():
            raise
        return False
    return True


class _Current(threading.local):
    operation: Operation | None = None


_current = _Current()


def current_operation() -> Operation | None:
    """The one whose JavaScript runs on this thread."""
    return _current.operation


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that this thread runs, or for which it runs JavaScript."""
    own = _loop_of_thread()
    if own is None and _current.operation is not None:
        return _current.operation.loop
    return own


def thread_runs_loop() -> bool:
    """Whether this thread runs an event loop, which must not be made to wait."""
    return _loop_of_thread() is not None


def _loop_of_thread() -> asyncio.AbstractEventLoop | None:
    # Where nobody has imported asyncio no loop runs, and to import it for the answer would take 40 ms.
    get = getattr(sys.modules.get("asyncio.events"), "_get_running_loop", None)
    loop: asyncio.AbstractEventLoop | None = get() if get is not None else None
    return loop


class Job:
    """One call in the queue: `work(token)` on some thread, then `done(value, error)` there."""

    __slots__ = ("_cancelled", "_done", "_isolate", "_lock", "_runs", "_work", "operation", "token")

    def __init__(
        self,
        isolate: _native.NativeIsolate,
        work: Callable[[int], Any],
        done: Callable[[Any, BaseException | None], None],
        operation: Operation | None,
    ) -> None:
        self._isolate = isolate
        self._work = work
        self._done = done
        self._cancelled = False
        self._runs = False
        self._lock = threading.RLock()  # a signal handler may cancel in the midst of it
        self.operation = operation
        self.token = _native_host.new_number()
        if operation is not None:
            operation.jobs.add(self)

    def cancel(self) -> None:
        """Any thread. A call that has not begun will not; one that runs is terminated; nothing happens to others."""
        # The isolate keeps one token for a call that is about to begin. That has to be the one of the job that runs,
        # whose arguments may still be being written, and not of another that waits behind it.
        with self._lock:
            self._cancelled = True
            if self._runs:
                _native_host.cancel(self._isolate, self.token)

    def run(self) -> None:
        """On the queue's thread."""
        value, error = None, None
        with self._lock:
            self._runs = not self._cancelled
        if self._runs:
            _current.operation = self.operation
            try:
                value = self._work(self.token)
            except BaseException as raised:
                error = raised
            finally:
                _current.operation = None
                with self._lock:
                    self._runs = False
        if self.operation is not None:
            self.operation.jobs.discard(self)
        if not self._cancelled:
            self._done(value, error)


class Strand:
    """The queue of one isolate."""

    def __init__(self, isolate: _native.NativeIsolate) -> None:
        self._isolate = isolate
        self._generation = _threads.generation
        self._lock = threading.Lock()
        self._jobs: deque[Job] = deque()
        self._running = False

    def submit(
        self,
        work: Callable[[int], Any],
        done: Callable[[Any, BaseException | None], None],
        operation: Operation | None,
    ) -> Job:
        """Queues a call. Never waits."""
        if self._generation != _threads.generation:
            raise ForkError("the isolate belongs to the process that made it, not to this forked child")
        job = Job(self._isolate, work, done, operation)
        with self._lock:
            self._jobs.append(job)
            if self._running:
                return job
            self._running = True
        _threads.run(self._turn)
        return job

    def _turn(self) -> None:
        for _ in range(_TURN):
            with self._lock:
                if not self._jobs:
                    self._running = False
                    return
                job = self._jobs.popleft()
            try:
                job.run()
            except BaseException as error:
                # What a callback of the program's raises is told of as in any thread, and the others' calls go on.
                threading.excepthook(
                    threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
                )
            del job
        _threads.run(self._turn)
