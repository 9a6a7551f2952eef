"""A reader of messages written from docs/format.md alone, on the msgpack package: the page has to be enough for one.

It shares no code with pyv8bridge.decode.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple

import msgpack

from pyv8bridge import (
    BigInt,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSError,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    hole,
    undefined,
)
from pyv8bridge.values import SharedDatetime, SharedDict, SharedList

KINDS = {
    "b": "Int8Array", "B": "Uint8Array", "C": "Uint8ClampedArray", "w": "Int16Array", "W": "Uint16Array",
    "d": "Int32Array", "D": "Uint32Array", "h": "Float16Array", "f": "Float32Array", "F": "Float64Array",
    "q": "BigInt64Array", "Q": "BigUint64Array", "?": "DataView",
}  # fmt: skip
EMPTY = {
    "l": SharedList, "d": SharedDict, "o": SharedDict, "m": JSMap, "s": JSSet, "a": JSArray,
    "p": lambda: JSSparseArray(0), "e": JSError, "v": lambda: None,
}  # fmt: skip


def read(message: bytes, attachments: Sequence[Any] = (), make_handle: Callable[[str, int], Any] | None = None) -> Any:
    """The value of a message and its attachments; `make_handle` is asked for each handle, with its kind and id."""
    value = unpack(message)
    outside = Outside([bytes(attachment) for attachment in attachments], make_handle)
    if not (isinstance(value, msgpack.ExtType) and value.code == 14):
        return Graph([], outside)(value)
    payload = value.data
    (count,) = struct.unpack_from(">I", payload)
    kinds = payload[4 : 4 + count].decode("ascii")
    (size,) = struct.unpack_from(">I", payload, 4 + count)
    leaves = unpack(payload[8 + count : 8 + count + size])
    root, *bodies = unpack(payload[8 + count + size :])
    assert len(bodies) == count
    graph = Graph([EMPTY[kind]() for kind in kinds], outside)
    graph.leaves = [SharedDatetime.of(leaf) if isinstance(leaf, datetime) else leaf for leaf in map(graph, leaves)]
    # Views are no containers of ours: they need their buffers, which are leaves, and nothing else.
    for number, (kind, body) in enumerate(zip(kinds, bodies, strict=True)):
        if kind == "v":
            graph.nodes[number] = graph.view(*body)
    for node, kind, body in zip(graph.nodes, kinds, bodies, strict=True):
        graph.fill(node, kind, body)
    return graph(root)


def unpack(data: bytes) -> Any:
    def entries(found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        assert all(isinstance(key, str) for key, _ in found)
        return Entries(found)

    return msgpack.unpackb(data, ext_hook=msgpack.ExtType, object_pairs_hook=entries, timestamp=0, strict_map_key=True)


class Entries(list[tuple[Any, Any]]):
    """A MessagePack map."""


class Outside(NamedTuple):
    """What belongs to a message and is not in it."""

    attachments: list[bytes]
    make_handle: Callable[[str, int], Any] | None


class Graph:
    """What exts of a message refer to."""

    def __init__(self, nodes: list[Any], outside: Outside) -> None:
        self.nodes = nodes
        self.leaves: list[Any] = []
        self.outside = outside

    def __call__(self, item: Any) -> Any:
        if isinstance(item, Entries):
            assert len({key for key, _ in item}) == len(item)
            return {key: self(value) for key, value in item}
        if isinstance(item, list):
            return [self(value) for value in item]
        if isinstance(item, msgpack.Timestamp):
            return date(item.seconds * 1000 + item.nanoseconds // 1_000_000)
        return self.ext(*item) if isinstance(item, msgpack.ExtType) else item

    def ext(self, code: int, data: bytes) -> Any:
        if code in (1, 2):
            assert data == b""
            return undefined if code == 1 else hole
        if code == 3:
            return BigInt(int.from_bytes(data, "little", signed=True))
        if code == 4:
            return data.decode("utf-16-le", "surrogatepass")
        if code == 5:
            return date(struct.unpack(">d", data)[0])
        if code == 6:
            source, flags = self(unpack(b"\x92" + data))
            return JSRegExp(source, flags)
        if code == 7:
            return JSBoxed(self(unpack(data)))
        if code == 8:
            return JSTypedArray(KINDS[chr(data[0])], data[1:])
        if code == 9:
            return JSArrayBuffer(data)
        if code == 10:
            return JSArrayBuffer(data[8:], struct.unpack_from(">Q", data)[0])
        if code == 11:
            return self.attachment(data)
        if code == 15:
            kind, handle = struct.unpack(">cQ", data)
            assert kind in b"fops"
            assert self.outside.make_handle is not None
            return self.outside.make_handle(kind.decode(), handle)
        (number,) = struct.unpack(">I", data)
        return {12: self.leaves, 13: self.nodes}[code][number]

    def attachment(self, data: bytes) -> Any:
        what, index, size = struct.unpack_from(">cIQ", data)
        letter, rest, found = what.decode(), data[13:], self.outside.attachments[index]
        assert len(found) == size
        assert len(rest) == (8 if letter == "R" else 0)
        if letter == "R":
            return JSArrayBuffer(found, *struct.unpack(">Q", rest))
        if letter == "A":
            return JSArrayBuffer(found)
        if letter in "sS":
            return found.decode() if letter == "s" else found.decode("utf-16-le", "surrogatepass")
        return found if letter == "x" else JSTypedArray(KINDS[letter], found)

    def view(self, buffer: Any, kind: int, offset: int, length: int | None) -> JSTypedArray:
        size = JSTypedArray(KINDS[chr(kind)]).numpy().itemsize
        return JSTypedArray(KINDS[chr(kind)], self(buffer), offset, None if length is None else length // size)

    def fill(self, node: Any, kind: str, body: Any) -> None:
        parts = self(body) if kind not in "v" else []
        if kind == "l":
            node.extend(parts)
        elif kind == "d":
            node.update(parts)
        elif kind in "om":
            node.update(pairs(parts))
        elif kind == "s":
            node.update(parts)
        elif kind == "a":
            node.extend(parts[0])
            node.properties = dict(pairs(parts[1]))
        elif kind == "p":
            node.length = parts[0]
            for key, value in pairs(parts[1:]):
                if isinstance(key, str):
                    node.properties[key] = value
                else:
                    node[key] = value
        elif kind == "e":
            assert list(parts) == [name for name in ("name", "message", "stack", "cause") if name in parts]
            node.name, node.stack = parts["name"], parts.get("stack")
            if "message" in parts:
                node.message = parts["message"]
            if "cause" in parts:
                node.cause = parts["cause"]


def pairs(flat: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def date(ms: float) -> Any:
    if -62_135_596_800_000 <= ms <= 253_402_300_799_999:
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=int(ms))
    return JSDate(ms)
