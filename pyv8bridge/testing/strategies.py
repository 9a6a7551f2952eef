"""Hypothesis strategies for every kind of value that can cross, as Python values and as JavaScript expressions.

Every value is in the form in which it comes out of JavaScript (an int and not 1.0, a JSSparseArray where an Array is
mostly holes, index keys first), so it comes back as the `same`. Beside the whole values there is one strategy a type,
to build others from. Needs hypothesis.
"""

from __future__ import annotations

import math
from datetime import timezone
from typing import Any, Final

from hypothesis import strategies as st

from ..errors import JSError
from ..values import (
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
    SharedDatetime,
    SharedDict,
    SharedList,
    hole,
    undefined,
)
from ..values.binary import VIEW_KINDS
from .features import ALL_FEATURES, Features
from .sources import JS_POSITIONS, JS_SOURCES, placed

Strategy = st.SearchStrategy[Any]

_SAFE: Final = 2**53 - 1
_FIRST_INDEX_THAT_IS_NONE: Final = 2**32 - 1


def _number(value: float) -> int | float:
    """A number as it comes out of JavaScript."""
    whole = math.isfinite(value) and value == int(value) and abs(value) <= _SAFE
    return int(value) if whole and not (value == 0 and math.copysign(1, value) < 0) else value


def _as_pairs(text: str) -> str:
    """The str that decoding the same UTF-16 gives: a pair of surrogates is one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


# ---- values without children ----

absences = st.sampled_from([None, undefined])
booleans = st.booleans()
numbers: Strategy = st.one_of(
    st.integers(-_SAFE, _SAFE),
    st.sampled_from([0, -1, 2**31 - 1, 2**31, -(2**31) - 1, 2**32, _SAFE, -_SAFE]),
    st.floats().map(_number),
    st.sampled_from([-0.0, 0.5, 2.0**53, -(2.0**53), 1e308, 5e-324, math.inf, -math.inf, math.nan]),
)
bigints = st.integers().map(BigInt) | st.integers(-(2**200), 2**200).map(BigInt)
# Also lone surrogates, which JavaScript's strings may have.
texts = st.text(max_size=8) | st.text(st.characters(categories=["Cs", "Ll"]), max_size=4).map(_as_pairs)
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
    st.sampled_from(["a", "(?:)", r"\d+", "[^/]", "\u00e9", "\ud800", r"\/", "(?<name>a)"]),
    st.sets(st.sampled_from("dgimsuy")).map("".join),
)
boxed = st.builds(JSBoxed, booleans | numbers | texts | bigints)
buffers = st.builds(JSArrayBuffer, binaries)
resizable_buffers = st.builds(lambda data, more: JSArrayBuffer(data, len(data) + more), binaries, st.integers(0, 9))


def typed_arrays(features: Features = ALL_FEATURES) -> Strategy:
    """Views on buffers of their own, which cross as the bytes they show. A Uint8Array of that kind is bytes."""
    kinds = [kind for kind in VIEW_KINDS if kind.name != "Uint8Array" and (kind.letter != "h" or features.float16)]
    return st.builds(
        lambda kind, data: JSTypedArray(kind.name, data * kind.size), st.sampled_from(kinds), st.binary(max_size=4)
    )


def leaves(features: Features = ALL_FEATURES) -> Strategy:
    """Every value without children."""
    found = [
        absences, booleans, numbers, bigints, texts, binaries, dates, odd_dates, regexps, boxed, buffers,
        typed_arrays(features),
    ]  # fmt: skip
    return st.one_of(*found, resizable_buffers) if features.resizable else st.one_of(*found)


# ---- containers of given parts ----


def arrays(items: Strategy) -> Strategy:
    """Arrays, perhaps with holes."""
    return st.lists(items | st.just(hole), max_size=4)


def objects(items: Strategy) -> Strategy:
    """Objects, perhaps with awkward keys."""
    keys = texts | st.sampled_from(["__proto__", "constructor", "", "0", "7", "10", "01", "-1", "4294967295", "length"])
    return st.dictionaries(keys, items, max_size=4).map(_in_js_order)


def _in_js_order(entries: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(entries.items(), key=lambda entry: int(entry[0]) if _is_index(entry[0]) else 2**32))


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < _FIRST_INDEX_THAT_IS_NONE


def maps(items: Strategy) -> Strategy:
    """Maps with any keys."""
    return st.lists(st.tuples(items, items), max_size=3).map(JSMap)


def sets(items: Strategy) -> Strategy:
    """Sets of anything."""
    return st.lists(items, max_size=3).map(JSSet)


_PROPERTY_NAMES: Final = st.sampled_from(["a", "b", "", "-1", "01", "4294967295", "__proto__", "\ud800"])


def arrays_with_properties(items: Strategy) -> Strategy:
    """Arrays with extra properties."""
    properties = st.dictionaries(_PROPERTY_NAMES, items, min_size=1, max_size=2)
    return st.builds(JSArray, st.lists(items | st.just(hole), max_size=3), properties)


def sparse_arrays(items: Strategy) -> Strategy:
    """Long Arrays of few elements."""
    return st.builds(
        JSSparseArray,
        st.integers(2000, 3000) | st.integers(2**25 + 1, 2**32 - 1),
        st.dictionaries(st.integers(0, 1999), items, max_size=3),
        st.dictionaries(_PROPERTY_NAMES, items, max_size=1),
    )


def errors(items: Strategy, features: Features = ALL_FEATURES) -> Strategy:
    """Errors, perhaps with a message, perhaps with a cause."""
    names = st.sampled_from(
        ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"]
    )
    plain = st.builds(JSError, texts, name=names, stack=st.none() | texts)
    plain |= st.builds(JSError, name=names)
    return plain | st.builds(JSError, texts, name=names, cause=items) if features.causes else plain


def containers(items: Strategy, features: Features = ALL_FEATURES) -> Strategy:
    """Every kind of container of `items`."""
    return st.one_of(
        arrays(items), objects(items), maps(items), sets(items), arrays_with_properties(items), sparse_arrays(items),
        errors(items, features),
    )  # fmt: skip


# ---- whole values ----


def values(max_leaves: int = 12, features: Features = ALL_FEATURES) -> Strategy:
    """Whole values in which nothing is met twice. `features` says what the engine has, if one is to see them."""
    return st.recursive(leaves(features), lambda items: containers(items, features), max_leaves=max_leaves)


@st.composite
def shared_values(draw: st.DrawFn, features: Features = ALL_FEATURES) -> Any:
    """Values in which objects, and views of one buffer, are met more than once."""
    buffer = draw(buffers | resizable_buffers if features.resizable else buffers)
    end = len(buffer)
    pool: list[Any] = [
        buffer,
        JSTypedArray("Uint8Array", buffer),
        JSTypedArray("DataView", buffer, end // 2),
        JSTypedArray("Int16Array", buffer, 0, end // 2),
    ]
    inner = leaves(features)
    pool += draw(
        st.lists(
            st.one_of(odd_dates, regexps, boxed, maps(inner), sets(inner), dates.map(SharedDatetime.of),
                      arrays(inner).map(SharedList), objects(inner).map(SharedDict)),
            min_size=1, max_size=3,
        )
    )  # fmt: skip
    picks = st.sampled_from(pool)
    value = draw(st.recursive(picks, lambda items: containers(items, features), max_leaves=8))
    # Everything at least twice: what is met once comes back as a plain value.
    return [value, *pool, *pool, draw(picks)]


@st.composite
def cyclic_values(draw: st.DrawFn, features: Features = ALL_FEATURES) -> Any:
    """Values of which one container contains itself."""
    value = draw(st.sampled_from([SharedList, SharedDict, JSMap, JSSet, JSArray]))()
    inside = draw(st.recursive(st.just(value), lambda items: containers(items, features), max_leaves=3))
    if isinstance(value, SharedDict):
        value["self"] = inside
        value["value"] = value
    elif isinstance(value, JSMap):
        value[inside] = value
    elif isinstance(value, JSSet):
        value.add(inside)
        value.add(value)
    else:
        value += [inside, value]
    if isinstance(value, JSArray):
        value.properties["self"] = value
    return value


# ---- JavaScript ----


def _literal(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    codes = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
    return '"' + "".join(chr(code) if chr(code).isalnum() and code < 128 else f"\\u{code:04x}" for code in codes) + '"'


def _number_source(value: float) -> str:
    if isinstance(value, int) or not math.isfinite(value):
        return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(value, "NaN" if value != value else f"({value})")
    return f"({value!r})"


_js_leaves: Final = st.one_of(
    st.sampled_from(sorted(source for kind in JS_SOURCES for source in JS_SOURCES[kind] if len(source) < 60)),
    numbers.map(_number_source),
    bigints.map(lambda value: f"({int(value)}n)"),
    texts.map(_literal),
    st.one_of(st.integers(-(10**16), 10**16), st.integers(-(10**12), 10**12)).map(lambda ms: f"new Date({ms})"),
    st.builds(
        lambda kind, data: f"new {kind.name}(new Uint8Array({[*data] * kind.size}).buffer)",
        st.sampled_from([kind for kind in VIEW_KINDS if kind.letter != "h"]), st.binary(max_size=3),
    ),
)  # fmt: skip


def _js_containers(items: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    few = st.lists(items, max_size=3)
    keys = texts.map(_literal)
    pairs = st.lists(st.tuples(items, items).map(lambda pair: f"[{pair[0]}, {pair[1]}]"), max_size=3)
    entries = st.lists(st.tuples(keys, items).map(lambda pair: f"[{pair[0]}]: {pair[1]}"), max_size=3)
    return st.one_of(
        st.lists(items | st.just(""), max_size=4).map(lambda parts: f"[{', '.join(parts)}]"),
        entries.map(lambda parts: f"({{ {', '.join(parts)} }})"),
        pairs.map(lambda parts: f"new Map([{', '.join(parts)}])"),
        few.map(lambda parts: f"new Set([{', '.join(parts)}])"),
        st.builds(lambda a, b: f"Object.assign([{a}, , 1], {{ p: {b} }})", items, items),
        items.map(lambda part: f"((a) => (a[5000] = {part}, a))([1])"),
        items.map(lambda part: f"((v) => [v, {{ v }}, new Set([v])])({part})"),
        items.map(lambda part: f"((o) => (o.self = o, o.value = {part}, o))({{}})"),
        items.map(lambda part: f"((m) => m.set(m, {part}).set({part}, m))(new Map())"),
    )


def js_values(max_leaves: int = 10) -> st.SearchStrategy[str]:
    """JavaScript expressions for whole values, with everything that makes a value new inside."""
    return st.recursive(_js_leaves, _js_containers, max_leaves=max_leaves)


def js_sources(max_leaves: int = 10) -> st.SearchStrategy[str]:
    """JavaScript expressions: every type in every position, and whole values of them.

    All are of kinds that every V8 from 10.2 on copies whole.
    """
    return st.one_of(
        st.builds(placed, st.sampled_from(sorted(JS_POSITIONS)), _js_leaves),
        js_values(max_leaves),
    )
