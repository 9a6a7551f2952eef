"""Containers that nobody else can change while they are written.

The MessagePack library holds pointers into the lists and dicts that it walks. As long as it calls nothing of ours, no
Python code runs, and nothing can change under it. But where it asks `default` about a value, a hook of the user's or
another thread may shorten a list that is being written, and the library would read freed memory. So what lies around
such values is copied first: the containers on the way to them, not the plain trees beside.
"""

from __future__ import annotations

from typing import Any, Final

_SCALARS: Final = frozenset({type(None), bool, int, float, str, bytes})
_CONTAINERS: Final = frozenset({list, dict, tuple})


class PrivateCopies:
    """The copies for one message; what is met twice is copied once, so that sharing stays."""

    def __init__(self) -> None:
        # By id, beside the original, so that the id stays its own.
        self._known: dict[int, tuple[object, Any]] = {}
        self._expected: dict[int, object] = {}

    def of(self, value: Any) -> Any:
        """`value` itself when it is a tree of scalars or no container; else a copy, down to what is no scalar.

        Raises RecursionError for a value that is nested too deeply.
        """
        kind = type(value)
        if kind not in _CONTAINERS:
            self._expected[id(value)] = value
            return value
        known = self._known.get(id(value))
        if known is not None:
            return known[1]
        self._known[id(value)] = (value, value)  # for a cycle, which the library refuses anyway
        entries: dict[Any, Any] = value.copy() if kind is dict else {}
        items = list(entries.values() if kind is dict else value)
        odd = False
        for index, item in enumerate(items):
            kind_inside = type(item)
            if kind_inside in _SCALARS or (
                (kind_inside is list or kind_inside is tuple) and _SCALARS.issuperset(map(type, item))
            ):
                continue
            copy = self.of(item)
            if copy is not item:
                items[index] = copy
            elif kind_inside in _CONTAINERS:
                continue
            odd = True
        if not odd:
            return value
        copied = dict(zip(entries, items, strict=True)) if kind is dict else items
        self._known[id(value)] = (value, copied)
        return copied

    def expects(self, value: object) -> bool:
        """Whether the library may ask about `value`: it was seen when the copies were made.

        Anything else came into a container that is no copy after it had been looked at. Ints are asked about for their
        size.
        """
        return id(value) in self._expected or type(value) is int
