"""v8serialize, another implementation of V8's format in Python, reads what we write, and we read what it writes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyv8bridge import Context, JSTypedArray, wire
from pyv8bridge.testing import JS_SOURCES, difference
from pyv8bridge.testing import strategies as js

v8serialize = pytest.importorskip("v8serialize")
CTX = Context()

# What v8serialize has no exact value for, in its version 0.4.
ITS_LIMITS = {
    "lone surrogates": ("\\ud800", "\\udc00"),
    "-0": ("-0",),
    "boxed primitives, which it reads as primitives": ("new Number", "new String", "new Boolean", "Object("),
    "invalid Dates and those outside the years 1 to 9999": ("NaN)", "00000)", "00001)", "8.64e15"),
    "keys, and Dates, that are equal in Python": ("1n", "2n ** 53n", "new Date(0), "),
    "an Error without a message": ("new Error()",),
    "depth": ("< 400",),
    "identity of RegExps, Errors and Dates": ("[r, r", "[e, { e }]", "[d, d", "[new Date(0)"),
}
SOURCES = [
    source
    for kind, sources in JS_SOURCES.items()
    for source in sources
    if kind == "bigint" or not any(word in source for words in ITS_LIMITS.values() for word in words)
]


def through(value: Any) -> Any:
    """Our bytes, read and written by v8serialize, and read by us."""
    return wire.loads(v8serialize.dumps(v8serialize.loads(wire.dumps(value))))


def test_most_of_the_table_is_in_its_reach() -> None:
    assert len(SOURCES) > 170


@pytest.mark.parametrize("source", SOURCES)
def test_values_go_through_it(source: str) -> None:
    value = CTX.ref(f"({{ value: ({source}) }})").get("value")
    assert difference(value, through(value)) is None


LEAVES = st.one_of(
    js.absences, st.integers(-(2**53) + 1, 2**53 - 1), st.text(max_size=5), js.bigints, js.binaries,
    js.typed_arrays().filter(lambda view: view.kind != "Float16Array"), js.buffers,
)  # fmt: skip
KEYS = st.text(max_size=3).filter(lambda key: not key.isdecimal())


@given(st.recursive(LEAVES, lambda items: js.arrays(items) | st.dictionaries(KEYS, items, max_size=3)))
def test_generated_values_go_through_it(value: Any) -> None:
    assert difference(value, through(value)) is None


def test_what_it_makes_itself() -> None:
    types = v8serialize.jstypes
    made = types.JSObject(
        name="x", list=types.JSArray([1, 2.5, None]), map=types.JSMap([("k", 10**30)]), set=types.JSSet(["a", True])
    )
    read = wire.loads(v8serialize.dumps(made))
    assert repr(read) == (
        "{'name': 'x', 'list': [1, 2.5, None], 'map': JSMap({'k': BigInt(1000000000000000000000000000000)}), "
        "'set': JSSet(['a', True])}"
    )
    view = wire.loads(v8serialize.dumps(types.JSUint16Array(types.JSArrayBuffer(b"\1\2\3\4"))))
    assert difference(view, JSTypedArray("Uint16Array", [513, 1027])) is None
