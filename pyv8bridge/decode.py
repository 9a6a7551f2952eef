"""Messages to Python objects: the last hop of a value on its way out of JavaScript.

Trees are read by a MessagePack library in compiled code, which asks `_Reader.ext` about every ext. In a graph, all
nodes are made empty first, then filled, so that references and cycles need no care.
"""

from __future__ import annotations

import gc
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import ormsgpack

from .errors import DecodeError, JSError
from .message import (
    ATTACHMENT,
    ATTACHMENT_HEAD,
    BIGINT,
    BOXED,
    BUFFER,
    DATE,
    FLOAT64,
    GRAPH,
    GRAPH_HEADER,
    HANDLE,
    HOLE,
    LEAF,
    NODE,
    REGEXP,
    RESIZABLE_BUFFER,
    STRING16,
    TIMESTAMP,
    UINT32,
    UINT64,
    UNDEFINED,
    VIEW,
)
from .values import (
    BigInt,
    JSArray,
    JSArrayBuffer,
    JSBoxed,
    JSDate,
    JSMap,
    JSRegExp,
    JSSet,
    JSSparseArray,
    JSTypedArray,
    SharedDatetime,
    SharedDict,
    SharedList,
    hole,
    undefined,
)
from .values.binary import BY_LETTER
from .values.dates import datetime_of

__all__ = ["DATES", "decode", "decode_each"]

MakeHandle = Callable[[str, int], Any]

# Below this size a garbage collection is unlikely while the message is read. Above, the collector would walk again and
# again over objects of which none can be garbage: a third of the time for documents of many small lists.
_PAUSE_GC_FROM: Final = 16384
DATES: Final = ormsgpack.OPT_DATETIME_AS_TIMESTAMP_EXT
_SHELLS: Final[dict[str, Callable[[], Any]]] = {
    "l": SharedList,
    "d": SharedDict,
    "o": SharedDict,
    "m": JSMap,
    "s": JSSet,
    "a": JSArray,
    "p": lambda: JSSparseArray(0),
    "e": JSError,
    "v": lambda: object.__new__(JSTypedArray),
}


def decode(
    message: bytes | bytearray | memoryview,
    make_handle: MakeHandle | None = None,
    attachments: Sequence[Any] = (),
) -> Any:
    """The value of `message`.

    It has to come from the native library, whose messages are well formed. One from elsewhere may be misread without an
    error (bytes after it, a key twice): `wire.from_message` is the strict reader, for those to go through first.

    `make_handle(kind, id)` makes the object for a handle; `attachments` are the buffers beside the message, which typed
    arrays then show without a copy. Raises DecodeError for bytes that are no message, and what `make_handle`
    raises.
    """
    return _paused(_Reader(make_handle, attachments), message)


def decode_each(message: bytes | bytearray | memoryview, make_handle: MakeHandle | None = None) -> list[Any]:
    """The values of a message that is an array of whole messages, as calls of many items give one."""
    values: list[Any] = _paused(_ReaderOfMany(make_handle, ()), message)
    return values


def _paused(reader: _Reader, message: bytes | bytearray | memoryview) -> Any:
    if len(message) < _PAUSE_GC_FROM or not gc.isenabled():
        return reader.read(message)
    # Whoever finds it enabled pauses it and enables it again, so nested and concurrent calls leave it as it was.
    gc.disable()
    try:
        return reader.read(message)
    finally:
        gc.enable()


class _Reader:
    """One message."""

    __slots__ = ("_attachments", "_failure", "_leaves", "_make_handle", "_nodes")

    def __init__(self, make_handle: MakeHandle | None, attachments: Sequence[Any]) -> None:
        self._make_handle = make_handle
        self._attachments = attachments
        self._nodes: list[Any] = []
        self._leaves: list[Any] = []
        self._failure: BaseException | None = None

    def read(self, message: bytes | bytearray | memoryview) -> Any:
        """The value."""
        try:
            if len(message) >= 6 and message[0] == 0xC9 and message[5] == GRAPH:
                return self._graph(memoryview(message).cast("B"))
            return self._unpack(message)
        except (LookupError, struct.error, TypeError, ValueError) as error:
            if (error is self._failure and not isinstance(error, _MalformedError)) or isinstance(error, DecodeError):
                raise
            raise DecodeError(str(error) or "malformed message") from None

    def _unpack(self, data: bytes | bytearray | memoryview) -> Any:
        try:
            return ormsgpack.unpackb(data, ext_hook=self.ext, option=DATES)
        except (ValueError, SystemError):
            failure = self._failure
        if failure is not None:
            raise failure
        # The library refuses timestamps outside the years 1 to 9999 (before its version 1.13, which is not for Python
        # 3.10, with a SystemError); without the option it hands them to `ext`.
        return ormsgpack.unpackb(data, ext_hook=self.ext)

    def _graph(self, message: memoryview) -> Any:
        _, size, _, count = GRAPH_HEADER.unpack_from(message)
        leaves_at = 10 + count + 4
        if size != len(message) - 6 or leaves_at > len(message):
            raise _MalformedError("the graph's size is not the message's")
        kinds = bytes(message[10 : 10 + count]).decode("ascii")
        rest_at = leaves_at + UINT32.unpack_from(message, 10 + count)[0]
        self._nodes = [_SHELLS[kind]() for kind in kinds]
        if rest_at > leaves_at + 1:
            leaves = self._unpack(message[leaves_at:rest_at])
            self._leaves = [SharedDatetime.of(leaf) if hasattr(leaf, "utcoffset") else leaf for leaf in leaves]
        root, *bodies = self._unpack(message[rest_at:])
        for kind, node, body in zip(kinds, self._nodes, bodies, strict=True):
            _FILL[kind](node, body)
        return root

    def ext(self, code: int, data: bytes) -> Any:
        """The value of an ext."""
        # The library swallows what is raised here.
        try:
            return self._value(code, data)
        except (LookupError, struct.error, TypeError, ValueError) as error:
            # Of ours, and about the bytes; but what make_handle raises comes out as it is.
            self._failure = error if code == HANDLE else _MalformedError(str(error))
            raise
        except BaseException as error:
            self._failure = error
            raise

    def _value(self, code: int, data: bytes) -> Any:
        if code == NODE:
            return self._nodes[UINT32.unpack(data)[0]]
        if code == UNDEFINED:
            return undefined
        if code == HOLE:
            return hole
        if code == BIGINT:
            return BigInt.from_bytes(data, "little", signed=True)
        if code == LEAF:
            return self._leaves[UINT32.unpack(data)[0]]
        if code == STRING16:
            return data.decode("utf-16-le", "surrogatepass")
        if code == DATE:
            return _date(FLOAT64.unpack(data)[0])
        if code == VIEW:
            return self._view(data[0], memoryview(data)[1:])
        if code == BUFFER:
            return JSArrayBuffer(data)
        if code == RESIZABLE_BUFFER:
            return JSArrayBuffer(memoryview(data)[8:], UINT64.unpack_from(data)[0])
        if code == REGEXP:
            source, flags = self._unpack(_as_array(2, data))
            return JSRegExp(source, flags)
        if code == BOXED:
            return JSBoxed(*self._unpack(_as_array(1, data)))
        if code == HANDLE:
            if self._make_handle is None:
                raise DecodeError("a handle cannot be read here")
            return self._make_handle(chr(data[0]), UINT64.unpack(data[1:])[0])
        if code == ATTACHMENT:
            return self._attachment(data)
        if code == TIMESTAMP:
            return _timestamp(data)
        raise _MalformedError(f"unknown ext code {code}")

    def _view(self, letter: int, memory: memoryview) -> JSTypedArray:
        return JSTypedArray._over(BY_LETTER[letter], JSArrayBuffer(memory), 0, len(memory))

    def _attachment(self, data: bytes) -> Any:
        what, index, size = ATTACHMENT_HEAD.unpack_from(data)
        attachment = self._attachments[index]
        memory = memoryview(attachment)
        if memory.nbytes != size:
            raise _MalformedError(f"attachment {index} has {memory.nbytes} bytes, not {size}")
        letter = chr(what)
        if letter == "x":
            return attachment if type(attachment) is bytes else bytes(memory)
        if letter == "s":
            return str(memory, "utf-8")
        if letter == "S":
            return str(memory, "utf-16-le", "surrogatepass")
        if letter == "A":
            return JSArrayBuffer(memory)
        if letter == "R":
            return JSArrayBuffer(memory, UINT64.unpack(data[ATTACHMENT_HEAD.size :])[0])
        return self._view(what, memory)


class _ReaderOfMany(_Reader):
    """Messages in an array. What a graph needs stays in its own reader."""

    __slots__ = ()

    def _value(self, code: int, data: bytes) -> Any:
        if code != GRAPH:
            return super()._value(code, data)
        header = GRAPH_HEADER.pack(0xC9, len(data), GRAPH, 0)
        return _Reader(self._make_handle, ()).read(header[:-4] + data)


class _MalformedError(ValueError):
    """Bytes that no writer makes."""


def _as_array(count: int, data: bytes) -> bytes:
    """`count` values that follow each other, as an array of them."""
    return bytes((0x90 | count,)) + data


def _date(ms: float) -> Any:
    date = JSDate(ms)
    return datetime_of(date.ms) or date


def _timestamp(data: bytes) -> Any:
    """MessagePack's timestamp of 4, 8 or 12 bytes, floored to milliseconds."""
    if len(data) == 4:
        nanoseconds, seconds = 0, UINT32.unpack(data)[0]
    elif len(data) == 8:
        nanoseconds, seconds = divmod(UINT64.unpack(data)[0], 1 << 34)
    else:
        nanoseconds, seconds = UINT32.unpack(data[:4])[0], int.from_bytes(data[4:], "big", signed=True)
    ms = seconds * 1000 + nanoseconds // 1_000_000
    return _date(ms) if abs(ms) < 2**60 else JSDate(float("nan"))


# ---- filling the nodes of a graph ----


def _pairs(flat: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(flat[::2], flat[1::2], strict=True))


def _fill_map(node: JSMap, body: list[Any]) -> None:
    node.update(_pairs(body))
    if 2 * len(node) < len(body):
        node.clear()
        for key, value in _pairs(body):
            node[_distinct(key, node)] = value


def _fill_set(node: JSSet, body: list[Any]) -> None:
    node.update(body)
    if len(node) < len(body):
        node.clear()
        for member in body:
            node.add(_distinct(member, node))


def _distinct(key: Any, keys: JSMap | JSSet) -> Any:
    """A key that is its own object: CPython has one bytes object for each text of at most one byte."""
    return JSTypedArray("Uint8Array", key) if type(key) is bytes and key in keys else key


def _fill_array(array: JSArray, body: list[Any]) -> None:
    elements, properties = body
    array.extend(elements)
    array.properties = dict(_pairs(properties))


def _fill_sparse(array: JSSparseArray, body: list[Any]) -> None:
    array.length, *entries = body
    for key, value in _pairs(entries):
        if isinstance(key, str):
            array.properties[key] = value
        else:
            array[key] = value


def _fill_error(error: JSError, body: dict[str, Any]) -> None:
    error.name = body.get("name", "Error")
    if "message" in body:
        error.message = body["message"]
    error.stack = body.get("stack")
    if "cause" in body:
        error.cause = body["cause"]


def _fill_view(view: JSTypedArray, body: list[Any]) -> None:
    buffer, letter, byte_offset, byte_length = body
    view._show(BY_LETTER[letter], buffer, byte_offset, byte_length)


_FILL: Final[dict[str, Callable[[Any, Any], None]]] = {
    "l": list.extend,
    "d": dict.update,
    "o": lambda node, body: node.update(_pairs(body)),
    "m": _fill_map,
    "s": _fill_set,
    "a": _fill_array,
    "p": _fill_sparse,
    "e": _fill_error,
    "v": _fill_view,
}
