"""pyv8bridge/expansion.py, and _look.c below it: how many elements a value has, written as a tree."""

from __future__ import annotations

from typing import Any

import pytest

from pyv8bridge import expansion
from pyv8bridge._look import count_elements
from pyv8bridge.expansion import COPIES_LIMIT, expands_too_far

MANY = 1 << 40


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
