"""The edge to the C API for ES modules: one C call each, and the hook that V8's side calls to have a module found.

The conventions are those of _native.py. The hook runs inside a call of the same thread, in the isolate that imports;
whatever it calls here is part of that call, with its deadline.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar
from weakref import WeakValueDictionary

from . import _native
from ._native import Decode, NativeContext
from ._pyv8bridge import ffi, lib
from .decode import decode as decode_message

T = TypeVar("T")

SOURCE: int = lib.PVB_MODULE_SOURCE
JSON: int = lib.PVB_MODULE_JSON
VALUES: int = lib.PVB_MODULE_VALUES


class Importer:
    """Who finds modules for a context: `serve` is called with the number of each import."""

    def serve(self, import_id: int) -> None:
        """Ends with import_settle or import_throw. What it raises ends the call that imports."""
        raise NotImplementedError


# Weak: an import of a context that Python has let go of leads nowhere.
_importers: WeakValueDictionary[int, Importer] = WeakValueDictionary()
_numbers = itertools.count(1)


def importer_add(importer: Importer) -> int:
    """The number by which a context knows its importer."""
    number = next(_numbers)
    _importers[number] = importer
    lib.pvb_set_import_hook(lib.pvb_python_import)
    return number


@ffi.def_extern(name="pvb_python_import", error=1, onerror=_native._signals.keep)  # type: ignore[untyped-decorator]
def _serve(number: int, import_id: int) -> int:
    importer = _importers.get(number)
    if importer is not None:
        importer.serve(import_id)
    return 0


class Request(NamedTuple):
    """One import that a module has in its source."""

    specifier: str
    line: int
    column: int
    attributes: dict[str, str]


class Wanted(NamedTuple):
    """What an import asks for."""

    by_python: bool
    specifier: str
    referrer: str | None
    attributes: dict[str, str]


def _plain(message: memoryview, attachments: Sequence[memoryview | bytes]) -> Any:
    return decode_message(message, make_handle=_no_handle, attachments=attachments)


def _no_handle(kind: str, handle: int) -> Any:
    raise AssertionError("a list of imports holds no handles")


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _raising(call: Callable[[Any], int], decode_thrown: Decode[Any] | None, decode: Decode[T] | None) -> T | None:
    """Makes a C call; what it throws is decoded by `decode_thrown`, what it gives by `decode`."""
    result = ffi.new("pvb_result *")
    try:
        status = call(result)
        if status:
            raise _native._failure(status, result, decode_thrown)
        if decode is None or not result.message.bytes.size:
            return None
        return _native._decoded(result, decode, writable=False)
    finally:
        lib.pvb_result_clear(result)


def import_module(
    context: NativeContext,
    specifier: str,
    timeout: int,
    cpu_timeout: int,
    token: int,
    thrown: Decode[Any],
    decode: Decode[T],
) -> tuple[T | None, int]:
    """Imports: calls `serve` of the context's importer, runs what is to run, and gives a handle on the namespace.

    And the handle of a promise when the module still waits with a top-level await, else 0.
    """
    _native._utf8(specifier, "the specifier")
    text, held = _native._text(specifier)
    options = ffi.new("pvb_import_options *")
    options.size = ffi.sizeof("pvb_import_options")
    options.timeout = timeout
    options.cpu_timeout = cpu_timeout
    options.token = token
    promise = ffi.new("uint64_t *")
    options.promise = promise
    module = _raising(lambda result: int(lib.pvb_import(context.pointer, text[0], options, result)), thrown, decode)
    del held
    return module, int(promise[0])


def import_describe(context: NativeContext, import_id: int) -> Wanted:
    """What an import asks for."""
    described = _raising(lambda result: int(lib.pvb_import_describe(context.pointer, import_id, result)), None, _plain)
    by_python, specifier, referrer, attributes = described or (False, "", None, [])
    return Wanted(by_python, specifier, referrer, _pairs(attributes))


def import_settle(context: NativeContext, import_id: int, module: int, thrown: Decode[Any]) -> None:
    """Instantiates and evaluates a module for an import. Raises what that throws."""
    _raising(lambda result: int(lib.pvb_import_settle(context.pointer, import_id, module, result)), thrown, None)


def import_throw(
    context: NativeContext,
    import_id: int,
    exception: tuple[int, str, str],
    details: bytes,
    attachments: Sequence[memoryview],
) -> None:
    """Rejects an import with an Error for an exception: its number, name and message; see Reply.throw."""
    number, name, message = exception
    name_text, name_held = _native._text(name)
    message_text, message_held = _native._text(message)
    given, held = _native._message(details, attachments)
    _native._checked(
        lambda result: int(
            lib.pvb_import_throw(context.pointer, import_id, number, name_text[0], message_text[0], given[0], result)
        )
    )
    del held, name_held, message_held


class ModuleRequest(NamedTuple):
    """What a module is made of."""

    name: str
    kind: int
    source: str
    values: bytes
    attachments: Sequence[memoryview]
    big_ints: str
    code_cache: bytes | None
    """None: none is wanted of it."""


def module_create(
    context: NativeContext, made_of: ModuleRequest, thrown: Decode[Any]
) -> tuple[int, list[Request], bool]:
    """Compiles a module: its number, what it imports, and whether its code cache was used."""
    name, source = _native._utf8(made_of.name, "the module's name"), _native._utf8(made_of.source, "the module")
    cache = made_of.code_cache or b""
    held = ffi.from_buffer("char[]", name), ffi.from_buffer("char[]", source), ffi.from_buffer("uint8_t[]", cache)
    message, values = _native._message(made_of.values, made_of.attachments)
    used = ffi.new("int32_t *")
    options = ffi.new("pvb_module_options *")
    options.size = ffi.sizeof("pvb_module_options")
    options.name.data, options.name.size = held[0], len(name)
    options.kind = made_of.kind
    options.source.data, options.source.size = held[1], len(source)
    options.values = message[0]
    options.big_ints = _native._BIG_INTS[made_of.big_ints]
    options.code_cache.data, options.code_cache.size = held[2], len(cache)
    options.wants_code_cache = made_of.code_cache is not None
    options.code_cache_used = used
    module = ffi.new("uint64_t *")
    listed = _raising(
        lambda result: int(lib.pvb_module_create(context.pointer, options, module, result)), thrown, _plain
    )
    del values
    requests = [Request(specifier, line, column, _pairs(flat)) for specifier, line, column, flat in listed or ()]
    return int(module[0]), requests, bool(used[0])


def module_link(context: NativeContext, module: int, targets: Sequence[int]) -> None:
    """Says where a module's imports lead, in their order."""
    numbers = ffi.new("uint64_t[]", list(targets))
    _native._checked(lambda result: int(lib.pvb_module_link(context.pointer, module, numbers, len(targets), result)))


def module_evaluated(context: NativeContext, module: int) -> bool | None:
    """Whether the module's code has run, and did not throw; None when a stop ended it, so that it never will."""
    answer = ffi.new("int32_t *")
    _native._checked(lambda result: int(lib.pvb_module_evaluated(context.pointer, module, answer, result)))
    return None if answer[0] < 0 else bool(answer[0])


def module_code_cache(context: NativeContext, module: int) -> bytes:
    """The code cache of a module that wanted one, once; empty when there is none."""
    made = _raising(
        lambda result: int(lib.pvb_module_code_cache(context.pointer, module, result)),
        None,
        lambda view, _: bytes(view),
    )
    return made or b""


def module_remove(context: NativeContext, module: int) -> None:
    """Forgets a module that was made in vain."""
    _native._checked(lambda result: int(lib.pvb_module_remove(context.pointer, module, result)))
