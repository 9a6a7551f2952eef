"""JavaScript on V8 inside Python, with structured data handed over both ways, exactly.

>>> from pyv8bridge import Context
>>> ctx = Context()
>>> ctx.eval("const greet = ({name, tags}) => `${name} has ${tags.size} tags`")
undefined
>>> ctx.call("greet", {"name": "Ada", "tags": {"math", "engines"}})
'Ada has 2 tags'

V8 is loaded when the first name that needs it is used, not by the import itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__
from .errors import (
    ClosedError,
    DataCloneError,
    DecodeError,
    EncodeError,
    EngineError,
    Error,
    ForkError,
    JSCancelledError,
    JSError,
    JSModuleNotFoundError,
    JSSyntaxError,
    JSTimeoutError,
    MemoryLimitError,
    NotFoundError,
    SnapshotError,
    TerminatedError,
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
    Undefined,
    hole,
    undefined,
)

if TYPE_CHECKING:
    from . import wire
    from ._native import v8_version
    from .code_cache import CodeCache
    from .context import Context
    from .frames import columns, records
    from .handles import JSFunction, JSObject
    from .isolate import HeapStatistics, Isolate
    from .modules import JSModule
    from .promises import JSPromise
    from .resolvers import Folder, HostModule, JSONModule, SourceModule
    from .snapshot import Snapshot
    from .timings import Timings
    from .to_plain import plain

__all__ = [
    "BigInt",
    "ClosedError",
    "CodeCache",
    "Context",
    "DataCloneError",
    "DecodeError",
    "EncodeError",
    "EngineError",
    "Error",
    "Folder",
    "ForkError",
    "HeapStatistics",
    "HostModule",
    "Isolate",
    "JSArray",
    "JSArrayBuffer",
    "JSBoxed",
    "JSCancelledError",
    "JSDate",
    "JSError",
    "JSFunction",
    "JSMap",
    "JSModule",
    "JSModuleNotFoundError",
    "JSONModule",
    "JSObject",
    "JSPromise",
    "JSRegExp",
    "JSSet",
    "JSSparseArray",
    "JSSyntaxError",
    "JSTimeoutError",
    "JSTypedArray",
    "MemoryLimitError",
    "NotFoundError",
    "Snapshot",
    "SnapshotError",
    "SourceModule",
    "TerminatedError",
    "Timings",
    "Undefined",
    "__version__",
    "columns",
    "hole",
    "plain",
    "records",
    "undefined",
    "v8_version",
    "wire",
]

# Names that need V8, or whose modules most programs never use, and where they live.
_LAZY = {
    "CodeCache": "code_cache",
    "Context": "context",
    "Folder": "resolvers",
    "HeapStatistics": "isolate",
    "HostModule": "resolvers",
    "Isolate": "isolate",
    "JSFunction": "handles",
    "JSModule": "modules",
    "JSONModule": "resolvers",
    "JSObject": "handles",
    "JSPromise": "promises",
    "Snapshot": "snapshot",
    "SourceModule": "resolvers",
    "Timings": "timings",
    "columns": "frames",
    "plain": "to_plain",
    "records": "frames",
    "v8_version": "_native",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "wire":
        return import_module(".wire", __name__)
    module = _LAZY.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
