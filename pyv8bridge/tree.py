"""Any value as a readable tree, each line with its JavaScript type.

For people: the form is not stable and not meant to be parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .errors import JSError
from .handles import JSFunction, JSObject
from .values import (
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

_LONGEST_TEXT = 120
_MOST_BYTES = 16

# A child: what stands before it, and its value.
_Child = tuple[str, Any]


def tree(value: Any) -> str:
    """The tree of a value, as lines.

    >>> print(tree({"id": BigInt(5), "tags": ["a", None]}))
    Object, 2 properties
    ├─ id: bigint 5
    └─ tags: Array, 2 elements
       ├─ 0: string "a"
       └─ 1: null
    """
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    numbers: dict[int, int] = {}  # of containers on the way to where we are
    # An explicit stack instead of recursion: the tree of a deep value must not end in a RecursionError.
    head, children = _describe(value)
    yield head
    stack = [(iter(_with_last(children)), "", id(value))]
    numbers[id(value)] = 0
    while stack:
        siblings, indent, owner = stack[-1]
        entry = next(siblings, None)
        if entry is None:
            stack.pop()
            numbers.pop(owner, None)
            continue
        (label, child), is_last = entry
        branch, deeper = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
        if id(child) in numbers:
            up = len(stack) - 1 - numbers[id(child)]
            yield f"{indent}{branch}{label}(the one {up + 1} {'level' if up == 0 else 'levels'} up)"
            continue
        head, grandchildren = _describe(child)
        yield f"{indent}{branch}{label}{head}"
        if grandchildren:
            numbers[id(child)] = len(stack)
            stack.append((iter(_with_last(grandchildren)), indent + deeper, id(child)))


def _with_last(children: list[_Child]) -> Iterator[tuple[_Child, bool]]:
    for index, child in enumerate(children):
        yield child, index == len(children) - 1


def _count(number: int, thing: str, things: str) -> str:
    return f"{number:,} {thing if number == 1 else things}"


def _text(text: str) -> str:
    shown = text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT]
    escaped = shown.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    rest = f"… ({len(text):,} characters)" if len(text) > _LONGEST_TEXT else ""
    return f'"{escaped}"{rest}'


def _octets(data: bytes) -> str:
    rest = " …" if len(data) > _MOST_BYTES else ""
    return f"{_count(len(data), 'byte', 'bytes')}: {data[:_MOST_BYTES].hex(' ')}{rest}" if data else "0 bytes"


def _key(key: str) -> str:
    return key if key.isidentifier() or key.isdecimal() else _text(key)


def _describe(value: Any) -> tuple[str, list[_Child]]:
    """A value's own line, and its children."""
    scalar = _scalar(value)
    if scalar is not None:
        return scalar, []
    if isinstance(value, JSSparseArray):
        return f"Array, length {len(value):,}, mostly holes", _properties(dict(value.items()))
    if isinstance(value, JSArray):
        head = f"Array, {_count(len(value), 'element', 'elements')}"
        head += f" and {_count(len(value.properties), 'property', 'properties')}"
        return head, [*_elements(value), *_properties(value.properties)]
    if isinstance(value, list):
        return f"Array, {_count(len(value), 'element', 'elements')}", _elements(value)
    if isinstance(value, dict):
        return f"Object, {_count(len(value), 'property', 'properties')}", _properties(value)
    if isinstance(value, JSMap):
        entries: list[_Child] = []
        for key, item in value.items():
            key_text = _scalar(key)
            if key_text is not None:
                entries.append((f"{key_text} ⇒ ", item))
            else:
                entries.extend([("key ", key), ("  ⇒ ", item)])
        return f"Map, {_count(len(value), 'entry', 'entries')}", entries
    if isinstance(value, JSSet):
        return f"Set, {_count(len(value), 'member', 'members')}", [("", item) for item in value]
    if isinstance(value, JSBoxed):
        return f"boxed {_describe(value.value)[0]}", []
    if isinstance(value, JSError):
        return f"{value.name} {_text(value.message)}", []
    return f"{type(value).__name__} {value!r}", []


def _elements(items: list[Any]) -> list[_Child]:
    return [(f"{index}: ", item) for index, item in enumerate(items)]


def _properties(items: dict[Any, Any]) -> list[_Child]:
    return [(f"{_key(str(key))}: ", item) for key, item in items.items()]


def _scalar(value: Any) -> str | None:
    """The line of a value without children; None for the others."""
    if value is undefined or value is hole:
        return repr(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    if isinstance(value, BigInt):
        return f"bigint {int(value)}"
    if isinstance(value, int | float):
        return f"number {value!r}"
    if isinstance(value, str):
        return f"string {_text(value)}"
    if isinstance(value, datetime):
        return f"Date {value.isoformat()}"
    if isinstance(value, JSDate):
        return f"Date {value!r}"
    if isinstance(value, JSRegExp):
        return f"RegExp /{value.source}/{value.flags}"
    if isinstance(value, bytes):
        return f"Uint8Array, {_octets(value)}"
    if isinstance(value, JSArrayBuffer):
        return f"ArrayBuffer, {_octets(bytes(value))}"
    if isinstance(value, JSTypedArray):
        return f"{value.kind}, {_octets(bytes(value))}"
    if isinstance(value, JSFunction):
        return f"function {value!r}"
    if isinstance(value, JSObject):
        return f"object {value!r}"
    return None
