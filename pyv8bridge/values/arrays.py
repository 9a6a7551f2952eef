"""`JSArray` and `JSSparseArray`: the Arrays that a plain list cannot hold.

A JSArray has properties besides its elements; a JSSparseArray is mostly holes, and stores only what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from operator import index as to_index
from typing import Any, Final

from .deep import Pairs, Part, dict_pieces, equal, list_pairs, sequence_pieces, text_of
from .undefined import hole

MAX_LENGTH: Final = 2**32 - 1


class JSArray(list[Any]):
    """An Array with extra properties, as a regular expression's match has `index` and `input`.

    It equals another one when elements and properties do, and a plain list when it has no properties.
    """

    __slots__ = ("properties",)

    def __init__(self, elements: Iterable[Any] = (), properties: Mapping[str, Any] | None = None) -> None:
        super().__init__(elements)
        self.properties: dict[str, Any] = dict(properties or {})

    def __eq__(self, other: object) -> bool:
        return equal(self, other) if isinstance(other, list) else NotImplemented

    def __ne__(self, other: object) -> bool:
        # list has its own __ne__, which would not ask ours.
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = None

    def __repr__(self) -> str:
        return text_of(self)

    def _pairs_with(self, other: Any) -> Pairs | None:
        if not isinstance(other, list):
            return None
        items = list_pairs(self, other)
        theirs = other.properties if isinstance(other, JSArray) else {}
        return items if items is None else [(self.properties, theirs), *items]

    def _pieces(self) -> Iterator[str | Part]:
        yield from sequence_pieces("JSArray([", self, "], ")
        yield from dict_pieces(self.properties.items())
        yield ")"

    def _again(self) -> str:
        return "JSArray(...)"

    def copy(self) -> JSArray:
        """A new Array of the same elements and properties."""
        return JSArray(self, self.properties)

    __copy__ = copy

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (), self.properties, iter(list(self)))

    def __setstate__(self, properties: dict[str, Any]) -> None:
        self.properties = properties


class JSSparseArray:
    """An Array of a `length` up to 2**32 - 1 of which few elements exist; `array[i]` is `hole` for the others.

    `items()` and `indices()` go over what exists, in order; iterating gives every element, holes too.
    """

    __slots__ = ("__weakref__", "_items", "_length", "properties")

    def __init__(
        self, length: int, items: Mapping[int, Any] | None = None, properties: Mapping[str, Any] | None = None
    ) -> None:
        self._items: dict[int, Any] = {}
        self._length = 0
        self.length = length
        self.properties: dict[str, Any] = dict(properties or {})
        for index, value in dict(items or {}).items():
            self[index] = value

    @property
    def length(self) -> int:
        """The Array's length. Setting a smaller one drops the elements beyond."""
        return self._length

    @length.setter
    def length(self, length: int) -> None:
        length = to_index(length)
        if not 0 <= length <= MAX_LENGTH:
            raise ValueError(f"the length of an Array is between 0 and 2**32 - 1, not {length}")
        if length < self._length:
            self._items = {index: value for index, value in self._items.items() if index < length}
        self._length = length

    def __len__(self) -> int:
        return self._length

    def _position(self, index: int) -> int:
        position = to_index(index)
        if position < 0:
            position += self._length
        if not 0 <= position < self._length:
            raise IndexError(f"index {index} is outside an Array of length {self._length}")
        return position

    def __getitem__(self, index: int) -> Any:
        return self._items.get(self._position(index), hole)

    def __setitem__(self, index: int, value: Any) -> None:
        position = self._position(index)
        if value is hole:
            self._items.pop(position, None)
        else:
            self._items[position] = value

    def __delitem__(self, index: int) -> None:
        """Makes the element a hole, as JavaScript's delete does."""
        self._items.pop(self._position(index), None)

    def indices(self) -> list[int]:
        """The indexes that are no holes, ascending."""
        return sorted(self._items)

    def items(self) -> list[tuple[int, Any]]:
        """The elements that are no holes, as (index, value), ascending."""
        return [(index, self._items[index]) for index in sorted(self._items)]

    def __iter__(self) -> Iterator[Any]:
        for index in range(self._length):
            yield self._items.get(index, hole)

    def __contains__(self, value: object) -> bool:
        if value is hole:
            return len(self._items) < self._length
        return any(value is item or value == item for item in self._items.values())

    def __eq__(self, other: object) -> bool:
        return equal(self, other) if isinstance(other, JSSparseArray) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return text_of(self)

    def _pairs_with(self, other: Any) -> Pairs | None:
        if not isinstance(other, JSSparseArray) or self._length != other._length:
            return None
        return [(self._items, other._items), (self.properties, other.properties)]

    def _pieces(self) -> Iterator[str | Part]:
        yield f"JSSparseArray({self._length}, "
        yield from dict_pieces(self.items())
        if self.properties:
            yield ", "
            yield from dict_pieces(self.properties.items())
        yield ")"

    def _again(self) -> str:
        return "JSSparseArray(...)"

    def __copy__(self) -> JSSparseArray:
        return JSSparseArray(self._length, self._items, self.properties)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self._length,), (self._items, self.properties))

    def __setstate__(self, state: tuple[dict[int, Any], dict[str, Any]]) -> None:
        self._items, self.properties = state
