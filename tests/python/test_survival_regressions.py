"""Values and bytes that once were lost, or raised what they should not: one test for each fault, named after it."""

from __future__ import annotations

from collections import UserString
from typing import Any

import pytest

from pyv8bridge import (
    BigInt,
    Context,
    DecodeError,
    EncodeError,
    JSArray,
    JSBoxed,
    JSMap,
    JSSet,
    JSSparseArray,
    plain,
    wire,
)
from pyv8bridge.testing import difference

PAIR = "\ud83d\ude00"
CHARACTER = "\U0001f600"
CTX = Context()
IDENTITY = CTX.eval("x => x")


def nested(depth: int, wrap: Any) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return value


def test_a_pair_of_surrogates_and_its_character_are_one_key() -> None:
    """V8 refused the object that had both, without a word about where."""
    for bad in (
        {CHARACTER: 1, PAIR: 2},
        JSArray([], {CHARACTER: 1, PAIR: 2}),
        JSSparseArray(9, {}, {PAIR: 1, CHARACTER: 2}),
    ):
        with pytest.raises(EncodeError, match="same") as caught:
            IDENTITY({"a": [bad]})
        assert caught.value.path == "$.a[0]"
    with pytest.raises(EncodeError, match=r"two keys are '.*' as strings"):
        IDENTITY({CHARACTER: 1, PAIR: 2, 1: 3}, keys="string")
    assert list(JSMap([(CHARACTER, 1), (PAIR, 2)]).items()) == [(CHARACTER, 2)]
    assert len(JSSet([CHARACTER, PAIR])) == 1
    assert IDENTITY({PAIR: 1}) == {CHARACTER: 1}


@pytest.mark.parametrize("message", ["81a1be01", "93de0001a1fe016f", "de0002a16201a1bf61"])
def test_a_key_that_is_not_utf8_is_a_decode_error(message: str) -> None:
    """The path that names the key could not be read, and that was raised instead."""
    with pytest.raises(DecodeError) as caught:
        wire.from_message(bytes.fromhex(message))
    assert caught.value.offset is not None


def test_the_repr_of_a_bigint_of_any_size() -> None:
    """Python refuses to write more than some thousands of decimal digits."""
    huge = CTX.eval("10n ** 5000n")
    assert eval(repr(huge)) == huge == 10**5000
    assert repr(JSMap([(huge, [huge])])).startswith("JSMap({BigInt(0x")
    assert repr(BigInt(-5)) == "BigInt(-5)"


def test_an_error_about_a_huge_int() -> None:
    """Naming the key raised a ValueError."""
    with pytest.raises(EncodeError, match="the key of 16610 bits is an int"):
        IDENTITY({10**5000: 1})
    with pytest.raises(EncodeError, match="which keys='string' cannot write"):
        IDENTITY({10**5000: 1}, keys="string")


def test_a_property_of_thousands_of_digits() -> None:
    """Whether it is an index was asked of int(), which refuses so many."""
    name = "9" * 5000
    assert difference(IDENTITY(JSArray([1], {name: 2})), JSArray([1], {name: 2})) is None


def test_a_wrapper_object_of_an_int_beyond_the_safe_ones() -> None:
    """It was refused as malformed."""
    for number in (2**53, -(2**60), 2**64, 10**30):
        assert difference(IDENTITY([JSBoxed(number)]), [JSBoxed(BigInt(number))]) is None
    assert difference(IDENTITY(JSBoxed(2**60), big_ints="number"), JSBoxed(float(2**60))) is None
    with pytest.raises(EncodeError) as caught:
        IDENTITY([JSBoxed(2**60)], big_ints="error")
    assert caught.value.path == "$[0]"


def test_a_user_string_is_a_string() -> None:
    """It is a Sequence of UserStrings, which are Sequences of UserStrings …"""
    assert IDENTITY([UserString("ab"), UserString("")]) == ["ab", ""]


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: {"a": v}, lambda v: JSMap([("a", v)]), lambda v: JSSet([v])])
def test_plain_of_what_is_nested_up_to_the_limit(wrap: Any) -> None:
    """It recursed two frames a level, which Python's stack has no room for."""
    value = plain(IDENTITY(nested(499, wrap)))
    for _ in range(499):
        value = value["a"] if isinstance(value, dict) else value[0]
    assert value == 1


def test_handles_that_are_dropped_in_a_long_call_are_garbage_in_it() -> None:
    """They were let go of only when the call was over, and the memory limit ended it."""
    with Context(memory_limit=64 << 20) as ctx:
        ctx.expose("host", lambda function: None)
        ctx.expose("handles", lambda: ctx.isolate.heap_statistics().handles)
        assert ctx.eval("let most = 0; for (let i = 0; i < 1000; i++) { host(() => i); most = handles(); } most") < 50
