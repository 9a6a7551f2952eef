"""pyv8bridge/_look.c: what is in containers, and in messages."""

from __future__ import annotations

import gc
from collections import OrderedDict
from typing import Any

import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyv8bridge._look import binary_among_first, count_distinct, count_elements, may_hold_bin

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(), inner)
    ),
    max_leaves=60,
)
MANY = 1 << 40


def elements(value: Any) -> list[Any]:
    """What is met, depth first."""
    if type(value) not in (list, dict, tuple):
        return []
    inside = list(value.values() if type(value) is dict else value)
    return [met for item in inside for met in (item, *elements(item))]


@given(TREES)
def test_elements_are_counted_and_looked_at(value: Any) -> None:
    met = elements(value)
    assert count_elements(value, MANY) == len(met)
    assert count_elements(value, len(met)) == len(met)
    if met:
        assert count_elements(value, len(met) - 1) == len(met)
    binary = [index for index, item in enumerate(met) if type(item) is bytes]
    assert binary_among_first(value, MANY, 0) == bool(binary)
    if binary:
        assert binary_among_first(value, binary[0] + 1, 0)
        assert not binary_among_first(value, binary[0], 0)


@given(TREES)
def test_containers_are_counted_once(value: Any) -> None:
    containers = {id(met): met for met in [value, *elements(value)] if type(met) in (list, dict, tuple)}
    assert count_distinct(value) == sum(map(len, containers.values()))
    row = {"a": value}
    once = 1 + count_distinct(value)
    assert count_distinct([row, row, [row], value]) == 5 + once
    row["b"] = row
    assert count_distinct(row) == once + 1


def test_many_containers_are_counted() -> None:
    rows = [[i] for i in range(10_000)]
    assert count_distinct([rows, rows, rows[::-1]]) == 3 + 2 * 10_000 + 10_000


def test_what_the_collector_does_not_track_counts_too() -> None:
    record = {"a": 1, "b": "x", "c": None}
    rows = [dict(record) for _ in range(100)]
    pairs = [(i, 1.5) for i in range(100)]
    gc.collect()  # which stops tracking tuples of scalars
    assert count_elements(rows, MANY) == 400
    assert count_elements(rows, 399) == 400
    assert count_elements(rows, 250) == 251
    assert count_elements(pairs, MANY) == 300
    assert binary_among_first([{"a": bytearray(1)}], 2, 1)
    assert binary_among_first([{"a": memoryview(b"")}], 2, 99)


@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_small_binary_data_is_passed_over(kind: type[Any]) -> None:
    assert not binary_among_first([[kind(99)], (kind(99),), {"a": kind(99)}], MANY, 100)
    assert binary_among_first([[kind(99)], (kind(99),), {"a": kind(100)}], MANY, 100)


def test_only_the_exact_types_are_entered() -> None:
    class Own(list[int]):
        pass

    assert count_elements([Own([1, 2]), OrderedDict(a=1), {1, 2}, range(9)], MANY) == 4
    assert count_elements(Own([1, 2]), MANY) == 0
    assert count_elements(7, MANY) == 0


def test_wrong_arguments_are_refused() -> None:
    wrong: list[tuple[Any, ...]] = [(), ([],), ([], "x"), ([], 1, "x"), ([], 1, 2, 3), ([], None), ([], 1 << 70)]
    for function in (count_elements, binary_among_first, may_hold_bin):
        for arguments in wrong:
            with pytest.raises((TypeError, OverflowError)):
                function(*arguments)
    assert not binary_among_first([b""], -1, 0)


LARGE = 1 << 16


@pytest.mark.parametrize("before", [0, 1, 300])
@pytest.mark.parametrize("size", [LARGE - 1, LARGE, LARGE + 1, 1 << 20])
def test_large_binary_data_shows_in_a_message(before: int, size: int) -> None:
    for value in ([*range(before), bytes(size)], {"a": [1.5] * before, "b": bytearray(size), "c": "x" * before}):
        assert may_hold_bin(ormsgpack.packb(value), LARGE) == (size >= LARGE)


def test_texts_never_look_like_binary_data() -> None:
    # U+0180 … U+01BF begin with the byte of a bin 32.
    for text in ("\u0180" * 100_000, "\u01bf\0\1\2\3" * 20_000, "\u0180"):
        assert not may_hold_bin(ormsgpack.packb([text, 1, "x" * LARGE]), LARGE)


def test_the_end_of_a_message_is_not_passed() -> None:
    for tail in range(8):
        assert not may_hold_bin(bytes(LARGE) + b"\xc6" + b"\0\1\0\0"[:tail], LARGE)
    assert may_hold_bin(b"\xc6\0\1\0\0" + bytes(LARGE), LARGE)
    assert not may_hold_bin(b"\xc6\0\1\0\0" + bytes(LARGE - 1), LARGE)
    assert may_hold_bin(b"\xc6\xff" * 9 + b"\xc6\0\1\0\0" + bytes(LARGE), LARGE)
    assert not may_hold_bin(b"", LARGE)
