"""Which MessagePack library should Python's side stand on?

Speed on the three documents. What exact values need, a hook that sees what is not plain, is checked beside: msgspec has
none for sets, which it writes as arrays.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable
from typing import Any

from ..case import Case, Question, Sample, document
from ..clock import chunks, repetitions
from ..subject import Subject

Codec = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]


def _ormsgpack() -> Codec:
    library = importlib.import_module("ormsgpack")
    return library.packb, library.unpackb


def _msgspec() -> Codec:
    library = importlib.import_module("msgspec.msgpack")
    return library.Encoder().encode, library.Decoder().decode


def _msgpack() -> Codec:
    library = importlib.import_module("msgpack")
    return library.packb, library.unpackb


LIBRARIES: dict[str, Callable[[], Codec]] = {"ormsgpack": _ormsgpack, "msgspec": _msgspec, "msgpack": _msgpack}


def _take(library: str, name: str, encoding: bool) -> Callable[[type[Subject]], float | None]:
    def take(_: type[Subject]) -> float | None:
        try:
            pack, unpack = LIBRARIES[library]()
        except ImportError:
            return None
        value = document(name)
        message = pack(value)
        if unpack(message) != value:
            raise ValueError(f"{library} does not keep {name}")
        call = (lambda: pack(value)) if encoding else (lambda: unpack(message))
        gc.freeze()
        try:
            return min(chunks(call, repetitions(call), 0.05))
        finally:
            gc.unfreeze()

    return take


def cases(quick: bool) -> list[Case]:
    names = ("twitter",) if quick else ("twitter", "citm_catalog", "canada")
    return [
        Sample(f"{library}: {'encode' if encoding else 'decode'} {name}.json", _take(library, name, encoding))
        for name in names
        for encoding in (True, False)
        for library in LIBRARIES
    ]


QUESTION = Question(
    "Which MessagePack library should Python's side stand on?",
    cases,
    "ormsgpack is what this library uses. msgspec writes sets as arrays without asking, so values of "
    "other types than JSON's would be lost.",
    subjects=("pyv8bridge",),
)
