"""pydeno: converts Python values itself, its Runtime in our process (its default, a process per session, is slower)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from ..case import Call, Kind
from ..subject import Subject, Way, json_way, orjson_codec


class PyDeno(Subject):
    name = "pydeno"
    needs = ("pydeno", "orjson")

    def __init__(self) -> None:
        import pydeno

        most = 1 << 40
        self._runtime = pydeno.Runtime(
            pydeno.RuntimeConfig(max_serialization_depth=800, max_serialization_bytes=most, max_heap_size=4 << 30)
        )

    @classmethod
    def versions(cls) -> str:
        return f"{version('pydeno')}, which does not tell its V8's version"

    def define(self, code: str) -> None:
        self._runtime.eval(code + "; undefined")

    def ways(self, call: Call) -> Iterator[Way]:
        yield "function", self._runtime.eval(call.function)
        if call.kind is not Kind.BYTES:
            yield "function, orjson", json_way(call, self.define, self._runtime.eval, *orjson_codec())

    def close(self) -> None:
        self._runtime.close()
