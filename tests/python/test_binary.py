"""Binary data: what crosses beside the message is what would cross inside it, memory lives as long as what shows it,
and `transfer` detaches."""

from __future__ import annotations

import gc
import struct
import threading
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from children import run_child
from hypothesis import given, settings
from hypothesis import strategies as st

from pyv8bridge import (
    Context,
    DataCloneError,
    EncodeError,
    JSArrayBuffer,
    JSDate,
    JSError,
    JSMap,
    JSTypedArray,
    _native,
    encode,
)
from pyv8bridge.decode import decode
from pyv8bridge.values.binary import VIEW_KINDS

FROM = _native.ATTACH_FROM
KINDS = [kind for kind in VIEW_KINDS if kind.name != "Float16Array"]


@contextmanager
def attaching_from(size: int) -> Iterator[None]:
    """Results with binary data of that size beside the message; with 0 all of it is inside."""
    _native.shared_plan.cache_clear()
    before, _native.ATTACH_FROM = _native.ATTACH_FROM, size
    try:
        yield
    finally:
        _native.ATTACH_FROM = before
        _native.shared_plan.cache_clear()


@pytest.fixture(scope="module")
def ctx() -> Context:
    return Context()


# ---- in ----


@pytest.mark.parametrize("size", [0, 1, FROM - 1, FROM, FROM + 1, 3 * FROM])
@pytest.mark.parametrize(
    "place",
    [
        lambda data: data,
        lambda data: [data],
        lambda data: {"data": data},
        lambda data: {"a": {"b": [1, (data,)]}},
    ],
)
@pytest.mark.parametrize("make", [bytes, bytearray, memoryview, lambda data: np.frombuffer(data, dtype=np.uint8)])
def test_bytes_of_every_size_arrive_everywhere(
    ctx: Context, size: int, place: Callable[[Any], Any], make: Callable[[bytes], Any]
) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    same = ctx.eval("""(x) => {
        while (!(x instanceof Uint8Array)) x = Object.values(x).at(-1);
        return [x.constructor.name, x.byteOffset, x.buffer.byteLength, x];
    }""")
    assert same(place(make(data))) == ["Uint8Array", 0, size, data]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_view_both_ways(ctx: Context, kind: Any) -> None:
    data = (np.arange(2 * FROM) % 251).astype(np.uint8).tobytes()
    view = JSTypedArray(kind.name, JSArrayBuffer(data), 8, (2 * FROM - 16) // kind.size)
    name, arrived = ctx.eval("(x) => [Object.prototype.toString.call(x).slice(8, -1), x]")(view)
    assert name == kind.name
    assert bytes(arrived) == data[8:-8]
    assert isinstance(arrived, bytes) == (kind.name == "Uint8Array")
    moved = ctx.eval("(x) => x")(view, transfer=True)
    assert isinstance(moved, JSTypedArray)
    assert (moved.kind, bytes(moved)) == (kind.name, data[8:-8])


def test_numpy_and_array_arrays_of_every_kind(ctx: Context) -> None:
    for kind in "bBhHiIqQfd":
        values: Any
        for values in (np.arange(FROM).astype(kind), array(kind, [i % 100 for i in range(FROM)])):
            arrived = ctx.eval("(x) => x")(values)
            assert bytes(arrived) == values.tobytes()
    assert ctx.eval("(x) => x.map((row) => row.constructor.name)")(np.zeros((2, FROM), dtype=np.uint8)) == [
        "Uint8Array",
        "Uint8Array",
    ]
    assert bytes(ctx.eval("(x) => x")(np.arange(2 * FROM)[::2])) == np.arange(2 * FROM)[::2].tobytes()


def test_one_buffer_in_many_places_stays_one(ctx: Context) -> None:
    buffer = JSArrayBuffer(bytearray(2 * FROM))
    views = [JSTypedArray("Uint8Array", buffer, 4, 8), JSTypedArray("Float64Array", buffer), buffer]
    ctx.call("Object.assign", ctx.ref("globalThis"), {"parts": views})
    assert ctx.eval("parts[0].buffer === parts[2] && parts[1].buffer === parts[2]") is True
    assert ctx.eval("parts[0][0] = 7; new Uint8Array(parts[2])[4]") == 7
    assert bytes(buffer) == bytes(2 * FROM), "Python's own memory is not JavaScript's"


def test_the_same_bytes_twice_are_two_arrays(ctx: Context) -> None:
    data = bytes(FROM)
    assert ctx.eval("(a, b) => { a[0] = 1; return [a === b, a.buffer === b.buffer, b[0]] }")(data, data) == [
        False,
        False,
        0,
    ]


def test_errors_and_second_attempts_leave_no_attachment_behind(ctx: Context) -> None:
    data = bytes(FROM)
    shared = JSArrayBuffer(bytearray(FROM))
    # The buffer is met again after its bytes were attached: the message is begun anew.
    assert ctx.eval("(a, b, [c], d) => b === c && a !== d && a.length === d.length")(data, shared, [shared], data)
    # The exact encoder takes over.
    assert ctx.eval("(a, b) => a.length + b.length")(data, "\ud800") == FROM + 1
    with pytest.raises(EncodeError, match=r"argument 1, at \$\[0\]"):
        ctx.eval("(a) => a")(data, [object()])


# ---- out ----

SHAPES = [
    "whole",
    "[whole, whole]",
    "[bare]",
    "[bare, bare]",
    "[whole, bare]",
    "[bare, whole]",
    "[part]",
    "[part, part]",
    "[part, other]",
    "[part, bare, other]",
    "[bare, other, part]",
    "({get a() { return bare }, b: part})",
    "({a: part, get b() { return bare }})",
    "({get a() { return other }, get b() { return part }})",
    "new Map([[whole, bare], [bare, part]])",
    "new Set([bare, part, whole])",
    "Object.assign(new Error('x'), {})",
    "[new Uint8Array(0), new ArrayBuffer(0), new DataView(new ArrayBuffer(3), 3)]",
    "(() => { const a = [part]; a.push(a, bare); return a })()",
    "Array.from({length: 40}, (_, i) => new Uint8Array(bare, i, 1))",
    "Array.from({length: 40}, (_, i) => new Uint16Array([i]))",
]


def shape(value: Any) -> bytes:
    """Kinds, contents, order and identity of a result, as bytes."""
    return encode.encode(value)


@pytest.mark.parametrize("size", [16, 5000, FROM, 5 * FROM])
@pytest.mark.parametrize("source", SHAPES)
def test_attached_or_not_results_are_equal(ctx: Context, source: str, size: int) -> None:
    code = f"""(() => {{
        const bare = new ArrayBuffer({size * 8});
        const whole = new Float64Array(bare).map((_, i) => i / 2), part = new Uint8Array(bare, 3, {size});
        const other = new DataView(bare, 1, 9);
        new Float64Array(bare).set(whole);
        return ({source});
    }})()"""
    with attaching_from(0):
        inside = shape(ctx.eval(code))
    for threshold in (1, 100, FROM):
        with attaching_from(threshold):
            assert shape(ctx.eval(code)) == inside, threshold


@st.composite
def buffers_and_views(draw: st.DrawFn) -> str:
    """A JavaScript expression of an array of buffers and views that share, repeat and hide behind getters."""
    sizes = draw(st.lists(st.integers(0, 40).map(lambda n: n * 8), min_size=1, max_size=3))
    declared = [f"const b{i} = new Uint8Array({size}).map((_, i) => i * 7).buffer" for i, size in enumerate(sizes)]
    parts = [f"b{i}" for i in range(len(sizes))]
    for number in range(draw(st.integers(0, 6))):
        owner = draw(st.integers(0, len(sizes) - 1))
        kind = draw(st.sampled_from(KINDS))
        start = draw(st.integers(0, sizes[owner] // kind.size))
        length = draw(st.integers(0, sizes[owner] // kind.size - start))
        declared.append(f"const v{number} = new {kind.name}(b{owner}, {start * kind.size}, {length})")
        parts.append(f"v{number}")
    chosen = draw(st.lists(st.sampled_from(parts), max_size=8))
    items = [draw(st.sampled_from(["{}", "({{get x() {{ return {} }}}})", "[1, {}]"])).format(part) for part in chosen]
    return f"(() => {{ {'; '.join(declared)}; return [{', '.join(items)}] }})()"


@settings(max_examples=150, deadline=None)
@given(code=buffers_and_views(), threshold=st.sampled_from([1, 17, 100]))
def test_attached_or_not_any_sharing_is_kept(ctx: Context, code: str, threshold: int) -> None:
    with attaching_from(0):
        inside = shape(ctx.eval(code))
    with attaching_from(threshold):
        assert shape(ctx.eval(code)) == inside


def test_getters_run_once_and_what_they_write_is_seen(ctx: Context) -> None:
    with attaching_from(1):
        result = ctx.eval("""
            var runs = 0, early = new Uint8Array(4);
            ({early, get late() { ++runs; early[1] = 9; return early.subarray(1) }})
        """)
    assert ctx.eval("runs") == 1
    assert bytes(result["late"]) == b"\x09\0\0"


def test_a_large_uint8_array_is_copied_straight_into_the_bytes_that_come_out(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    class Recording(Context):
        def _decode(self, message: memoryview, attachments: Sequence[Any]) -> Any:
            seen.extend(attachments)
            return super()._decode(message, attachments)

    size = FROM + 5
    first, other, second = Recording().eval(
        f"const size = {size};"
        "[new Uint8Array(size).fill(65), new Int8Array(size), new Uint8Array(2 * size).fill(66).subarray(size)]"
    )
    assert (first, second) == (b"A" * size, b"B" * size)
    assert first is seen[0]
    assert second is seen[2]
    assert type(other) is JSTypedArray
    assert not _native._new_bytes.by_address
    assert hash(first) == hash(b"A" * size)
    # Without memory for them the call fails, and nothing is left behind.
    monkeypatch.setattr(_native, "_unfilled_bytes", lambda: _no_memory)
    with pytest.raises(MemoryError):
        Context().eval(f"new Uint8Array({size})")
    assert Context().eval("1") == 1


def _no_memory(_null: None, size: int) -> bytes:
    raise MemoryError(size)


@pytest.mark.parametrize(
    "place",
    [
        lambda data: [[[[{"a": (1, data)}]]]],
        lambda data: [[0] * 1000, [[data]]],
        lambda data: JSMap([(1, [[0] * 100, {"x": [data]}])]),
        lambda data: [{1, 2}, JSDate(0), [0] * 100, [[bytearray(data)]], {1, 2}],
        lambda data: {"text": "\u00c6\x00" * FROM, "rows": [[0.5] * 100 for _ in range(100)], "last": [[data]]},
    ],
)
def test_large_bytes_anywhere_travel_beside_the_message(ctx: Context, place: Callable[[bytes], Any]) -> None:
    data = bytes(range(256)) * (FROM // 256)
    attachments: list[memoryview] = []
    value = place(data)
    message = encode.encode(value, encode.EncodeOptions(), attachments)
    assert [bytes(attachment) for attachment in attachments] == [data]
    assert data not in message
    assert decode(message, attachments=attachments) == decode(encode.encode(value))
    assert len(ctx.call("Array.of", value)) == 1


def test_ctrl_c_while_bytes_are_made_is_no_memory_error(monkeypatch: pytest.MonkeyPatch, ctx: Context) -> None:
    def interrupted() -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_native, "_unfilled_bytes", interrupted)
        with pytest.raises(KeyboardInterrupt):
            ctx.eval("new Uint8Array(100_000)")
    assert len(ctx.eval("new Uint8Array(100_000)")) == 100_000


def test_large_bytes_in_a_cycle() -> None:
    data = b"x" * FROM
    value: list[Any] = [data]
    value.append(value)
    attachments: list[memoryview] = []
    read = decode(encode.encode(value, encode.EncodeOptions(), attachments), attachments=attachments)
    assert read[0] == data
    assert read[1] is read
    assert len(attachments) == 1


def test_numbers_that_look_like_large_bytes_are_none() -> None:
    # Inside of the float, 0xC6 and a length that would fit.
    number = struct.unpack(">d", b"\x40\xc6\x00\x01\x10\x00\x00\x00")[0]
    value = [number] * 20_000
    attachments: list[memoryview] = []
    message = encode.encode(value, encode.EncodeOptions(), attachments)
    assert (attachments, decode(message)) == ([], value)


def test_copies_are_read_only_and_belong_to_nobody_else(ctx: Context) -> None:
    result = ctx.eval(f"var kept = new Float64Array({FROM}); kept")
    assert result.view.readonly
    ctx.eval("kept.fill(1)")
    assert result[0] == 0.0
    assert not result.numpy().flags.writeable


def test_a_result_inside_the_wire_bytes_is_aligned(ctx: Context) -> None:
    for padding in range(9):
        result = ctx.eval(f"['{'x' * padding}', new ArrayBuffer({FROM}), 1, new ArrayBuffer({FROM + 8})]")
        for buffer in (result[1], result[3]):
            assert buffer.numpy().ctypes.data % 8 == 0
            assert bytes(buffer).strip(b"\0") == b""


# ---- transfer ----


def test_transfer_detaches_every_buffer_of_the_result(ctx: Context) -> None:
    result = ctx.eval(
        """
        var small = new Uint8Array([1, 2, 3]), bare = new ArrayBuffer(9), pool = new ArrayBuffer(100000);
        var list = [small, {bare, inner: new Map([["x", new Int16Array(pool, 2, 5)]])}, new Set([new DataView(pool)]),
                    {get hidden() { return new Float32Array(behind) }}, new Uint8Array(0)];
        var behind = new ArrayBuffer(8);
        list
        """,
        transfer=True,
    )
    assert ctx.eval("[small.length, bare.byteLength, pool.byteLength, behind.byteLength, list[4].length]") == [0] * 5
    small, inner, views, hidden, empty = result
    assert small == JSTypedArray("Uint8Array", b"\1\2\3")
    assert len(inner["bare"]) == 9
    assert inner["inner"]["x"].buffer is next(iter(views)).buffer
    assert hidden["hidden"].tolist() == [0.0, 0.0]
    assert len(empty) == 0


def test_transferred_memory_is_writable_and_goes_back_in(ctx: Context) -> None:
    result = ctx.eval(f"new Float64Array({FROM})", transfer=True)
    numbers = result.numpy()
    numbers[:] = np.arange(FROM)
    assert ctx.eval("(x) => x[1000]")(result) == 1000
    assert result.view[5] == 5.0, "what goes in is copied"


def test_transfer_is_all_or_nothing(ctx: Context) -> None:
    ctx.eval("var one = new Uint8Array(FROM = 100000), memory = new WebAssembly.Memory({initial: 1})")
    for code, path in [
        ("[one, () => 1]", "$[1]"),
        ("[one, {m: memory.buffer}]", "$[1].m"),
        ("[one, new Uint8Array(memory.buffer)]", "$[1]"),
        ("({one, get late() { return new Uint8Array(memory.buffer) }})", None),
        ("(() => { let a = one; for (let i = 0; i < 600; i++) a = [a]; return a })()", None),
    ]:
        with pytest.raises(DataCloneError) as error:
            ctx.eval(code, transfer=True)
        if path is not None:
            assert error.value.path == path
        assert ctx.eval("one.length") == 100000
    with pytest.raises(JSError, match="late"):
        ctx.eval("({one, get late() { throw new Error('late') }})", transfer=True)
    assert ctx.eval("one.length") == 100000
    # A copy of the memory is fine.
    assert len(ctx.eval("memory.buffer")) == 65536


def test_transfer_of_what_has_no_buffer(ctx: Context) -> None:
    for code, value in [("1", 1), ("'x'", "x"), ("({a: [1]})", {"a": [1]}), ("undefined", None)]:
        result = ctx.eval(code, transfer=True)
        assert (result or None) == value
    assert ctx.eval("(x) => x + 1")(1, transfer=True) == 2
    function = ctx.eval("() => 1", transfer=True)
    assert function() == 1
    ctx.eval("var bytes8 = new Uint8Array(8)")
    ctx.ref("bytes8").value(transfer=True)
    assert ctx.eval("bytes8.length") == 0


def test_a_walk_of_a_sparse_array_goes_by_its_indices(ctx: Context) -> None:
    # It looked at each of four billion holes, for minutes, and no signal ended it.
    ctx.eval("var far = [new ArrayBuffer(1)]; far[7] = new ArrayBuffer(2); far[4294967294] = new ArrayBuffer(3)")
    ctx.eval("far.x = new ArrayBuffer(4); far[4294967295] = new ArrayBuffer(5)")
    result = ctx.eval("far", transfer=True, timeout=20)
    assert [len(buffer) for _, buffer in result.items()] == [1, 2, 3]
    assert [len(buffer) for buffer in result.properties.values()] == [4, 5]
    assert ctx.eval("Object.values(far).map((buffer) => buffer.byteLength)") == [0] * 5
    for index in (0, 7, 2000, 4294967294):
        with pytest.raises(DataCloneError) as error:
            ctx.eval(f"far = [1, 2]; far[4294967290] = {{}}; far[{index}] = [() => 1]; far", timeout=20)
        assert error.value.path == f"$[{index}][0]"
        assert "a function" in str(error.value)


def test_a_detached_buffer_is_a_data_clone_error(ctx: Context) -> None:
    ctx.eval("var gone = new Uint16Array(40000), other = new ArrayBuffer(3); [gone, other]", transfer=True)
    for code, path, kind in [
        ("gone", "$", "a view on a detached ArrayBuffer"),
        ("gone.buffer", "$", "a detached ArrayBuffer"),
        ("other", "$", "a detached ArrayBuffer"),
        ("({a: [1, gone]})", "$.a[1]", "a view on a detached ArrayBuffer"),
    ]:
        for transfer in (False, True):
            with pytest.raises(DataCloneError, match=kind) as error:
                ctx.eval(code, transfer=transfer)
            assert error.value.path == path
    assert ctx.ref("gone").get("length") == 0


# ---- lifetimes ----


def test_memory_outlives_everything() -> None:
    assert (
        run_child(
            """
        import gc, threading
        import numpy
        from pyv8bridge import Context, Isolate

        SIZE = 1 << 20

        def results(close):
            isolate = Isolate()
            ctx = Context(isolate)
            fill = ctx.eval("(kind, n) => new globalThis[kind](n).fill(3)")
            copied = fill("Float64Array", SIZE)
            moved = fill("Float64Array", SIZE, transfer=True)
            nested = ctx.eval(f"[new Uint8Array({SIZE}).fill(3).buffer, 1]")[0]
            bare = ctx.eval(f"new Uint8Array({SIZE}).fill(3).buffer", transfer=True)
            if close == "context":
                ctx.close()
            elif close == "isolate":
                isolate.close()
            return copied.numpy(), moved.numpy()[5:], nested.view[1:], memoryview(bare.view).cast("B")[:9]

        def check(shown):
            copied, moved, nested, bare = shown
            assert copied.sum() == 3 * SIZE and moved.sum() == 3 * (SIZE - 5), (copied, moved)
            assert set(bytes(nested)) == {3} and set(bytes(bare)) == {3}

        for close in ("nothing", "context", "isolate"):
            shown = results(close)
            gc.collect()
            # Memory that was freed would be given out again.
            other = Context()
            keep = [other.eval(f"new Float64Array({SIZE}).fill(8)") for _ in range(5)]
            check(shown)
            thread = threading.Thread(target=lambda shown=shown: (check(shown), shown))
            thread.start()
            thread.join()
            del shown
            gc.collect()
        at_exit = results("isolate")
        print("done")
        """
        )
        == "done\n"
    )


def test_memory_is_freed() -> None:
    assert (
        run_child(
            """
        import gc, re
        from pyv8bridge import Context

        def rss():
            return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024

        ctx = Context()
        ctx.eval("const make = () => new Float64Array(4e6); let got; const take = (x) => { got = x; return x.length }")
        data = bytes(32_000_000)
        def rounds():
            for _ in range(12):
                ctx.call("make").view[0]
                ctx.call("make", transfer=True).view[0]
                ctx.call("take", data)
        rounds()
        before = rss()
        rounds(); rounds(); rounds()
        gc.collect()
        after = rss()
        assert after - before < 400, (before, after)  # 36 rounds of 32 MB are over 1,100
        print("done")
        """
        )
        == "done\n"
    )


def test_a_forked_child_can_read_and_drop_what_its_parent_got() -> None:
    assert (
        run_child(
            """
        import os
        from pyv8bridge import Context
        ctx = Context()
        moved = ctx.eval("new Uint8Array(1e6).fill(4)", transfer=True)
        copied = ctx.eval("new Int8Array(1e6).fill(4)")
        child = os.fork()
        if child == 0:
            assert set(bytes(moved)) == set(bytes(copied)) == {4}
            del moved, copied
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        print(moved[0])
        """
        )
        == "4\n"
    )


def test_threads_send_and_receive_at_once(ctx: Context) -> None:
    failures: list[object] = []
    double = ctx.eval("(x) => { for (let i = 0; i < x.length; i++) x[i] *= 2; return x }")

    def work(seed: int) -> None:
        numbers = np.arange(FROM, dtype=np.float64) + seed
        for round_ in range(10):
            result = double(numbers, transfer=round_ % 2 == 0)
            if not np.array_equal(result.numpy(), numbers * 2):
                failures.append((seed, round_))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert failures == []


@pytest.mark.parametrize("transfer", [[1], "x", None, 1])
def test_transfer_is_a_bool(transfer: object) -> None:
    with Context() as ctx:
        with pytest.raises(TypeError, match="transfer is True or False"):
            ctx.eval("1", transfer=transfer)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="transfer is True or False"):
            ctx.call("Array.of", 1, transfer=transfer)  # type: ignore[arg-type]
