"""pyv8bridge/expansion.py, and _containers.c below it: how many elements a value has, written as a tree."""

from __future__ import annotations

import gc
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyv8bridge import expansion
from pyv8bridge._containers import binary_among_first, count_elements
from pyv8bridge.expansion import COPIES_LIMIT, expands_too_far

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
    assert binary_among_first(value, MANY) == bool(binary)
    if binary:
        assert binary_among_first(value, binary[0] + 1)
        assert not binary_among_first(value, binary[0])


def test_what_the_collector_does_not_track_counts_too() -> None:
    record = {"a": 1, "b": "x", "c": None}
    rows = [dict(record) for _ in range(100)]
    pairs = [(i, 1.5) for i in range(100)]
    gc.collect()  # which stops tracking tuples of scalars
    assert count_elements(rows, MANY) == 400
    assert count_elements(rows, 399) == 400
    assert count_elements(rows, 250) == 251
    assert count_elements(pairs, MANY) == 300
    assert binary_among_first([{"a": bytearray(1)}], 2)
    assert binary_among_first([{"a": memoryview(b"")}], 2)


def test_only_the_exact_types_are_entered() -> None:
    class Own(list[int]):
        pass

    assert count_elements([Own([1, 2]), OrderedDict(a=1), {1, 2}, range(9)], MANY) == 4
    assert count_elements(Own([1, 2]), MANY) == 0
    assert count_elements(7, MANY) == 0


def test_wrong_arguments_are_refused() -> None:
    wrong: list[tuple[Any, ...]] = [(), ([],), ([], "x"), ([], 1, 2), ([], None), ([], 1 << 70)]
    for function in (count_elements, binary_among_first):
        for arguments in wrong:
            with pytest.raises((TypeError, OverflowError)):
                function(*arguments)
    assert not binary_among_first([b""], -1)


def test_great_depth_and_cycles_have_an_end() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert count_elements(deep, MANY) == 1000
    chain: list[Any] = []
    chain.append(chain)
    assert count_elements(chain, MANY) == 1000
    assert not expands_too_far(chain)  # for the library, by its depth
    double: list[Any] = []
    double += [double, double]
    assert expands_too_far(double)
    while deep:
        deep = deep.pop()


def shared_within(levels: int) -> Any:
    value: Any = [0]
    for _ in range(levels):
        value = [value, value]
    return value


def test_copies_count_and_elements_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "COPIES_LIMIT", 1000)
    assert not expands_too_far(list(range(100_000)))
    assert not expands_too_far([{"a": i, "b": [i]} for i in range(10_000)])
    assert not expands_too_far([(i,) for i in range(10_000)])
    row = list(range(100))
    assert not expands_too_far([row] * 10)  # 900 copies
    assert not expands_too_far([*range(5000), *[row] * 11])
    assert expands_too_far([row] * 12)
    assert expands_too_far([*range(5000), *[row] * 12])
    # Each is met twice, one far from the other.
    rows = [{"id": i, "v": i} for i in range(600)]
    assert expands_too_far([*rows, *rows])
    assert not expands_too_far([*rows, *rows[:400]])


@pytest.mark.parametrize("period", [1, 7, 999, 1000])
def test_sharing_with_a_pattern_is_seen(period: int) -> None:
    rows = [[0] * 20 for _ in range(period)]
    assert expands_too_far([[rows[i % period] for i in range(1000)]] * 1000)


def test_the_limit_itself() -> None:
    assert COPIES_LIMIT == 1 << 24
    assert not expands_too_far(shared_within(22))
    assert expands_too_far(shared_within(24))
