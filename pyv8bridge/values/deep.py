"""`==` and `repr` of containers inside containers, without Python's stack.

Values may be nested more deeply than Python's functions may call each other, so the classes here do not compare or
print what they contain themselves: they only say what it is, and two loops do the rest. They look into plain lists,
dicts and tuples too, as these stand between. A comparison of values that contain themselves comes to an end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, Protocol

from .shared import SharedDict, SharedList

_LISTS: Final = frozenset[type]((list, SharedList))
_DICTS: Final = frozenset[type]((dict, SharedDict))

Pairs = list[tuple[Any, Any]]


class Deep(Protocol):
    """What a container tells about itself."""

    def _pairs_with(self, other: Any) -> Pairs | None:
        """What has to be equal for it to equal `other`, which is no same object; None when it is not anyway.

        TypeError when it cannot be compared with an object like that.
        """

    def _pieces(self) -> Iterator[str | Part]:
        """Its repr: text, and the values between."""

    def _again(self) -> str:
        """What stands for it inside of itself."""


class Part:
    """A value inside of a repr."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


def equal(a: Any, b: Any) -> bool:
    """As list and dict compare their items: an object equals itself, NaN too."""
    todo: Pairs = [(a, b)]
    # Pairs that are being compared, or were: met again, they add nothing. Kept alive, as their ids are the keys.
    met: dict[tuple[int, int], tuple[Any, Any]] = {}
    while todo:
        pair = todo.pop()
        a, b = pair
        if a is b:
            continue
        kind, other_kind = type(a), type(b)
        is_deep, is_other_deep = hasattr(kind, "_pairs_with"), hasattr(other_kind, "_pairs_with")
        is_list = kind in _LISTS and other_kind in _LISTS
        is_dict = kind in _DICTS and other_kind in _DICTS
        if not (is_deep or is_other_deep or is_list or is_dict or kind is other_kind is tuple):
            if not bool(a == b):
                return False
            continue
        if (id(a), id(b)) in met:
            continue
        met[id(a), id(b)] = pair
        pairs: Pairs | None
        if is_deep:
            pairs = a._pairs_with(b)
        elif is_other_deep:
            pairs = b._pairs_with(a)
        else:
            pairs = _dict_pairs(a, b) if is_dict else list_pairs(a, b)
        if pairs is None:
            return False
        todo += pairs
    return True


def list_pairs(a: Any, b: Any) -> Pairs | None:
    """The items of two sequences of one length."""
    return list(zip(a, b, strict=True)) if len(a) == len(b) else None


def _dict_pairs(a: dict[Any, Any], b: dict[Any, Any]) -> Pairs | None:
    if a.keys() != b.keys():
        return None
    return [(item, b[key]) for key, item in a.items()]


def text_of(value: Any) -> str:
    """The repr of a value."""
    out: list[str] = []
    inside: set[int] = set()  # what we are inside of
    stack: list[tuple[Any, Iterator[str | Part]]] = []
    begin: Any = value
    while True:
        pieces = None if id(begin) in inside else _pieces_of(begin)
        if pieces is not None:
            inside.add(id(begin))
            stack.append((begin, pieces))
        else:
            out.append(_again(begin) if id(begin) in inside else repr(begin))
        while stack:
            owner, pieces = stack[-1]
            piece = next(pieces, None)
            if isinstance(piece, Part):
                begin = piece.value
                break
            if piece is not None:
                out.append(piece)
                continue
            stack.pop()
            inside.discard(id(owner))
        else:
            return "".join(out)


def _pieces_of(value: Any) -> Iterator[str | Part] | None:
    kind = type(value)
    if kind in _LISTS:
        return sequence_pieces("[", value, "]")
    if kind is tuple:
        return sequence_pieces("(", value, ",)" if len(value) == 1 else ")")
    if kind in _DICTS:
        return dict_pieces(value.items())
    if hasattr(kind, "_pieces"):
        pieces: Iterator[str | Part] = value._pieces()
        return pieces
    return None


def _again(value: Any) -> str:
    if type(value) in _LISTS:
        return "[...]"
    if type(value) is tuple:
        return "(...)"
    return "{...}" if type(value) in _DICTS else str(value._again())


def sequence_pieces(opening: str, items: Iterable[Any], closing: str) -> Iterator[str | Part]:
    """The repr of items with commas between."""
    yield opening
    for index, item in enumerate(items):
        if index:
            yield ", "
        yield Part(item)
    yield closing


def dict_pieces(entries: Iterable[tuple[Any, Any]]) -> Iterator[str | Part]:
    """The repr of a dict of these entries."""
    yield "{"
    for index, (key, item) in enumerate(entries):
        if index:
            yield ", "
        yield Part(key)
        yield ": "
        yield Part(item)
    yield "}"
