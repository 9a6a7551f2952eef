"""Python values that MessagePack has no form for, turned into ones that the encoders know.

`Lowering.lower` is asked for every value that is not a plain None, bool, int, float, str, bytes, list, tuple or dict,
and answers with an ext, or with another Python value to encode in its place. Both encoders ask the same one, so they
agree.
"""

from __future__ import annotations

import enum
import re
import sys
from array import array
from collections import UserString
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import IOBase
from operator import is_not
from typing import Any, Final
from uuid import UUID

import ormsgpack

from ._look import binary_among_first, may_hold_bin
from .errors import EncodeError, JSError, with_article
from .message import (
    ATTACHMENT,
    ATTACHMENT_HEAD,
    BIGINT,
    BOXED,
    BUFFER,
    DATE,
    FLOAT64,
    HANDLE,
    HOLE,
    REGEXP,
    RESIZABLE_BUFFER,
    STRING16,
    UINT64,
    UNDEFINED,
    VIEW,
    Attachments,
    bigint_payload,
    string16_payload,
)
from .options import EncodeOptions
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
    Undefined,
)
from .values.binary import BY_NAME
from .values.dates import ms_of
from .values.regexp import from_python
from .values.same_value import SAFE_INTEGER
from .values.undefined import Hole

Ext = ormsgpack.Ext

# Containers that are nodes of a graph, by class. All but set and frozenset keep their identity.
NODE_KINDS: Final[dict[type, str]] = {
    JSMap: "m",
    JSSet: "s",
    JSArray: "a",
    JSSparseArray: "p",
    JSError: "e",
    SharedList: "l",
    SharedDict: "d",
    set: "s",
    frozenset: "s",
}
_COPIED_NODES: Final = (set, frozenset)
# Values without children that keep their identity. Views do as well, through their buffer.
LEAF_TYPES: Final = (JSDate, JSRegExp, JSBoxed, JSArrayBuffer, SharedDatetime)

# So many of a value's elements are looked at before it is written, for binary data that should not be in the message.
LOOK: Final = 256
_BINARY: Final = frozenset({bytes, bytearray, memoryview})
_LOOK_INTO: Final = _BINARY | {list, tuple, dict}

UNDEFINED_EXT: Final = Ext(UNDEFINED, b"")
HOLE_EXT: Final = Ext(HOLE, b"")
INVALID_DATE: Final = JSDate(float("nan"))

_ADVICE: Final[tuple[tuple[type, str], ...]] = (
    (date, "a date has no time of day, as a Date has: send datetime.combine(d, time(), timezone.utc) or d.isoformat()"),
    (time, "JavaScript has no type for a time of day: send t.isoformat()"),
    (timedelta, "JavaScript has no type for a duration: send d.total_seconds() or d / timedelta(milliseconds=1)"),
    (Decimal, "JavaScript has no decimal numbers: send str(d), or float(d) where rounding is fine"),
    (complex, "JavaScript has no complex numbers: send [z.real, z.imag]"),
)
_TABLES: Final = frozenset({"pandas", "pyarrow", "polars"})
_INTEGER_LETTERS: Final = {(1, True): "Int8Array", (1, False): "Uint8Array", (2, True): "Int16Array",
                           (2, False): "Uint16Array", (4, True): "Int32Array", (4, False): "Uint32Array",
                           (8, True): "BigInt64Array", (8, False): "BigUint64Array"}  # fmt: skip
_FLOAT_LETTERS: Final = {2: "Float16Array", 4: "Float32Array", 8: "Float64Array"}


def node_kind(kind: type) -> tuple[str, bool] | None:
    """The kind letter of a class whose instances are nodes, and whether they keep their identity; subclasses too."""
    for base in kind.__mro__:
        letter = NODE_KINDS.get(base)
        if letter is not None:
            return letter, base not in _COPIED_NODES
    return None


class Lowering:
    """Turns values into simpler ones for one message; holds that message's attachments and what `default` returned."""

    def __init__(self, options: EncodeOptions, attachments: list[memoryview] | None) -> None:
        self.options = options
        self.attachments = attachments
        self._first_attachment = len(attachments) if attachments is not None else 0
        # Held by id beside the object, so that the id stays its own. `default` may have effects (it may exhaust an
        # iterator): it is called once an object, even if the message is begun again.
        self._defaults: dict[int, tuple[Any, Any]] = {}
        self._exceptions: dict[int, tuple[BaseException, JSError]] = {}
        # With `references`: the typed array that an array of numbers became.
        self._arrays: dict[int, tuple[Any, Any]] = {}

    def restart(self) -> None:
        """Forgets the attachments of an attempt that is given up."""
        if self.attachments is not None:
            del self.attachments[self._first_attachment :]

    # ---- values that are leaves ----

    def leaf_ext(self, value: Any) -> Ext:
        """The ext for an instance of LEAF_TYPES."""
        if isinstance(value, JSDate):
            return Ext(DATE, FLOAT64.pack(value.ms))
        if isinstance(value, datetime):
            return date_ext(value)
        if isinstance(value, JSRegExp):
            return Ext(REGEXP, ormsgpack.packb(text(value.source)) + ormsgpack.packb(value.flags))
        if isinstance(value, JSBoxed):
            return Ext(BOXED, ormsgpack.packb(self.boxed(value.value)))
        buffer: JSArrayBuffer = value
        if buffer.resizable:
            maximum = UINT64.pack(buffer.max_byte_length)
            return self.attached("R", buffer.view, maximum) or Ext(RESIZABLE_BUFFER, maximum + bytes(buffer))
        return self.attached("A", buffer.view) or Ext(BUFFER, bytes(buffer))

    def view_ext(self, view: JSTypedArray) -> Ext:
        """The ext for a view that shares its buffer with nothing else."""
        letter = BY_NAME[view.kind].letter
        return self.attached(letter, view.memory) or Ext(VIEW, b"".join((letter.encode("ascii"), view.memory)))

    def attached(self, what: str, memory: memoryview, extra: bytes = b"") -> Ext | None:
        """The ext for an attachment, or None when the bytes belong into the message."""
        if self.attachments is None or memory.nbytes < self.options.attach_from:
            return None
        self.attachments.append(memory)
        return Ext(ATTACHMENT, ATTACHMENT_HEAD.pack(ord(what), len(self.attachments) - 1, memory.nbytes) + extra)

    def binary(self, data: Any) -> Any:
        """What to pack for a bytes-like object: bytes, or an ext."""
        if self.attachments is not None:
            memory = memoryview(data)
            if memory.nbytes >= self.options.attach_from and memory.c_contiguous:
                attached = self.attached("x", _as_bytes(memory))
                if attached is not None:
                    return attached
        return bytes(data)

    def without_large_bytes(self, value: object) -> object:
        """`value` with an ext for large binary data, if there is any among the first few values of it.

        The MessagePack library writes plain bytes, bytearrays and memoryviews without asking, and so copies them into
        the message. Looking for them everywhere beforehand would cost every call more than it saves: what lies farther
        on shows in a message that has become large, which is then written again.
        """
        if self.attachments is None:
            return value
        found = binary_among_first((value,), LOOK, self.options.attach_from)
        return self.without_any_large_bytes(value) if found else value

    def may_hold_large_bytes(self, message: bytes) -> bool:
        """Whether there seems to be binary data in what was packed that should have been attached."""
        return self.attachments is not None and may_hold_bin(message, self.options.attach_from)

    def without_any_large_bytes(self, value: Any) -> Any:
        """`value` with an ext for large binary data wherever it is in plain containers."""
        kind = type(value)
        if kind in _BINARY:
            return self.binary(value) if memoryview(value).nbytes >= self.options.attach_from else value
        if kind is list or kind is tuple:
            items = [self.without_any_large_bytes(item) if type(item) in _LOOK_INTO else item for item in value]
            return items if any(map(is_not, items, value)) else value
        if kind is dict:
            entries = {
                key: self.without_any_large_bytes(item) if type(item) in _LOOK_INTO else item
                for key, item in value.items()
            }
            return entries if any(map(is_not, entries.values(), value.values())) else value
        return value

    def scalar(self, value: Any) -> Any:
        """What to pack for a primitive: itself, or an ext."""
        if isinstance(value, str):
            return text(str.__str__(value))
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, BigInt):
            return Ext(BIGINT, bigint_payload(value))
        # Not int(value) and float(value), which ask the conversions that a subclass may have.
        if isinstance(value, int):
            return self.integer(int.__int__(value))
        return float.__float__(value)

    def boxed(self, value: Any) -> Any:
        """What to pack for the primitive of a wrapper object, whose type has to be plain from its bytes."""
        item = self.scalar(value)
        if type(item) is int and abs(item) > SAFE_INTEGER:
            return float(item) if self.options.big_ints == "number" else Ext(BIGINT, bigint_payload(item))
        return item

    def integer(self, value: int) -> Any:
        """What to pack for an int. Up to 64 bits the reader applies `big_ints`, but "error" names a path here too."""
        if -SAFE_INTEGER <= value <= SAFE_INTEGER:
            return value
        if self.options.big_ints == "error":
            raise EncodeError(
                f"the int {_short(value)} is beyond ±(2**53 - 1): "
                "use BigInt(n), float(n), or big_ints='bigint' or 'number'"
            )
        if self.options.big_ints == "number":
            try:
                number = float(value)
            except OverflowError:
                raise EncodeError(f"the int {_short(value)} is too large for a number: use BigInt(n)") from None
            return value if -(2**63) <= value < 2**64 else number
        return value if -(2**63) <= value < 2**64 else Ext(BIGINT, bigint_payload(value))

    # ---- everything else ----

    def lower(self, value: Any) -> Any:
        """An ext or a simpler value. Raises EncodeError (without a path), or what `default` raises."""
        kind = type(value)
        if isinstance(value, (Undefined, Hole)):
            return HOLE_EXT if isinstance(value, Hole) else UNDEFINED_EXT
        if hasattr(kind, "__pvb_handle__"):
            if self.options.handle_of is None:
                raise EncodeError(f"a {kind.__name__} is bound to its context and cannot cross here")
            letter, number = self.options.handle_of(value)
            return Ext(HANDLE, letter.encode("ascii") + UINT64.pack(number))
        if isinstance(value, enum.Enum):
            if isinstance(value.value, (str, int, float)) or value.value is None:
                return value.value
            return self.unknown(value, f"the value of {value!r} is no str or number")
        if isinstance(value, (str, int, float)):
            return self.scalar(value)
        if isinstance(value, datetime):
            # A Timestamp of pandas cannot place itself in local time.
            return date_ext(value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value)
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self.binary(value)
        if isinstance(value, BaseException):
            return self.exception(value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return dict(zip(value._fields, value, strict=True))
        if isinstance(value, (list, tuple)):
            return list(value)
        if isinstance(value, dict):
            return dict(value)
        if isinstance(value, UUID):
            return str(value)
        if isinstance(value, re.Pattern):
            try:
                return from_python(value)
            except ValueError as error:
                raise EncodeError(f"{value!r} cannot become a RegExp: {error}") from None
        package = kind.__module__.partition(".")[0]
        is_numpy = package == "numpy" or ("numpy" in sys.modules and isinstance(value, sys.modules["numpy"].ndarray))
        if is_numpy or isinstance(value, array):
            lowered = self._once(value, self._from_numpy if is_numpy else self._from_array)
            if lowered is not value:
                return lowered
        if package in _TABLES and not isinstance(value, timedelta):
            return self._from_table(value, package)
        if getattr(kind, "__pydantic_root_model__", False):
            return value.root  # The model is a type for what it holds.
        fields = _fields(value, kind)
        if fields is not None:
            return fields
        if isinstance(value, Mapping):
            return dict(value.items())
        if isinstance(value, AbstractSet):
            return set(value)
        if isinstance(value, UserString):
            return str(value)  # A Sequence of such strings without end, otherwise.
        if isinstance(value, Sequence):
            return list(value)
        if callable(value) and not isinstance(value, type) and self.options.function_of is not None:
            return self._from_callable(value)
        for unfit, advice in _ADVICE:
            if isinstance(value, unfit):
                return self.unknown(value, advice)
        return self.unknown(value, None)

    def exception(self, value: BaseException) -> JSError:
        """The Error that stands for a Python exception; the same one each time it is met."""
        known = self._exceptions.get(id(value))
        if known is not None:
            return known[1]
        message = str(value)
        error = JSError(message, name=type(value).__name__) if message else JSError(name=type(value).__name__)
        self._exceptions[id(value)] = (value, error)
        if value.__cause__ is not None:
            error.cause = value.__cause__
        return error

    def unknown(self, value: Any, advice: str | None) -> Any:
        """The last resort: `default`, else an error."""
        if self.options.default is not None:
            known = self._defaults.get(id(value))
            if known is None:
                known = (value, self.options.default(value))
                self._defaults[id(value)] = known
            if known[1] is value:
                raise EncodeError(f"default= returned the {type(value).__name__} that it was called with")
            return known[1]
        if advice is None:
            advice = f"{with_article(type(value).__name__)} has no JavaScript counterpart: convert it, or pass default="
            if isinstance(value, type):
                advice = f"the class {value.__name__} itself is no data: send an instance"
            elif isinstance(value, IOBase):
                advice = f"{with_article(type(value).__name__)} is no data: send what its read() gives"
            elif hasattr(value, "__next__"):
                advice = f"{with_article(type(value).__name__)} can be read only once: send list(...) of it"
        raise EncodeError(advice)

    def _from_callable(self, value: Any) -> Ext:
        """The handle of the JavaScript function that calls a Python one."""
        if self.options.function_of is None or not isinstance(self.attachments, Attachments):
            raise EncodeError("a function is bound to a context and cannot cross here")
        handle = self.options.function_of(value)
        self.attachments.held = (*self.attachments.held, handle)
        letter, number = handle.__pvb_handle__
        return Ext(HANDLE, letter.encode("ascii") + UINT64.pack(number))

    def _from_table(self, value: Any, package: str) -> Any:
        name = type(value).__name__
        if package == "pandas" and name == "NAType":
            return self.unknown(value, "pandas.NA has no JavaScript counterpart: send None, undefined or nan")
        if name.endswith(("Frame", "Table", "Batch")):
            return self.unknown(
                value,
                f"{with_article(name)} can cross in several forms: send pyv8bridge.records(x), an Array of records, "
                "pyv8bridge.columns(x), an Object of typed columns, or x.to_numpy()",
            )
        if name.endswith(("Series", "Index", "Array")):
            return self.unknown(
                value,
                f"{with_article(name)} can cross in two forms: send x.to_numpy(), a typed array, or a list of values",
            )
        return self.unknown(value, None)

    def _once(self, value: Any, convert: Callable[[Any], Any]) -> Any:
        """What an array of numbers becomes; with `references` the same object each time that it is met."""
        if not self.options.references:
            return convert(value)
        known = self._arrays.get(id(value))
        if known is None:
            known = self._arrays[id(value)] = (value, convert(value))
        return known[1]

    def _from_array(self, value: Any) -> Any:
        """An array.array as the typed array of its elements."""
        code = value.typecode
        if code in "uw":
            raise EncodeError(f"an array of {code!r} holds characters: send value.tounicode()")
        if code in "fd":
            return self._typed(_FLOAT_LETTERS[value.itemsize], memoryview(value).cast("B") if len(value) else b"")
        name = _INTEGER_LETTERS[value.itemsize, code.islower()]
        if value.itemsize == 8 and self.options.big_ints == "number":
            return JSTypedArray("Float64Array", [float(item) for item in value])
        return self._typed(name, memoryview(value).cast("B") if len(value) else b"")

    def _typed(self, kind: str, data: Any) -> Any:
        # A Uint8Array is bytes on this side, which have no identity.
        as_bytes = kind == "Uint8Array" and not self.options.references
        return self.binary(data) if as_bytes else JSTypedArray(kind, data)

    def _from_numpy(self, value: Any) -> Any:
        """A numpy array or scalar; the value itself for any other object of the package."""
        numpy = sys.modules["numpy"]
        if "numpy.ma" in sys.modules and isinstance(value, sys.modules["numpy.ma"].MaskedArray):
            raise EncodeError("a masked array has elements without a value: send value.filled(...)")
        if isinstance(value, numpy.generic) or (isinstance(value, numpy.ndarray) and value.ndim == 0):
            _check_dtype(value.dtype)
            if value.dtype.kind == "M":
                return _numpy_dates(numpy.asarray(value).reshape(1))[0]
            item = value.item()
            if isinstance(item, numpy.generic):
                raise EncodeError(f"a numpy {value.dtype} has no exact counterpart: send float(x)")
            return item
        if not isinstance(value, numpy.ndarray):
            return value
        _check_dtype(value.dtype)
        if value.ndim > 1:
            return [self._from_numpy(row) for row in numpy.asarray(value)]
        kind, size = value.dtype.kind, value.dtype.itemsize
        if kind in "bU":
            return value.tolist()
        if kind == "M":
            return _numpy_dates(value)
        if kind == "f":
            name = _FLOAT_LETTERS[size]
        else:
            name = _INTEGER_LETTERS[size, kind == "i"]
            if size == 8 and self.options.big_ints == "number":
                name, value = "Float64Array", value.astype(numpy.float64)
        return self._typed(name, memoryview(numpy.ascontiguousarray(value)))


def _as_bytes(memory: memoryview) -> memoryview:
    try:
        return memory.cast("B")
    except (TypeError, ValueError):
        # Of a format that Python cannot cast, as some exporters have.
        return memoryview(memory.tobytes())


def text(value: str) -> Any:
    """What to pack for a str: itself, or an ext when it has lone surrogates. Pairs of surrogates are characters."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        units = string16_payload(value)
        try:
            return units.decode("utf-16-le")
        except UnicodeDecodeError:
            return Ext(STRING16, units)
    return value


def date_ext(moment: datetime) -> Ext:
    """A datetime, or pandas.NaT, as a Date in whole milliseconds."""
    if moment != moment:
        return Ext(DATE, FLOAT64.pack(float("nan")))
    try:
        return Ext(DATE, FLOAT64.pack(ms_of(moment)))
    except (OverflowError, ValueError, OSError) as error:
        raise EncodeError(f"the naive datetime {moment} cannot be placed in local time: {error}") from None


def _fields(value: Any, kind: type) -> dict[str, Any] | None:
    """The fields of a dataclass, pydantic, attrs or msgspec instance by name; None for any other object."""
    names: Any = getattr(kind, "__dataclass_fields__", None)
    if names is not None:
        import dataclasses

        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    # pydantic 2, and 1.
    names = getattr(kind, "__pydantic_fields__", None) or getattr(kind, "__fields__", None)
    if isinstance(names, dict):
        return {**{name: getattr(value, name) for name in names}, **(getattr(value, "__pydantic_extra__", None) or {})}
    names = getattr(kind, "__struct_fields__", None)
    if isinstance(names, tuple):
        found = {name: getattr(value, name) for name in names}
        return {name: item for name, item in found.items() if type(item).__name__ != "UnsetType"}
    names = getattr(kind, "__attrs_attrs__", None)
    if names is not None:
        return {field.name: getattr(value, field.name) for field in names}
    return None


def _check_dtype(dtype: Any) -> None:
    if dtype.kind not in "biufMU" or (dtype.kind == "f" and dtype.itemsize > 8):
        raise EncodeError(f"numpy data of dtype {dtype} has no JavaScript counterpart: convert it, or send x.tolist()")
    if not dtype.isnative:
        raise EncodeError(f"{dtype!r} is in foreign byte order: send x.astype(x.dtype.newbyteorder('='))")


def _numpy_dates(value: Any) -> list[Any]:
    """Dates as numpy means them, in UTC; floored to milliseconds; NaT is the invalid Date."""
    import numpy

    missing = numpy.isnat(value)
    # A coarse unit may overflow on its way to milliseconds; numpy would wrap silently.
    milliseconds = value.astype("datetime64[ms]")
    try:
        days = value.astype("datetime64[D]").astype(numpy.int64)
    except OverflowError:  # from units so fine that no int64 of them is far
        days = numpy.zeros(value.shape, numpy.int64)
    far = ~missing & (abs(days) > 100_000_001)
    return [
        INVALID_DATE if gone else JSDate(float(ms))
        for ms, gone in zip(milliseconds.astype(numpy.int64).tolist(), (missing | far).tolist(), strict=True)
    ]


def _short(value: int) -> str:
    # str() of an int of many digits is slow, and refused by newer Pythons.
    return str(value) if value.bit_length() < 128 else f"of {value.bit_length()} bits"
