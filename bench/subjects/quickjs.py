"""quickjs: a small interpreter without a JIT. Numbers and strings cross directly, data as JSON text; its Context, as
its Function hands every call to a thread."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from ..case import Call, Kind
from ..subject import Subject, Way, json_way, orjson_codec


class QuickJS(Subject):
    name = "quickjs"
    needs = ("quickjs", "orjson")
    threads = False  # A context belongs to the thread that made it, and calls keep the GIL.

    def __init__(self) -> None:
        import quickjs

        self._context = quickjs.Context()

    @classmethod
    def versions(cls) -> str:
        return version("quickjs")

    def define(self, code: str) -> None:
        self._context.eval(code)

    def ways(self, call: Call) -> Iterator[Way]:
        context: Any = self._context
        if call.kind is Kind.BYTES:
            return
        function: Any = context.eval(call.function)
        if call.kind in (Kind.SCALARS, Kind.TEXT):
            yield "function", function
        yield "function, orjson", json_way(call, self.define, context.eval, *orjson_codec())
        if call.kind is Kind.DATA and call.by_hand is None:
            dumps, loads = orjson_codec()

            def by_object(*args: Any) -> Any:
                result: Any = function(*(context.parse_json(dumps(arg)) for arg in args))
                as_json = getattr(result, "json", None)
                return result if as_json is None else loads(as_json())

            yield "parse_json, orjson", by_object
