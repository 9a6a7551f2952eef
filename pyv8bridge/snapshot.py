"""Snapshots: contexts that start with scripts already run in them.

V8 writes the heap of a context as bytes, and makes contexts from those faster than the scripts would run. It ends the
process when it meets something that it cannot write, so a snapshot is built in a child process. V8 checks little of
the bytes that it starts from; they are checked here: whole, and made by this V8.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from . import _native, _native_tools
from .decode import decode
from .errors import Error, SnapshotError
from .thrown import thrown_error
from .time_limits import AS_DEFAULT, Seconds, nanoseconds

Scripts: TypeAlias = "str | Mapping[str, str] | Iterable[str | tuple[str, str]]"

_MAGIC: Final = b"pvbsnap1"
_DIGEST_SIZE: Final = 32
_CHILD: Final = (
    "import pickle, sys; job = pickle.load(sys.stdin.buffer); sys.path[:] = job.pop('path')\n"
    "from pyv8bridge.snapshot import _child; _child(**job)"
)


class Snapshot:
    """Builds what ``Isolate(snapshot=...)`` and ``Context(snapshot=...)`` take.

    >>> data = Snapshot.build("const prices = { tea: 3 }; function price(what) { return prices[what] }")
    >>> with Context(snapshot=data) as ctx:
    ...     ctx.call("price", "tea")
    3
    """

    @staticmethod
    def build(scripts: Scripts, *, timeout: Seconds | None = None, cpu_timeout: Seconds | None = None) -> bytes:
        """Runs scripts in a fresh context, in a child process, and gives that context as bytes.

        `scripts` is one text, a mapping of file names to texts, or an iterable of texts and (file name, text) pairs;
        each may take as long as `timeout` and `cpu_timeout` say. What is pending when they are done is kept as it is.
        Raises what a script throws, and SnapshotError for what V8 cannot write: WebAssembly, for one.
        """
        job = {
            "path": sys.path,
            "scripts": _pairs(scripts),
            "limits": (
                AS_DEFAULT if timeout is None else nanoseconds(timeout, "timeout"),
                AS_DEFAULT if cpu_timeout is None else nanoseconds(cpu_timeout, "cpu_timeout"),
            ),
        }
        if not sys.executable:
            raise SnapshotError(
                "a snapshot is built by a child process, and sys.executable does not say of which Python"
            )
        child = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD], input=pickle.dumps(job), capture_output=True, check=False
        )
        if child.returncode < 0 or not child.stdout:
            raise SnapshotError(_fatal(child.stderr.decode("utf-8", "replace"), child.returncode))
        done, result = pickle.loads(child.stdout)
        if not done:
            raise result
        return _sealed(result)


def _pairs(scripts: Scripts) -> list[tuple[str, str]]:
    if isinstance(scripts, str):
        scripts = [scripts]
    if not isinstance(scripts, Iterable):
        raise TypeError(f"scripts are texts, or pairs of a file name and a text, not {type(scripts).__name__}")
    items: Iterable[Any] = scripts.items() if isinstance(scripts, Mapping) else scripts
    pairs = [("<snapshot>", item) if isinstance(item, str) else tuple(item) for item in items]
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise TypeError("scripts are texts, or pairs of a file name and a text")
    return pairs


def _fatal(stderr: str, status: int) -> str:
    """What V8 said before it ended the child."""
    lines = [line.lstrip("# ") for line in stderr.splitlines() if line.startswith("# ") and line.strip("# ")]
    reason = next((line for line in lines if not line.startswith(("Fatal error in", "FailureMessage"))), "")
    reason = reason or next(iter(stderr.strip().splitlines()[-1:]), "") or f"the child process ended with {status}"
    return f"V8 cannot write a snapshot of what the scripts made: {reason}"


# ---- in the child ----


def _child(scripts: list[tuple[str, str]], limits: tuple[int, int]) -> None:
    answer: tuple[bool, Any]
    # V8 may print to standard output, which is for the answer only.
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        blob = _native_tools.snapshot_build(
            scripts,
            *limits,
            lambda message, attachments: decode(message, make_handle=_no_handle, attachments=attachments),
        )
        # V8 also writes what it cannot read, which shows here.
        native = _native.isolate_create(0, 0, 0, blob)
        _native.context_create(native, importer=0, owner=0, codec="wire")
        answer = True, blob
    except _native.ThrownError as thrown:
        answer = False, thrown_error(thrown)
    except Error as error:
        answer = False, error
    with open(out, "wb") as pipe:
        pipe.write(pickle.dumps(answer))


def _no_handle(kind: str, handle: int) -> Any:
    # A thrown function, say: nothing of the child's context outlives it.
    return "a function" if kind == "f" else "an object"


# ---- the envelope ----


def _version() -> bytes:
    return f"{_native.v8_version()} {_native.code_cache_tag()}".encode()


def _sealed(blob: bytes) -> bytes:
    version = _version()
    content = len(version).to_bytes(2, "little") + version + blob
    return _MAGIC + hashlib.sha256(content).digest() + content


def opened(data: bytes | bytearray | memoryview) -> bytes:
    """V8's part of a snapshot. SnapshotError unless it is whole and of this V8."""
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"a snapshot is bytes, not {type(data).__name__}")
    content = bytes(data)
    head = len(_MAGIC) + _DIGEST_SIZE
    if content[: len(_MAGIC)] != _MAGIC:
        raise SnapshotError("these bytes are no snapshot: Snapshot.build() makes one")
    digest, content = content[len(_MAGIC) : head], content[head:]
    if hashlib.sha256(content).digest() != digest:
        raise SnapshotError("the snapshot is damaged: build it again")
    size = int.from_bytes(content[:2], "little")
    version, ours = content[2 : 2 + size], _version()
    if version != ours:
        made_by = re.sub(rb" .*", b"", version).decode("ascii", "replace")
        raise SnapshotError(
            f"the snapshot was built by V8 {made_by}, with its flags and CPU features, and this is another "
            f"({_native.v8_version()}): build it again"
        )
    return content[2 + size :]
