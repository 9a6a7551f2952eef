"""structuredClone, with transfer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyv8bridge import Context, JSError, JSTimeoutError


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context(globals=["structuredClone"]) as context:
        yield context


def test_structured_clone(ctx: Context) -> None:
    assert ctx.eval(
        "const o = {d: new Date(0), m: new Map([[1, {n: 1n}]]), e: new RangeError('r'), u: undefined}; o.self = o;"
        "const c = structuredClone(o); [c !== o, c.self === c, c.d instanceof Date, c.m.get(1).n, c.e.name, 'u' in c]"
    ) == [True, True, True, 1, "RangeError", True]
    for bad in ("structuredClone(() => 1)", "structuredClone(Symbol())", "structuredClone({f() {}})"):
        with pytest.raises(JSError) as caught:
            ctx.eval(bad)
        assert caught.value.name == "DataCloneError"


def test_structured_clone_transfers_buffers(ctx: Context) -> None:
    assert ctx.eval(
        "{ const buffer = new Uint8Array([1, 2, 3]).buffer; const view = new Uint8Array(buffer, 1);"
        "const copy = structuredClone({ view, buffer, other: new Uint8Array([9]) }, { transfer: [buffer] });"
        "[buffer.byteLength, view.length, copy.view, copy.view.buffer === copy.buffer, copy.buffer.byteLength, "
        "copy.other] }"
    ) == [0, 0, b"\2\3", True, 3, b"\x09"]
    source = "{ const b = new ArrayBuffer(4); structuredClone(1, { transfer: new Set([b]) }); b.byteLength }"
    assert ctx.eval(source) == 0
    source = "[structuredClone(1, null), structuredClone(2, {}), structuredClone(3, { transfer: [] })]"
    assert ctx.eval(source) == [1, 2, 3]


def test_a_transfer_moves_the_memory_and_copies_none(ctx: Context) -> None:
    ctx.isolate.collect_garbage()
    before = ctx.heap_statistics().buffer_bytes
    ctx.eval("var large = new ArrayBuffer(1 << 26); large = structuredClone(large, { transfer: [large] }); undefined")
    assert ctx.eval("large.byteLength") == 1 << 26
    ctx.isolate.collect_garbage()
    assert ctx.heap_statistics().buffer_bytes - before == 1 << 26
    ctx.eval("large = null")


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("structuredClone(1, { transfer: [buffer, buffer] })", "DataCloneError"),
        ("structuredClone(1, { transfer: [buffer, {}] })", "DataCloneError"),
        ("structuredClone(1, { transfer: [buffer, new Uint8Array(1)] })", "DataCloneError"),
        ("structuredClone(1, { transfer: [buffer, new SharedArrayBuffer(1)] })", "DataCloneError"),
        ("structuredClone(1, { transfer: [buffer, new WebAssembly.Memory({ initial: 1 }).buffer] })", "DataCloneError"),
        ("structuredClone(() => 1, { transfer: [buffer] })", "DataCloneError"),
        ("structuredClone({ get x() { throw new RangeError() } }, { transfer: [buffer] })", "RangeError"),
        ("structuredClone(1, { transfer: [buffer, 1] })", "TypeError"),
        ("structuredClone(1, { transfer: null })", "TypeError"),
        ("structuredClone(1, { transfer: 1 })", "TypeError"),
        ("structuredClone(1, 1)", "TypeError"),
        ("structuredClone()", "TypeError"),
    ],
)
def test_a_transfer_that_is_refused_detaches_nothing(ctx: Context, call: str, name: str) -> None:
    ctx.eval("var buffer = new ArrayBuffer(8)")
    with pytest.raises(JSError) as caught:
        ctx.eval(call)
    assert caught.value.name == name
    assert ctx.eval("buffer.byteLength") == 8


def test_a_buffer_is_transferred_once(ctx: Context) -> None:
    ctx.eval("var gone = new ArrayBuffer(8); structuredClone(1, { transfer: [gone] })")
    for call in ("structuredClone(1, { transfer: [gone] })", "structuredClone(gone)"):
        with pytest.raises(JSError) as caught:
            ctx.eval(call)
        assert caught.value.name == "DataCloneError"
    ctx.eval("var late = new ArrayBuffer(8)")
    with pytest.raises(JSError, match="detached"):
        ctx.eval("structuredClone({ get x() { structuredClone(late, { transfer: [late] }) } }, { transfer: [late] })")


def test_structured_clone_keeps_what_v8_keeps(ctx: Context) -> None:
    assert ctx.eval(
        "{ class A { x = 1; get y() { return 2 } }; const c = structuredClone(new A());"
        "[c.constructor === Object, c.x, 'y' in c, Object.is(structuredClone(-0), -0), structuredClone([, 1, "
        ",]).length,"
        "String(structuredClone(/a/gi)), structuredClone(Object(1n)) instanceof BigInt] }"
    ) == [True, 1, False, True, 3, "/a/gi", True]
    with pytest.raises(JSError) as caught:
        ctx.eval("let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep]; structuredClone(deep)")
    assert caught.value.name in ("RangeError", "DataCloneError")


def test_structured_clone_ends_with_the_deadline(ctx: Context) -> None:
    with pytest.raises(JSTimeoutError):
        ctx.eval("const wide = Array.from({ length: 1e5 }, () => ({})); for (;;) structuredClone(wide)", timeout=0.2)
    assert ctx.eval("structuredClone([1])") == [1]
