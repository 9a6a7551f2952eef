"""The bytes of messages that MessagePack libraries do not write for us: ext codes, headers, graphs.

docs/format.md is the definition; encode*.py write with this module, decode.py reads with it.
"""

from __future__ import annotations

import struct
from typing import Any, Final

TIMESTAMP: Final = -1
UNDEFINED: Final = 1
HOLE: Final = 2
BIGINT: Final = 3
STRING16: Final = 4
DATE: Final = 5
REGEXP: Final = 6
BOXED: Final = 7
VIEW: Final = 8
BUFFER: Final = 9
RESIZABLE_BUFFER: Final = 10
ATTACHMENT: Final = 11
LEAF: Final = 12
NODE: Final = 13
GRAPH: Final = 14
HANDLE: Final = 15

MAX_BYTES: Final = 0xFFFFFFFF
GRAPH_HEADER: Final = struct.Struct(">BIbI")  # 0xC9, payload size, code, number of nodes
FLOAT64: Final = struct.Struct(">d")
UINT32: Final = struct.Struct(">I")
ATTACHMENT_HEAD: Final = struct.Struct(">BIQ")
UINT64: Final = struct.Struct(">Q")


class Attachments(list[memoryview]):
    """What goes beside a message: binary data, and handles that have to live until the message has been read."""

    held: tuple[Any, ...] = ()


def array_header(count: int) -> bytes:
    """The bytes that announce an array of `count` elements."""
    if count < 16:
        return bytes((0x90 | count,))
    return struct.pack(">BH", 0xDC, count) if count < 0x10000 else struct.pack(">BI", 0xDD, count)


def map_header(count: int) -> bytes:
    """The bytes that announce a map of `count` pairs."""
    if count < 16:
        return bytes((0x80 | count,))
    return struct.pack(">BH", 0xDE, count) if count < 0x10000 else struct.pack(">BI", 0xDF, count)


def bigint_payload(value: int) -> bytes:
    """Two's complement, little-endian, in the fewest bytes; none for 0."""
    if value == 0:
        return b""
    bits = (value if value > 0 else ~value).bit_length()
    return value.to_bytes(bits // 8 + 1, "little", signed=True)


def string16_payload(text: str) -> bytes:
    """UTF-16 code units, lone surrogates as they are."""
    return text.encode("utf-16-le", "surrogatepass")


def graph(kinds: list[str], leaves: list[bytes], root: bytes, bodies: list[bytes]) -> bytes:
    """A whole graph message out of its parts."""
    leaf_bytes = array_header(len(leaves)) + b"".join(leaves)
    rest = b"".join((array_header(1 + len(bodies)), root, *bodies))
    size = 4 + len(kinds) + 4 + len(leaf_bytes) + len(rest)
    return b"".join(
        (
            GRAPH_HEADER.pack(0xC9, size, GRAPH, len(kinds)),
            "".join(kinds).encode("ascii"),
            UINT32.pack(len(leaf_bytes)),
            leaf_bytes,
            rest,
        )
    )
