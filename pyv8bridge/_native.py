"""The edge to the C API: with `_native_modules` and `_native_tools`, the only code that touches cffi.

Everything here is one C call, its inputs made out of Python values and its result handed to a decoder before the bytes
it owns are freed. The conventions are those of native/include/pyv8bridge.h; what a status means as a Python exception
is in one table below. cffi releases the GIL for the length of every call.
"""

from __future__ import annotations

import atexit
import re
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from time import perf_counter_ns
from typing import Any, Final, TypeVar

from ._version import __version__
from .errors import (
    ClosedError,
    DataCloneError,
    DecodeError,
    EncodeError,
    EngineError,
    Error,
    ForkError,
    JSCancelledError,
    JSTimeoutError,
    MemoryLimitError,
    NotFoundError,
)
from .timings import Timings

try:
    from ._pyv8bridge import ffi as ffi
    from ._pyv8bridge import lib as lib
except ModuleNotFoundError as error:
    raise ImportError(
        f"pyv8bridge is not built yet: run `make build` or `pip install -e .` in the project's folder ({error})"
    ) from error
except ImportError as error:
    raise ImportError(
        "pyv8bridge's native library cannot be loaded, perhaps because V8 was removed or replaced since it was built: "
        f"build or install pyv8bridge again ({error})"
    ) from error

T = TypeVar("T")

# What a message is turned into while its bytes are still owned by the C side: it must copy what it keeps of them. The
# attachments are Python's and may be kept.
Decode = Callable[[memoryview, Sequence[memoryview | bytes]], T]

# Below that, a place of its own costs binary data more than the copies that it saves (bench/binary.py).
ATTACH_FROM = 1 << 16


def _c_string(text: Any) -> str:
    return str(ffi.string(text).decode())


def version() -> str:
    """The version of the native library that is loaded."""
    return _c_string(lib.pvb_version())


def v8_version() -> str:
    """The version of V8 that runs the JavaScript, such as ``10.2.154.26-node.36``."""
    return _c_string(lib.pvb_v8_version())


for _part, _version in (("extension module", _c_string(lib.PVB_VERSION)), ("native library", version())):
    if _version != __version__:
        raise ImportError(
            f"pyv8bridge {__version__} found its {_part} of version {_version}: the three parts (Python, extension "
            "module, native library) are built together, so rebuild them with `make build` or `pip install -e .`"
        )


# ---- signals, and the end of the process ----


class _SignalHandlers:
    """Runs Python's signal handlers during long calls: in C, Python only notes that a signal came.

    The native side calls `pvb_python_poll` about every 50 ms on the main thread while that thread is in a call.
    Python runs the handlers that are due between the instructions of whatever runs next, which is that function; what a
    handler raises, KeyboardInterrupt by default, ends the call and comes out of it.
    """

    def __init__(self) -> None:
        # By thread: host functions end JavaScript on any.
        self.raised: dict[int, BaseException] = {}
        self._installed = False

    def install(self) -> None:
        """Once, and not before V8 is needed: a child that is forked before that may have another main thread."""
        if not self._installed:
            self._installed = True
            thread = threading.main_thread().ident
            lib.pvb_set_poll_hook(lib.pvb_python_poll if thread else ffi.NULL, thread or 0)

    def keep(self, _kind: Any, error: BaseException, _traceback: Any) -> None:
        self.raised[threading.get_ident()] = error

    def take(self) -> BaseException:
        thread = threading.get_ident()
        error = self.raised.get(thread)
        # Calls around this one end too, and all with the same exception.
        if not lib.pvb_host_depth():
            self.raised.pop(thread, None)
        return error if error is not None else KeyboardInterrupt()


_signals = _SignalHandlers()


@ffi.def_extern(name="pvb_python_poll", error=1, onerror=_signals.keep)  # type: ignore[untyped-decorator]
def _run_signal_handlers() -> int:
    # Jumping back is where every version of Python looks for signals.
    for _ in range(2):
        pass
    return 0


# Daemon threads may still run JavaScript when the interpreter goes, and V8 must not be left running into that. Here and
# not later, so that handlers of others, which run in reverse order, come first and may still call.
_EXIT_WAIT_MS = 2000
atexit.register(lib.pvb_shut_down, _EXIT_WAIT_MS)


def live_objects() -> dict[str, int]:
    """How many native objects are alive in this process."""
    out = ffi.new("pvb_live_objects *")
    out.size = ffi.sizeof("pvb_live_objects")
    lib.pvb_count_live_objects(out)
    return {name: int(getattr(out, name)) for name, _ in ffi.typeof("pvb_live_objects").fields if name != "size"}


# ---- statuses ----


class ThrownError(Exception):
    """JavaScript threw. `payload` is the decoded thrown value, the rest is where it happened."""

    def __init__(self, detail: Detail, payload: Any, has_payload: bool) -> None:
        super().__init__(detail.message)
        self.detail = detail
        self.payload = payload
        self.has_payload = has_payload


class Detail:
    """A pvb_error, copied out of C's memory."""

    __slots__ = (
        "column",
        "end_column",
        "exception",
        "exception_depth",
        "filename",
        "line",
        "message",
        "offset",
        "path",
        "source_line",
        "status",
        "thrown_error",
    )

    def __init__(self, status: int, error: Any) -> None:
        self.status = status
        if error == ffi.NULL:
            self.message, self.path, self.offset = f"the native library gave no detail (status {status})", "", 0
            self.filename, self.source_line, self.thrown_error = "", "", False
            self.line = self.column = self.end_column = self.exception = self.exception_depth = 0
            return
        self.message = _text_out(error.message)
        self.path = _text_out(error.path)
        self.offset = int(error.offset)
        self.filename = _text_out(error.filename)
        self.source_line = _text_out(error.source_line)
        self.line = int(error.line)
        self.column = int(error.column)
        self.end_column = int(error.end_column)
        self.thrown_error = bool(error.thrown_error)
        self.exception = int(error.exception)
        self.exception_depth = int(error.exception_depth)

    @property
    def is_syntax_error(self) -> bool:
        return bool(self.status == lib.PVB_ERR_SYNTAX)


def _not_found(detail: Detail) -> NotFoundError:
    name = "ReferenceError" if detail.message.endswith(" is not defined") else "TypeError"
    return NotFoundError(detail.message, name=name)


def _encode_error(detail: Detail) -> EncodeError:
    return EncodeError(detail.message, path=detail.path or None)


# The root of a call's arguments is their array; to the caller, each argument is a value of its own.
_ARGUMENT = re.compile(r"\$\[(\d+)\]")


def _argument_error(detail: Detail) -> EncodeError:
    argument = _ARGUMENT.match(detail.path)
    if argument is None:
        return _encode_error(detail)
    return EncodeError(detail.message, path="$" + detail.path[argument.end() :], argument=int(argument[1]))


# Every status that is not about a thrown value or a name, and the exception it is.
_ERRORS: dict[int, Callable[[Detail], BaseException]] = {
    lib.PVB_ERR_USAGE: lambda detail: Error(detail.message),
    lib.PVB_ERR_ENCODE: _encode_error,
    lib.PVB_ERR_DECODE: lambda detail: DecodeError(detail.message, offset=detail.offset),
    lib.PVB_ERR_CLONE: lambda detail: DataCloneError(detail.message, path=detail.path or None),
    lib.PVB_ERR_TERMINATED: lambda detail: JSCancelledError(detail.message),
    lib.PVB_ERR_TIMEOUT: lambda detail: JSTimeoutError(detail.message),
    lib.PVB_ERR_MEMORY_LIMIT: lambda detail: MemoryLimitError(detail.message),
    lib.PVB_ERR_CLOSED: lambda detail: ClosedError(detail.message),
    lib.PVB_ERR_FORK: lambda detail: ForkError(detail.message),
    lib.PVB_ERR_ENGINE: lambda detail: EngineError(detail.message),
    lib.PVB_ERR_NO_MEMORY: lambda detail: _new_bytes.take(detail),
    lib.PVB_ERR_NOT_FOUND: _not_found,
    lib.PVB_ERR_INTERRUPTED: lambda _: _signals.take(),
}


def _failure(status: int, result: Any, decode: Decode[Any] | None) -> BaseException:
    detail = Detail(status, result.error)
    if status in (lib.PVB_ERR_JS, lib.PVB_ERR_SYNTAX):
        if decode is None or not result.message.bytes.size:
            return ThrownError(detail, None, has_payload=False)
        return ThrownError(detail, _decoded(result, decode, writable=False), has_payload=True)
    make = _ERRORS.get(status)
    return make(detail) if make is not None else EngineError(detail.message)


# ---- bytes objects that the native side fills ----


class _NewBytes(threading.local):
    """Large bytes of a result by their address, from when they are made until the result is decoded, on one thread."""

    def __init__(self) -> None:
        self.by_address: dict[int, bytes] = {}
        self.problem: BaseException | None = None
        """Why there are none: memory, or what a signal handler raised."""

    def keep(self, _kind: Any, error: BaseException, _traceback: Any) -> None:
        self.problem = error

    def take(self, detail: Detail) -> BaseException:
        problem, self.problem = self.problem, None
        return MemoryError(detail.message) if problem is None else problem


_new_bytes: _NewBytes = _NewBytes()


@lru_cache(maxsize=1)
def _unfilled_bytes() -> Callable[[None, int], bytes]:
    """What makes a bytes object whose contents nobody has written yet: `bytes(size)` would write zeros first."""
    import ctypes

    kind = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_ssize_t)
    return kind(("PyBytes_FromStringAndSize", ctypes.pythonapi))


def _address(pointer: Any) -> int:
    return int(ffi.cast("uintptr_t", pointer))


# Without memory NULL goes back, and the call raises a MemoryError.
@ffi.def_extern(name="pvb_python_new_bytes", error=ffi.NULL, onerror=_new_bytes.keep)  # type: ignore[untyped-decorator]
def _make_bytes(_context: Any, size: int) -> Any:
    made = _unfilled_bytes()(None, size)
    address = _address(ffi.from_buffer("uint8_t[]", made))
    _new_bytes.by_address[address] = made
    return ffi.cast("uint8_t *", address)


_bytes_allocator = ffi.new("pvb_bytes_allocator *", {"allocate": lib.pvb_python_new_bytes})


# ---- text and messages ----


def _text_out(text: Any) -> str:
    if not text.size:
        return ""
    data = bytes(ffi.buffer(text.data, text.size))
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")  # A path into malformed bytes names keys as they stand there.


def _utf8(text: str, what: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"{what} must be a str, not {type(text).__name__}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise EncodeError(f"{what} holds a lone surrogate at index {error.start}, which no UTF-8 can carry") from None


def _text(text: str) -> tuple[Any, Any]:
    """A pvb_text, and what keeps its bytes."""
    data = text.encode("utf-8", "surrogatepass")
    held = ffi.from_buffer("char[]", data)
    out = ffi.new("pvb_text *")
    out.data, out.size = held, len(data)
    return out, held


def _view(data: Any) -> memoryview:
    return memoryview(ffi.buffer(data.data, data.size))


def _decoded(result: Any, decode: Decode[T], writable: bool) -> T:
    message = result.message
    attachments = [_taken(result, index, writable) for index in range(message.attachment_count)]
    # The view ends with this block: whoever kept it gets an error from Python instead of freed memory.
    with _view(message.bytes) as view:
        return decode(view, attachments)


def _borrowed(data: bytes | bytearray | memoryview) -> Any:
    try:
        return ffi.from_buffer("uint8_t[]", data)
    except TypeError:
        raise TypeError(f"bytes are needed, not {type(data).__name__}") from None


def _taken(result: Any, index: int, writable: bool) -> memoryview | bytes:
    """An attachment's bytes, which live as long as anything that shows them."""
    attachment = result.message.attachments[index]
    buffer = lib.pvb_result_take_attachment(result, index)
    if buffer == ffi.NULL:
        made = _new_bytes.by_address.pop(_address(attachment.data), None)
        if made is None:
            raise MemoryError("an attachment could not be taken over")
        return made
    destroy = lib.pvb_buffer_destroy
    # The chain of owners: memoryview, cffi's buffer, this pointer, whose finalizer frees the bytes.
    owner = ffi.gc(ffi.cast("uint8_t *", attachment.data), lambda _: destroy(buffer))
    view = memoryview(ffi.buffer(owner, attachment.size))
    return view if writable else view.toreadonly()


def _message(data: bytes, attachments: Sequence[memoryview]) -> tuple[Any, Any]:
    """A pvb_message that borrows `data` and `attachments`, and what must live as long as it."""
    message = ffi.new("pvb_message *")
    held = [ffi.from_buffer("uint8_t[]", data)]
    message.bytes.data = held[0]
    message.bytes.size = len(data)
    if attachments:
        parts = ffi.new("pvb_bytes[]", len(attachments))
        for part, attachment in zip(parts, attachments, strict=True):
            held.append(ffi.from_buffer("uint8_t[]", attachment))
            part.data, part.size = held[-1], attachment.nbytes
        held.append(parts)
        message.attachments, message.attachment_count = parts, len(attachments)
    return message, held


def _checked(call: Callable[[Any], int]) -> None:
    """Makes a C call that gives nothing but a status."""
    result = ffi.new("pvb_result *")
    try:
        status = call(result)
        if status:
            raise _failure(status, result, None)
    finally:
        lib.pvb_result_clear(result)


# ---- isolates and contexts ----


# For everything that holds one: Context, Isolate, Globals, CPUProfile.
_BOUND: Final = "what lives in an isolate cannot be copied or pickled: make a Context of its own where one is needed"


class NativeIsolate:
    """Owns a pvb_isolate; gives it up when it is collected, on whatever thread that happens."""

    __slots__ = ("pointer",)

    def __init__(self, pointer: Any) -> None:
        self.pointer = pointer

    # In a cycle, Python may finalize this before the objects that use it: they then find NULL, which every function of
    # the C API takes. The destroy function is bound here because at interpreter exit the module may be half gone.
    def __del__(self, null: Any = ffi.NULL, destroy: Any = lib.pvb_isolate_destroy) -> None:
        pointer, self.pointer = self.pointer, null
        destroy(pointer)

    def __reduce__(self) -> Any:
        raise TypeError(_BOUND)


class NativeContext:
    """Owns a pvb_context, as NativeIsolate owns its pvb_isolate."""

    __slots__ = ("pointer",)

    def __init__(self, pointer: Any) -> None:
        self.pointer = pointer

    def __del__(self, null: Any = ffi.NULL, destroy: Any = lib.pvb_context_destroy) -> None:
        pointer, self.pointer = self.pointer, null
        destroy(pointer)

    def release(self, handle: int, release: Any = lib.pvb_handle_release) -> None:
        """Queues a handle for release; never waits, so finalizers may call it."""
        release(self.pointer, handle)

    def __reduce__(self) -> Any:
        raise TypeError(_BOUND)


def isolate_create(memory_limit: int, timeout: int, cpu_timeout: int, snapshot: bytes = b"") -> NativeIsolate:
    _signals.install()
    options = ffi.new("pvb_isolate_options *")
    options.size = ffi.sizeof("pvb_isolate_options")
    options.memory_limit = memory_limit
    options.timeout = timeout
    options.cpu_timeout = cpu_timeout
    held = ffi.from_buffer("uint8_t[]", snapshot)
    options.snapshot.data, options.snapshot.size = held, len(snapshot)
    out = ffi.new("pvb_isolate **")
    _checked(lambda result: int(lib.pvb_isolate_create(options, out, result)))
    return NativeIsolate(out[0])


def isolate_collect_garbage(isolate: NativeIsolate, hard: bool) -> None:
    _checked(lambda result: int(lib.pvb_isolate_collect_garbage(isolate.pointer, hard, result)))


def isolate_close(isolate: NativeIsolate) -> None:
    _checked(lambda result: int(lib.pvb_isolate_close(isolate.pointer, result)))


def isolate_terminate(isolate: NativeIsolate) -> None:
    status = int(lib.pvb_isolate_terminate(isolate.pointer))
    if status == lib.PVB_ERR_CLOSED:
        raise ClosedError("the isolate is closed")
    if status == lib.PVB_ERR_FORK:
        raise ForkError("the isolate belongs to the process that made it, not to this forked child")
    if status:
        raise EngineError(f"terminate failed with status {status}")


def isolate_heap_statistics(isolate: NativeIsolate) -> dict[str, int]:
    out = ffi.new("pvb_heap_statistics *")
    out.size = ffi.sizeof("pvb_heap_statistics")
    _checked(lambda result: int(lib.pvb_isolate_heap_statistics(isolate.pointer, out, result)))
    fields = ffi.typeof("pvb_heap_statistics").fields
    return {name: int(getattr(out, name)) for name, _ in fields if name != "size"}


CODECS: dict[str, int] = {
    "auto": lib.PVB_CODEC_AUTO,
    "wire": lib.PVB_CODEC_WIRE,
    "shape": lib.PVB_CODEC_SHAPE,
}


def context_create(isolate: NativeIsolate, importer: int, owner: int, codec: str) -> NativeContext:
    options = ffi.new("pvb_context_options *")
    options.size = ffi.sizeof("pvb_context_options")
    options.owner = owner
    options.importer = importer
    options.codec = CODECS[codec]
    out = ffi.new("pvb_context **")
    _checked(lambda result: int(lib.pvb_context_create(isolate.pointer, options, out, result)))
    return NativeContext(out[0])


def context_close(context: NativeContext) -> None:
    _checked(lambda result: int(lib.pvb_context_close(context.pointer, result)))


# ---- running code ----

RESULT_VALUE: int = lib.PVB_RESULT_VALUE
RESULT_HANDLE: int = lib.PVB_RESULT_HANDLE
RESULT_NONE: int = lib.PVB_RESULT_NONE

CALL: int = lib.PVB_CALL
CONSTRUCT: int = lib.PVB_CONSTRUCT
GET: int = lib.PVB_GET
SET: int = lib.PVB_SET
DELETE: int = lib.PVB_DELETE
HAS: int = lib.PVB_HAS
KEYS: int = lib.PVB_KEYS

_BIG_INTS: dict[str, int] = {
    "bigint": lib.PVB_BIG_INTS_BIGINT,
    "number": lib.PVB_BIG_INTS_NUMBER,
    "error": lib.PVB_BIG_INTS_ERROR,
}


class CallPlan:
    """A filled pvb_call_options, and the bytes it points to. Never changed once made, so threads and calls share it."""

    __slots__ = ("_path", "base", "options", "path", "transfer")

    def __init__(
        self,
        operation: int,
        base: int,
        path: str,
        path_is_name: bool,
        has_this: bool,
        mode: int,
        big_ints: str,
        transfer: bool,
        timeout: int,
        cpu_timeout: int,
    ) -> None:
        data = _utf8(path, "the path")
        self.base, self.path = base, path
        self._path = ffi.from_buffer("char[]", data)
        self.options = options = ffi.new("pvb_call_options *")
        options.size = ffi.sizeof("pvb_call_options")
        options.operation = operation
        options.base = base
        options.path.data = self._path
        options.path.size = len(data)
        options.path_is_name = path_is_name
        options.has_this = has_this
        options.mode = mode
        options.big_ints = _BIG_INTS[big_ints]
        # Messages come from encode.py only, and a dict has no key twice.
        options.unique_keys = 1
        options.attach_from = ATTACH_FROM
        options.bytes_allocator = _bytes_allocator
        options.transfer = self.transfer = transfer
        options.timeout = timeout
        options.cpu_timeout = cpu_timeout


# The same few calls are made again and again; making the struct anew would cost as much as a small call.
shared_plan = lru_cache(maxsize=1024)(CallPlan)


def call(
    context: NativeContext,
    plan: CallPlan,
    arguments: bytes,
    attachments: Sequence[memoryview],
    decode: Decode[T],
    timings: Timings | None = None,
    token: int = 0,
) -> T | None:
    """One crossing. None when the plan's mode is RESULT_NONE. `token` is what _native_host.cancel knows it by.

    Raises ThrownError, NotFoundError, or what the status table says.
    """
    message, held = _message(arguments, attachments)
    options = plan.options
    if timings is not None or token:
        options = ffi.new("pvb_call_options *", options[0])
        options.token = token
    if timings is not None:
        hops = ffi.new("pvb_timings *")
        options.timings = hops
    result = ffi.new("pvb_result *")
    try:
        status = lib.pvb_call(context.pointer, options, message[0], result)
        if timings is not None:
            add_hops(timings, hops)
        if status == lib.PVB_ERR_ENCODE:
            raise _argument_error(Detail(status, result.error))
        return _outcome(status, result, decode, plan.transfer, timings)
    finally:
        lib.pvb_result_clear(result)
        del held


class CodeCacheTrade:
    """A code cache given to one run, and what came of it: whether V8 used it, and the one it made when it did not."""

    __slots__ = ("_held", "_struct", "data", "key", "made", "used")

    def __init__(self, data: bytes, key: str) -> None:
        self.data = data
        self.key = key
        self.used = False
        self.made = b""

    def offer(self) -> Any:
        self._held = ffi.from_buffer("uint8_t[]", self.data)
        self._struct = ffi.new("pvb_code_cache *")
        self._struct.data.data, self._struct.data.size = self._held, len(self.data)
        self._struct.wanted = 1
        return self._struct

    def settle(self) -> None:
        self.used = bool(self._struct.used)
        if self._struct.owner != ffi.NULL:
            try:
                self.made = bytes(_view(self._struct.made))
            finally:
                lib.pvb_buffer_destroy(self._struct.owner)


def code_cache_tag() -> int:
    """What a code cache or snapshot is good for: differs between versions of V8, its flags, and kinds of CPU."""
    return int(lib.pvb_code_cache_tag())


def concluded(result: Any, decode: Decode[T]) -> T | None:
    """What a call left in `result`, which stays the caller's to clear. Raises as `call` does."""
    status = result.error.status if result.error != ffi.NULL else lib.PVB_OK
    if status == lib.PVB_ERR_ENCODE:
        raise _argument_error(Detail(status, result.error))
    return _outcome(status, result, decode, False, None)


def evaluate(
    context: NativeContext,
    code: str,
    filename: str,
    line_offset: int,
    mode: int,
    transfer: bool,
    timeout: int,
    cpu_timeout: int,
    decode: Decode[T],
    timings: Timings | None = None,
    code_cache: CodeCacheTrade | None = None,
    token: int = 0,
) -> T | None:
    """Runs a script. Raises ThrownError or what the status table says."""
    code_bytes, name_bytes = _utf8(code, "the code"), _utf8(filename, "the file name")
    text = ffi.new("pvb_text *")
    held = ffi.from_buffer("char[]", code_bytes), ffi.from_buffer("char[]", name_bytes)
    text.data, text.size = held[0], len(code_bytes)
    options = ffi.new("pvb_eval_options *")
    options.size = ffi.sizeof("pvb_eval_options")
    options.filename.data, options.filename.size = held[1], len(name_bytes)
    options.line_offset = line_offset
    options.mode = mode
    options.attach_from = ATTACH_FROM
    options.bytes_allocator = _bytes_allocator
    options.transfer = transfer
    options.timeout = timeout
    options.cpu_timeout = cpu_timeout
    options.token = token
    if timings is not None:
        hops = ffi.new("pvb_timings *")
        options.timings = hops
    if code_cache is not None:
        options.code_cache = code_cache.offer()
    result = ffi.new("pvb_result *")
    try:
        status = lib.pvb_eval(context.pointer, text[0], options, result)
        if code_cache is not None:
            code_cache.settle()
        if timings is not None:
            add_hops(timings, hops)
        return _outcome(status, result, decode, transfer, timings)
    finally:
        lib.pvb_result_clear(result)
        del held


def _outcome(status: int, result: Any, decode: Decode[T], transfer: bool, timings: Timings | None) -> T | None:
    if status:
        _new_bytes.by_address.clear()  # of a result that came to nothing for lack of memory
        raise _failure(status, result, decode)
    if not result.message.bytes.size:
        return None
    if timings is None:
        return _decoded(result, decode, transfer)
    start = perf_counter_ns()
    try:
        return _decoded(result, decode, transfer)
    finally:
        timings.decode += perf_counter_ns() - start


def add_hops(timings: Timings, hops: Any) -> None:
    timings.message_to_wire += int(hops.message_to_wire)
    timings.deserialize += int(hops.deserialize)
    timings.execute += int(hops.execute)
    timings.serialize += int(hops.serialize)
    timings.wire_to_message += int(hops.wire_to_message)
    timings.garbage_collection += int(hops.garbage_collection)


# ---- bytes to bytes ----


def _wire_options(node_host_objects: bool, big_ints: str) -> Any:
    options = ffi.new("pvb_wire_options *")
    options.size = ffi.sizeof("pvb_wire_options")
    options.host_objects = lib.PVB_HOST_OBJECTS_NODE if node_host_objects else lib.PVB_HOST_OBJECTS_REFUSE
    options.big_ints = _BIG_INTS[big_ints]
    return options


def wire_to_message(wire: bytes | bytearray | memoryview, node_host_objects: bool, decode: Decode[T]) -> T:
    """Hands the message that V8 wire bytes say to `decode`."""
    held = _borrowed(wire)
    source = ffi.new("pvb_bytes *")
    source.data, source.size = held, len(held)
    result = ffi.new("pvb_result *")
    try:
        status = lib.pvb_wire_to_message(source[0], _wire_options(node_host_objects, "bigint"), result)
        if status:
            raise _failure(status, result, None)
        return _decoded(result, decode, writable=False)
    finally:
        lib.pvb_result_clear(result)
        del held


def message_to_wire(message: bytes | bytearray | memoryview, big_ints: str, is_ours: bool = False) -> bytes:
    """The V8 wire bytes that say what a message says.

    Of a message that is ours, all that can be wrong is the value, which is over a limit: an EncodeError with its path.
    """
    held = _borrowed(message)
    source = ffi.new("pvb_message *")
    source.bytes.data, source.bytes.size = held, len(held)
    result = ffi.new("pvb_result *")
    try:
        status = lib.pvb_message_to_wire(source[0], _wire_options(False, big_ints), result)
        if is_ours and status == lib.PVB_ERR_DECODE:
            raise _encode_error(Detail(status, result.error))
        if status:
            raise _failure(status, result, None)
        return bytes(_view(result.message.bytes))
    finally:
        lib.pvb_result_clear(result)
        del held
