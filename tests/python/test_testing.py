"""pyv8bridge.testing itself: both comparisons see every difference they should, and nothing else."""

from __future__ import annotations

import doctest
import math
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from children import run_child
from hypothesis import given

import pyv8bridge
from pyv8bridge import (
    BigInt,
    Context,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSError,
    JSFunction,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    hole,
    undefined,
)
from pyv8bridge.testing import JS_SOURCES, compare, deep_equal, difference, in_javascript, same, sources
from pyv8bridge.testing.strategies import cyclic_values, shared_values, values
from pyv8bridge.values import SharedDict, SharedList

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "testing.md"
BUFFER = JSArrayBuffer(bytes(8))

# Pairwise different, though Python takes many of them for equal.
PYTHON: list[Any] = [
    undefined, None, hole, False, True, 0, 1, -0.0, 0.0, 1.0, 1.5, math.nan, math.inf, BigInt(0), BigInt(1), "", "1",
    "0", b"", b"1", [], [hole], [undefined], [None], [1, 2], [2, 1], [[]], JSArray([], {"a": 1}), JSArray([], {"b": 1}),
    JSArray([], {"a": 2}), JSArray([1], {"a": 1}), JSSparseArray(2000), JSSparseArray(2001), JSSparseArray(2000,
    {1: 1}),
    JSSparseArray(2000, {1: 2}), JSSparseArray(2000, {}, {"a": 1}), {}, {"a": 1}, {"a": True}, {"b": 1},
    {"a": 1, "b": 2}, {"b": 2, "a": 1}, JSMap(), JSMap({"a": 1}), JSMap([("b", 2), ("a", 1)]),
    JSMap([("a", 1), ("b", 2)]), JSSet(), JSSet([1]), JSSet([True]), JSSet([1, 2]), JSSet([2, 1]), JSDate(math.nan),
    JSDate(8e15), datetime(2020, 1, 1, tzinfo=timezone.utc), datetime(2020, 1, 2, tzinfo=timezone.utc),
    JSRegExp("a"), JSRegExp("a", "g"), JSRegExp("b"), JSError(), JSError("m"), JSError("m", name="TypeError"),
    JSError("m", stack="s"), JSError("m", cause=undefined), JSError("m", cause=1), JSError("m", properties={"a": 1}),
    JSBoxed(1), JSBoxed(True), JSBoxed(BigInt(1)), JSBoxed("1"), JSBoxed(0), JSBoxed(-0.0), JSArrayBuffer(b""),
    JSArrayBuffer(b"1"), JSArrayBuffer(b"1", 1), JSArrayBuffer(b"1", 2), JSTypedArray("Int8Array", b"1"),
    JSTypedArray("Uint8Array", b"1"), JSTypedArray("Int8Array", b"2"), JSTypedArray("DataView", b"1"),
    JSTypedArray("Int8Array", JSArrayBuffer(b"1", 8)), JSTypedArray("Int8Array", JSArrayBuffer(b"1", 8), 0, 1),
    JSTypedArray("Float32Array", [0.0]), JSTypedArray("Float32Array", [-0.0]),
]  # fmt: skip

# Expressions whose values are pairwise different; those of JS_SOURCES are nearly all, and these are on purpose.
JAVASCRIPT = [
    "[1]", "[1, undefined]", "[1, ,]", "[, 1]", "Object.assign([1], { a: 1 })", "Object.assign([1], { a: 2 })", "{}",
    "{ a: 1 }", "{ a: true }", "{ a: '1' }", "{ a: 1n }", "{ a: 1, b: 2 }", "{ b: 2, a: 1 }",
    "{ get a() { return 1 } }",
    "Object.create(null)", "new (class A {})()", "{ [Symbol.for('s')]: 1 }", "[-0]", "[0]", "[NaN]",
    "Object.defineProperty({}, 'a', { value: 1 })", "new Map([[1, 2]])", "new Map([[2, 1]])", "new Map([[1, 3]])",
    "new Map([[1, 2], [3, 4]])", "new Map([[3, 4], [1, 2]])", "new (class M extends Map {})()", "new Map()",
    "new Set()",
    "new Set([1])", "new Set([1, 2])", "new Set([2, 1])", "new Set([[]])", "new Date(0)", "new Date(1)",
    "new Date(NaN)",
    "/a/", "/a/g", "/b/", "Object.assign(/a/g, { lastIndex: 1 })", "Object(1)", "Object(-0)", "Object(0)",
    "Object('1')",
    "Object(true)", "Object(1n)", "Object.assign(Object(1), { a: 1 })", "new ArrayBuffer(1)", "new ArrayBuffer(2)",
    "new Uint8Array([1]).buffer", "new Uint8Array(1)", "new Uint8Array(2)", "new Uint8ClampedArray(1)",
    "new Int8Array(1)", "new DataView(new ArrayBuffer(1))", "new Float64Array([0])", "new Float64Array([-0])",
    "Object.assign(new Error('m'), { stack: '' })", "Object.assign(new Error('n'), { stack: '' })",
    "Object.assign(new Error('m'), { stack: 's' })", "Object.assign(new TypeError('m'), { stack: '' })",
    "Object.assign(new Error('m'), { stack: '', code: 1 })",
    "Object.assign(new Error('m', { cause: 1 }), { stack: '' })",
    "Object.assign(new Error('m', { cause: undefined }), { stack: '' })", "null", "undefined", "0", "-0", "''", "'0'",
    "((o) => [o, o])({})", "[{}, {}]", "((o) => (o.o = o))({})", "{ o: {} }", "((b) => [b, b])(new ArrayBuffer(1))",
    "[new ArrayBuffer(1), new ArrayBuffer(1)]", "((b) => [new Int8Array(b), new Int8Array(b)])(new ArrayBuffer(1))",
    "[new Int8Array(1), new Int8Array(1)]", "((b) => [b, new Int8Array(b)])(new ArrayBuffer(1))",
    "[new ArrayBuffer(1), new Int8Array(1)]", "((b) => [new Int8Array(b, 0, 1), new Int8Array(b)])(new ArrayBuffer(2))",
    "((b) => [new Int8Array(b, 1, 1), new Int8Array(b)])(new ArrayBuffer(2))",
]  # fmt: skip


def test_python_comparison_tells_values_apart() -> None:
    for first, a in enumerate(PYTHON):
        for second, b in enumerate(PYTHON):
            for x, y in ((a, b), ([a], [b]), ({"k": a}, {"k": b}), (JSMap([(a, 1)]), JSMap([(b, 1)]))):
                if a is hole or b is hole:
                    continue
                # A Map has no -0 as a key.
                zeros = isinstance(x, JSMap) and {repr(a), repr(b)} <= {"0", "0.0", "-0.0"}
                assert zeros or same(x, y) is (first == second), (x, y)


def test_python_comparison_names_the_place() -> None:
    a = {"rows": [JSMap([(1, JSSet([2]))])]}
    b = {"rows": [JSMap([(1, JSSet([3]))])]}
    assert difference(a, b) == "$.rows[0].values()[0].values()[0]: int 2 is not int 3"


def test_identity_in_python() -> None:
    one = JSMap()
    assert same([one, one], [one, one])
    assert not same([one, one], [JSMap(), JSMap()])
    assert not same([JSMap(), JSMap()], [one, one])
    shared = SharedList([1])
    assert same(shared, [1])
    assert not same([shared, shared], [[1], [1]])
    assert not same([[1], [1]], [shared, shared])
    plain = {"a": 1}
    assert same([plain, plain], [{"a": 1}, {"a": 1}])
    assert not same([plain, plain], [{"a": 1}, {"a": 1}], references=True)
    assert same([plain, plain], [SharedDict(a=1)] * 2, references=True)


def test_views_in_python() -> None:
    def view(buffer: JSArrayBuffer, offset: int, length: int) -> JSTypedArray:
        return JSTypedArray("Int8Array", buffer, offset, length)

    other = JSArrayBuffer(bytes(8))
    assert same(view(BUFFER, 4, 2), JSTypedArray("Int8Array", bytes(2)))  # A view alone carries its bytes only.
    assert same([BUFFER, view(BUFFER, 4, 2)], [other, view(other, 4, 2)])
    assert not same([BUFFER, view(BUFFER, 4, 2)], [other, view(other, 3, 2)])
    assert not same([BUFFER, view(BUFFER, 4, 2)], [other, view(BUFFER, 4, 2)])
    assert not same([view(BUFFER, 0, 1), view(BUFFER, 1, 1)], [view(BUFFER, 0, 1), view(other, 1, 1)])
    assert not same([view(BUFFER, 0, 1), view(other, 1, 1)], [view(BUFFER, 0, 1), view(BUFFER, 1, 1)])


def test_cycles_in_python_end() -> None:
    a: list[Any] = []
    a.append(a)
    b: list[Any] = []
    b.append(b)
    assert same(a, b)
    assert not same(a, [[1]])
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert same(deep, deep)


@given(values() | shared_values() | cyclic_values())
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert difference(value, value) is None
    assert not same([value], [value, value])


@pytest.fixture(scope="module")
def ctx() -> Iterator[Context]:
    with Context() as context:
        yield context


@pytest.fixture(scope="module")
def in_js(ctx: Context) -> JSFunction:
    return deep_equal(ctx)


def test_javascript_comparison_tells_values_apart(ctx: Context) -> None:
    compare_all = ctx.eval(f"""
        (sources) => {{
          const difference = {in_javascript.DEEP_EQUAL}, wrong = [];
          const make = (source) => eval(`(${{source}})`);
          sources.forEach((a, i) => sources.forEach((b, j) => {{
            const found = difference([make(a)], [make(b)]);
            const missing = (found === null) !== (a === b);
            if (missing && !/class/.test(a)) wrong.push([a, b, found]);
          }}));
          return wrong;
        }}""")
    assert compare_all(JAVASCRIPT) == []


def test_javascript_comparison_finds_copies_the_same(ctx: Context) -> None:
    compare_copies = ctx.eval(f"""
        (sources) => sources.filter((source) => {{
          const make = () => Object.assign(eval, {{}})(`(${{source}})`);
          const steady = (e) => (e instanceof Error ? Object.assign(e, {{ stack: "" }}) : e);
          return ({in_javascript.DEEP_EQUAL})(steady(make()), steady(make())) !== null;
        }})""")
    wrong = compare_copies([source for kind in JS_SOURCES.values() for source in kind])
    assert [source for source in wrong if "Error" not in source] == []


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, {"a": -0.0}], [1, {"a": 0}], "$[1].a: -0 is not 0"),
        ({"a b": 1}, {"a b": "1"}, '$["a b"]: number 1 is not string "1"'),
        (JSMap([("k", [1])]), JSMap([("k", [2])]), "$.values()[0][0]: 1 is not 2"),
        ([1, 2], [1], "$: keys [0][1].length are not [0].length"),
        (JSSet([1]), JSSet([2]), "$.values()[0]: 1 is not 2"),
        (JSMap([([], 1)]), JSMap([([1], 1)]), "$.keys()[0]: keys .length are not [0].length"),
    ],
)
def test_javascript_comparison_names_the_place(in_js: JSFunction, a: Any, b: Any, expected: str) -> None:
    assert in_js(a, b) == expected
    assert in_js(a, a) is None


def test_works_without_hypothesis() -> None:
    out = run_child(
        """
        import sys
        sys.modules["hypothesis"] = None
        from pyv8bridge.testing import *
        from pyv8bridge import Context
        print(same([1], [1]), deep_equal(Context())([1], [2]))
        try:
            from pyv8bridge.testing import strategies
        except ImportError as error:
            print("hypothesis" in str(error))
        """
    )
    assert out == "True $[0]: 1 is not 2\nTrue\n"


@pytest.mark.parametrize("module", [compare, in_javascript, sources])
def test_docstrings(module: Any) -> None:
    result = doctest.testmod(module)
    assert (result.failed, result.attempted > 0) == (0, True)


def test_page() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert (result.failed, result.attempted > 8) == (0, True)
    assert "testing" not in pyv8bridge.__all__
    assert sys.modules["pyv8bridge.testing"].same is same
