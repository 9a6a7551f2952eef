"""Hypothesis strategies for every kind of value that can cross, and `same`, which knows kinds and identity.

One strategy a type, then `values()`, whole values with every type in every position.
"""

from __future__ import annotations

import math
import struct
from datetime import datetime, timezone
from typing import Any

from hypothesis import strategies as st

from pyv8bridge.errors import JSError
from pyv8bridge.values import (
    BigInt,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    hole,
    undefined,
)
from pyv8bridge.values.binary import VIEW_KINDS

SAFE = 2**53 - 1

booleans = st.booleans()
absences = st.sampled_from([None, undefined])
integers = st.integers(-SAFE, SAFE) | st.sampled_from([0, -1, 2**31, 2**32, SAFE, -SAFE])
floats = st.floats() | st.sampled_from([-0.0, 0.5, 2.0**53, -(2.0**53), 1e308, 5e-324, math.inf, math.nan])
bigints = st.integers().map(BigInt) | st.integers(-(2**200), 2**200).map(BigInt)
# Also lone surrogates, which JavaScript's strings may have.
texts = st.text(max_size=8) | st.text(st.characters(categories=["Cs", "Ll"]), max_size=4).map(
    lambda text: text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
)
binaries = st.binary(max_size=20)
# JavaScript counts milliseconds.
dates = st.datetimes(timezones=st.just(timezone.utc)).map(lambda d: d.replace(microsecond=d.microsecond // 1000 * 1000))
odd_dates = st.one_of(
    st.just(JSDate(math.nan)),
    st.integers(253_402_300_800_000, 8_640_000_000_000_000).map(JSDate),
    st.integers(-8_640_000_000_000_000, -62_135_596_800_001).map(JSDate),
)
regexps = st.builds(
    JSRegExp,
    st.sampled_from(["a", "(?:)", r"\d+", "[^/]", "\u00e9", "\ud800"]),
    st.sets(st.sampled_from("dgimsuy")).map("".join),
)
boxed = st.builds(JSBoxed, booleans | integers | floats | texts | bigints)
buffers = st.builds(JSArrayBuffer, binaries)
resizable_buffers = st.builds(lambda data, more: JSArrayBuffer(data, len(data) + more), binaries, st.integers(0, 9))


@st.composite
def typed_arrays(draw: st.DrawFn) -> JSTypedArray:
    """A view on a private buffer: it crosses as the bytes it shows."""
    kind = draw(st.sampled_from(VIEW_KINDS))
    return JSTypedArray(kind.name, draw(st.binary(max_size=4).map(lambda data: data * kind.size)))


leaves = st.one_of(
    absences, booleans, integers, floats, bigints, texts, binaries, dates, odd_dates, regexps, boxed, buffers,
    resizable_buffers, typed_arrays(),
)  # fmt: skip


def arrays(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arrays, perhaps with holes."""
    return st.lists(items | st.just(hole), max_size=4)


def objects(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects, perhaps with awkward keys."""
    keys = texts | st.sampled_from(["__proto__", "constructor", "", "0", "length"])
    return st.dictionaries(keys, items, max_size=4)


def maps(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Maps with any keys."""
    return st.lists(st.tuples(items, items), max_size=3).map(JSMap)


def sets(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Sets of anything."""
    return st.lists(items, max_size=3).map(JSSet)


def arrays_with_properties(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arrays with extra properties."""
    return st.builds(JSArray, st.lists(items, max_size=3), st.dictionaries(st.sampled_from("abc"), items, max_size=2))


def sparse_arrays(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Long Arrays of few elements."""
    return st.builds(
        JSSparseArray,
        st.integers(2000, 2**32 - 1),
        st.dictionaries(st.integers(0, 1999), items, max_size=3),
        st.dictionaries(st.sampled_from("abc"), items, max_size=1),
    )


def errors(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Errors, perhaps with a cause."""
    names = st.sampled_from(["Error", "TypeError", "RangeError", "SyntaxError"])
    plain = st.builds(JSError, texts, name=names, stack=st.none() | texts)
    return plain | st.builds(JSError, texts, name=names, cause=items)


def containers(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Every kind of container of `items`."""
    return st.one_of(
        arrays(items), objects(items), maps(items), sets(items), arrays_with_properties(items), sparse_arrays(items),
        errors(items),
    )  # fmt: skip


def values(max_leaves: int = 12) -> st.SearchStrategy[Any]:
    """Whole values."""
    return st.recursive(leaves, containers, max_leaves=max_leaves)


@st.composite
def shared_values(draw: st.DrawFn) -> Any:
    """Values in which instances of our classes, and views of one buffer, are met more than once."""
    buffer = draw(buffers | resizable_buffers)
    end = len(buffer)
    pool: list[Any] = [buffer, JSTypedArray("Uint8Array", buffer), JSTypedArray("DataView", buffer, end // 2)]
    pool += draw(st.lists(odd_dates | regexps | boxed | maps(leaves) | sets(leaves), min_size=1, max_size=3))
    picks = st.sampled_from(pool)
    value = draw(st.recursive(picks, containers, max_leaves=8))
    return [value, draw(picks), draw(picks)]


def _bits(number: float) -> bytes:
    return b"nan" if number != number else struct.pack(">d", number)


def same(a: Any, b: Any, met: dict[int, int] | None = None) -> bool:
    """Whether two values are the same to JavaScript: kinds, order, holes, -0, and what is one object in both.

    A list and a shared list are the same; what a value read back is may be shared only where it was so in the original.
    """
    met = {} if met is None else met
    if isinstance(a, (list, dict)) and isinstance(b, (list, dict)):
        if isinstance(a, list) != isinstance(b, list) or isinstance(a, JSArray) != isinstance(b, JSArray):
            return False
    elif isinstance(a, datetime) and isinstance(b, datetime):
        return a == b
    elif type(a) is float and type(b) is int:
        return a == b and not (a == 0 and math.copysign(1, a) < 0)
    elif type(a) is not type(b):
        return False
    if isinstance(a, float):
        return _bits(a) == _bits(b)
    if a is None or a is undefined or a is hole:
        return a is b
    if isinstance(a, (JSMap, JSSet, JSArray, JSSparseArray, JSError, JSArrayBuffer, JSDate, JSRegExp, JSBoxed)):
        if id(a) in met:
            return met[id(a)] == id(b)
        met[id(a)] = id(b)
    if isinstance(a, JSBoxed):
        return same(a.value, b.value, met)
    if isinstance(a, JSTypedArray):
        return bool(a == b)
    if isinstance(a, JSError):
        return (
            (a.name, a.message, a.stack, a.has_cause) == (b.name, b.message, b.stack, b.has_cause)
            and same(a.cause, b.cause, met)
        )  # fmt: skip
    if isinstance(a, JSSparseArray):
        return (
            a.length == b.length
            and same(dict(a.items()), dict(b.items()), met)
            and same(a.properties, b.properties, met)
        )
    if isinstance(a, JSArray) and not same(a.properties, b.properties, met):
        return False
    if isinstance(a, (JSMap, dict)):
        pairs = list(zip(a.items(), b.items(), strict=False))
        return len(a) == len(b) and all(same(k, m, met) and same(v, w, met) for (k, v), (m, w) in pairs)
    if isinstance(a, (list, JSSet)):
        return len(a) == len(b) and all(same(x, y, met) for x, y in zip(a, b, strict=False))
    return bool(a == b)
