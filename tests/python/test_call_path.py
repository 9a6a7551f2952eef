"""Small calls take a way of their own; nothing about them may differ but what they cost."""

from __future__ import annotations

import gc
import math
import signal
import struct
import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import ormsgpack
import pytest
from children import run_child

import pyv8bridge
from pyv8bridge import Context, EncodeError, JSError, Timings, encode, undefined
from pyv8bridge import _native_small as small
from pyv8bridge._look import may_hold_bin
from pyv8bridge.encode import plain_message
from pyv8bridge.options import EncodeOptions
from pyv8bridge.values import BigInt, JSDate, JSMap


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context() as context:
        context.eval(
            """
            var calls = 0;
            const same = (x) => { ++calls; return x };
            const fail = (x) => { ++calls; throw Object.assign(new RangeError('no'), { x }) };
            """
        )
        yield context


def bits_of(value: object) -> object:
    """A value that tells floats apart, NaN and -0.0 too."""
    if isinstance(value, float):
        return struct.pack("<d", value)
    if isinstance(value, list):
        return [bits_of(item) for item in value]
    if isinstance(value, dict):
        return {key: bits_of(item) for key, item in value.items()}
    return type(value), value


SCALARS: list[Any] = [
    None, True, False, 0, 1, -1, 127, 128, 255, 256, -128, -129, 2**30, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1,
    2**32, 2**53 - 1, -(2**53) + 1, 2**53, 2**53 + 1, -(2**53), -(2**53) - 1, 2**63 - 1, 2**63, 2**64 - 1, -(2**63),
    2**64, -(2**63) - 1, 2**200, 0.0, -0.0, 0.5, 1.0, 1e300, 5e-324, 2.0**53, 2.0**31, math.inf, -math.inf, math.nan,
    "", "a", "é", "€", "😀", "a\0b", "x" * 256, "x" * 257, "x" * 5000, "\ud800", "a\udfff", "\ud83d\ude00",
]  # fmt: skip
OTHERS: list[Any] = [
    undefined, [], {}, (), [1, [2, [3]]], {"a": {"b": [None, True]}}, b"bytes", bytearray(b"x" * 70_000),
    b"x" * 70_000, {1, 2}, BigInt(5), JSMap([(1, 2)]), JSDate(0.5), datetime(2020, 1, 1, tzinfo=timezone.utc),
    {"k": undefined}, list(range(63)), list(range(64)), list(range(65)), [[]] * 40, {"a\ud800": 1}, ["x" * 100_000],
]  # fmt: skip


def outcome(call: Any) -> object:
    """What a call gives or raises, with everything about it."""
    try:
        return bits_of(call())
    except pyv8bridge.Error as error:
        return type(error), str(error), getattr(error, "path", None), getattr(error, "argument", None)


@pytest.mark.parametrize("big_ints", ["bigint", "number", "error"])
@pytest.mark.parametrize("name", ["same", "bits"])
def test_a_small_call_gives_what_the_general_way_gives(name: str, big_ints: Any) -> None:
    with Context(big_ints=big_ints) as ctx:
        ctx.eval(
            "const same = (x) => x; const bits = (x) => [typeof x, typeof x === 'number' ? "
            "[...new Uint8Array(new Float64Array([x]).buffer)] : String(x)]"
        )
        function = ctx.eval(name)
        for value in SCALARS + OTHERS:
            general = outcome(lambda value=value: function(value, timings=Timings()))
            assert outcome(lambda value=value: function(value)) == general, value
            assert outcome(lambda value=value: ctx.call(name, value)) == general, value
            behind = outcome(lambda value=value: function(1, [value], timings=Timings()))
            assert outcome(lambda value=value: function(1, [value])) == behind, value


def test_arguments_are_written_alike() -> None:
    class Plain(str):
        pass

    for value in [*SCALARS, *OTHERS, Plain("x"), {Plain("k"): 1}]:
        message = plain_message((value,))
        if message is not None:
            assert message == encode._encode((value,), EncodeOptions(), [], True), value


def test_what_is_not_plain_is_looked_at_closely() -> None:
    large = bytes(EncodeOptions().attach_from)
    shared: list[Any] = []
    for _ in range(40):
        shared = [shared, shared]
    assert plain_message((shared,)) is None
    cycle: list[Any] = []
    cycle.append(cycle)
    assert plain_message((cycle,)) is None
    assert plain_message((large,)) is None
    assert plain_message(({"a": [bytearray(large)]},)) is None
    assert plain_message((memoryview(b"x"),)) is None
    assert plain_message(({1: 2},)) is None
    assert plain_message(("\ud800",)) is None
    assert plain_message(([0] * 63,)) == ormsgpack.packb(([0] * 63,))
    # Farther on than one looks: large data shows in the message, and the rest does no harm there.
    far = [0] * 1000
    assert plain_message(([*far, b"small"],)) == ormsgpack.packb(([*far, b"small"],))
    assert plain_message(([*far, large],)) is None
    # Numbers may look like a bin 32.
    numbers = [*far, *[-0.0] * 10_000]
    numbers[1000] = struct.unpack(">d", bytes.fromhex("40c6000100000000"))[0]
    assert may_hold_bin(ormsgpack.packb((numbers,)), EncodeOptions().attach_from)
    assert plain_message((numbers,)) == ormsgpack.packb((numbers,))
    assert plain_message(([*numbers, large],)) is None
    assert plain_message(([*far, large],), attaches=False) == ormsgpack.packb(([*far, large],))


def test_an_error_is_whole_and_leaves_nothing_behind(ctx: Context) -> None:
    fail = ctx.eval("fail")
    before = pyv8bridge._native.live_objects()["results"]
    for call in (lambda: fail(17), lambda: ctx.call("fail", 17)):
        with pytest.raises(JSError, match="no") as caught:
            call()
        assert caught.value.name == "RangeError"
        assert caught.value.properties == {"x": 17}
        assert caught.value.__context__ is None
    with pytest.raises(EncodeError) as refused:
        ctx.call("same", "ok", {"a": {1: 2}})
    assert (refused.value.argument, refused.value.path) == (1, "$.a")
    assert pyv8bridge._native.live_objects()["results"] == before


@pytest.mark.parametrize("size", [0, 1, 4000, 4090, 4091, 4092, 4093, 4094, 4095, 4096, 5000, 100_000])
def test_results_around_the_size_of_a_room_are_made_once(ctx: Context, size: int) -> None:
    ctx.set("calls", 0)
    assert ctx.call("same", "x" * size) == "x" * size
    assert ctx.globals["calls"] == 1


@pytest.mark.parametrize(
    "code",
    ["1n", "new Date(0)", "new Date(NaN)", "new Date(8.64e15)", "new Map([[1, 2]])", "[,1]", "[undefined]", "/x/g",
     "() => 1", "new Uint8Array(100000)", "new Error('e')", "Symbol('s')", "'\\ud800'"],
)  # fmt: skip
def test_a_small_result_of_any_kind_is_made_once(ctx: Context, code: str) -> None:
    ctx.set("calls", 0)
    make = ctx.eval(f"() => {{ ++calls; return {code} }}")
    result, general = make(), make(timings=Timings())
    assert type(result) is type(general)
    if not isinstance(result, pyv8bridge.JSObject):
        assert repr(result) == repr(general)
    assert ctx.globals["calls"] == 2


def test_calls_inside_of_calls_have_rooms_of_their_own(ctx: Context) -> None:
    # A handle in the result is made while the result is read, and its making may call.
    class Calling(Context):
        def _make_handle(self, kind: str, handle: int) -> Any:
            assert self.call("same", "inside") == "inside"
            return super()._make_handle(kind, handle)

    with Calling() as calling:
        calling.eval("const same = (x) => x")
        assert calling.call("eval", "(() => 5)")() == 5


def test_finalizers_and_hooks_may_call_in_the_middle(ctx: Context) -> None:
    same = ctx.eval("same")
    seen: list[object] = []

    class Calls:
        def __del__(self) -> None:
            seen.append(same("finalized"))

    def default(value: object) -> object:
        Calls()
        return same("hooked")

    assert same([complex(1)], default=default) == ["hooked"]
    assert seen == ["finalized"]
    with Context(default=default) as other:
        other.eval("const same = (x) => x")
        assert other.call("same", complex(1)) == "hooked"


def test_garbage_collected_in_the_middle_of_calls_may_call(ctx: Context) -> None:
    same = ctx.eval("same")
    seen: list[object] = []

    class Calls:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            seen.append(same(f"collected {len(seen)}"))

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for number in range(300):
            Calls()
            assert same({"n": [number]}) == {"n": [number]}
            assert same(f"text {number}") == f"text {number}"
    finally:
        gc.set_threshold(*threshold)
    assert seen
    assert sorted(map(str, seen)) == sorted(f"collected {index}" for index in range(len(seen)))


def test_a_signal_handler_may_call_another_context(ctx: Context) -> None:
    other = Context()
    other.eval("const twice = (x) => x * 2")
    answers: list[object] = []
    previous = signal.signal(signal.SIGALRM, lambda *_: answers.append(other.call("twice", 21)))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
        for number in range(3000):
            assert ctx.call("same", f"n{number}") == f"n{number}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert answers
    assert set(answers) == {42}


def test_an_interrupt_comes_out_of_a_small_call_and_nothing_stays(ctx: Context) -> None:
    class StopError(Exception):
        pass

    def stop(*_: object) -> None:
        raise StopError

    previous = signal.signal(signal.SIGALRM, stop)
    stopped = 0
    try:
        for number in range(200):
            try:
                signal.setitimer(signal.ITIMER_REAL, 0.0005)
                while True:
                    assert ctx.call("same", f"n{number}") == f"n{number}"
                    assert ctx.call("same", "x" * 5000) == "x" * 5000
            except StopError:
                stopped += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert stopped == 200
    gc.collect()
    assert ctx.call("same", 1) == 1
    assert pyv8bridge._native.live_objects()["results"] == 0


def test_threads_do_not_meet_in_a_room() -> None:
    wrong: list[object] = []

    def work(number: int) -> None:
        with Context() as mine:
            mine.eval("const same = (x) => x")
            same = mine.eval("same")
            for turn in range(500):
                text = f"{number}:{turn}" * (1 + turn % 300)
                if same(text) != text:
                    wrong.append(text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(small._rooms) <= 64


def test_a_context_that_keeps_references_keeps_them_in_small_calls() -> None:
    with Context(references=True) as ctx:
        shared = {"a": 1}
        assert ctx.eval("(x) => x[0] === x[1]")([shared, shared]) is True
        ctx.eval("const same = (x) => x[0] === x[1]")
        assert ctx.call("same", [shared, shared]) is True


def test_a_released_function_and_a_closed_context_refuse() -> None:
    ctx = Context()
    function = ctx.eval("(x) => x")
    assert function(1) == 1
    function.close()
    with pytest.raises(pyv8bridge.ClosedError, match="let go of with close"):
        function(1)
    other = ctx.eval("(x) => x")
    assert other(1) == 1
    ctx.close()
    for call in (lambda: other(1), lambda: ctx.call("parseInt", "1")):
        with pytest.raises(pyv8bridge.ClosedError):
            call()


def test_paths_are_checked_in_small_calls_too(ctx: Context) -> None:
    with pytest.raises(TypeError, match="must be a str, not int"):
        ctx.call(5)  # type: ignore[arg-type]
    with pytest.raises(EncodeError, match="lone surrogate"):
        ctx.call("\ud800")
    with pytest.raises(pyv8bridge.NotFoundError, match="nowhere"):
        ctx.call("nowhere", 1)
    for number in range(1100):
        ctx.eval(f"var name{number} = () => {number}")
        assert ctx.call(f"name{number}") == number
    assert len(ctx._small_plans) <= 1024


def test_a_small_call_has_the_time_limits_of_its_context() -> None:
    with Context(timeout=0.05) as ctx:
        ctx.eval("const forever = () => { while (true); }")
        with pytest.raises(pyv8bridge.JSTimeoutError):
            ctx.call("forever")


def test_what_becomes_hot_over_many_calls_is_compiled() -> None:
    """Compiled by another thread while nobody is inside the isolate, it would never be put to use."""
    trace = run_child(
        """
        import ctypes, time
        import pyv8bridge
        from pyv8bridge import _native
        v8 = next(line.split()[-1] for line in open("/proc/self/maps") if "libnode" in line or "libv8" in line)
        ctypes.CDLL(v8)._ZN2v82V818SetFlagsFromStringEPKc(b"--trace-opt")
        ctx = pyv8bridge.Context()
        hot = ctx.eval("(x) => { let sum = 0; for (let i = 0; i < 300; i++) sum += i % (x + 2); return sum }")
        for _ in range(400):
            hot(3)
            time.sleep(0.0005)
        """
    )
    begun = trace.count("[compiling method")
    assert begun
    assert trace.count("[optimizing ") == begun
