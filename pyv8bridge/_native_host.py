"""The edge to the C API, the other way round: what the native side calls in Python.

As _native.py, this module alone knows cffi's side of it. A host is found by its number, and only weakly held here: what
JavaScript holds of Python's belongs to the host, so that Python's garbage collector sees every cycle through it.
"""

from __future__ import annotations

import _thread
import threading
import weakref
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Protocol

import ormsgpack

from ._native import (
    _BIG_INTS,
    ATTACH_FROM,
    NativeContext,
    NativeIsolate,
    ThrownError,
    _checked,
    _decoded,
    _failure,
    _message,
    _signals,
    _text,
    _utf8,
    ffi,
    lib,
)
from .decode import DATES

ArgumentHandles = list[tuple[int, str, int]]


class Host(Protocol):
    """Who answers for one context."""

    def called(self, function: int, reply: Reply, arguments: Any, handles: ArgumentHandles) -> None:
        """JavaScript calls a function. `arguments` goes to `decoded_arguments`. Must answer, and never raises."""

    def released(self, reference: int) -> None:
        """JavaScript has let go of what has that number."""

    def decoded(self, message: memoryview, attachments: Sequence[memoryview | bytes]) -> Any:
        """The value of a message that JavaScript sent."""

    def settled(self, watch: int, value: Any, error: BaseException | None) -> None:
        """A watched promise has been fulfilled, or rejected with a ThrownError."""

    def rejected(self, error: BaseException) -> None:
        """A promise was rejected, and nobody handles it."""


_NO_HANDLES: ArgumentHandles = []
_hosts: dict[int, weakref.ref[Host]] = {}

# Of contexts, functions, exceptions, promises and calls alike: never used twice.
_numbers = count(1)


# Watches on promises whose values leave JavaScript without a copy, so that nobody else has the memory.
_transfers: set[int] = set()


def big_ints_code(choice: str) -> int:
    """What `Reply.plain_value` takes for a choice of big_ints."""
    return int(_BIG_INTS[choice])


def new_number() -> int:
    """A number that nothing in this process has."""
    return next(_numbers)


def register(number: int, host: Host) -> None:
    """From here on `host` hears of what happens in the contexts of that number, as long as somebody else holds it."""
    _hosts[number] = weakref.ref(host, lambda _: _hosts.pop(number, None))


def _host(number: int) -> Host | None:
    found = _hosts.get(number)
    return found() if found is not None else None


class Reply:
    """How a call of a function is answered. Only valid while the call lasts."""

    __slots__ = ("_call",)

    def __init__(self, call: Any) -> None:
        self._call = call

    def plain_value(
        self, message: bytes, big_ints: int, answer: Callable[..., int] = lib.pvb_host_return_bytes
    ) -> bool:
        """Returns the one element of the message's array, which holds plain values only. False: it cannot."""
        return not answer(self._call, message, len(message), big_ints)

    def value(self, message: bytes, attachments: Sequence[memoryview], big_ints: str) -> None:
        """Returns the one element of the message's array. Raises EncodeError."""
        given, held = _message(message, attachments)
        _checked(lambda result: int(lib.pvb_host_return(self._call, given[0], _BIG_INTS[big_ints], result)))
        del held

    def throw(self, number: int, name: str, message: str, details: bytes, attachments: Sequence[memoryview]) -> None:
        """Throws the exception of that number; see pvb_host_throw. Raises EncodeError."""
        name_text, name_held = _text(name)
        message_text, message_held = _text(message)
        given, held = _message(details, attachments)
        _checked(
            lambda result: int(lib.pvb_host_throw(self._call, number, name_text[0], message_text[0], given[0], result))
        )
        del held, name_held, message_held

    def stop(self, error: BaseException) -> None:
        """Ends the JavaScript around it; `error` comes out of the call of that."""
        _stop(self._call, error)

    def defer(self, number: int) -> None:
        """Returns a promise, for `settle`."""
        lib.pvb_host_defer(self._call, number)


def _stop(call: Any, error: BaseException) -> None:
    _signals.keep(None, error, None)
    lib.pvb_host_stop(call)


def _on_raise(_kind: Any, error: BaseException, traceback: Any) -> None:
    # A host answers for all that its functions raise; this is a signal's exception that came just before or after.
    # cffi gives the frame of the function below.
    call = traceback.tb_frame.f_locals.get("call") if traceback is not None else None
    if call is not None:
        # Without a function between: this may be Python's recursion limit.
        _signals.raised[threading.get_ident()] = error
        lib.pvb_host_stop(call)


def _end_call(_kind: Any, error: BaseException, _traceback: Any) -> None:
    """For the hooks that have no call to answer: what comes out of them ends the one around, as from a function."""
    _signals.keep(None, error, None)
    if lib.pvb_host_interrupt():
        return
    _signals.raised.pop(threading.get_ident(), None)
    if not isinstance(error, KeyboardInterrupt):
        raise error  # which cffi writes to stderr
    # Nothing runs that it could come out of: as if Ctrl-C came a moment later.
    _thread.interrupt_main()


@ffi.def_extern(name="pvb_python_host_call", onerror=_on_raise)  # type: ignore[untyped-decorator]
def _call(owner: int, function: int, call: Any, arguments: Any, handles: Any, handle_count: int) -> None:
    try:
        found = _hosts.get(owner)
        host = found() if found is not None else None
        taken: ArgumentHandles = _NO_HANDLES
        if handle_count:
            taken = [
                (int(handles[i].index), handles[i].kind.decode("ascii"), int(handles[i].handle))
                for i in range(handle_count)
            ]
        if host is not None:
            host.called(function, Reply(call), arguments, taken)
        else:
            Reply(call).throw(new_number(), "Error", "the host of this function is gone", b"", ())
    finally:
        lib.pvb_result_clear(arguments)


def decoded_arguments(
    host: Host,
    arguments: Any,
    # Bound here, as looking them up would take longer than using them.
    unpack: Any = ormsgpack.unpackb,
    show: Any = ffi.buffer,
    dates: int = DATES,
) -> list[Any]:
    """The arguments of a call, as Host.called has them; nil where there is a handle."""
    message = arguments.message
    data = message.bytes
    size = data.size
    if not size:
        return []
    if not message.attachment_count:
        # As a small call's result (_native_small.py): what is plain needs no more.
        try:
            return unpack(show(data.data, size), option=dates)  # type: ignore[no-any-return]
        except (ormsgpack.MsgpackDecodeError, SystemError):
            pass
    values: list[Any] = _decoded(arguments, host.decoded, writable=False)
    return values


@ffi.def_extern(name="pvb_python_release", onerror=_end_call)  # type: ignore[untyped-decorator]
def _release(references: Any, number: int) -> None:
    for i in range(number):
        _transfers.discard(int(references[i].id))
        host = _host(references[i].owner)
        if host is not None:
            host.released(int(references[i].id))


@ffi.def_extern(name="pvb_python_settle", onerror=_end_call)  # type: ignore[untyped-decorator]
def _settle(owner: int, watch: int, status: int, result: Any) -> None:
    try:
        host = _host(owner)
        if host is None:
            return
        value, error = None, None
        try:
            if status:
                error = _failure(status, result, host.decoded)
            elif result.message.bytes.size:
                value = _decoded(result, host.decoded, writable=watch in _transfers)
        except BaseException as problem:
            error = problem
        # Whatever it is, somebody waits.
        host.settled(watch, value, error)
        if error is not None and not isinstance(error, Exception):
            raise error
    finally:
        _transfers.discard(watch)
        lib.pvb_result_clear(result)


@ffi.def_extern(name="pvb_python_reject", onerror=_end_call)  # type: ignore[untyped-decorator]
def _reject(owner: int, status: int, result: Any) -> None:
    try:
        host = _host(owner)
        if host is not None:
            host.rejected(_failure(status, result, host.decoded))
    finally:
        lib.pvb_result_clear(result)


def _install() -> None:
    hooks = ffi.new("pvb_host_hooks *")
    hooks.size = ffi.sizeof("pvb_host_hooks")
    hooks.call = lib.pvb_python_host_call
    hooks.release = lib.pvb_python_release
    hooks.settle = lib.pvb_python_settle
    hooks.reject = lib.pvb_python_reject
    lib.pvb_set_host_hooks(hooks)


_install()


# ---- functions ----


def _handle(context: NativeContext, host: Host, call: Any) -> Any:
    result = ffi.new("pvb_result *")
    try:
        status = call(result)
        if status:
            raise _failure(status, result, None)
        return _decoded(result, host.decoded, writable=False)
    finally:
        lib.pvb_result_clear(result)


def function_create(
    context: NativeContext, host: Host, number: int, name: str, this: bool, handles: bool, max_arguments: int | None
) -> Any:
    """A handle on a new JavaScript function that calls the host's function of that number."""
    data = _utf8(name, "the name")
    held = ffi.from_buffer("char[]", data)
    options = ffi.new("pvb_function_options *")
    options.size = ffi.sizeof("pvb_function_options")
    options.name.data, options.name.size = held, len(data)
    options.pass_this = this
    options.handles = handles
    options.max_arguments = 0 if max_arguments is None else max_arguments or -1
    return _handle(context, host, lambda result: lib.pvb_function_create(context.pointer, number, options, result))


def function_find(context: NativeContext, host: Host, number: int) -> Any:
    """A handle on the JavaScript function of that number. NotFoundError when JavaScript has let go of it."""
    return _handle(context, host, lambda result: lib.pvb_function_find(context.pointer, number, result))


def function_remove(context: NativeContext, number: int) -> None:
    """From here on the function throws."""
    _checked(lambda result: int(lib.pvb_function_remove(context.pointer, number, result)))


def structured_clone(context: NativeContext, host: Host) -> Any:
    """A handle on a new JavaScript function (value, buffers to transfer) that clones."""
    return _handle(context, host, lambda result: lib.pvb_structured_clone(context.pointer, result))


# ---- promises ----


def inside_call() -> bool:
    """Whether this thread is in a function that JavaScript has called."""
    return bool(lib.pvb_host_depth())


def entered(isolate: NativeIsolate) -> bool:
    """Whether this thread is in a function that JavaScript of that isolate has called."""
    return bool(lib.pvb_isolate_entered(isolate.pointer))


def cancel(isolate: NativeIsolate, token: int) -> None:
    """Ends the call with that token, if it runs or is about to."""
    lib.pvb_isolate_cancel(isolate.pointer, token)


def settle(
    context: NativeContext,
    number: int,
    message: bytes,
    attachments: Sequence[memoryview],
    big_ints: str,
    timeout: int,
    token: int,
    exception: tuple[int, str, str] | None = None,
) -> None:
    """Fulfils the promise of `Reply.defer`, or rejects it with an exception: its number, name and message."""
    given, held = _message(message, attachments)
    options = ffi.new("pvb_settle_options *")
    options.size = ffi.sizeof("pvb_settle_options")
    options.timeout = timeout
    options.token = token
    options.big_ints = _BIG_INTS[big_ints]
    texts = []
    if exception is not None:
        options.exception = exception[0]
        for field, text in (("name", exception[1]), ("message", exception[2])):
            out, text_held = _text(text)
            setattr(options, field, out[0])
            texts.append(text_held)
    _checked(lambda result: int(lib.pvb_promise_settle(context.pointer, number, given[0], options, result)))
    del held, texts


def _watch_options(mode: int, transfer: bool, timeout: int, token: int) -> Any:
    options = ffi.new("pvb_watch_options *")
    options.size = ffi.sizeof("pvb_watch_options")
    options.mode = mode
    options.timeout = timeout
    options.token = token
    options.attach_from = ATTACH_FROM
    options.transfer = transfer
    return options


def watch(
    context: NativeContext, promise: int, number: int, mode: int, transfer: bool, timeout: int, token: int
) -> None:
    """Asks for Host.settled of that number when the promise that is this handle ends."""
    options = _watch_options(mode, transfer, timeout, token)
    if transfer:
        _transfers.add(number)
    try:
        _checked(lambda result: int(lib.pvb_promise_watch(context.pointer, promise, number, options, result)))
    except BaseException:
        _transfers.discard(number)
        raise


def run_tasks(context: NativeContext, timeout: int, token: int) -> None:
    """Runs what V8's threads have left to do, and the microtasks."""
    options = _watch_options(0, False, timeout, token)
    _checked(lambda result: int(lib.pvb_run_tasks(context.pointer, options, result)))


__all__ = [
    "ArgumentHandles",
    "Host",
    "Reply",
    "ThrownError",
    "cancel",
    "decoded_arguments",
    "entered",
    "function_create",
    "function_find",
    "function_remove",
    "inside_call",
    "new_number",
    "register",
    "run_tasks",
    "settle",
    "structured_clone",
    "watch",
]
