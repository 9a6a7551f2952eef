"""The readable tree of the command line."""

from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any

import pytest

from pyv8bridge import (
    BigInt,
    Context,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSError,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    hole,
    undefined,
)
from pyv8bridge.tree import tree


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (undefined, "undefined"),
        (None, "null"),
        (True, "boolean true"),
        (1, "number 1"),
        (-0.0, "number -0.0"),
        (math.nan, "number nan"),
        (BigInt(1), "bigint 1"),
        ('a"\n', 'string "a\\"\\n"'),
        ("x" * 200, f'string "{"x" * 120}"… (200 characters)'),
        (datetime(2024, 1, 2, tzinfo=timezone.utc), "Date 2024-01-02T00:00:00+00:00"),
        (JSDate(math.nan), "Date JSDate(nan)"),
        (JSRegExp("a/b", "g"), "RegExp /a/b/g"),
        (b"\x01\xff", "Uint8Array, 2 bytes: 01 ff"),
        (b"", "Uint8Array, 0 bytes"),
        (JSArrayBuffer(bytes(17)), f"ArrayBuffer, 17 bytes: {'00 ' * 16}…"),
        (JSTypedArray("Int16Array", [1]), "Int16Array, 2 bytes: 01 00"),
        (JSBoxed("s"), 'boxed string "s"'),
        (JSError("no", name="TypeError"), 'TypeError "no"'),
        ([], "Array, 0 elements"),
        ({}, "Object, 0 properties"),
        (JSSet(), "Set, 0 members"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_line(value: Any, line: str) -> None:
    assert tree(value) == line


def test_containers() -> None:
    value = {
        "list": JSArray([1, hole], {"index": 5}),
        "a b": JSMap([("k", 1), ([2], 3)]),
        "set": JSSet(["x"]),
        "sparse": JSSparseArray(2000, {7: "y"}),
    }
    assert tree(value).splitlines() == [
        "Object, 4 properties",
        "├─ list: Array, 2 elements and 1 property",
        "│  ├─ 0: number 1",
        "│  ├─ 1: hole",
        "│  └─ index: number 5",
        '├─ "a b": Map, 2 entries',
        '│  ├─ string "k" ⇒ number 1',
        "│  ├─ key Array, 1 element",
        "│  │  └─ 0: number 2",
        "│  └─   ⇒ number 3",
        "├─ set: Set, 1 member",
        '│  └─ string "x"',
        "└─ sparse: Array, length 2,000, mostly holes",
        '   └─ 7: string "y"',
    ]


def test_cycles_end() -> None:
    value: dict[str, Any] = {"inner": {}}
    value["inner"]["outer"] = value
    value["self"] = value
    assert tree(value).splitlines() == [
        "Object, 2 properties",
        "├─ inner: Object, 1 property",
        "│  └─ outer: (the one 2 levels up)",
        "└─ self: (the one 1 level up)",
    ]


def test_depth_is_no_problem() -> None:
    value: list[Any] = []
    for _ in range(5000):
        value = [value]
    assert len(tree(value).splitlines()) == 5001


def test_handles() -> None:
    with Context() as ctx:
        text = tree([ctx.eval("() => 1"), ctx.ref("{}")])
    assert "function <JSFunction" in text
    assert "object <JSObject" in text
