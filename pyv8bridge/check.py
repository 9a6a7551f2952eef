"""Where a message is malformed: asked when reading one has failed, or before reading what others wrote.

It walks the bytes as docs/format.md defines them, values as well as ext payloads, without building anything. What the
bodies of a graph's nodes must hold is left to the reader that fills them.
"""

from __future__ import annotations

import struct
from typing import Final

from .message import (
    ATTACHMENT,
    BIGINT,
    BOXED,
    BUFFER,
    DATE,
    GRAPH,
    HANDLE,
    HOLE,
    LEAF,
    NODE,
    REGEXP,
    RESIZABLE_BUFFER,
    STRING16,
    TIMESTAMP,
    UNDEFINED,
    VIEW,
)
from .options import DEPTH_LIMIT
from .values.binary import BY_LETTER

_DEPTH: Final = DEPTH_LIMIT
_SIZES: Final[dict[int, frozenset[int]]] = {
    UNDEFINED: frozenset({0}),
    HOLE: frozenset({0}),
    DATE: frozenset({8}),
    LEAF: frozenset({4}),
    NODE: frozenset({4}),
    HANDLE: frozenset({9}),
    ATTACHMENT: frozenset({13, 21}),
    TIMESTAMP: frozenset({4, 8, 12}),
}
_ANY_SIZE: Final = frozenset({BIGINT, STRING16, REGEXP, BOXED, VIEW, BUFFER, RESIZABLE_BUFFER})
# For the bytes from 0xC0: what follows (fixed bytes, or the size of a length), by family.
_FIXED: Final = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
                 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8}  # fmt: skip
_BIN: Final = {0xC4: 1, 0xC5: 2, 0xC6: 4}
_EXT: Final = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXEXT: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_STR: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_ARRAY: Final = {0xDC: 2, 0xDD: 4}
_MAP: Final = {0xDE: 2, 0xDF: 4}


class _FaultError(Exception):
    def __init__(self, offset: int, reason: str) -> None:
        self.offset = offset
        self.reason = reason


def find_fault(message: bytes) -> tuple[int, str] | None:
    """The offset and the reason of the first fault, or None when the walk finds none."""
    try:
        end = _Walk(message, len(message)).values(0, 1)
        if end != len(message):
            raise _FaultError(end, f"{len(message) - end} bytes after the message")
    except _FaultError as fault:
        return fault.offset, fault.reason
    return None


class _Walk:
    """The bytes up to `end`."""

    def __init__(self, data: bytes, end: int) -> None:
        self.data = data
        self.end = end

    def values(self, at: int, count: int, holes: bool = False) -> int:
        """Goes over `count` values and returns where they end."""
        # One entry a level: values left, the keys so far when it is a map, and whether holes are legal.
        stack: list[tuple[int, set[bytes] | None, bool]] = [(count, None, holes)]
        while stack:
            left, keys, holes = stack.pop()
            if left == 0:
                continue
            stack.append((left - 1, keys, holes))
            kind, size, body = self.head(at)
            if keys is not None and left % 2 == 0:
                key = self.data[body : body + size]
                if kind != "str":
                    raise _FaultError(at, "a map key is not a str")
                if key in keys:
                    raise _FaultError(at, "a key twice")
                keys.add(key)
            if kind in ("array", "map"):
                items = size if kind == "array" else 2 * size
                if items > self.end - body:
                    raise _FaultError(at, f"truncated: {size} elements claimed, {self.end - body} bytes left")
                if len(stack) > _DEPTH:
                    raise _FaultError(at, f"nested more than {_DEPTH} levels deep")
                stack.append((items, set() if kind == "map" else None, kind == "array"))
                at = body
                continue
            if body + size > self.end:
                raise _FaultError(at, f"truncated: {body + size - self.end} bytes are missing")
            if kind == "str":
                try:
                    self.data[body : body + size].decode("utf-8")
                except UnicodeDecodeError as error:
                    raise _FaultError(body + error.start, "invalid UTF-8") from None
            elif kind == "ext":
                self.ext(at, body, size, holes)
            at = body + size
        return at

    def head(self, at: int) -> tuple[str, int, int]:
        """The family of the value at an offset, its size in bytes or elements, and where they begin."""
        if at >= self.end:
            raise _FaultError(at, "truncated: a value is missing")
        first = self.data[at]
        if first < 0x80 or first >= 0xE0:
            return "fixed", 0, at + 1
        if first < 0x90:
            return "map", first & 0x0F, at + 1
        if first < 0xA0:
            return "array", first & 0x0F, at + 1
        if first < 0xC0:
            return "str", first & 0x1F, at + 1
        if first in _FIXED:
            return "fixed", _FIXED[first], at + 1
        if first in _FIXEXT:
            return "ext", _FIXEXT[first], at + 2
        for kind, widths in (("bin", _BIN), ("ext", _EXT), ("str", _STR), ("array", _ARRAY), ("map", _MAP)):
            if first in widths:
                body = at + 1 + widths[first]
                if body > self.end:
                    raise _FaultError(at, "truncated: a length is missing")
                return kind, int.from_bytes(self.data[at + 1 : body], "big"), body + (kind == "ext")
        raise _FaultError(at, "MessagePack's reserved byte 0xC1")

    def ext(self, at: int, body: int, size: int, holes: bool) -> None:
        """Checks an ext's payload."""
        code = struct.unpack_from("b", self.data, body - 1)[0]
        inner = _Walk(self.data, body + size)
        if code == HOLE and not holes:
            raise _FaultError(at, "a hole outside an array")
        if code == GRAPH and at == 0:
            self.graph(inner, body)
        elif code in _SIZES:
            if size not in _SIZES[code]:
                raise _FaultError(at, f"the payload of ext {code} has {size} bytes")
        elif code not in _ANY_SIZE:
            raise _FaultError(at, f"unknown ext code {code}")
        elif code == STRING16 and size % 2:
            raise _FaultError(at, "an odd number of bytes for UTF-16")
        elif code == VIEW:
            kind = BY_LETTER.get(self.data[body]) if size else None
            if kind is None or (size - 1) % kind.size:
                raise _FaultError(body, "no kind of view, or not a multiple of its element size")
        elif code == RESIZABLE_BUFFER and (size < 8 or int.from_bytes(self.data[body : body + 8], "big") < size - 8):
            raise _FaultError(body, "a buffer that is longer than its maximum")
        elif code in (REGEXP, BOXED) and inner.values(body, 2 if code == REGEXP else 1) != body + size:
            raise _FaultError(at, f"the payload of ext {code} goes on after its values")

    def graph(self, inner: _Walk, body: int) -> None:
        """Checks a graph's payload."""
        if inner.end - body < 8:
            raise _FaultError(body, "truncated: a graph has at least 8 bytes")
        count = int.from_bytes(self.data[body : body + 4], "big")
        leaves = body + 4 + count + 4
        if leaves > inner.end:
            raise _FaultError(body, f"truncated: {count} nodes claimed")
        for index in range(body + 4, body + 4 + count):
            if self.data[index] not in b"ldomsapev":
                raise _FaultError(index, "no kind of node")
        rest = leaves + int.from_bytes(self.data[leaves - 4 : leaves], "big")
        if rest > inner.end:
            raise _FaultError(leaves - 4, "truncated: leaves are missing")
        for start, end in ((leaves, rest), (rest, inner.end)):
            kind, size, _ = _Walk(self.data, end).head(start)
            if kind != "array" or (end == inner.end and size != count + 1):
                raise _FaultError(start, "not an array of the leaves, or of the root and a body for each node")
            stop = _Walk(self.data, end).values(start, 1)
            if stop != end:
                raise _FaultError(stop, "bytes after an array of a graph")
