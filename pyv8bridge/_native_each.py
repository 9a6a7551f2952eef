"""Many calls in one crossing: the edge to pvb_call_each."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter_ns
from typing import Any

from . import _native
from ._pyv8bridge import ffi, lib
from .errors import EngineError
from .timings import Timings


def call_each(
    context: _native.NativeContext,
    plan: _native.CallPlan,
    time_left: tuple[int, int],
    calls: bytes,
    decode: Callable[[memoryview], list[Any]],
    decode_thrown: _native.Decode[Any],
    error_of: Callable[[_native.ThrownError], BaseException],
    timings: Timings | None = None,
) -> tuple[list[Any], BaseException | None]:
    """What the calls gave up to the first that failed, which is the next one, and its error.

    `time_left` is for all together, wall clock and CPU, 0 for no limit. Without an error there may still be fewer
    results than calls, but there is one at least.
    """
    held = ffi.from_buffer("uint8_t[]", calls)
    source = ffi.new("pvb_bytes *")
    source.data, source.size = held, len(calls)
    options = plan.options
    if timings is not None:
        hops = ffi.new("pvb_timings *")
        options = ffi.new("pvb_call_options *", options[0])
        options.timings = hops
    results = ffi.new("pvb_result *")
    failure = ffi.new("pvb_result *")
    try:
        status = lib.pvb_call_each(context.pointer, options, *time_left, source[0], results, failure)
        if timings is not None:
            _native.add_hops(timings, hops)
        error = _failure(failure, decode_thrown, error_of) if status else None
        if not results.message.bytes.size:
            return [], error
        start = perf_counter_ns()
        with memoryview(ffi.buffer(results.message.bytes.data, results.message.bytes.size)) as view:
            values = decode(view)
        if timings is not None:
            timings.decode += perf_counter_ns() - start
        return values, error
    finally:
        lib.pvb_result_clear(results)
        lib.pvb_result_clear(failure)
        del held


def _failure(
    failure: Any, decode_thrown: _native.Decode[Any], error_of: Callable[[_native.ThrownError], BaseException]
) -> BaseException:
    try:
        _native.concluded(failure, decode_thrown)
    except _native.ThrownError as thrown:
        return error_of(thrown)
    except BaseException as error:
        return error.with_traceback(None)
    return EngineError("calls failed without an error")
