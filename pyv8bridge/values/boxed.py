"""`JSBoxed`: a wrapper object such as `new Number(1)` or `Object(10n)`, which is not the primitive it wraps."""

from __future__ import annotations

from typing import Any

from .same_value import key_of


class JSBoxed:
    """A Number, String, Boolean or BigInt object with its primitive in `value`."""

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: bool | int | float | str) -> None:
        if not isinstance(value, (bool, int, float, str)):
            raise TypeError(f"JSBoxed takes a bool, number, string or BigInt, not {type(value).__name__}")
        self._value = value

    @property
    def value(self) -> Any:
        """The primitive."""
        return self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JSBoxed):
            return NotImplemented
        # Of the same JavaScript type and value: a boxed 1 is not a boxed True.
        return bool(key_of(self._value) == key_of(other._value))

    def __hash__(self) -> int:
        return hash((JSBoxed, key_of(self._value)))

    def __repr__(self) -> str:
        return f"JSBoxed({self._value!r})"

    def __reduce__(self) -> tuple[type[JSBoxed], tuple[Any]]:
        return (JSBoxed, (self._value,))
