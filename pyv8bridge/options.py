"""What a caller can choose about how Python values become JavaScript values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

BigInts = Literal["bigint", "number", "error"]
Keys = Literal["map", "string"]
Codec = Literal["auto", "wire", "shape"]

DEPTH_LIMIT: Final = 500


@dataclass(frozen=True)
class EncodeOptions:
    """Options of the encoder; a context holds one, a call may override it with `dataclasses.replace`.

    Raises ValueError for a value that is none of those named, and TypeError for one of another type.
    """

    big_ints: BigInts = "bigint"
    """What an int beyond ±(2**53 - 1) becomes: a bigint, the nearest number, or an EncodeError."""
    keys: Keys | None = None
    """What a dict with a key that is no str becomes: a Map, an Object with such keys as JavaScript's String() writes
    them, or (None) an EncodeError."""
    references: bool = False
    """Whether containers that are met twice stay one object."""
    default: Callable[[Any], Any] | None = None
    """Called with a value of an unknown type, as in `json`: returns what to encode in its place, or raises."""
    handle_of: Callable[[Any], tuple[str, int]] | None = None
    """Called with an object whose class has `__pvb_handle__`: returns the handle's kind letter and id, or raises
    EncodeError when it belongs to another context."""
    function_of: Callable[[Callable[..., Any]], Any] | None = None
    """Called with a Python callable: returns the handle of the JavaScript function that calls it."""
    max_depth: int = DEPTH_LIMIT
    """Levels of nesting."""
    attach_from: int = 1 << 16
    """Binary data of at least that many bytes goes into attachments, if the caller takes any."""

    def __post_init__(self) -> None:
        if self.big_ints not in ("bigint", "number", "error"):
            raise ValueError(f"big_ints is 'bigint', 'number' or 'error', not {self.big_ints!r}")
        if self.keys not in (None, "map", "string"):
            raise ValueError(f"keys is None, 'map' or 'string', not {self.keys!r}")
        if not isinstance(self.references, bool):
            raise TypeError(f"references is True or False, not {self.references!r:.80}")
        if self.default is not None and not callable(self.default):
            raise TypeError("default must be callable")


DEFAULTS: Final = EncodeOptions()
