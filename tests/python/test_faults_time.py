"""Deadlines: whatever JavaScript does, the call ends in time, only that call, and the context works on."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from children import run_child
from latency import assert_ends_in_time

from pyv8bridge import (
    Context,
    Isolate,
    JSCancelledError,
    JSError,
    JSTimeoutError,
    MemoryLimitError,
    TerminatedError,
)

pytestmark = pytest.mark.faults

# A module whose function `f` loops for ever.
WASM_LOOP = (
    "new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, "
    "3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]))).exports.f()"
)

ENDLESS = {
    "a loop": "for (;;);",
    "a loop that catches everything": "for (;;) try { for (;;); } catch { } finally { for (;;); }",
    "a function that calls itself again": "const f = () => { try { f() } finally { f() } }; f()",
    "a catastrophic regexp": "/^(a+)+$/.test('a'.repeat(50) + 'b')",
    "a catastrophic regexp of two-byte text": "/^(\\u4e2d+)+$/.test('\\u4e2d'.repeat(50) + 'b')",
    "JSON.stringify of a huge value": "let o = [1]; for (let i = 0; i < 40; i++) o = [o, o]; JSON.stringify(o)",
    "JSON.stringify with a looping toJSON": "JSON.stringify({ toJSON() { for (;;); } })",
    "JSON.parse with a looping reviver": "JSON.parse('[1]', () => { for (;;); })",
    "a Proxy's trap": "new Proxy({}, { get() { for (;;); } }).x",
    "a chain of Proxies": "let p = { get x() { for (;;); } }; for (let i = 0; i < 50; i++) p = new Proxy(p, {}); p.x",
    "toString": "'' + { toString() { for (;;); } }",
    "a sort's comparator": "[2, 1].sort(() => { for (;;); })",
    "a sort that never ends": "new Array(1e7).fill(0).map((_, i) => i).sort((a, b) => b - a)",
    "a replace's function": "'a'.replace(/a/, () => { for (;;); })",
    "a Set that grows while it is walked": "const s = new Set([0]); s.forEach((n) => { s.delete(n); s.add(n + 1) })",
    "a generator": "for (const x of (function* () { for (;;) yield 1 })());",
    "WebAssembly": WASM_LOOP,
    "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    "microtasks that make microtasks": "const f = () => Promise.resolve().then(f); f(); 1",
    "a microtask that loops": "Promise.resolve().then(() => { for (;;); }); 1",
    "an async function": "(async () => { for (;;) await 0 })(); 1",
    "an async generator": "(async () => { for await (const x of (async function* () { for (;;) yield 1 })()); })(); 1",
    "a getter of the result": "({ get x() { for (;;); } })",
    "a Proxy behind a getter of the result": "({ get x() { return new Proxy([], {}).map(() => 1, new Date('x'), 1) }, get y() { for (;;); } })",
    "a getter for the name of what is thrown": "throw new class extends Error { get name() { for (;;); } }()",
    "a getter for the message of what is thrown": "throw Object.defineProperty(new Error(), 'message', { get() { for (;;); } })",
    "Error.prepareStackTrace": "Error.prepareStackTrace = () => { for (;;); }; new Error('x').stack",
    "eval": "for (;;) eval('1 + 1')",
    "new Function": "for (;;) new Function('return 1')()",
    "throw and catch": "for (;;) try { throw new Error() } catch { }",
    "recursion to the stack's end": "const f = () => { f() }; for (;;) try { f() } catch { }",
    "allocation": "for (;;) new Array(1000).fill({})",
    "ArrayBuffers": "for (;;) new ArrayBuffer(1e6)",
    "a loop of a builtin that takes a while": "for (;;) new Array(1e4).fill(0)",
    "bigints": "let n = 3n; for (;;) n = (n * n) % (2n ** 2000n) + 1n",
    "a tagged template": "const t = () => { for (;;); }; t`x`",
    "a static block": "class C { static { for (;;); } }",
    "destructuring of what never ends": "const [...all] = { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) }",
}  # fmt: skip

# A deadline during what V8's own code does with values, and without a script in sight.
IN_V8 = {
    "V8 reads a million objects": "ctx.call('take', [{'i': i} for i in range(300_000)] * 4, timeout=LIMIT)",
    "V8 writes a million objects": "ctx.call('many', timeout=LIMIT)",
    "V8 writes a long string many times": "ctx.call('texts', timeout=LIMIT)",
    "a handle's value": "many_handle.value(timeout=LIMIT) if False else ctx.call('get', many_handle, timeout=LIMIT)",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_never_ends_ends_in_time(name: str) -> None:
    out = run_child(
        f"""
        from latency import assert_ends_in_time
        from pyv8bridge import Context, Isolate, JSTimeoutError
        ctx = Context(memory_limit=2 << 30)
        ctx.eval("var before = [1]")
        def run():
            try:
                print("ended", ctx.eval({"{ " + ENDLESS[name] + " }"!r}, timeout=0.2))
            except JSTimeoutError:
                pass
        assert_ends_in_time(0.2, run)
        # Old state, values both ways, errors, microtasks: nothing of it is still stopped.
        for _ in range(3):
            assert ctx.eval("before.concat([2])") == [1, 2]
            assert ctx.call("Array.of", {{"a": "x" * 100}}) == [{{"a": "x" * 100}}]
            assert ctx.eval("let said{{}}; Promise.resolve().then(() => globalThis.done = 5); 1".replace("{{}}", str(_))) == 1
            assert ctx.eval("done") == 5
        print("fine")
        """
    )
    assert out == "fine\n"
