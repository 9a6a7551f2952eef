"""`JSMap` and `JSSet`: JavaScript's Map and Set, in insertion order, with its rules for equal keys.

Any value may be a key. Numbers, strings, booleans, bigints, None and undefined are keys by value (and of their
JavaScript type: 1, True and BigInt(1) are three keys); every other object, a tuple, bytes or datetime too, is a key by
identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSet
from collections.abc import Set as AbstractSet
from typing import Any

from .deep import Pairs, Part, dict_pieces, equal, list_pairs, sequence_pieces, text_of
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
        return equal(self, other) if isinstance(other, Mapping) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return text_of(self)

    def _pairs_with(self, other: Any) -> Pairs | None:
        if not isinstance(other, Mapping):
            return None
        theirs = other if isinstance(other, JSMap) else JSMap(other)
        if len(self) != len(theirs):
            return None
        pairs: Pairs = []
        objects: list[tuple[Any, Any]] = []
        for found, entry in self._entries.items():
            if not is_primitive_key(found):
                objects.append(entry)
                continue
            counterpart = theirs._entries.get(found)
            if counterpart is None:
                return None
            pairs.append((entry[1], counterpart[1]))
        # Objects that are keys have no value to look them up by: they are compared in their order.
        others = [entry for found, entry in theirs._entries.items() if not is_primitive_key(found)]
        for entry, counterpart in zip(objects, others, strict=True):
            pairs += zip(entry, counterpart, strict=True)
        return pairs

    def _pieces(self) -> Iterator[str | Part]:
        if not self._entries:
            yield "JSMap()"
            return
        entries = self._entries.values()
        # A dict would merge keys that are one to Python, and many objects cannot be its keys.
        as_dict = all(map(is_primitive_key, self._entries)) and len({key for key, _ in entries}) == len(entries)
        yield "JSMap("
        yield from dict_pieces(entries) if as_dict else sequence_pieces("[", entries, "]")
        yield ")"

    def _again(self) -> str:
        return "JSMap(...)"

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

    def update(self, *others: Iterable[Any]) -> None:
        """Adds all members of each of `others`."""
        for members in others:
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
        return equal(self, other) if isinstance(other, AbstractSet) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return text_of(self)

    def _pairs_with(self, other: Any) -> Pairs | None:
        if not isinstance(other, AbstractSet):
            return None
        theirs = other if isinstance(other, JSSet) else JSSet(other)
        if len(self) != len(theirs):
            return None
        objects: list[Any] = []
        for found, member in self._members.items():
            if not is_primitive_key(found):
                objects.append(member)
            elif found not in theirs._members:
                return None
        return list_pairs(objects, [member for found, member in theirs._members.items() if not is_primitive_key(found)])

    def _pieces(self) -> Iterator[str | Part]:
        return sequence_pieces("JSSet([", self._members.values(), "])") if self._members else iter(("JSSet()",))

    def _again(self) -> str:
        return "JSSet(...)"

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (), list(self))

    def __setstate__(self, members: list[Any]) -> None:
        self.update(members)
