"""The options of a crossing: how Python values become JavaScript values, and what is wanted back.

A Context has them as defaults; every call takes the same ones as keyword arguments. JavaScript has no keyword
arguments, so whatever else is given by keyword is a mistake, and said to be one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal, TypedDict

from . import _native
from .options import BigInts, EncodeOptions, Keys
from .timings import Timings

Result = Literal["value", "handle", "none"]


class EncodeKeywords(TypedDict, total=False):
    """How Python values are written."""

    big_ints: BigInts
    """What an int beyond ±(2**53 - 1) becomes: a bigint (default), a number (rounded), or an EncodeError."""
    keys: Keys | None
    """What a dict with a key that is no str becomes: an EncodeError (None, the default), a Map, or an Object with the
    keys as JavaScript's String() writes them."""
    references: bool
    """Keep it when the same container is met twice, instead of copying it."""
    default: Callable[[Any], Any] | None
    """Called with a value of an unknown type, returns what to cross in its place, as in json.dumps."""


class CallKeywords(EncodeKeywords, total=False):
    """What a call takes besides the arguments for JavaScript."""

    result: Result
    """``"value"`` (default); ``"handle"``: objects stay in JavaScript; ``"none"``: nothing comes back."""
    transfer: bool
    """Let the ArrayBuffers of the result leave JavaScript without a copy, and detach them, as postMessage does."""
    timings: Timings | None
    """Adds up where the time of this call goes."""


_ENCODE_NAMES = frozenset(EncodeKeywords.__annotations__)
_CALL_NAMES = frozenset(CallKeywords.__annotations__)
_MODES: dict[Any, int] = {
    "value": _native.RESULT_VALUE,
    "handle": _native.RESULT_HANDLE,
    "none": _native.RESULT_NONE,
}


def checked_transfer(value: Any) -> bool:
    """`transfer` itself. structuredClone takes a list of buffers; here it is all of the result's or none."""
    if isinstance(value, bool):
        return value
    raise TypeError(f"transfer is True or False, for all buffers of the result, not {value!r:.80}")


def split_keywords(
    options: EncodeOptions, keywords: Mapping[str, Any], mode: int
) -> tuple[EncodeOptions, int, bool, Timings | None]:
    """The options, result mode, `transfer` and timings of one call: the context's defaults and the call's keywords."""
    encode_keywords: dict[str, Any] = {}
    transfer = False
    timings: Timings | None = None
    for name, value in keywords.items():
        if name in _ENCODE_NAMES:
            encode_keywords[name] = value
        elif name == "timings":
            timings = value
        elif name == "transfer":
            transfer = checked_transfer(value)
        elif name == "result":
            if value not in _MODES:
                raise ValueError(f"result must be one of {', '.join(map(repr, _MODES))}, not {value!r}")
            mode = _MODES[value]
        else:
            raise TypeError(
                f"unexpected keyword argument {name!r}: JavaScript has no keyword arguments, "
                f"so pass a dict as the last argument (options here: {', '.join(sorted(_CALL_NAMES))})"
            )
    return replace(options, **encode_keywords) if encode_keywords else options, mode, transfer, timings
