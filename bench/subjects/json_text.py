"""JSON text on our own engine: what a user would write without a bridge for data. Twice, as the library matters."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..case import Call, Kind
from ..subject import Way, json_way, orjson_codec
from .pyv8bridge import Pyv8bridge


class StdlibText(Pyv8bridge):
    name = "json on our engine"

    @classmethod
    def versions(cls) -> str:
        return "the standard library's json, JSON.parse and JSON.stringify"

    def ways(self, call: Call) -> Iterator[Way]:
        if call.kind is not Kind.BYTES:
            yield "JSON text", json_way(call, self.define, self.context.eval, json.dumps, json.loads)


class OrjsonText(Pyv8bridge):
    name = "orjson on our engine"
    needs = ("pyv8bridge", "orjson")

    @classmethod
    def versions(cls) -> str:
        import orjson

        return f"orjson {orjson.__version__}, JSON.parse and JSON.stringify"

    def ways(self, call: Call) -> Iterator[Way]:

        if call.kind is not Kind.BYTES:
            yield "JSON text", json_way(call, self.define, self.context.eval, *orjson_codec())
