"""`plain(value)`: any result as JSON-like Python, for json, pandas and logs. It forgets what such data cannot say."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from .errors import JSError
from .values import (
    BigInt,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    SharedDatetime,
)
from .values.undefined import Hole, Undefined

_AS_IS: Final = (str, int, float, bool, type(None), datetime)


def plain(value: object) -> Any:
    """The value in dicts, lists, str, int, float, bool, None and datetime only.

    undefined and holes become None, bigints ints, Sets, typed arrays, buffers and bytes lists, Maps dicts (lists of
    [key, value] pairs when a key is an object or two keys are equal in Python), a sparse Array a dict by index, an
    Error a dict of its name, message, stack and cause, a RegExp its text, an invalid Date None, a Date outside the
    years 1 to 9999 its ISO text, a wrapper object its primitive. Extra properties of Arrays are dropped.

    Raises ValueError for a value that contains itself, and TypeError for a handle, which is no data.
    """
    # Its own stack: values may be nested as deep as the depth limit, which is deeper than Python's stack allows.
    holder: list[Any] = [None]
    todo: list[_Task] = [(value, holder, 0)]
    open_ids: set[int] = set()
    while todo:
        item, target, key = todo.pop()
        if isinstance(item, _Close):
            open_ids.discard(item.number)
            if item.pairs is not None:
                target[key] = _dict_if_possible(item.pairs)
            continue
        result = _leaf(item)
        if result is _CONTAINER:
            if id(item) in open_ids:
                raise ValueError("this value contains itself, which plain data cannot")
            open_ids.add(id(item))
            _open(item, target, key, todo)
        else:
            target[key] = result
    return holder[0]


class _Close:
    """The end of a container: a Map becomes what its keys allow."""

    __slots__ = ("number", "pairs")

    def __init__(self, number: int, pairs: list[list[Any]] | None) -> None:
        self.number = number
        self.pairs = pairs


# A value to make plain (or a _Close), and where the result goes.
_Task = tuple[Any, Any, Any]
_CONTAINER: Final = object()


def _leaf(value: Any) -> Any:
    """What a value without children becomes."""
    while isinstance(value, JSBoxed):
        value = value.value
    kind = type(value)
    if kind in _AS_IS:
        return value
    if isinstance(value, (Undefined, Hole)):
        return None
    if kind is BigInt:
        return int(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return list(bytes(value))
    if isinstance(value, JSTypedArray):
        return [int(item) if type(item) is BigInt else item for item in value]
    if isinstance(value, JSArrayBuffer):
        return value.tolist()
    if isinstance(value, SharedDatetime):
        return value.plain()
    if isinstance(value, JSDate):
        try:
            return value.to_datetime()
        except ValueError:
            return value.isoformat() if value.valid else None
    if isinstance(value, JSRegExp):
        return str(value)
    return _CONTAINER


def _open(value: Any, target: Any, key: Any, todo: list[_Task]) -> None:
    """Puts an empty copy of a container into its place, and what is inside on the list of what is to be done."""
    parts: list[_Task]
    if isinstance(value, JSMap):
        pairs: list[list[Any]] = [[None, None] for _ in value]
        todo.append((_Close(id(value), pairs), target, key))
        parts = [(part, pair, side) for pair, entry in zip(pairs, value.items(), strict=True)
                 for side, part in enumerate(entry)]  # fmt: skip
    else:
        todo.append((_Close(id(value), None), None, None))
        if isinstance(value, (list, tuple, JSSet, set, frozenset)):
            items: list[Any] = [None] * len(value)
            target[key] = items
            parts = [(item, items, index) for index, item in enumerate(value)]
        else:
            entries = _entries(value)
            # Every key at once, so that they keep their order.
            copied: dict[Any, Any] = dict.fromkeys(entries)
            target[key] = copied
            parts = [(item, copied, name) for name, item in entries.items()]
    todo.extend(reversed(parts))


def _entries(value: Any) -> dict[Any, Any]:
    """The parts of what becomes a dict."""
    if isinstance(value, dict):
        return value
    if isinstance(value, JSSparseArray):
        return dict(value.items())
    if isinstance(value, JSError):
        fields: dict[Any, Any] = {"name": value.name, "message": value.message}
        if value.stack is not None:
            fields["stack"] = value.stack
        if value.has_cause:
            fields["cause"] = value.cause
        return fields
    if hasattr(type(value), "__pvb_handle__"):
        raise TypeError(f"{value!r} stays in JavaScript and is no data: call it, or take its .value()")
    raise TypeError(f"plain() takes results of JavaScript, not {type(value).__name__}")


def _dict_if_possible(pairs: list[list[Any]]) -> Any:
    if all(isinstance(key, (str, int, float, type(None))) for key, _ in pairs):
        result: dict[Any, Any] = dict(pairs)
        if len(result) == len(pairs):
            return result
    return pairs
