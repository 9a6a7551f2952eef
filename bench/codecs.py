"""Which MessagePack library should Python's side stand on?

Speed on the three documents, and what exact values need: a hook that sees what is not plain (here: a set). Libraries
that are not installed are left out: pip install ormsgpack msgspec msgpack.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clock import best, spell

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"

Codec = tuple[Callable[[Any], bytes], Callable[[bytes], Any], str]


def codecs() -> dict[str, Codec]:
    found: dict[str, Codec] = {}
    for name, make in (("ormsgpack", _ormsgpack), ("msgspec", _msgspec), ("msgpack", _msgpack)):
        try:
            found[name] = make(importlib.import_module(name))
        except ImportError:
            print(f"{name} is not installed")
    return found


def _ormsgpack(library: Any) -> Codec:
    as_set = library.packb({1}, default=lambda _: library.Ext(5, b""))
    return library.packb, library.unpackb, _kind(as_set)


def _msgspec(library: Any) -> Codec:
    codec = importlib.import_module("msgspec.msgpack")
    encoder, decoder = codec.Encoder(enc_hook=lambda _: codec.Ext(5, b"")), codec.Decoder()
    return encoder.encode, decoder.decode, _kind(encoder.encode({1}))


def _msgpack(library: Any) -> Codec:
    return library.packb, library.unpackb, _kind(library.packb({1}, default=lambda _: library.ExtType(5, b"")))


def _kind(message: bytes) -> str:
    return "hook sees a set" if message[0] == 0xC7 else "set written as an array"


def main() -> None:
    for name, (pack, unpack, hook) in codecs().items():
        print(f"{name}: {hook}")
        for document in ("twitter", "citm_catalog", "canada"):
            value = json.loads((DATA / f"{document}.json").read_text())
            message = pack(value)
            if unpack(message) != value:
                raise SystemExit(f"{name} does not keep {document}")
            packing, unpacking = best(lambda p=pack, v=value: p(v)), best(lambda u=unpack, m=message: u(m))
            print(f"  {document:14} encode {spell(packing)}   decode {spell(unpacking)}")


if __name__ == "__main__":
    main()
