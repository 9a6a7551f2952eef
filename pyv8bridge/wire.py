"""V8's serialization format as bytes, without an isolate: what a ValueSerializer writes and structured clone stores.

`loads` and `dumps` are for Python objects. `to_message` and `from_message` are the bare transcoders between wire bytes
and our MessagePack messages (docs/format.md, docs/wire.md), bytes to bytes. All of them treat their input as untrusted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from . import _native
from .decode import decode
from .encode import encode
from .options import BigInts, EncodeOptions, Keys

__all__ = ["dumps", "from_message", "loads", "to_message"]

HostObjects = Literal["node"]


def loads(data: bytes | bytearray | memoryview, *, host_objects: HostObjects | None = None) -> Any:
    """The value that wire bytes say, by the value contract of docs/values.md.

    Reads versions 13 to 15. ``host_objects="node"`` also reads views as Node's ``v8.serialize`` writes them. Raises
    DecodeError with an offset.

    >>> loads(bytes.fromhex("ff0f 6f 2201 61 4902 7b01"))
    {'a': 1}
    """
    return _native.wire_to_message(data, _is_node(host_objects), _decode)


def dumps(
    value: Any,
    *,
    big_ints: BigInts = "bigint",
    keys: Keys | None = None,
    references: bool = False,
    default: Callable[[Any], Any] | None = None,
) -> bytes:
    """The wire bytes that say a value; V8 reads them. The options are those of Context. Raises EncodeError.

    >>> loads(dumps([1, {"when": None}]))
    [1, {'when': None}]
    """
    options = EncodeOptions(big_ints=big_ints, keys=keys, references=references, default=default)
    return _native.message_to_wire(encode(value, options), big_ints, is_ours=True)


def to_message(wire_bytes: bytes | bytearray | memoryview, *, host_objects: HostObjects | None = None) -> bytes:
    """The message that wire bytes say. Raises DecodeError with an offset into them."""
    return _native.wire_to_message(wire_bytes, _is_node(host_objects), lambda message, _: bytes(message))


def from_message(message: bytes | bytearray | memoryview, *, big_ints: BigInts = "bigint") -> bytes:
    """The wire bytes that say a message. Raises DecodeError or EncodeError with an offset into it.

    `big_ints` says what plain ints beyond ±(2**53 - 1) in it become.
    """
    if big_ints not in ("bigint", "number", "error"):
        raise ValueError(f"big_ints must be 'bigint', 'number' or 'error', not {big_ints!r}")
    return _native.message_to_wire(message, big_ints)


def _decode(message: memoryview, attachments: Any) -> Any:
    return decode(message, attachments=attachments)


def _is_node(host_objects: HostObjects | None) -> bool:
    if host_objects not in (None, "node"):
        raise ValueError(f'host_objects must be None or "node", not {host_objects!r}')
    return host_objects is not None
