"""STPyV8: numbers and strings cross directly. Objects would cross as proxies that call back for each property, and on
which JavaScript's own methods are missing, so data go as JSON text, with the fastest library for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version

from ..case import Call, Kind
from ..subject import Subject, Way, json_way, orjson_codec


class StPyV8(Subject):
    name = "stpyv8"
    needs = ("STPyV8", "orjson")
    threads = False  # Its contexts share one isolate.

    def __init__(self) -> None:
        import STPyV8

        self._context = STPyV8.JSContext()
        self._context.enter()

    @classmethod
    def versions(cls) -> str:
        # The library has the version of the V8 that it is linked with.
        return f"{version('stpyv8')} (V8 {'.'.join(version('stpyv8').split('.')[:3])})"

    def define(self, code: str) -> None:
        self._context.eval(code)

    def ways(self, call: Call) -> Iterator[Way]:
        import orjson

        if call.kind in (Kind.SCALARS, Kind.TEXT):
            yield "function", self._context.eval(call.function)
        if call.kind is not Kind.BYTES:
            yield "function, orjson", json_way(call, self.define, self._context.eval, *orjson_codec())
            if call.by_hand is None:
                # Characters beyond U+FFFF arrive cut to 16 bits, so text that may have some is sent as ASCII.
                yield (
                    "function, json and orjson",
                    json_way(call, self.define, self._context.eval, json.dumps, orjson.loads),
                )

    def close(self) -> None:
        self._context.leave()
