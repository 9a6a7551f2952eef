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
    years 1 to 9999 its ISO text, a wrapper object its primitive. Extra properties of Arrays are dropped. Handles become
    their repr.

    Raises ValueError for a value that contains itself.
    """
    return _plain(value, set())


def _plain(value: Any, open_ids: set[int]) -> Any:
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
        return [int(item) if kind is BigInt else item for item in value for kind in (type(item),)]
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
    if isinstance(value, JSBoxed):
        return _plain(value.value, open_ids)
    if id(value) in open_ids:
        raise ValueError("this value contains itself, which plain data cannot")
    open_ids.add(id(value))
    # One frame a level, no comprehension: values may be nested as deep as the depth limit.
    result = _container(value, open_ids)
    open_ids.discard(id(value))
    return result


def _container(value: Any, open_ids: set[int]) -> Any:
    if isinstance(value, JSMap):
        return _plain_map(value, open_ids)
    if isinstance(value, JSSparseArray):
        entries: dict[Any, Any] = {}
        for index, item in value.items():
            entries[index] = _plain(item, open_ids)
        return entries
    if isinstance(value, JSError):
        fields: dict[str, Any] = {"name": value.name, "message": value.message}
        if value.stack is not None:
            fields["stack"] = value.stack
        if value.has_cause:
            fields["cause"] = _plain(value.cause, open_ids)
        return fields
    if isinstance(value, dict):
        copied = {}
        for key, item in value.items():
            copied[key] = _plain(item, open_ids)
        return copied
    if isinstance(value, (list, tuple, JSSet, set, frozenset)):
        items = []
        for item in value:
            items.append(_plain(item, open_ids))
        return items
    if hasattr(type(value), "__pvb_handle__"):
        return repr(value)
    raise TypeError(f"plain() takes results of JavaScript, not {type(value).__name__}")


def _plain_map(value: JSMap, open_ids: set[int]) -> Any:
    pairs = []
    for key, item in value.items():
        pairs.append([_plain(key, open_ids), _plain(item, open_ids)])
    if all(isinstance(key, (str, int, float, type(None))) for key, _ in pairs):
        result = dict(pairs)
        if len(result) == len(pairs):
            return result
    return pairs
