"""The exact encoder: Python objects to messages, in Python, with a path in every error.

It writes everything that can be written, and keeps cycles, and identity with `references=True`. A survey visits each
container once and records what it will write; only then is it known what is met twice, and the message is put together.
Neither half recurses, so depth is bounded by the limit and not by Python's stack.
"""

from __future__ import annotations

import enum
import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import ormsgpack

from .bodies import checked_properties, error_body, shown, view_body
from .errors import EncodeError, with_article
from .expansion import COPIES_LIMIT
from .lower import HOLE_EXT, LEAF_TYPES, Ext, Lowering, node_kind, text
from .message import LEAF, NODE, UINT32, array_header, graph, map_header
from .values import JSArray, JSArrayBuffer, JSSparseArray, JSTypedArray
from .values.same_value import joined

_PRIMITIVES: Final = (type(None), bool, int, float, str, bytes)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_LOWERINGS: Final = 254
# What a path shows: characters of a name, bytes of all of it. The names of a value nested deep can be huge, and shared.
_LONGEST_NAME: Final = 200
_LONGEST_PATH: Final = 4096


class _Leaf:
    """A value without children that keeps its identity."""

    __slots__ = ("data", "met", "number", "value")

    def __init__(self, value: Any, data: bytes | None) -> None:
        self.value = value
        self.data = data  # None for a buffer, whose bytes may become an attachment when it is written.
        self.met = 0
        self.number: int | None = None


class _Container:
    """What a list, dict, node … will be written as: bytes, and what stands between them."""

    __slots__ = ("height", "is_node", "is_open", "keeps_identity", "kind", "number", "parts", "size", "view")

    def __init__(
        self, kind: str, is_node: bool, keeps_identity: bool, view: tuple[JSTypedArray, _Leaf] | None = None
    ) -> None:
        self.kind = kind
        self.is_node = is_node
        # Else it is written anew each time that it is met.
        self.keeps_identity = keeps_identity
        self.parts: list[bytes | _Container | _Leaf] = []
        self.view = view
        self.is_open = False
        self.size = 1
        self.height = 1
        self.number: int | None = None


class _Visit:
    """A container whose parts are being recorded, and the step that leads on from it."""

    __slots__ = ("container", "pieces", "step")

    def __init__(self, container: _Container, pieces: Iterator[_Piece]) -> None:
        self.container = container
        self.pieces = pieces
        self.step: _Step = None


# A piece of a container: bytes to write as they are, or a value with its place, and whether a hole may stand there.
_Step = Any
_Piece = tuple[bytes | None, Any, _Step, bool]


def encode_exact(value: object, lowering: Lowering, are_arguments: bool = False) -> bytes:
    """The message for `value`. Raises EncodeError with the path, and what the `default` hook raises."""
    return _Assembly(lowering).message(_Survey(lowering, are_arguments).run(value))


class _Survey:
    """The first half: every container once, in the order in which a reader meets it."""

    def __init__(self, lowering: Lowering, are_arguments: bool) -> None:
        self._lowering = lowering
        self._options = lowering.options
        self._are_arguments = are_arguments
        self._containers: dict[int, _Container] = {}
        self._leaves: dict[int, _Leaf] = {}
        self._alive: list[object] = []  # Ids are keys: what has one here must not be freed.
        self._visits: list[_Visit] = []
        self._copies = 0
        self._copied: list[_Container] = []  # Written more than once.

    def run(self, value: object) -> bytes | _Container | _Leaf:
        """What the message consists of."""
        try:
            root = self._part(value, False)
            while self._visits:
                visit = self._visits[-1]
                for data, child, step, hole_allowed in visit.pieces:
                    if data is not None:
                        visit.container.parts.append(data)
                        continue
                    visit.step = step
                    depth = len(self._visits)
                    part = self._part(child, hole_allowed)
                    visit.container.parts.append(part)
                    if len(self._visits) > depth:
                        break
                    if isinstance(part, _Container):
                        self._grow(visit.container, part)
                    else:
                        visit.container.size += 1
                else:
                    self._close()
            self._share_leaves_of_copies()
            return root
        except EncodeError as error:
            if error.path is None:
                self._locate(error)
            raise

    def _close(self) -> None:
        container = self._visits.pop().container
        container.is_open = False
        if self._visits:
            self._grow(self._visits[-1].container, container)

    def _share_leaves_of_copies(self) -> None:
        """A leaf is recorded once for each container around it, yet met once for each copy of that."""
        todo = self._copied
        seen: set[int] = set()
        while todo:
            container = todo.pop()
            if id(container) in seen:
                continue
            seen.add(id(container))
            for part in container.parts:
                if isinstance(part, _Leaf):
                    part.met += 1
                elif isinstance(part, _Container):
                    if part.view is not None:
                        part.view[1].met += 1
                    elif not part.keeps_identity:
                        todo.append(part)

    def _grow(self, outer: _Container, inner: _Container) -> None:
        """Accounts for `inner` as a part of `outer`."""
        outer.height = max(outer.height, inner.height + 1)
        outer.size += 1 if inner.keeps_identity else inner.size

    def _locate(self, error: EncodeError) -> None:
        steps = [visit.step for visit in self._visits]
        if self._are_arguments and steps:
            error.argument = steps.pop(0)
        error.path = _path_text(steps)

    def _part(self, value: Any, hole_allowed: bool) -> bytes | _Container | _Leaf:
        """What to write for a value; begins a visit when it is a container not met before."""
        original = value
        for _ in range(_LOWERINGS):
            kind = type(value)
            if kind in _PRIMITIVES or kind is Ext:
                return self._primitive(value, hole_allowed)
            if isinstance(value, JSTypedArray):
                return self._view(value)
            known = self._containers.get(id(value))
            if known is not None:
                return self._meet_again(known)
            found = node_kind(kind)
            if found is not None:
                return self._begin(value, original, found[0], found[1])
            if isinstance(value, LEAF_TYPES):
                return self._leaf(value)
            if kind is list or kind is tuple:
                return self._begin(value, original, "l", False)
            if kind is dict:
                return self._begin(value, original, "d", False)
            lowered = self._lowering.lower(value)
            self._alive.append(value)
            value = lowered
        raise EncodeError(f"{type(original).__name__}: default= never comes to an end")

    def _primitive(self, value: Any, hole_allowed: bool) -> bytes:
        if value is HOLE_EXT and not hole_allowed:
            raise EncodeError("a hole can only be an element of an Array: use undefined")
        kind = type(value)
        if kind is str:
            value = text(value)
        elif kind is int:
            value = self._lowering.integer(value)
        elif kind is bytes:
            value = self._lowering.binary(value)
        return ormsgpack.packb(value)

    def _meet_again(self, container: _Container) -> _Container:
        if container.is_open or self._options.references:
            container.is_node = container.keeps_identity = True
        if not container.keeps_identity:
            self._copied.append(container)
            self._copies += container.size
            if self._copies > COPIES_LIMIT:
                raise EncodeError(
                    "containers that are met more than once make this value too large when they are copied each time: "
                    "use references=True"
                )
            self._check_depth(container.height)
        return container

    def _check_depth(self, height: int) -> None:
        # The array of arguments is no level of the caller's.
        levels = len(self._visits) + height - self._are_arguments
        if levels > self._options.max_depth:
            raise EncodeError(f"nested more than {self._options.max_depth} levels deep")

    def _begin(self, value: Any, original: Any, kind: str, keeps_identity: bool) -> _Container:
        self._check_depth(1)
        container = _Container(kind, kind not in "ld" or keeps_identity, keeps_identity)
        container.is_open = True
        for key in (value, original):
            self._containers[id(key)] = container
            self._alive.append(key)
        self._visits.append(_Visit(container, self._pieces(value, container)))
        return container

    def _leaf(self, value: Any) -> _Leaf:
        leaf = self._leaves.get(id(value))
        if leaf is None:
            is_buffer = isinstance(value, JSArrayBuffer)
            # Now, as what is wrong with it is to be said with its path.
            data = None if is_buffer else ormsgpack.packb(self._lowering.leaf_ext(value))
            leaf = self._leaves[id(value)] = _Leaf(value, data)
            self._alive.append(value)
        leaf.met += 1
        return leaf

    def _view(self, view: JSTypedArray) -> _Container:
        leaf = self._leaf(view.buffer)
        if view.buffer.resizable:
            leaf.met += 1
        known = self._containers.get(id(view))
        if known is None:
            known = self._containers[id(view)] = _Container("v", False, True, (view, leaf))
            self._alive.append(view)
        return known

    # ---- pieces of containers ----

    def _pieces(self, value: Any, container: _Container) -> Iterator[_Piece]:
        kind = container.kind
        if kind == "l":
            # A missing argument is no hole: it has no place in an Array.
            return _elements(list(value), bool(self._visits) or not self._are_arguments)
        if kind == "s":
            return _members(list(value))
        if kind == "m":
            return _entries(list(value.items()))
        if kind == "a":
            return _array_pieces(value, checked_properties(value.properties))
        if kind == "p":
            return _sparse_pieces(value, checked_properties(value.properties))
        if kind == "e":
            return _properties(error_body(value))
        return self._object_pieces(value, container)

    def _object_pieces(self, value: dict[Any, Any], container: _Container) -> Iterator[_Piece]:
        if all(isinstance(key, str) for key in value):
            entries = {joined(str.__str__(key)): item for key, item in value.items()}
        elif self._options.keys == "map":
            container.kind, container.is_node = "m", True
            return _entries(list(value.items()))
        elif self._options.keys == "string":
            entries = {}
            for key, item in value.items():
                name = _key_text(key)
                if name in entries:
                    raise EncodeError(f"two keys are {name!r} as strings: use JSMap(d)")
                entries[name] = item
        else:
            odd = next(key for key in value if not isinstance(key, str))
            raise EncodeError(
                f"the key {shown(odd)} is {with_article(type(odd).__name__)}, and an Object has only strings: "
                "use JSMap(d), or keys='map' or 'string'"
            )
        if len(entries) != len(value):
            raise EncodeError("two keys of this dict are the same string")
        if any(type(text(name)) is Ext for name in entries):
            container.kind, container.is_node = "o", True
            return _flat_properties(entries)
        return _properties(entries)


def _array_pieces(array: JSArray, properties: dict[str, Any]) -> Iterator[_Piece]:
    yield array_header(2), None, None, False
    yield from _elements(list(array), True)
    yield from _flat_properties(properties)


def _sparse_pieces(array: JSSparseArray, properties: dict[str, Any]) -> Iterator[_Piece]:
    items = array.items()
    header = array_header(1 + 2 * (len(items) + len(properties)))
    yield header + ormsgpack.packb(array.length), None, None, False
    for index, item in items:
        yield ormsgpack.packb(index), None, None, False
        yield None, item, index, False
    for name, item in properties.items():
        yield ormsgpack.packb(text(name)), None, None, False
        yield None, item, name, False


def _elements(items: list[Any], holes: bool) -> Iterator[_Piece]:
    yield array_header(len(items)), None, None, False
    for index, item in enumerate(items):
        yield None, item, index, holes


def _members(items: list[Any]) -> Iterator[_Piece]:
    yield array_header(len(items)), None, None, False
    for index, item in enumerate(items):
        yield None, item, ("values", index), False


def _entries(entries: list[tuple[Any, Any]]) -> Iterator[_Piece]:
    yield array_header(2 * len(entries)), None, None, False
    for index, (key, item) in enumerate(entries):
        yield None, key, ("keys", index), False
        yield None, item, ("values", index), False


def _properties(entries: dict[str, Any]) -> Iterator[_Piece]:
    yield map_header(len(entries)), None, None, False
    for name, item in entries.items():
        yield ormsgpack.packb(text(name)), None, None, False
        yield None, item, name, False


def _flat_properties(entries: dict[str, Any]) -> Iterator[_Piece]:
    yield array_header(2 * len(entries)), None, None, False
    for name, item in entries.items():
        yield ormsgpack.packb(text(name)), None, None, False
        yield None, item, name, False


class _Assembly:
    """The second half: bytes, and numbers for nodes and leaves in the order in which they are first met."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering
        self._nodes: list[_Container] = []
        self._leaves: list[bytes] = []

    def message(self, root: bytes | _Container | _Leaf) -> bytes:
        """The message that begins with `root`."""
        data = self._write([root])
        bodies: list[bytes] = []
        while len(bodies) < len(self._nodes):
            node = self._nodes[len(bodies)]
            bodies.append(self._view_body(*node.view) if node.view else self._write(node.parts))
        if not bodies and not self._leaves:
            return data
        return graph([node.kind for node in self._nodes], self._leaves, data, bodies)

    def _write(self, parts: list[bytes | _Container | _Leaf]) -> bytes:
        out = bytearray()
        stack = [iter(parts)]
        while stack:
            for part in stack[-1]:
                if isinstance(part, bytes):
                    out += part
                elif isinstance(part, _Leaf):
                    out += self._leaf(part)
                elif part.view is not None:
                    out += self._view(part, *part.view)
                elif part.is_node:
                    out += self._node(part)
                else:
                    stack.append(iter(part.parts))
                    break
            else:
                stack.pop()
        return bytes(out)

    def _node(self, container: _Container) -> bytes:
        if container.number is None or not container.keeps_identity:
            container.number = len(self._nodes)
            self._nodes.append(container)
        return ormsgpack.packb(Ext(NODE, UINT32.pack(container.number)))

    def _leaf(self, leaf: _Leaf) -> bytes:
        if leaf.met > 1 and leaf.number is not None:
            return ormsgpack.packb(Ext(LEAF, UINT32.pack(leaf.number)))
        data = ormsgpack.packb(self._lowering.leaf_ext(leaf.value)) if leaf.data is None else leaf.data
        if leaf.met == 1:
            return data
        leaf.number = len(self._leaves)
        self._leaves.append(data)
        return ormsgpack.packb(Ext(LEAF, UINT32.pack(leaf.number)))

    def _view(self, container: _Container, view: JSTypedArray, leaf: _Leaf) -> bytes:
        if leaf.met == 1:
            return ormsgpack.packb(self._lowering.view_ext(view))
        return self._node(container)

    def _view_body(self, view: JSTypedArray, leaf: _Leaf) -> bytes:
        return array_header(4) + self._leaf(leaf) + b"".join(map(ormsgpack.packb, view_body(view)))


def _path_text(steps: list[_Step]) -> str:
    """A path, of at most 4096 bytes but for the "…" for what is left out; V8's side writes what it refuses alike."""
    text, size = "$", 1
    for step in steps:
        part = _step_text(step)
        size += len(part.encode())
        if size > _LONGEST_PATH:
            return text + "…"
        text += part
    return text


def _step_text(step: _Step) -> str:
    """One step of a path, as JavaScript would write it; in Maps and Sets by position."""
    if isinstance(step, int):
        return f"[{step}]"
    if isinstance(step, str):
        rest = "…" if len(step) > _LONGEST_NAME else ""
        name = step[:_LONGEST_NAME]
        if _IDENTIFIER.fullmatch(name):
            return f".{name}{rest}"
        # Lone surrogates as escapes, or the path could not be printed.
        quoted = json.dumps(name, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
        return f'[{quoted[:-1]}{rest}"]'
    return f".{step[0]}()[{step[1]}]"


def _key_text(key: Any) -> str:
    """A key as JavaScript's String() writes the primitive that it crosses as."""
    value = _as_primitive(key)
    if isinstance(value, str):
        return joined(str.__str__(value))
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        try:
            return int.__repr__(value)
        except ValueError:
            pass  # Python limits how many decimal digits it writes.
    if isinstance(value, float):
        return number_text(float.__float__(value))
    name = with_article(type(key).__name__)
    raise EncodeError(f"the key {shown(key)} is {name}, which keys='string' cannot write: use JSMap(d)")


def _as_primitive(key: Any) -> Any:
    """What lower.py would make of an Enum, UUID or numpy number; any other value itself."""
    if isinstance(key, enum.Enum):
        return key.value
    if isinstance(key, UUID):
        return str(key)
    is_number = type(key).__module__ == "numpy" and hasattr(key, "dtype") and key.dtype.kind in "biuf"
    return key.item() if is_number else key


def number_text(number: float) -> str:
    """A float as JavaScript's Number.prototype.toString writes it: the digits of repr, but other exponents."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    sign = "-" if number < 0 else ""
    digits, point = _shortest(abs(number))
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _shortest(number: float) -> tuple[str, int]:
    """The shortest digits that give `number` back, without zeros at either end, and where the point is among them."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return digits.rstrip("0"), point
