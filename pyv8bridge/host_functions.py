"""Python functions in JavaScript: who answers when JavaScript calls, and what it holds of Python's.

A callable becomes a JavaScript function that stays the same one as long as JavaScript holds it. Arguments and results
cross as in a call from Python. What a function raises is thrown as an Error that stands for the exception: where
JavaScript does not catch it, the same exception comes out of the call; where it is wrapped, as the error's cause.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MethodType, NoneType
from typing import TYPE_CHECKING, Any

from . import _native, _native_host
from ._native_host import ArgumentHandles, Reply
from .encode import encode_arguments, plain_message
from .errors import ClosedError, EncodeError, Error, JSError, NotFoundError
from .message import Attachments
from .options import EncodeOptions
from .promises import JSPromise
from .thrown import thrown_error

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import Future

    from .context import Context
    from .handles import JSFunction
    from .timers import Timers


@dataclass(frozen=True)
class FunctionOptions:
    """How JavaScript's arguments reach a Python function."""

    this: bool = False
    """JavaScript's `this` comes as the first argument."""
    handles: bool = False
    """Objects come as handles, not as copies: cheap for large ones, and needed to change them."""
    max_args: int | None = None
    """Arguments beyond so many are dropped, as a JavaScript function ignores those that it does not name."""

    def __post_init__(self) -> None:
        most: Any = self.max_args
        if most is None:
            return
        if isinstance(most, bool) or not isinstance(most, int):
            raise TypeError(f"max_args is an int, or None for all, not {most!r:.80}")
        if not 0 <= most < 1 << 31:
            raise ValueError(f"max_args is a number of arguments, not {most}")


_DEFAULTS = FunctionOptions()


# Of most results, for which the question takes longer than the rest.
_NO_AWAITABLES = frozenset({dict, list, str, int, float, bool, NoneType, bytes})


class ExposedFunction:
    """A callable that JavaScript has."""

    __slots__ = ("key", "name", "options", "target")

    def __init__(self, target: Callable[..., Any], name: str, options: FunctionOptions, key: Any) -> None:
        self.target = target
        self.name = name
        self.options = options
        self.key = key


class HostFunctions:
    """The Python functions and exceptions that JavaScript in one context holds."""

    def __init__(self, context: Context, number: int, encode: EncodeOptions) -> None:
        self._context = weakref.ref(context)
        # Weakly, as all of this should go with the context and not wait for a garbage collection.
        ref = weakref.ref(self)

        def handle_of(target: Callable[..., Any]) -> JSFunction:
            host = ref()
            if host is None:
                raise EncodeError("the context is gone")
            return host.handle(target)

        self.encode = replace(encode, function_of=handle_of)
        """How values are written for the context."""
        self._big_ints = _native_host.big_ints_code(encode.big_ints)
        self._functions: dict[int, ExposedFunction] = {}
        self._exceptions: dict[int, BaseException] = {}
        # By what makes two callables the same one. The table above keeps them, and so the ids, alive.
        self._numbers: dict[Any, int] = {}
        self._exposed: dict[str, int] = {}
        self._watches: dict[int, Future[Any]] = {}
        self.polls: dict[asyncio.AbstractEventLoop, Any] = {}
        self.timers: Timers | None = None
        self.on_unhandled: Callable[[BaseException], None] | None = None
        _native_host.register(number, self)

    def __len__(self) -> int:
        return len(self._functions) + len(self._exceptions) + len(self._watches)

    def close(self) -> None:
        """The context is closed: nothing of it will be called or told any more."""
        for table in (self._functions, self._exceptions, self._numbers, self._exposed):
            table.clear()
        while self._watches:
            _, future = self._watches.popitem()
            future.set_exception(_closed())

    # ---- into JavaScript ----

    def handle(
        self, target: Callable[..., Any], options: FunctionOptions = _DEFAULTS, name: str | None = None
    ) -> JSFunction:
        """The JavaScript function for a callable: the one that JavaScript already has, or a new one."""
        context = self._of()
        _check_callable(target)
        name = name if name is not None else _name_of(target)
        key = (*_identity(target), options, name)
        number = self._numbers.get(key)
        if number is not None:
            try:
                found: JSFunction = _native_host.function_find(context._native, self, number)
                return found
            except NotFoundError:
                pass  # its release is on its way
        number = _native_host.new_number()
        self._functions[number] = ExposedFunction(target, name, options, key)
        self._numbers[key] = number
        try:
            made: JSFunction = _native_host.function_create(
                context._native, self, number, name, options.this, options.handles, options.max_args
            )
        except BaseException:
            self.released(number)
            raise
        return made

    def expose(self, path: str, target: Callable[..., Any], options: FunctionOptions) -> None:
        """Makes a callable a global of JavaScript's."""
        _check_callable(target)
        context = self._of()
        # A function of its own: another name of the same callable stays when this one is removed.
        name = path.rpartition(".")[2]
        number = _native_host.new_number()
        key = (number,)
        self._functions[number] = ExposedFunction(target, name, options, key)
        try:
            made = _native_host.function_create(
                context._native, self, number, name, options.this, options.handles, options.max_args
            )
        except BaseException:
            self.released(number)
            raise
        context.set(path, made)
        made.close()
        self._exposed[path] = number

    def unexpose(self, path: str) -> bool:
        """Removes it: the name is gone, and who still has the function gets an Error. False if it was not exposed."""
        number = self._exposed.pop(path, None)
        if number is None:
            return False
        _native_host.function_remove(self._of()._native, number)
        self._functions.pop(number, None)
        return True

    # ---- out of JavaScript ----

    def error(self, thrown: _native_host.ThrownError) -> BaseException:
        """The exception to raise for what JavaScript threw."""
        detail = thrown.detail
        exception = self._exceptions.get(detail.exception) if detail.exception else None
        if exception is None:
            return thrown_error(thrown)
        if not detail.exception_depth:
            return exception
        error: Any = thrown_error(thrown)
        outermost = error
        # The chain of causes may have lost some on the way out; the last one that is there then tells of the exception.
        for _ in range(detail.exception_depth - 1):
            if not isinstance(error.cause, JSError):
                break
            error = error.cause
        error.cause = exception
        return outermost  # type: ignore[no-any-return]

    # ---- what _native_host.Host asks for ----

    def called(self, function: int, reply: Reply, arguments: Any, handles: ArgumentHandles) -> None:
        """JavaScript calls."""
        try:
            entry = self._functions.get(function)
            if entry is None:
                raise Error("this host function was removed")
            args = _native_host.decoded_arguments(self, arguments)
            if handles:
                make_handle = self._of()._make_handle
                for index, kind, handle in handles:
                    args[index] = make_handle(kind, handle)
            value = entry.target(*args)
            made = type(value)
            if made not in _NO_AWAITABLES and hasattr(made, "__await__") and made is not JSPromise:
                from .host_coroutines import defer

                defer(self, entry, reply, value)
                return
            # A plain result has a short way, as a small call from Python has; whatever is different goes on from here.
            message = None if self.encode.references else plain_message((value,))
            if message is None or not reply.plain_value(message, self._big_ints):
                self._answer(entry, reply, value)
        except Exception as error:
            self._throw(reply, error)
        except BaseException as error:
            # KeyboardInterrupt, SystemExit, CancelledError …: no script may catch what Python's own code should not.
            reply.stop(error)

    def _answer(self, entry: ExposedFunction, reply: Reply, value: Any) -> None:
        attachments = Attachments()
        reply.value(self.encoded(entry, value, attachments), attachments, self.encode.big_ints)

    def encoded(self, entry: ExposedFunction, value: Any, attachments: Attachments) -> bytes:
        """What a function gives, as a message."""
        try:
            return encode_arguments((value,), self.encode, attachments)
        except EncodeError as error:
            error.argument = None
            error.message = f"the result of {entry.name or 'a host function'}(): {error.message}"
            raise

    def _throw(self, reply: Reply, error: Exception) -> None:
        attachments = Attachments()
        number, name, text, details = self.kept(error, attachments)
        try:
            reply.throw(number, name, text, details, attachments)
        except Exception:
            reply.throw(number, name, text, b"", ())

    def kept(self, error: BaseException, attachments: Attachments) -> tuple[int, str, str, bytes]:
        """Keeps an exception for an Error that stands for it: its number, name, text and details."""
        number = _native_host.new_number()
        name, text, details = _described(error, self.encode, attachments)
        self._exceptions[number] = error
        return number, name, text, details

    def released(self, reference: int) -> None:
        """JavaScript has let go of it."""
        function = self._functions.pop(reference, None)
        if function is not None:
            if self._numbers.get(function.key) == reference:
                del self._numbers[function.key]
            return
        if self._exceptions.pop(reference, None) is None:
            future = self._watches.pop(reference, None)
            if future is not None:
                context = self._context()
                if context is not None and (context._closing or context.isolate._closing):
                    future.set_exception(_closed())
                else:
                    future.set_exception(Error("the promise can never be settled: JavaScript has let go of it"))

    def decoded(self, message: memoryview, attachments: Sequence[memoryview | bytes]) -> Any:
        """The value of a message."""
        return self._of()._decode(message, attachments)

    def settled(self, watch: int, value: Any, error: BaseException | None) -> None:
        """A promise has ended."""
        future = self._watches.pop(watch, None)
        if future is None:
            return
        if error is not None:
            future.set_exception(self.error(error) if isinstance(error, _native_host.ThrownError) else error)
        else:
            future.set_result(value)

    def rejected(self, error: BaseException) -> None:
        """Nobody handles a rejection."""
        if isinstance(error, _native_host.ThrownError):
            error = self.error(error)
        self.report(error)

    def report(self, error: BaseException) -> None:
        """Tells of an error that nobody can catch."""
        import logging

        log = logging.getLogger("pyv8bridge")
        try:
            if self.on_unhandled is not None:
                self.on_unhandled(error)
            else:
                log.warning("unhandled rejection in JavaScript: %s", error, exc_info=error)
        except Exception:
            log.exception("on_unhandled_rejection failed")

    def watch(
        self, promise: int, timeout: int, token: int, mode: int = _native.RESULT_VALUE, transfer: bool = False
    ) -> Future[Any]:
        """What will be told how the promise ends."""
        from concurrent.futures import Future

        number = _native_host.new_number()
        future: Future[Any] = Future()
        self._watches[number] = future
        try:
            _native_host.watch(self._of()._native, promise, number, mode, transfer, timeout, token)
        except BaseException:
            self._watches.pop(number, None)
            raise
        return future

    def _of(self) -> Context:
        context = self._context()
        if context is None:
            raise Error("the context of this function is gone")
        return context


def _check_callable(target: Any) -> None:
    if not callable(target):
        raise TypeError(f"a callable is needed, not {target!r:.80}")


def _closed() -> ClosedError:
    return ClosedError("the context was closed before the promise was settled")


def _described(error: BaseException, encode: EncodeOptions, attachments: Attachments) -> tuple[str, str, bytes]:
    """The name, message and details that pvb_host_throw takes for an exception."""
    name = type(error).__name__
    try:
        if isinstance(error, JSError):
            # What JavaScript once threw, it gets as it was.
            name, text = error.name, error.message
            return name, text, encode_arguments((error.value, error.properties), encode, attachments)
        text = str(error)
        if error.__cause__ is not None:
            return name, text, encode_arguments((error.__cause__,), encode, attachments)
    except Exception:
        # A cause that cannot cross, or a __str__ that raises, must not hide the exception itself.
        return name, _text_of(error), b""
    return name, text, b""


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _name_of(target: Callable[..., Any]) -> str:
    name = getattr(target, "__name__", "")
    return name if isinstance(name, str) and name != "<lambda>" else ""


def _identity(target: Callable[..., Any]) -> tuple[int, ...]:
    # A method is a new object each time it is asked for.
    if isinstance(target, MethodType):
        return id(target.__self__), id(target.__func__)
    return (id(target),)
