"""`map` and `starmap`: one call for each item, many of them in one crossing.

To JavaScript, and to whoever looks at results and errors, each is a call of its own. Only the way there and back is
shared: items are gathered into batches, plain ones are written as one message, and their results come back as one.
What is not plain is called alone, in its turn.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import islice
from time import perf_counter_ns, thread_time_ns
from typing import TYPE_CHECKING, Any, Final

from . import _native
from ._native_each import call_each
from .decode import decode_each
from .encode import plain_message
from .errors import ClosedError, EncodeError, Error, JSCancelledError
from .handles import NO_THIS, RELEASED, JSObject
from .time_limits import AS_DEFAULT, Seconds, nanoseconds

if TYPE_CHECKING:
    from .context import Context
    from .crossing import ManyKeywords

_Call = tuple[Any, ...]

# A batch grows while it is small and quick, so that memory is bounded, a first result comes soon, and other threads'
# calls get their turn.
_FIRST: Final = 16
_MOST: Final = 4096
_MOST_BYTES: Final = 1 << 18
_MOST_TIME: Final = 50_000_000


def call_many(
    context: Context,
    function: JSObject | None,
    path: str,
    calls: Iterable[_Call],
    this: Any,
    lazy: bool,
    options: ManyKeywords,
) -> list[Any] | Iterator[Any]:
    """The result of each call, in their order: a list, or an iterator that makes the calls as it is asked for more."""
    keywords: dict[str, Any] = dict(options)
    item_timeout = keywords.pop("item_timeout", None)
    if function is not None and function._id == RELEASED:
        raise ClosedError("the handle was let go of with close()")
    results = _Calls(context, function, path, this, lazy, item_timeout, keywords).results(iter(calls))
    return results if lazy else list(results)


class _Calls:
    """The calls of one `map`."""

    def __init__(
        self,
        context: Context,
        function: JSObject | None,
        path: str,
        this: Any,
        lazy: bool,
        item_timeout: Seconds | None,
        keywords: Mapping[str, Any],
    ) -> None:
        self._context = context
        # Held on to, not only its number: results that come as they are asked for may outlive the caller's reference.
        self._function = function
        self._path = path
        self._this = this
        self._options = options = context._defaults.updated(keywords)
        # A limit given for all calls takes the place of what is the default for each.
        self._together = [
            max(options.timeout, 0) if "timeout" in keywords else 0,
            max(options.cpu_timeout, 0) if "cpu_timeout" in keywords else 0,
        ]
        self._limited = [left > 0 for left in self._together]
        self._each = [
            AS_DEFAULT if self._limited[0] else options.timeout,
            AS_DEFAULT if self._limited[1] else options.cpu_timeout,
        ]
        if item_timeout is not None:
            self._each[0] = nanoseconds(item_timeout, "item_timeout")
        self._keywords = {name: keywords[name] for name in keywords if name not in ("timeout", "cpu_timeout")}
        self._only_alone = options.transfer or options.encode.references
        self._size = _FIRST
        self._done = 0
        # Of an iterator nothing runs between two results.
        self._ends_with_terminate = not lazy
        self._terminations = context.isolate._terminations

    @property
    def _base(self) -> int:
        return 0 if self._function is None else self._function._id

    def results(self, calls: Iterator[_Call]) -> Generator[Any, None, None]:
        """Every result. An error of an item has its number as `item`."""
        while True:
            batch: list[_Call] = []
            problem: Exception | None = None
            try:
                for call in islice(calls, self._size):
                    batch.append(call)
            except Exception as error:
                problem = error
            yield from self._batch(batch)
            if problem is not None:
                try:
                    raise problem
                finally:
                    del problem
            if not batch:
                return

    def _batch(self, batch: list[_Call]) -> Generator[Any, None, None]:
        if self._this is not NO_THIS:
            batch = [(*args, self._this) for args in batch]
        # Halves of what is not plain, and again of them, until what is odd is alone.
        pending = [batch] if batch else []
        while pending:
            if self._ends_with_terminate and self._context.isolate._terminations != self._terminations:
                # It came between two crossings, or between two calls of one, and hit none.
                raise JSCancelledError("JavaScript was terminated")
            part = pending.pop()
            if self._only_alone:
                for args in part:
                    yield self._alone(args)
            elif (message := plain_message(part, attaches=False)) is not None:
                values, error = self._cross(message, part)
                yield from values
                if error is not None:
                    try:
                        raise error
                    finally:
                        # Its traceback holds this frame: no cycle, and no results that wait for the collector.
                        del error, values
                if len(values) < len(part):
                    pending.append(part[len(values) :])
            elif len(part) == 1:
                yield self._alone(part[0])
            else:
                middle = len(part) // 2
                pending += [part[middle:], part[:middle]]

    def _cross(self, message: bytes, calls: list[_Call]) -> tuple[list[Any], BaseException | None]:
        """The results of one crossing, and the error of the call behind them."""
        context, options = self._context, self._options
        plan = _native.shared_plan(
            _native.CALL,
            self._base,
            self._path,
            False,
            self._this is not NO_THIS,
            options.mode,
            options.encode.big_ints,
            False,
            *self._each,
        )
        start, cpu_start = perf_counter_ns(), thread_time_ns()
        values, error = call_each(
            context._native,
            plan,
            self._left(),
            message,
            lambda view: decode_each(view, context._make_handle),
            context._decode,
            context._host.error,
            options.timings,
        )
        self._spend(perf_counter_ns() - start, thread_time_ns() - cpu_start)
        self._adapt(len(message), perf_counter_ns() - start, len(calls))
        self._done += len(values)
        if error is not None:
            if (
                isinstance(error, EncodeError)
                and error.argument == len(calls[len(values)]) - 1
                and self._this is not NO_THIS
            ):
                error.argument = "this"
            self._name_item(error)
        return values, error

    def _alone(self, args: _Call) -> Any:
        keywords = dict(self._keywords)
        for name, each, left in zip(("timeout", "cpu_timeout"), self._each, self._left(), strict=True):
            if left or each != AS_DEFAULT:
                limits = [limit for limit in (each, left) if limit > 0]
                keywords[name] = min(limits) / 1e9 if limits else None
        if self._this is not NO_THIS:
            args = args[:-1]
        start, cpu_start = perf_counter_ns(), thread_time_ns()
        try:
            result = self._context._run(_native.CALL, self._base, self._path, args, this=self._this, keywords=keywords)
        except BaseException as error:
            self._name_item(error)
            raise
        self._spend(perf_counter_ns() - start, thread_time_ns() - cpu_start)
        self._done += 1
        return result

    def _left(self) -> tuple[int, int]:
        """What is left of the limits for all calls; 0 where there is none."""
        wall, cpu = (
            max(left, 1) if limited else 0 for left, limited in zip(self._together, self._limited, strict=True)
        )
        return wall, cpu

    def _spend(self, wall: int, cpu: int) -> None:
        self._together[0] -= wall
        self._together[1] -= cpu

    def _adapt(self, size: int, duration: int, count: int) -> None:
        """The next batch's size, after one of `count` calls."""
        fits = min(_MOST_BYTES / size, _MOST_TIME / max(duration, 1))
        if fits < 1:
            self._size = max(1, int(count * fits))
        elif fits > 4 and count == self._size:
            self._size = min(_MOST, self._size * 4)

    def _name_item(self, error: BaseException) -> None:
        if isinstance(error, Error):
            error.item = self._done
