"""What do trees of other shapes cost: one object with many keys, many arrays, and great depth?"""

from __future__ import annotations

from typing import Any

from ..case import Call, Case, Question, returns_its_argument

SCRIPT = "var identity = (x) => x;"


def _deep(levels: int) -> Any:
    value: Any = {"leaf": 1}
    for level in range(levels):
        value = {"level": level, "child": value} if level % 2 else [value, level]
    return value


def _binary(levels: int) -> Any:
    if levels == 0:
        return {"value": 1}
    return {"left": _binary(levels - 1), "right": _binary(levels - 1)}


def cases(quick: bool) -> list[Case]:
    size = 100 if quick else 10_000
    wide = {f"key {i}": i for i in range(size)}
    maps = [{f"k{(i * 7 + j) % 5000}": j for j in range(5)} for i in range(size // 10)]
    lists = [[i, i + 1, i + 2] for i in range(size)]
    levels = 6 if quick else 12
    return [
        Call(f"an object of {size:,} keys", SCRIPT, "identity", lambda: (wide,), returns_its_argument),
        Call(
            f"{len(maps):,} objects, each with keys of its own",
            SCRIPT,
            "identity",
            lambda: (maps,),
            returns_its_argument,
        ),
        Call(f"{size:,} short lists", SCRIPT, "identity", lambda: (lists,), returns_its_argument),
        Call(
            f"a binary tree of {2 ** (levels + 1) - 1:,} objects",
            SCRIPT,
            "identity",
            lambda: (_binary(levels),),
            returns_its_argument,
        ),
        Call("a value nested 200 levels deep", SCRIPT, "identity", lambda: (_deep(200),), returns_its_argument),
    ]


QUESTION = Question("What do trees of other shapes cost?", cases, "There and back.")
