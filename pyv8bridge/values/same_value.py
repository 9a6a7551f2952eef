"""Keys as JavaScript compares them (SameValueZero), for JSMap and JSSet.

Python's `1 == True == 1.0` must not merge entries, while 1 and 1.0, and 0 and -0.0, are one JavaScript number, and
objects are keys by identity. `key_of` maps a value to a hashable that is equal for equal keys and for no others.
"""

from __future__ import annotations

from typing import Any, Final

from .bigint import BigInt
from .undefined import Undefined

SAFE_INTEGER: Final = 2**53 - 1
_TRUE: Final = ("boolean", 1)
_FALSE: Final = ("boolean", 0)
_NAN: Final = ("nan", 0)


def key_of(value: object) -> Any:
    """The hashable that stands for `value` as a key.

    Strings and numbers stand for themselves; everything else becomes a tuple, and so never equals one of them. A key of
    an object holds its id: keep the object alive beside it.
    """
    kind = type(value)
    if kind is str:
        return value if value.isascii() else joined(value)  # type: ignore[attr-defined, arg-type]
    if value is None:
        return value
    if kind is int:
        number: int = value  # type: ignore[assignment]
        return number if -SAFE_INTEGER <= number <= SAFE_INTEGER else ("bigint", number)
    if kind is float:
        return _NAN if value != value else value
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is BigInt:
        return ("bigint", int(value))  # type: ignore[call-overload]
    if isinstance(value, str):
        return joined(str.__str__(value))
    if isinstance(value, int):
        return key_of(int.__int__(value))
    if isinstance(value, float):
        return key_of(float.__float__(value))
    if isinstance(value, Undefined):
        return value
    if kind.__module__ == "numpy" and hasattr(value, "item") and getattr(value, "ndim", 1) == 0:
        return key_of(value.item())
    return ("object", id(value))


def joined(text: str) -> str:
    """The str of the same UTF-16 in which pairs of surrogates are the characters that they stand for."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def is_primitive_key(key: Any) -> bool:
    """Whether what `key_of` gave stands for a primitive, not for an object."""
    return not (type(key) is tuple and key[0] == "object")


def stored(value: Any) -> Any:
    """What a Map or Set keeps for `value`: itself, but 0 for -0.0."""
    return 0 if type(value) is float and value == 0 else value
