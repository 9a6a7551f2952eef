"""`JSMap` and `JSSet`: JavaScript's Map and Set, in insertion order, with its rules for equal keys.

Any value may be a key. Numbers, strings, booleans, bigints, None and undefined are keys by value (and of their
JavaScript type: 1, True and BigInt(1) are three keys); every other object, a tuple, bytes or datetime too, is a key by
identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSet
from collections.abc import Set as AbstractSet
from reprlib import recursive_repr
from typing import Any

from .same_value import is_primitive_key, key_of, stored


class JSMap(MutableMapping[Any, Any]):
    """A Map. Make it from a mapping or from (key, value) pairs.

    >>> m = JSMap([(1, "one"), (True, "yes")])
    >>> m[1], m[1.0], m[True]
    ('one', 'one', 'yes')
    """

    __slots__ = ("__weakref__", "_entries")

    def __init__(self, entries: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> None:
        self._entries: dict[Any, tuple[Any, Any]] = {}
        self.update(entries)

    def __getitem__(self, key: Any) -> Any:
        try:
            return self._entries[key_of(key)][1]
        except KeyError:
            raise KeyError(key) from None

    def __setitem__(self, key: Any, value: Any) -> None:
        found = key_of(key)
        old = self._entries.get(found)
        # As in JavaScript, the first of two equal keys stays.
        self._entries[found] = (stored(key) if old is None else old[0], value)

    def __delitem__(self, key: Any) -> None:
        try:
            del self._entries[key_of(key)]
        except KeyError:
            raise KeyError(key) from None

    def __contains__(self, key: object) -> bool:
        return key_of(key) in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Any]:
        for key, _ in self._entries.values():
            yield key

    def __reversed__(self) -> Iterator[Any]:
        for key, _ in reversed(self._entries.values()):
            yield key

    def clear(self) -> None:
        """Removes all entries."""
        self._entries.clear()

    def copy(self) -> JSMap:
        """A new Map of the same keys and values."""
        return JSMap(self.items())

    __copy__ = copy

    def to_dict(self) -> dict[Any, Any]:
        """A dict of the same entries.

        Raises ValueError when two keys are one to Python (1 and True), TypeError for a key that is not hashable.
        """
        result = dict(self._entries.values())
        if len(result) != len(self._entries):
            raise ValueError("two keys of this Map are equal in Python (as 1, True and BigInt(1) are): use items()")
        return result

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping) and not isinstance(other, JSMap):
            other = JSMap(other)
        if not isinstance(other, JSMap):
            return NotImplemented
        if self is other:
            return True
        if len(self) != len(other):
            return False
        objects: list[tuple[Any, Any]] = []
        for found, entry in self._entries.items():
            if not is_primitive_key(found):
                objects.append(entry)
                continue
            counterpart = other._entries.get(found)
            if counterpart is None or not _equal(entry[1], counterpart[1]):
                return False
        # Objects that are keys have no value to look them up by: they are compared in their order.
        others = [entry for found, entry in other._entries.items() if not is_primitive_key(found)]
        return len(objects) == len(others) and all(
            _equal(a[0], b[0]) and _equal(a[1], b[1]) for a, b in zip(objects, others, strict=True)
        )

    __hash__ = None  # type: ignore[assignment]

    @recursive_repr("JSMap(...)")
    def __repr__(self) -> str:
        if not self._entries:
            return "JSMap()"
        if all(is_primitive_key(found) for found in self._entries):
            try:
                return f"JSMap({self.to_dict()!r})"
            except ValueError:
                pass
        return f"JSMap({list(self._entries.values())!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Entries go through __setitem__ after the object exists: ids of keys are those of the copies, and cycles work.
        return (type(self), (), None, None, iter(list(self.items())))


class JSSet(MutableSet[Any]):
    """A Set. Make it from an iterable.

    >>> JSSet([1, 1.0, True])
    JSSet([1, True])
    """

    __slots__ = ("__weakref__", "_members")

    def __init__(self, members: Iterable[Any] = ()) -> None:
        self._members: dict[Any, Any] = {}
        for member in members:
            self.add(member)

    def add(self, value: Any) -> None:
        """Adds a member, unless an equal one is there."""
        self._members.setdefault(key_of(value), stored(value))

    def discard(self, value: Any) -> None:
        """Removes a member if it is there."""
        self._members.pop(key_of(value), None)

    def clear(self) -> None:
        """Removes all members."""
        self._members.clear()

    def update(self, members: Iterable[Any]) -> None:
        """Adds all of `members`."""
        for member in members:
            self.add(member)

    def copy(self) -> JSSet:
        """A new Set of the same members."""
        return JSSet(self)

    __copy__ = copy

    def __contains__(self, value: object) -> bool:
        return key_of(value) in self._members

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._members.values())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, AbstractSet) and not isinstance(other, JSSet):
            other = JSSet(other)
        if not isinstance(other, JSSet):
            return NotImplemented
        if self is other:
            return True
        if len(self) != len(other):
            return False
        objects: list[Any] = []
        for found, member in self._members.items():
            if not is_primitive_key(found):
                objects.append(member)
            elif found not in other._members:
                return False
        others = [member for found, member in other._members.items() if not is_primitive_key(found)]
        return len(objects) == len(others) and all(_equal(a, b) for a, b in zip(objects, others, strict=True))

    __hash__ = None  # type: ignore[assignment]

    @recursive_repr("JSSet(...)")
    def __repr__(self) -> str:
        return f"JSSet({list(self._members.values())!r})" if self._members else "JSSet()"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (), list(self))

    def __setstate__(self, members: list[Any]) -> None:
        self.update(members)


def _equal(a: Any, b: Any) -> bool:
    """As list and dict compare their items: an object equals itself, NaN too."""
    return a is b or bool(a == b)
