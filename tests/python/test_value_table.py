"""Every row of the value contract's table (docs/values.md): JavaScript to Python, and back to JavaScript.

A case is a JavaScript expression, what Python sees, and a JavaScript predicate that looks at what comes back. `same`
in a predicate is Object.is on everything inside, prototypes and key order included.
"""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

import pytest

from pyv8bridge import (
    BigInt,
    Context,
    DataCloneError,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSError,
    JSFunction,
    JSMap,
    JSObject,
    JSPromise,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    hole,
    undefined,
)

SAME = """
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Date) return Object.is(a.getTime(), b.getTime());
  if (a instanceof RegExp) return a.source === b.source && a.flags === b.flags;
  if (a instanceof Error) return a.name === b.name && a.message === b.message;
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b));
  if (a instanceof DataView) return same(a.buffer, b.buffer);
  if (a instanceof Number || a instanceof String || a instanceof Boolean || a instanceof BigInt)
    return Object.is(a.valueOf(), b.valueOf());
  if (a instanceof Map || a instanceof Set) return same([...a], [...b]);
  if (a.length !== b.length) return false;
  const ka = Object.keys(a), kb = Object.keys(b);
  return ka.length === kb.length && ka.every((key, i) => key === kb[i] && same(a[key], b[key]));
}
"""

UTC = timezone.utc

# name: (source, what Python sees, predicate on `x`, which came back; None: same(x, the source evaluated again))
CASES: dict[str, tuple[str, Any, str | None]] = {
    "undefined": ("undefined", undefined, "x === undefined"),
    "null": ("null", None, "x === null"),
    "true": ("true", True, "x === true"),
    "false": ("false", False, "x === false"),
    "zero": ("0", 0, "Object.is(x, 0)"),
    "an int": ("-7", -7, "x === -7"),
    "an int that V8 holds as a double": ("3e9", 3_000_000_000, "x === 3e9"),
    "the largest safe int": ("2 ** 53 - 1", 2**53 - 1, "x === Number.MAX_SAFE_INTEGER"),
    "the smallest safe int": ("-(2 ** 53 - 1)", -(2**53) + 1, "x === Number.MIN_SAFE_INTEGER"),
    "minus zero": ("-0", -0.0, "Object.is(x, -0)"),
    "a fraction": ("0.1", 0.1, "x === 0.1"),
    "2 to the 53": ("2 ** 53", 2.0**53, "x === 2 ** 53"),
    "infinity": ("-Infinity", -math.inf, "x === -Infinity"),
    "the smallest number": ("5e-324", 5e-324, "x === 5e-324"),
    "a small bigint": ("10n", BigInt(10), "x === 10n"),
    "bigint zero": ("0n", BigInt(0), "x === 0n"),
    "a bigint of 64 bits": ("-(2n ** 63n)", BigInt(-(2**63)), "x === -(2n ** 63n)"),
    "a large bigint": ("2n ** 1000n + 1n", BigInt(2**1000 + 1), "x === 2n ** 1000n + 1n"),
    "an empty string": ("''", "", "x === ''"),
    "a Latin-1 string": ("'café'", "café", "x === 'caf\\xe9'"),
    "a wide string": ("'日本 😀'", "日本 😀", "x === '日本 \\ud83d\\ude00'"),
    "NUL in a string": ("'a\\0b'", "a\0b", "x === 'a\\0b'"),
    "a lone surrogate": ("'a\\ud800'", "a\ud800", "x.length === 2 && x.charCodeAt(1) === 0xd800"),
    "an Array": ("[1, 'two', [null]]", [1, "two", [None]], None),
    "an empty Array": ("[]", [], None),
    "holes": ("[1, , undefined, ]", [1, hole, undefined], "x.length === 3 && !(1 in x) && 2 in x"),
    "an Array with properties": (
        "Object.assign([1, 2], { index: 5, 'a b': null })", JSArray([1, 2], {"index": 5, "a b": None}), None,
    ),
    "a sparse Array": (
        "(() => { const a = new Array(5000); a[7] = 'x'; a[4999] = 1; return a })()",
        JSSparseArray(5000, {7: "x", 4999: 1}),
        "x.length === 5000 && Object.keys(x).join() === '7,4999' && x[7] === 'x'",
    ),
    "the longest Array": ("new Array(2 ** 32 - 1)", JSSparseArray(2**32 - 1), "x.length === 2 ** 32 - 1 && !(0 in x)"),
    "an Object": ("({ b: 1, a: { c: [] } })", {"b": 1, "a": {"c": []}}, None),
    "an Object's odd keys": (
        "({ '': 1, 'a\\ud800': 2, constructor: 3, ['__proto__']: 4 })",
        {"": 1, "a\ud800": 2, "constructor": 3, "__proto__": 4},
        "Object.keys(x).length === 4 && Object.hasOwn(x, '__proto__') && x.__proto__ === 4 && x['a\\ud800'] === 2",
    ),
    "an Object's index keys": ("({ b: 1, 7: 2 })", {"7": 2, "b": 1}, None),
    "a Map": (
        "new Map([[1, 'int'], [true, 'bool'], [1n, 'bigint'], ['1', 'str']])",
        JSMap([(1, "int"), (True, "bool"), (BigInt(1), "bigint"), ("1", "str")]), None,
    ),
    "a Map with NaN and undefined": (
        "new Map([[NaN, 1], [undefined, 2]])", JSMap([(math.nan, 1), (undefined, 2)]), None,
    ),
    "a Set": ("new Set([1, true, '1', null])", JSSet([1, True, "1", None]), None),
    "a Date": ("new Date(Date.UTC(2024, 1, 29, 1, 2, 3, 456))", datetime(2024, 2, 29, 1, 2, 3, 456000, UTC), None),
    "the first datetime": ("new Date(-62135596800000)", datetime(1, 1, 1, tzinfo=UTC), None),
    "a Date before datetime": ("new Date(-62135596800001)", JSDate(-62135596800001), None),
    "the last Date": ("new Date(8.64e15)", JSDate(8.64e15), None),
    "an invalid Date": ("new Date(NaN)", JSDate(math.nan), "x instanceof Date && isNaN(x)"),
    "a RegExp": ("/a[/]\\u{1F600}/giu", JSRegExp("a[/]\\u{1F600}", "giu"), None),
    "an Error": ("new Error('no')", "Error: no", None),
    "a TypeError": ("new TypeError('no')", "TypeError: no", None),
    "a RangeError": ("new RangeError('')", "RangeError: ", None),
    "a boxed number": ("new Number(-0)", JSBoxed(-0.0), None),
    "a boxed string": ("new String('s')", JSBoxed("s"), None),
    "a boxed boolean": ("new Boolean(false)", JSBoxed(False), None),
    "a boxed bigint": ("Object(10n)", JSBoxed(BigInt(10)), None),
    "a Uint8Array": ("new Uint8Array([0, 255])", b"\x00\xff", None),
    "an empty Uint8Array": ("new Uint8Array()", b"", None),
    "part of a Uint8Array": ("new Uint8Array([1, 2, 3]).subarray(1, 2)", b"\x02", "x.length === 1 && x[0] === 2"),
    "an Int8Array": ("new Int8Array([-1])", JSTypedArray("Int8Array", [-1]), None),
    "a Uint8ClampedArray": ("new Uint8ClampedArray([300])", JSTypedArray("Uint8ClampedArray", [255]), None),
    "an Int16Array": ("new Int16Array([-1, 2])", JSTypedArray("Int16Array", [-1, 2]), None),
    "a Uint16Array": ("new Uint16Array([65535])", JSTypedArray("Uint16Array", [65535]), None),
    "an Int32Array": ("new Int32Array([-1])", JSTypedArray("Int32Array", [-1]), None),
    "a Uint32Array": ("new Uint32Array([2 ** 32 - 1])", JSTypedArray("Uint32Array", [2**32 - 1]), None),
    "a Float32Array": ("new Float32Array([0.5])", JSTypedArray("Float32Array", [0.5]), None),
    "a Float64Array": ("new Float64Array([0.1])", JSTypedArray("Float64Array", [0.1]), None),
    "a BigInt64Array": ("new BigInt64Array([-1n])", JSTypedArray("BigInt64Array", [-1]), None),
    "a BigUint64Array": ("new BigUint64Array([2n ** 64n - 1n])", JSTypedArray("BigUint64Array", [2**64 - 1]), None),
    "a DataView": ("new DataView(new Uint8Array([1, 2]).buffer)", JSTypedArray("DataView", b"\x01\x02"), None),
    "an ArrayBuffer": ("new Uint8Array([1, 2]).buffer", JSArrayBuffer(b"\x01\x02"), None),
}  # fmt: skip


@pytest.fixture(scope="module")
def ctx() -> Any:
    with Context() as context:
        context.eval(SAME)
        yield context


@pytest.mark.parametrize("name", CASES)
def test_row(ctx: Context, name: str) -> None:
    source, expected, predicate = CASES[name]
    value = ctx.eval(f"({source})")
    if isinstance(expected, str) and isinstance(value, JSError):
        assert f"{value.name}: {value.message}" == expected
    else:
        # An Object of odd keys is a subclass of dict, as nodes of a graph are.
        assert type(value) is type(expected) or (type(expected) is dict and isinstance(value, dict))
        assert value == expected
        if isinstance(value, float):
            assert math.copysign(1, value) == math.copysign(1, expected)
    check = ctx.eval(f"(x) => {predicate or f'same(x, ({source}))'}")
    assert check(value) is True, f"Python had {value!r}"
    # The same inside of other values, and twice.
    assert ctx.eval("(d) => d.list[0]")({"list": [value]}) == value or source == "NaN"


def test_nan(ctx: Context) -> None:
    value = ctx.eval("NaN")
    assert isinstance(value, float)
    assert math.isnan(value)
    assert ctx.eval("(x) => Number.isNaN(x)")(value) is True


def test_a_resizable_array_buffer_where_v8_has_it(ctx: Context) -> None:
    if ctx.eval("'resizable' in ArrayBuffer.prototype") is not True:
        pytest.skip("this V8 has no resizable ArrayBuffers")
    value = ctx.eval("new ArrayBuffer(2, { maxByteLength: 8 })")
    assert value == JSArrayBuffer(b"\0\0", max_byte_length=8)
    assert ctx.eval("(b) => b.resizable && b.maxByteLength === 8")(value) is True


def test_views_of_one_buffer_share_it(ctx: Context) -> None:
    value = ctx.eval(
        "(() => { const b = new ArrayBuffer(8); return [new Uint8Array(b, 2, 2), new Uint16Array(b, 4)] })()"
    )
    assert [type(view) for view in value] == [JSTypedArray, JSTypedArray]
    assert value[0].buffer is value[1].buffer
    assert value[0].byte_offset == 2
    check = ctx.eval("([a, b]) => a.buffer === b.buffer && a.byteOffset === 2 && a.length === 2 && b.length === 2")
    assert check(value) is True


@pytest.mark.parametrize(
    "make", ["{ a: 1 }", "[1]", "new Date(0)", "new Map()", "new Set()", "/x/", "new Error()", "new Number(1)",
             "new ArrayBuffer(2)", "new Uint8Array(2)"],
)  # fmt: skip
def test_a_value_met_twice_is_one_object(ctx: Context, make: str) -> None:
    value = ctx.eval(f"(() => {{ const v = {make}; return {{ a: v, b: [v] }} }})()")
    assert value["a"] is value["b"][0]
    assert ctx.eval("(x) => x.a === x.b[0]")(value) is True


def test_cycles(ctx: Context) -> None:
    value = ctx.eval("(() => { const o = { list: [] }; o.self = o; o.list.push(o, o.list); return o })()")
    assert value["self"] is value
    assert value["list"][0] is value
    assert value["list"][1] is value["list"]
    assert ctx.eval("(o) => o.self === o && o.list[0] === o && o.list[1] === o.list")(value) is True
    keyed = ctx.eval("(() => { const m = new Map(); m.set(m, new Set([m])); return m })()")
    assert next(iter(keyed)) is keyed
    assert ctx.eval("(m) => m.has(m) && m.get(m).has(m)")(keyed) is True


def test_functions_and_friends_inside_of_data(ctx: Context) -> None:
    for source in (
        "() => 1",
        "Symbol('s')",
        "Promise.resolve(1)",
        "new Proxy({}, {})",
        "new WeakMap()",
        "new WeakSet()",
    ):
        with pytest.raises(DataCloneError) as caught:
            ctx.eval(f"({{ rows: [0, {{ when: {source} }}] }})")
        assert caught.value.path == "$.rows[1].when"


def test_functions_and_friends_as_the_whole_result(ctx: Context) -> None:
    assert isinstance(ctx.eval("() => 1"), JSFunction)
    for source in ("Symbol('s')", "new Proxy({}, {})", "new WeakMap()"):
        handle = ctx.eval(source)
        assert type(handle) is JSObject
        assert ctx.eval(f"(x) => typeof x === typeof ({source})")(handle) is True


def test_a_promise_as_the_whole_result(ctx: Context) -> None:
    assert isinstance(ctx.eval("Promise.resolve(1)"), JSPromise)
    assert ctx.ref("Promise.resolve(1)").call("constructor.name.toString") == "Promise"
