"""This library: Python values in, Python values out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ..case import Call
from ..subject import Subject, Way


class Pyv8bridge(Subject):
    name = "pyv8bridge"
    needs: ClassVar[tuple[str, ...]] = ("pyv8bridge",)

    def __init__(self) -> None:
        from pyv8bridge import Context

        self.context = Context()

    @classmethod
    def versions(cls) -> str:
        from pyv8bridge import __version__, v8_version

        return f"{__version__}, V8 {v8_version()}"

    def define(self, code: str) -> None:
        self.context.eval(code)

    def ways(self, call: Call) -> Iterator[Way]:
        yield "function", self.context.eval(call.function)

    def another_context(self) -> object:
        from pyv8bridge import Context

        return Context(self.context.isolate)

    def close(self) -> None:
        self.context.close()
