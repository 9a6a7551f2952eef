"""Values that fight back while they are copied out of JavaScript: a defined value or a clean error, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from children import run_child

from pyv8bridge import BigInt, Context, DataCloneError, JSError, JSMap, JSObject, JSSet, hole

pytestmark = pytest.mark.faults

# Each changes what the serializer is in the middle of, and gives a value that JavaScript defines.
CHANGED_ON_THE_WAY: dict[str, tuple[str, Any]] = {
    "an array that a getter empties": (
        "const a = [1, { get x() { a.length = 0; return 1 } }, 3, 4]; a",
        [1, {"x": 1}, hole, hole],
    ),
    "an array that a getter makes long": (
        "const a = [{ get x() { for (let i = 0; i < 1e5; i++) a.push(i); return 1 } }, 2]; a",
        [{"x": 1}, 2],
    ),
    "an array that a getter makes sparse": (
        "const a = [{ get x() { a[1e9] = 1; return 1 } }, 2]; a",
        [{"x": 1}, 2],
    ),
    "an array of doubles that a getter turns into objects": (
        "const a = [1.5, 2, 3.5]; a.__defineGetter__(0, () => { a[1] = { o: 1 }; return 1 }); a",
        [1, {"o": 1}, 3.5],
    ),
    "an array whose prototype a getter fills": (
        "const a = [{ get x() { delete a[1]; Array.prototype[1] = 'inherited'; return 1 } }, 2, 3]; a",
        [{"x": 1}, hole, 3],
    ),
    "an object that a getter turns into a dictionary": (
        "const o = { get a() { for (let i = 0; i < 5000; i++) o['k' + i] = i; return 1 }, b: 2 }; o",
        {"a": 1, "b": 2},
    ),
    "an object whose later properties a getter deletes": (
        "const o = { get a() { delete o.b; delete o.c; return 1 }, b: 2, c: 3 }; o",
        {"a": 1},
    ),
    "an object that a getter freezes and gives a new prototype": (
        "const o = { get a() { Object.setPrototypeOf(o, { inherited: 1 }); Object.freeze(o); return 1 }, b: 2 }; o",
        {"a": 1, "b": 2},
    ),
    "a Map that a getter empties": (
        "const m = new Map([[1, { get x() { m.clear(); return 1 } }], [2, 3]]); m",
        JSMap([(1, {"x": 1}), (2, 3)]),
    ),
    "a Map to which a getter adds": (
        "const m = new Map([[1, { get x() { for (let i = 5; i < 1000; i++) m.set(i, i); return 1 } }]]); m",
        JSMap([(1, {"x": 1})]),
    ),
    "a Set that a getter empties": (
        "const s = new Set([{ get x() { s.clear(); return 1 } }, 2]); s",
        JSSet([{"x": 1}, 2]),
    ),
    "a getter that collects garbage the hard way": (
        "({ get a() { let a = []; for (let i = 0; i < 2e5; i++) a.push([i]); return ['x'].concat('y') }, b: 1 })",
        {"a": ["x", "y"], "b": 1},
    ),
    "a getter that redefines the getters behind it": (
        "const o = { get a() { o.__defineGetter__('b', () => 'new'); return 1 }, get b() { return 0 } }; o",
        {"a": 1, "b": "new"},
    ),
}


@pytest.mark.parametrize("name", CHANGED_ON_THE_WAY)
@pytest.mark.parametrize("size", ["small", "with attachments"])
def test_what_changes_while_it_is_copied(name: str, size: str) -> None:
    code, expected = CHANGED_ON_THE_WAY[name]
    if size != "small":
        # With binary data beside the message, V8 asks our delegate on its way.
        head, _, last = code.rpartition("; ") if not code.startswith("(") else ("0", "", code)
        code = f"{head}; [new Uint8Array(70000), {last}, new ArrayBuffer(70000)]"
    out = run_child(
        f"""
        from pyv8bridge import *
        ctx = Context()
        value = ctx.eval({code!r})
        if {size!r} != "small":
            assert len(value[0]) == len(value[2]) == 70000
            value = value[1]
        assert value == {expected!r}, repr(value)[:500]
        print(ctx.eval("1 + 1"))
        """
    )
    assert out == "2\n"


class TestBuffersThatGoAway:
    """WebAssembly memory detaches its ArrayBuffer when it grows: also when that has been met already."""

    @pytest.mark.parametrize("pages", [1, 40])
    @pytest.mark.parametrize("shown", ["m.buffer", "new Uint8Array(m.buffer)", "new Float64Array(m.buffer, 8, 100)"])
    @pytest.mark.parametrize("where", ["before", "behind"])
    def test_a_getter_that_detaches(self, pages: int, shown: str, where: str) -> None:
        parts = [shown, "{ get x() { m.grow(5); return 1 } }"]
        if where == "behind":
            parts.reverse()
        out = run_child(
            f"""
            from pyv8bridge import Context, DataCloneError, JSTypedArray
            ctx = Context()
            ctx.eval("let m = new WebAssembly.Memory({{ initial: {pages} }}); new Uint8Array(m.buffer).fill(7)")
            try:
                value = ctx.eval("[{", ".join(parts)}]")
            except DataCloneError as error:
                assert "detached" in str(error), error
                value = None
            if {where!r} == "before":
                assert value is not None
            if value is not None:
                data = bytes(value[0] if {where!r} == "before" else value[1])
                assert set(data) <= {{7}}, set(data)
            print(ctx.eval("m.buffer.byteLength"))
            """
        )
        assert out == f"{(pages + 5) * 65536}\n"

    def test_the_memory_of_a_module_outlives_the_context(self) -> None:
        run_child(
            """
            import gc
            from pyv8bridge import Context
            ctx = Context()
            data = ctx.eval("let m = new WebAssembly.Memory({ initial: 40 }); new Uint8Array(m.buffer).fill(7)")
            ctx.eval("m.grow(10); m = null")
            ctx.close()
            del ctx
            gc.collect()
            assert set(bytes(data)) == {7}
            """
        )


class TestThrown:
    """Whatever is thrown arrives, however little it wants to be described."""

    @pytest.mark.parametrize(
        "thrown",
        [
            "Symbol('s')",
            "Object.create(null)",
            "{ toString() { throw 1 } }",
            "{ toString: null, valueOf: null }",
            "{ [Symbol.toPrimitive]() { throw new Error('no') } }",
            "{ get constructor() { throw 1 } }",
            "Object.defineProperty(new Error('m'), 'message', { get() { throw 1 } })",
            "Object.defineProperty(new Error('m'), 'stack', { get() { throw 1 } })",
            "Object.defineProperty(new Error('m'), 'name', { get() { throw 1 } })",
            "Object.setPrototypeOf(new Error('m'), null)",
            "Object.setPrototypeOf(new Error('m'), new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } }))",
            "new Proxy(new Error('m'), {})",
            "new Proxy(function () {}, { apply() { throw 1 } })",
            "(() => { const e = new Error('m'); e.cause = e; return e })()",
            "(() => { let e; for (let i = 0; i < 1e4; i++) e = new Error('m', { cause: e }); return e })()",
            "new Error('a\\0b')",
            "'a\\0b'",
            "new AggregateError([new Error('one')], 'many')",
            "new WebAssembly.RuntimeError('wasm')",
            "globalThis",
        ],
    )
    def test_arrives_and_the_context_works_on(self, thrown: str) -> None:
        out = run_child(
            f"""
            from pyv8bridge import Context, JSError
            ctx = Context()
            try:
                ctx.eval("throw " + {thrown!r}, "thrown.js")
            except JSError as error:
                assert isinstance(error.name, str) and isinstance(error.message, str)
                assert error.stack is None or isinstance(error.stack, str)
                assert (error.filename, error.line) == ("thrown.js", 1), (error.filename, error.line)
                str(error), repr(error)
            print(ctx.eval("1 + 1"))
            """
        )
        assert out == "2\n"


@pytest.mark.parametrize(
    ("inside", "path"),
    [
        ("[1, () => 1]", "$[1]"),
        ("{ a: { b: Symbol('s') } }", "$.a.b"),
        ("new Map([[1, new WeakMap()]])", None),
        ("[new WeakSet()]", "$[0]"),
        ("[new WeakRef({})]", "$[0]"),
        ("[new Proxy([], {})]", "$[0]"),
        ("{ p: Promise.resolve(1) }", "$.p"),
        ("{ g: (function* () {})() }", "$.g"),
        ("{ m: new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) }", "$.m"),
        ("[new WebAssembly.Memory({ initial: 1 })]", "$[0]"),
        ("[new SharedArrayBuffer(8)]", "$[0]"),
        ("[new Uint8Array(new SharedArrayBuffer(8))]", "$[0]"),
        ("{ f: new FinalizationRegistry(() => 0) }", "$.f"),
    ],
)
def test_what_cannot_be_copied_inside_of_data_is_named(inside: str, path: str | None) -> None:
    with Context() as ctx:
        with pytest.raises(DataCloneError) as caught:
            ctx.eval(f"({inside})")
        assert caught.value.path is not None
        if path is not None:
            assert caught.value.path == path
        assert ctx.eval("[1]") == [1]


@pytest.mark.parametrize("digits", [1, 19, 20, 1000, 100_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_bigints_of_any_length_are_exact(digits: int, sign: int) -> None:
    number = sign * (10**digits - 1)
    with Context() as ctx:
        same = ctx.eval("(n) => n")
        assert same(BigInt(number)) == number
        assert ctx.eval(f"{sign}n * (10n ** {digits}n - 1n)") == number
        assert ctx.eval(f"(n) => n === {sign}n * (10n ** {digits}n - 1n)")(BigInt(number)) is True


@pytest.mark.parametrize("name", ["__proto__", "constructor", "", "toString", "__defineGetter__", "hasOwnProperty"])
def test_keys_that_mean_something_are_plain_properties(name: str) -> None:
    with Context() as ctx:
        own = ctx.eval("(o, k) => [Object.hasOwn(o, k), o[k], Object.getPrototypeOf(o) === Object.prototype]")
        assert own({name: 5}, name) == [True, 5, True]
        assert ctx.eval("(k) => ({ [k]: 5 })")(name) == {name: 5}
        assert ctx.eval("({}).polluted") == ctx.eval("undefined")


def test_handles_to_what_fights_back() -> None:
    with Context() as ctx:
        hostile = ctx.ref(
            "new Proxy({}, { get() { throw 1 }, has() { throw 2 }, ownKeys() { throw 3 }, set() { throw 4 } })"
        )
        for use in (lambda: hostile.get("a"), lambda: "a" in hostile, hostile.keys, lambda: hostile.set("a", 1)):
            with pytest.raises(JSError):
                use()
        with pytest.raises(DataCloneError):
            ctx.call("Array.of", hostile)
        # As a whole it is a handle again.
        assert isinstance(hostile.value(), JSObject)
