"""`JSArrayBuffer` and `JSTypedArray`: a JavaScript buffer, and a typed array or DataView that shows a part of one.

Neither copies what it is given: memory belongs to the object that exports it (bytes, bytearray, numpy array …), lives
as long as anything that shows it, and can be written to if that object can be.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from operator import index as to_index
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .bigint import BigInt

if TYPE_CHECKING:
    import numpy as np


class ViewKind(NamedTuple):
    """What distinguishes the kinds of views."""

    name: str
    letter: str
    """In messages."""
    format: str
    """Of an element, for struct and memoryview."""
    size: int
    """Bytes an element."""


VIEW_KINDS: Final = (
    ViewKind("Int8Array", "b", "b", 1),
    ViewKind("Uint8Array", "B", "B", 1),
    ViewKind("Uint8ClampedArray", "C", "B", 1),
    ViewKind("Int16Array", "w", "h", 2),
    ViewKind("Uint16Array", "W", "H", 2),
    ViewKind("Int32Array", "d", "i", 4),
    ViewKind("Uint32Array", "D", "I", 4),
    ViewKind("Float16Array", "h", "e", 2),
    ViewKind("Float32Array", "f", "f", 4),
    ViewKind("Float64Array", "F", "d", 8),
    ViewKind("BigInt64Array", "q", "q", 8),
    ViewKind("BigUint64Array", "Q", "Q", 8),
    ViewKind("DataView", "?", "B", 1),
)
BY_NAME: Final = {kind.name: kind for kind in VIEW_KINDS}
BY_LETTER: Final = {ord(kind.letter): kind for kind in VIEW_KINDS}


class JSArrayBuffer:
    """An ArrayBuffer over the bytes of any contiguous buffer object, or of that many zero bytes.

    With `max_byte_length` it is a resizable one, whose present bytes are `data`.
    """

    __slots__ = ("__weakref__", "_max_byte_length", "_memory")

    def __init__(self, data: Any = b"", max_byte_length: int | None = None) -> None:
        if isinstance(data, int):
            data = bytearray(data)
        memory = memoryview(data)
        if not memory.c_contiguous:
            raise ValueError("the memory of a JSArrayBuffer must be contiguous")
        self._memory = memory.cast("B") if memory.nbytes else memoryview(b"")
        if max_byte_length is not None and to_index(max_byte_length) < len(self._memory):
            raise ValueError("max_byte_length is less than the present length")
        self._max_byte_length = max_byte_length

    @property
    def byte_length(self) -> int:
        """Bytes at present."""
        return len(self._memory)

    @property
    def max_byte_length(self) -> int:
        """Bytes at most: more than `byte_length` only when resizable."""
        return len(self._memory) if self._max_byte_length is None else self._max_byte_length

    @property
    def resizable(self) -> bool:
        """Whether it was made with a maximum length."""
        return self._max_byte_length is not None

    @property
    def view(self) -> memoryview:
        """The memory itself, as a memoryview of bytes."""
        return self._memory

    def tolist(self) -> list[int]:
        """The bytes as ints."""
        return self._memory.tolist()

    def numpy(self) -> np.ndarray[Any, Any]:
        """A numpy array of uint8 that shows the same memory."""
        import numpy

        array: np.ndarray[Any, Any] = numpy.frombuffer(self._memory, dtype=numpy.uint8)
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return _as_array(self.numpy(), dtype, copy)

    def __len__(self) -> int:
        return len(self._memory)

    def __getitem__(self, index: int | slice) -> Any:
        item = self._memory[index]
        return bytes(item) if isinstance(item, memoryview) else item

    def __setitem__(self, index: int | slice, value: Any) -> None:
        self._memory[index] = value

    def __iter__(self) -> Iterator[int]:
        return iter(self._memory)

    def __bytes__(self) -> bytes:
        return bytes(self._memory)

    def __buffer__(self, flags: int) -> memoryview:
        return memoryview(self._memory)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JSArrayBuffer):
            return NotImplemented
        return self._max_byte_length == other._max_byte_length and self._memory == other._memory

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        maximum = "" if self._max_byte_length is None else f", max_byte_length={self._max_byte_length}"
        return f"JSArrayBuffer({bytes(self._memory)!r}{maximum})"

    def __reduce__(self) -> tuple[Any, ...]:
        # A memoryview cannot be pickled; a copy is writable if the original was.
        data = bytes(self._memory) if self._memory.readonly else bytearray(self._memory)
        return (JSArrayBuffer, (data, self._max_byte_length))

    def __copy__(self) -> JSArrayBuffer:
        data = bytes(self._memory) if self._memory.readonly else bytearray(self._memory)
        return JSArrayBuffer(data, self._max_byte_length)

    def __deepcopy__(self, memo: dict[int, Any]) -> JSArrayBuffer:
        return self.__copy__()


class JSTypedArray:
    """A typed array or DataView, `kind` being the JavaScript class's name.

    `JSTypedArray("Float64Array", [1, 2.5])` takes an iterable of numbers; `JSTypedArray(kind, source, byte_offset,
    length)` shows a part of a JSArrayBuffer or of a buffer object, `length` counted in elements and reaching to the end
    when omitted. Views made from one JSArrayBuffer share it in JavaScript too. A buffer object of bytes is raw memory;
    one of other numbers (a numpy array of another dtype) is copied number by number, as JavaScript does.
    """

    __slots__ = ("__weakref__", "_buffer", "_kind", "_length", "_offset")

    def __init__(self, kind: str, source: Any = b"", byte_offset: int = 0, length: int | None = None) -> None:
        found = BY_NAME.get(kind)
        if found is None:
            raise ValueError(f"no kind of typed array: {kind!r}; there are {', '.join(BY_NAME)}")
        self._kind = found
        if isinstance(source, JSTypedArray):
            source = list(source)
        if isinstance(source, JSArrayBuffer):
            self._buffer = source
        elif _exports_memory(source, found):
            self._buffer = JSArrayBuffer(source)
        else:
            self._buffer = JSArrayBuffer(_pack(found, source))
        self._set_range(to_index(byte_offset), length)

    @classmethod
    def _over(cls, kind: ViewKind, buffer: JSArrayBuffer, byte_offset: int, byte_length: int | None) -> JSTypedArray:
        """The decoder's way in: the length is in bytes."""
        self = object.__new__(cls)
        self._show(kind, buffer, byte_offset, byte_length)
        return self

    def _show(self, kind: ViewKind, buffer: JSArrayBuffer, byte_offset: int, byte_length: int | None) -> None:
        self._kind = kind
        self._buffer = buffer
        if byte_length is not None and byte_length % kind.size:
            raise ValueError(f"the byte length of a {kind.name} must be a multiple of {kind.size}")
        self._set_range(byte_offset, None if byte_length is None else byte_length // kind.size)

    def _set_range(self, offset: int, length: int | None) -> None:
        kind, total = self._kind, len(self._buffer)
        if offset % kind.size:
            raise ValueError(f"the byte offset of a {kind.name} must be a multiple of {kind.size}")
        if length is None and not self._buffer.resizable:
            if (total - offset) % kind.size:
                raise ValueError(f"the byte length of a {kind.name} must be a multiple of {kind.size}")
            length = (total - offset) // kind.size
        end = offset if length is None else offset + length * kind.size
        if offset < 0 or end < offset or end > total:
            raise ValueError(f"bytes {offset} to {end} are outside a buffer of {total} bytes")
        self._offset = offset
        self._length = length

    @property
    def kind(self) -> str:
        """The JavaScript class's name, as "Float64Array" or "DataView"."""
        return self._kind.name

    @property
    def buffer(self) -> JSArrayBuffer:
        """The buffer that it shows a part of."""
        return self._buffer

    @property
    def byte_offset(self) -> int:
        """Where in the buffer it begins."""
        return self._offset

    @property
    def byte_length(self) -> int:
        """How many bytes it shows."""
        return len(self) * self._kind.size

    @property
    def tracks_length(self) -> bool:
        """Whether it follows the length of its resizable buffer."""
        return self._length is None

    @property
    def memory(self) -> memoryview:
        """The bytes shown, without a copy."""
        return self._buffer.view[self._offset : self._offset + self.byte_length]

    @property
    def view(self) -> memoryview:
        """The elements shown, without a copy, as a memoryview of their format.

        A Float16Array has format "H" (its bit patterns) where Python's memoryview does not know "e"; a BigInt64Array's
        elements are plain ints.
        """
        memory = self.memory
        # The stubs know only some formats.
        code: Any = self._kind.format
        view: memoryview
        try:
            view = memory.cast(code)
        except ValueError:
            view = memory.cast("H")
        return view

    def tolist(self) -> list[Any]:
        """The elements: ints, floats, or BigInts."""
        kind = self._kind
        if kind.format == "e":
            return list(struct.unpack(f"<{len(self)}e", self.memory))
        if kind.format in "qQ":
            return [BigInt(item) for item in self.view]
        return self.view.tolist()

    def numpy(self) -> np.ndarray[Any, Any]:
        """A numpy array of the same kind that shows the same memory."""
        import numpy

        array: np.ndarray[Any, Any] = numpy.frombuffer(self.memory, dtype=self._kind.format)
        return array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return _as_array(self.numpy(), dtype, copy)

    def __len__(self) -> int:
        if self._length is not None:
            return self._length
        return (len(self._buffer) - self._offset) // self._kind.size

    def __getitem__(self, index: int | slice) -> Any:
        """An element; or for a slice a JSTypedArray: of the same memory when the step is 1, else of a copy."""
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return JSTypedArray(self.kind, self.tolist()[index])
            size = self._kind.size
            return JSTypedArray(self.kind, self._buffer, self._offset + start * size, max(0, stop - start))
        position = self._position(index)
        (item,) = struct.unpack_from(f"<{self._kind.format}", self._buffer.view, position)
        return BigInt(item) if self._kind.format in "qQ" else item

    def __setitem__(self, index: int | slice, value: Any) -> None:
        """Sets an element, or for a slice as many as it has."""
        if isinstance(index, slice):
            positions, items = range(*index.indices(len(self))), list(value)
            if len(positions) != len(items):
                raise ValueError(f"{len(items)} elements for {len(positions)}: a {self.kind} keeps its length")
            for position, item in zip(positions, items, strict=True):
                self[position] = item
            return
        struct.pack_into(f"<{self._kind.format}", self._buffer.view, self._position(index), value)

    def _position(self, index: int) -> int:
        length = len(self)
        position = to_index(index)
        if position < 0:
            position += length
        if not 0 <= position < length:
            raise IndexError(f"index {index} is outside a {self.kind} of length {length}")
        return self._offset + position * self._kind.size

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())

    def __bytes__(self) -> bytes:
        return bytes(self.memory)

    def __buffer__(self, flags: int) -> memoryview:
        return self.view

    def __eq__(self, other: object) -> bool:
        """Of the same kind, with the same bits: NaN equals itself, 0.0 and -0.0 differ.

        A Uint8Array also equals bytes, which it is on this side unless it is shared or transferred.
        """
        if self._kind.name == "Uint8Array" and isinstance(other, (bytes, bytearray)):
            return bool(self.memory == memoryview(other))
        if not isinstance(other, JSTypedArray):
            return NotImplemented
        return self._kind is other._kind and self.memory == other.memory

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if self.kind == "DataView" or (len(self) > 0 and self._kind.letter in "BC"):
            return f"JSTypedArray({self.kind!r}, {bytes(self)!r})"
        return f"JSTypedArray({self.kind!r}, {[int(i) if isinstance(i, BigInt) else i for i in self]!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (JSTypedArray, (self.kind, self._buffer, self._offset, self._length))


def _exports_memory(source: object, kind: ViewKind) -> bool:
    """Whether the memory of `source` can be taken as it is: bytes, or elements of this kind."""
    try:
        memory = memoryview(source)  # type: ignore[arg-type]
    except TypeError:
        return False
    code = memory.format.lstrip("@=<")
    return code in ("B", "c") or (memory.itemsize == kind.size and _family(code) == _family(kind.format))


def _family(code: str) -> str | None:
    """What numbers a format is of, whatever C calls them: several formats are ints of eight bytes."""
    return next((family for family in ("bhilqn", "BHILQN", "efd") if code in family), None)


def _pack(kind: ViewKind, numbers: Iterable[Any]) -> bytearray:
    if isinstance(numbers, (str, int)):
        raise TypeError(f"a JSTypedArray is made from a buffer or an iterable of numbers, not {type(numbers).__name__}")
    items = list(numbers)
    try:
        return bytearray(struct.pack(f"<{len(items)}{kind.format}", *items))
    except (struct.error, OverflowError) as error:
        raise ValueError(f"not the elements of a {kind.name}: {error}") from None


def _as_array(array: np.ndarray[Any, Any], dtype: Any, copy: bool | None) -> np.ndarray[Any, Any]:
    """The `__array__` protocol of numpy 1 (no `copy`) and 2."""
    if dtype is not None and array.dtype != dtype:
        if copy is False:
            raise ValueError("a copy is needed for another dtype")
        return array.astype(dtype)
    return array.copy() if copy else array
