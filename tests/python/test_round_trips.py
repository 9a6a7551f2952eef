"""Every kind of JavaScript value in every position goes to Python and back, and JavaScript finds it the same.

The table is pyv8bridge.testing's; here also what structured clone changes on purpose, and how.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pyv8bridge import Context, JSError, JSTypedArray, wire
from pyv8bridge.testing import JS_POSITIONS, JS_SOURCES, crossing_difference, difference
from pyv8bridge.testing.sources import placed

SOURCES = [(kind, source) for kind, sources in JS_SOURCES.items() for source in sources]

# What JavaScript makes of it when it is copied: source and what comes back.
CHANGED = {
    "an instance of a class": ("new (class A { x = 1; #p = 2; get y() { return 3 } })()", "{ x: 1 }"),
    "an Object without a prototype": ("Object.assign(Object.create(null), { a: 1 })", "{ a: 1 }"),
    "an Object with a prototype of its own": ("Object.create({ inherited: 1 }, {})", "{}"),
    "a getter": ("{ get a() { return 7 }, b: 1 }", "{ a: 7, b: 1 }"),
    "a setter alone": ("{ set a(v) {}, b: 1 }", "{ a: undefined, b: 1 }"),
    "a property that is not enumerable": ("Object.defineProperty({ x: 1 }, 'h', { value: 1 })", "{ x: 1 }"),
    "a symbol as a key": ("{ [Symbol('z')]: 1, a: 1 }", "{ a: 1 }"),
    "a frozen Object": ("Object.freeze({ a: [1] })", "{ a: [1] }"),
    "a frozen Array": ("Object.freeze([1, 2])", "[1, 2]"),
    "a subclass of Array": ("class extends Array {}.from([1, 2])", "[1, 2]"),
    "a subclass of Map": ("new (class extends Map {})([[1, 2]])", "new Map([[1, 2]])"),
    "a RegExp's lastIndex": ("Object.assign(/a/g, { lastIndex: 3 })", "/a/g"),
    "a Date's own property": ("Object.assign(new Date(5), { a: 1 })", "new Date(5)"),
    "a Map's own property": ("Object.assign(new Map([[1, 2]]), { a: 1 })", "new Map([[1, 2]])"),
    "a boxed number's own property": ("Object.assign(new Number(5), { a: 1 })", "new Number(5)"),
    "an Error's own property": (
        "Object.assign(new Error('m'), { code: 17, stack: 's' })",
        "Object.assign(new Error('m'), { stack: 's' })",
    ),
    "an Error of a custom name": (
        "Object.assign(new Error('m'), { name: 'Custom', stack: 's' })",
        "Object.assign(new Error('m'), { stack: 's' })",
    ),
    "an Error of a subclass": (
        "Object.assign(new (class Failure extends TypeError {})('m'), { stack: 's' })",
        "Object.assign(new TypeError('m'), { stack: 's' })",
    ),
    "Math": ("Math", "{}"),
    "JSON": ("JSON", "{}"),
    "a part of a Uint8Array": ("new Uint8Array([1, 2, 3]).subarray(1, 2)", "new Uint8Array([2])"),
    "a part of a Float64Array": ("new Float64Array([1, 2, 3]).subarray(1)", "new Float64Array([2, 3])"),
    "a NaN of other bits": ("new Float64Array(new BigUint64Array([0x7ff8000000001234n]).buffer)[0]", "NaN"),
    "an Array whose getter shrinks it": (
        "(() => { const a = [{ get x() { a.length = 1; return 1 } }, 2, 3]; return a })()",
        "[{ x: 1 }, , , ]",
    ),
    "an Object whose getter adds to it": ("{ get a() { this.c = 3; return 1 }, b: 2 }", "{ a: 1, b: 2 }"),
    "a getter that deletes what follows": ("{ get a() { delete this.b; return 1 }, b: 2, c: 3 }", "{ a: 1, c: 3 }"),
    "a Map that a getter changes": (
        "(() => { const m = new Map(); m.set({ get a() { m.clear(); return 1 } }, 1).set(2, 3); return m })()",
        "new Map([[{ a: 1 }, 1], [2, 3]])",
    ),
    "a Set that a getter changes": (
        "(() => { const s = new Set(); s.add({ get a() { s.add(9); return 1 } }).add(2); return s })()",
        "new Set([{ a: 1 }, 2])",
    ),
}


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context() as context:
        yield context


def test_table_is_large() -> None:
    assert len(SOURCES) >= 150
    assert len({source for _, source in SOURCES}) == len(SOURCES)


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_every_type_in_every_position(ctx: Context, kind: str, source: str) -> None:
    for position in JS_POSITIONS:
        assert crossing_difference(ctx, placed(position, source)) is None, position


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_every_type_thrown(ctx: Context, kind: str, source: str) -> None:
    assert crossing_difference(ctx, source, thrown=True) is None


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_every_type_as_the_cause_of_an_error(ctx: Context, kind: str, source: str) -> None:
    if not ctx.eval("new Error('', { cause: 1 })").has_cause:
        pytest.skip("this V8 leaves the cause of an Error behind")
    assert crossing_difference(ctx, f"new TypeError('m', {{ cause: ({source}) }})") is None


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_every_type_as_arguments_and_this(ctx: Context, kind: str, source: str) -> None:
    value = ctx.eval(f"({source})")
    back = ctx.eval("(function (a, ...rest) { return [a, rest, this] })")(value, value, this=[value])
    assert difference([value, [value], [value]], back) is None


@pytest.mark.parametrize(("kind", "source"), SOURCES)
def test_bytes_say_the_same_as_the_engine(ctx: Context, kind: str, source: str) -> None:
    value = ctx.eval(f"({source})")
    assert difference(value, wire.loads(wire.dumps(value))) is None


@pytest.mark.parametrize(("source", "expected"), CHANGED.values(), ids=CHANGED)
def test_what_a_copy_changes(ctx: Context, source: str, expected: str) -> None:
    assert crossing_difference(ctx, source, expected=expected) is None


def test_a_thrown_error_keeps_its_name_and_properties(ctx: Context) -> None:
    with pytest.raises(JSError) as caught:
        ctx.eval("throw Object.assign(new RangeError('m'), { name: 'Custom', code: 17, data: new Map([[1, 2n]]) })")
    assert caught.value.name == "Custom"
    assert list(caught.value.properties) == ["code", "data"]
    assert caught.value.value is caught.value


def test_short_uint8arrays_are_different_keys(ctx: Context) -> None:
    """CPython has one bytes object for each text of at most one byte; two Uint8Arrays are two keys all the same."""
    for source in ("new Uint8Array(0)", "new Uint8Array(1)"):
        keyed = ctx.eval(f"new Map([[{source}, 1], [{source}, 2], [0, 3]])")
        assert list(keyed.values()) == [1, 2, 3]
        first, second, _ = keyed
        assert type(first) is bytes
        assert type(second) is JSTypedArray
        assert bytes(second) == first
        assert len(ctx.eval(f"new Set([{source}, {source}, {source}])")) == 3
