"""Generated values through the engine: Python to JavaScript and back, JavaScript to Python and back, and bytes.

The function `x => x` copies its argument with V8's own serializer on the way out and its own deserializer on the way
in, so these also hold our codec against V8's structured clone.
"""

from __future__ import annotations

import struct
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from pyv8bridge import BigInt, Context, wire
from pyv8bridge.testing import Features, crossing_difference, difference
from pyv8bridge.testing.strategies import cyclic_values, js_sources, shared_values, values

CTX = Context()
FEATURES = Features.of(CTX)
IDENTITY = CTX.eval("x => x")
ANY = st.one_of(values(features=FEATURES), shared_values(features=FEATURES), cyclic_values(features=FEATURES))


@given(ANY)
def test_python_to_javascript_and_back(value: Any) -> None:
    assert difference(value, IDENTITY(value)) is None


@given(ANY)
def test_with_references_nothing_is_lost_either(value: Any) -> None:
    assert difference(value, IDENTITY(value, references=True)) is None


@given(st.lists(ANY, max_size=3))
def test_arguments_share_one_message(arguments: list[Any]) -> None:
    assert difference([*arguments, arguments], CTX.eval("(...all) => all")(*arguments, arguments)) is None


@given(values(features=FEATURES))
def test_attachments_and_globals(value: Any) -> None:
    CTX.globals["held"] = {"value": value}
    assert difference(value, CTX.eval("held.value")) is None


@given(js_sources())
def test_javascript_to_python_and_back(source: str) -> None:
    assert crossing_difference(CTX, source) is None


@given(js_sources())
def test_thrown_from_javascript(source: str) -> None:
    assert crossing_difference(CTX, source, thrown=True) is None


@given(values() | shared_values() | cyclic_values())
def test_bytes_without_an_engine(value: Any) -> None:
    assert difference(value, wire.loads(wire.dumps(value))) is None


@given(ANY)
def test_bytes_say_what_the_engine_says(value: Any) -> None:
    from_engine = IDENTITY(value)
    from_bytes = wire.loads(wire.dumps(value))
    assert difference(from_engine, from_bytes) is None
    assert wire.dumps(from_engine) == wire.dumps(from_bytes)


def few(items: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.text(max_size=2) | st.integers(0, 3).map(str)
    return st.lists(items, max_size=3) | st.dictionaries(keys, items, max_size=3)


@given(st.recursive(st.integers() | st.text(max_size=3), few))
def test_any_ints_and_key_orders(value: Any) -> None:
    """What is not in JavaScript's form yet is after one crossing, and stays so."""
    once = IDENTITY(value)
    assert once == value
    assert difference(once, IDENTITY(once)) is None


@given(st.integers(), st.integers(0, 3000))
def test_bigints_of_any_size(value: int, shift: int) -> None:
    for number in (BigInt(value << shift), BigInt(-(value << shift) - 1)):
        assert difference(number, IDENTITY(number)) is None
        assert CTX.eval("(x) => typeof x === 'bigint' && x.toString(16)")(number) == f"{number:x}"


@given(st.floats())
def test_every_float_has_its_bits(value: float) -> None:
    assume(value == value)
    shown = CTX.eval("(x) => new BigUint64Array(new Float64Array([x]).buffer)[0]")(value)
    assert shown == struct.unpack("<Q", struct.pack("<d", value))[0]
