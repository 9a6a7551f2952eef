"""The options of a crossing: how Python values become JavaScript values, and what is wanted back.

A Context has them as defaults; every call takes the same ones as keyword arguments. JavaScript has no keyword
arguments, so whatever else is given by keyword is a mistake, and said to be one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from . import _native, time_limits
from .options import BigInts, EncodeOptions, Keys
from .time_limits import Seconds
from .timings import Timings

if TYPE_CHECKING:
    from .code_cache import CacheStore, CodeCache

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


class RunKeywords(TypedDict, total=False):
    """How JavaScript runs, and what is wanted back."""

    result: Result
    """``"value"`` (default); ``"handle"``: objects stay in JavaScript; ``"none"``: nothing comes back."""
    transfer: bool
    """Let the ArrayBuffers of the result leave JavaScript without a copy, and detach them, as postMessage does."""
    timeout: Seconds | None
    """How long the call may take, in seconds or as a timedelta; then it raises JSTimeoutError. None: no limit.
    Waiting for another thread's call in the same isolate counts; Python's part of encoding and decoding does not."""
    cpu_timeout: Seconds | None
    """The same for the CPU time that the calling thread spends in the call."""
    timings: Timings | None
    """Adds up where the time of this call goes."""


class EvalKeywords(RunKeywords, total=False):
    """How a script runs, and what is wanted back."""

    code_cache: CodeCache | CacheStore | None
    """Where compiled code is kept: a folder, a mapping, or a CodeCache."""


class ImportKeywords(TypedDict, total=False):
    """How an import runs."""

    timeout: Seconds | None
    cpu_timeout: Seconds | None
    code_cache: CodeCache | CacheStore | None


class CallKeywords(EncodeKeywords, RunKeywords, total=False):
    """What a call takes besides the arguments for JavaScript."""


class ManyKeywords(CallKeywords, total=False):
    """What many calls take besides their items. `timeout` and `cpu_timeout` are for all of them together."""

    item_timeout: Seconds | None
    """How long each call may take. Without it, and without `timeout`, each has the defaults of context and isolate."""


class SetKeywords(EncodeKeywords, total=False):
    """What setting a value takes besides the value."""

    timeout: Seconds | None
    cpu_timeout: Seconds | None


_ENCODE_NAMES = frozenset(EncodeKeywords.__annotations__)
_RUN_NAMES = frozenset(RunKeywords.__annotations__)
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


@dataclass(frozen=True)
class CallOptions:
    """Everything about one call but the function and its arguments."""

    encode: EncodeOptions
    mode: int = _native.RESULT_VALUE
    transfer: bool = False
    timeout: int = time_limits.AS_DEFAULT
    cpu_timeout: int = time_limits.AS_DEFAULT
    timings: Timings | None = None

    def updated(self, keywords: Mapping[str, Any], *, encodes: bool = True) -> CallOptions:
        """These as defaults, and the keywords of one call. One that encodes nothing takes no keywords for that."""
        encode: dict[str, Any] = {}
        changes: dict[str, Any] = {}
        for name, value in keywords.items():
            if encodes and name in _ENCODE_NAMES:
                encode[name] = value
            elif name == "timings":
                if not isinstance(value, Timings | None):
                    raise TypeError(f"timings must be a Timings, not {type(value).__name__}")
                changes[name] = value
            elif name == "transfer":
                changes[name] = checked_transfer(value)
            elif name in ("timeout", "cpu_timeout"):
                changes[name] = time_limits.nanoseconds(value, name)
            elif name == "result":
                if value not in _MODES:
                    raise ValueError(f"result must be one of {', '.join(map(repr, _MODES))}, not {value!r}")
                changes["mode"] = _MODES[value]
            else:
                names = sorted(_RUN_NAMES | (_ENCODE_NAMES if encodes else {"code_cache"}))
                advice = ": JavaScript has no keyword arguments, so pass a dict as the last argument" if encodes else ""
                raise TypeError(f"unexpected keyword argument {name!r}{advice} (options here: {', '.join(names)})")
        if encode:
            changes["encode"] = replace(self.encode, **encode)
        return replace(self, **changes)
