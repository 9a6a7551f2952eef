"""`same` and `difference`: Python values compared as JavaScript tells values apart.

Python's `==` takes 1, True and 1.0 for equal, and knows neither -0.0 nor identity. Here kinds, order, holes and the
bits of numbers count, and so does which values are one object.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from ..errors import JSError
from ..values import (
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
)

_PLAIN: Final[dict[type, type]] = {SharedList: list, SharedDict: dict, SharedDatetime: datetime}
# Values of these classes are one object in JavaScript when they are one in Python.
_IDENTITY: Final = (
    JSArray, JSArrayBuffer, JSBoxed, JSDate, JSError, JSMap, JSRegExp, JSSet, JSSparseArray, JSTypedArray,
    SharedDatetime, SharedDict, SharedList,
)  # fmt: skip
_CONTAINERS: Final = (list, dict, tuple, set, frozenset, JSMap, JSSet, JSSparseArray, JSError, JSBoxed)

# A way to a value, its last step first; only a difference makes text of it.
_Path = tuple[Any, str, Any] | None
# What is still to be compared: two values, and the way to them.
_Pair = tuple[Any, Any, _Path]


def same(a: object, b: object, *, references: bool = False) -> bool:
    """Whether two values are the same to JavaScript.

    1, 1.0, True and BigInt(1) are four values, and NaN is one. What is one object of ours (JSMap, JSDate …, and the
    lists, dicts and datetimes that JavaScript showed twice) has to be one object in both; with `references`, so has any
    container. Plain lists and dicts otherwise have no identity, as encoding them copies.

    >>> same([1, {"a": float("nan")}], [1, {"a": float("nan")}])
    True
    >>> same([1], [True]), same(0.0, -0.0), same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    (False, False, False)
    """
    return difference(a, b, references=references) is None


def difference(a: object, b: object, *, references: bool = False) -> str | None:
    """Where two values differ and how, or None when they are the `same`.

    >>> difference({"rows": [1, 2]}, {"rows": [1, 2.5]})
    '$.rows[1]: int 2 is not float 2.5'
    """
    return _Comparison(references).run(a, b)


class _Comparison:
    """One comparison. Its own stack, so that depth is no matter."""

    def __init__(self, references: bool) -> None:
        self._references = references
        self._forth: dict[int, int] = {}
        self._back: dict[int, int] = {}
        self._seen: set[tuple[int, int]] = set()
        self._shown: dict[int, list[tuple[JSTypedArray, JSTypedArray, _Path]]] = {}
        self._bare: set[int] = set()

    def run(self, a: object, b: object) -> str | None:
        todo: list[_Pair] = [(a, b, None)]
        while todo:
            a, b, path = todo.pop()
            reason = self._identity(a, b)
            if reason is None:
                if isinstance(a, _CONTAINERS) and type(a) is not JSBoxed:
                    if (id(a), id(b)) in self._seen:
                        continue
                    self._seen.add((id(a), id(b)))
                reason = self._shallow(a, b, path)
            if reason is not None:
                return f"{_text(path)}: {reason}"
            if isinstance(a, _CONTAINERS):
                todo.extend(reversed(list(_parts(a, b, path))))
        return self._buffers()

    def _identity(self, a: Any, b: Any) -> str | None:
        """Whether what is one object on one side is one on the other."""
        if self._has_identity(a) and self._forth.setdefault(id(a), id(b)) != id(b):
            return f"what is one {_kind(a)} has become several"
        if self._has_identity(b) and self._back.setdefault(id(b), id(a)) != id(a):
            return f"what are several {_kind(a)} has become one"
        return None

    def _has_identity(self, value: object) -> bool:
        return isinstance(value, _IDENTITY) or (self._references and isinstance(value, _CONTAINERS))

    def _shallow(self, a: Any, b: Any, path: _Path) -> str | None:
        """What two values differ in, but for their parts."""
        kind = _PLAIN.get(type(a), type(a))
        if kind is not _PLAIN.get(type(b), type(b)):
            return f"{_described(a)} is not {_described(b)}"
        equal = True
        if kind is float:
            equal = _bits(a) == _bits(b)
        elif kind in (list, tuple, JSArray, JSSet):
            equal = len(a) == len(b)
        elif kind is dict:
            if list(a) != list(b):
                return f"keys {list(a)!r} are not {list(b)!r}"
        elif kind is JSMap:
            equal = len(a) == len(b)
        elif kind is JSSparseArray:
            equal = a.length == b.length and a.indices() == b.indices()
        elif kind is JSTypedArray:
            equal = a == b and a.tracks_length == b.tracks_length
            self._shown.setdefault(id(a.buffer), []).append((a, b, path))
        elif kind is JSArrayBuffer:
            equal = a == b
            self._bare.add(id(a))
            self._shown.setdefault(id(a), [])
        elif kind is JSError:
            equal = _error_fields(a) == _error_fields(b)
        elif kind is datetime:
            equal = a == b and (a.tzinfo is None) == (b.tzinfo is None)
        elif kind is not JSBoxed:
            equal = a is b or bool(a == b)
        if kind in (JSArray, JSSparseArray, JSError) and list(a.properties) != list(b.properties):
            return f"properties {list(a.properties)!r} are not {list(b.properties)!r}"
        return None if equal else f"{_described(a)} is not {_described(b)}"

    def _buffers(self) -> str | None:
        """Views of one buffer have to show the same part of one buffer again; a lone view carries its bytes only."""
        others: dict[int, int] = {}
        for number, views in self._shown.items():
            for a, b, path in views:
                if self._forth.get(number, id(b.buffer)) != id(b.buffer):
                    return f"{_text(path)}: a view of another buffer"
                self._forth[number] = id(b.buffer)
                if others.setdefault(id(b.buffer), number) != number:
                    return f"{_text(path)}: a view of a buffer that something else shows"
                resizable = a.buffer.resizable or b.buffer.resizable
                if number in self._bare or len({id(view) for view, _, _ in views}) > 1 or resizable:
                    if a.byte_offset != b.byte_offset:
                        return f"{_text(path)}: offset {a.byte_offset} is not {b.byte_offset}"
                    if a.buffer != b.buffer:
                        return f"{_text(path)}: another buffer behind the view"
        return None


def _parts(a: Any, b: Any, path: _Path) -> Iterator[_Pair]:
    """The parts of two values of one kind and size."""
    if isinstance(a, JSMap):
        for index, ((key, item), (other_key, other)) in enumerate(zip(a.items(), b.items(), strict=True)):
            yield key, other_key, (path, ".keys()[%s]", index)
            yield item, other, (path, ".values()[%s]", index)
    elif isinstance(a, (list, tuple)):
        for index, (item, other) in enumerate(zip(a, b, strict=True)):
            yield item, other, (path, "[%s]", index)
    elif isinstance(a, JSSet):
        for index, (item, other) in enumerate(zip(a, b, strict=True)):
            yield item, other, (path, ".values()[%s]", index)
    elif isinstance(a, dict):
        for key, item in a.items():
            yield item, b[key], (path, ".%s", key)
    elif isinstance(a, JSSparseArray):
        for index, item in a.items():
            yield item, b[index], (path, "[%s]", index)
    elif isinstance(a, JSBoxed):
        yield a.value, b.value, (path, ".%s()", "valueOf")
    elif isinstance(a, JSError) and a.has_cause:
        yield a.cause, b.cause, (path, ".%s", "cause")
    if isinstance(a, (JSArray, JSSparseArray, JSError)):
        for name, item in a.properties.items():
            yield item, b.properties[name], (path, ".%s", name)


def _text(path: _Path) -> str:
    steps: list[str] = []
    while path is not None:
        path, form, key = path
        steps.append(form % (key,))
    return "$" + "".join(reversed(steps))


def _bits(number: float) -> bytes:
    return b"nan" if number != number else struct.pack(">d", number)


def _error_fields(error: JSError) -> tuple[Any, ...]:
    return error.name, error.has_message, error.message, error.stack, error.has_cause


def _kind(value: object) -> str:
    return _PLAIN.get(type(value), type(value)).__name__


def _described(value: object) -> str:
    text = repr(value)
    return f"{_kind(value)} {text if len(text) <= 60 else text[:57] + '...'}"
