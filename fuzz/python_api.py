"""The public Python API over wire bytes from outside: python fuzz/python_api.py [libFuzzer's options] [CORPUS ...]

Bytes are refused with a DecodeError, or are a value: one that can be printed, that survives dumps and loads,
and that goes through a function in V8 and back, as far as this V8 has its kind.
"""

from __future__ import annotations

import contextlib
import sys

import atheris

with atheris.instrument_imports(include=["pyv8bridge"]):
    from pyv8bridge import Context, DecodeError, EncodeError, plain, wire
    from pyv8bridge.testing import difference

MAY_REFUSE = (EncodeError,)
"""A regular expression that does not compile, a kind that this V8 lacks, more sparse slots than the limit."""

context = Context()
echo = context.eval("(value) => value")


def check(value: object, again: object, where: str) -> None:
    found = difference(value, again)
    # A Uint8Array that is met twice, once in a place that a later entry or cause took, is met once from then on: bytes.
    if found and not ("JSTypedArray('Uint8Array'" in found and wire.dumps(value) == wire.dumps(again)):
        raise AssertionError(f"{where}: {found}")


def one_input(data: bytes) -> None:
    try:
        value = wire.loads(data, host_objects="node")
    except DecodeError as error:
        if error.offset is None or error.offset > len(data):
            raise AssertionError(f"no place for {error}") from error
        return
    repr(value)
    with contextlib.suppress(TypeError, ValueError):  # a cycle, or a kind that JSON lacks
        plain(value)
    try:
        data = wire.dumps(value)
    except MAY_REFUSE:
        return
    check(value, wire.loads(data), "dumps and loads")
    try:
        once = echo(value)
    except MAY_REFUSE:
        return
    # What V8 changes (it sorts keys that are indexes), it changes once.
    check(once, echo(once), "through V8")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
