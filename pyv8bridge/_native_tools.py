"""The edge to the C API for snapshots and profiles: one C call each, as in _native.py."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _native
from ._native import NativeIsolate
from ._native_modules import _plain, _raising
from ._pyv8bridge import ffi, lib


def heap_snapshot(isolate: NativeIsolate, file: int) -> None:
    """Writes all objects to an open file."""
    _native._checked(lambda result: int(lib.pvb_isolate_heap_snapshot(isolate.pointer, file, result)))


def cpu_profile_start(isolate: NativeIsolate, microseconds: int) -> None:
    """Begins to sample this thread's calls."""
    _native._checked(lambda result: int(lib.pvb_isolate_cpu_profile_start(isolate.pointer, microseconds, result)))


def cpu_profile_stop(isolate: NativeIsolate) -> Any:
    """Ends that: [start, end, nodes, samples, times], see native/include/pyv8bridge.h."""
    return _raising(lambda result: int(lib.pvb_isolate_cpu_profile_stop(isolate.pointer, result)), None, _plain)


def snapshot_build(
    scripts: Sequence[tuple[str, str]], timeout: int, cpu_timeout: int, thrown: _native.Decode[Any]
) -> bytes:
    """Runs scripts, pairs of file name and code, and gives what V8 writes of the context."""
    held = []
    array = ffi.new("pvb_script[]", len(scripts))
    for script, (filename, code) in zip(array, scripts, strict=True):
        for field, text, what in ((script.filename, filename, "the file name"), (script.code, code, "the code")):
            data = _native._utf8(text, what)
            held.append(ffi.from_buffer("char[]", data))
            field.data, field.size = held[-1], len(data)
    options = ffi.new("pvb_snapshot_options *")
    options.size = ffi.sizeof("pvb_snapshot_options")
    options.timeout = timeout
    options.cpu_timeout = cpu_timeout
    blob = _raising(
        lambda result: int(lib.pvb_snapshot_build(array, len(scripts), options, result)),
        thrown,
        lambda view, _: bytes(view),
    )
    del held
    return blob or b""
