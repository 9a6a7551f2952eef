"""PyMiniRacer: runs JavaScript on a thread of its own, which an event loop waits for.

It is used on its own loop, which its documentation recommends and which saves a change of threads. Data go as JSON text
(its own `call` does the same with the standard library), either handed to a function or written into a script.
ArrayBuffers are shared memory, into which Python can write.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any, TypeVar

from ..case import Call, Kind
from ..subject import Subject, Way, json_way, orjson_codec

T = TypeVar("T")


class MiniRacer(Subject):
    name = "mini-racer"
    needs = ("py_mini_racer", "orjson")

    def __init__(self) -> None:
        from py_mini_racer import mini_racer

        self._loop = asyncio.new_event_loop()
        self._stack = ExitStack()
        self._racer: Any = self.run(lambda: self._stack.enter_context(mini_racer()))

    def run(self, body: Callable[[], T]) -> T:
        if asyncio._get_running_loop() is not None:
            return body()

        async def inside() -> T:
            return body()

        return self._loop.run_until_complete(inside())

    @classmethod
    def versions(cls) -> str:
        subject = cls()
        try:
            return f"{version('mini-racer')}, V8 {subject._racer.v8_version}"
        finally:
            subject.close()

    def define(self, code: str) -> None:
        self.run(lambda: self._racer.eval(code + "; undefined"))

    def ways(self, call: Call) -> Iterator[Way]:
        import orjson

        racer = self._racer
        if call.kind is Kind.BYTES:
            yield from self._binary_ways(call)
            return
        if call.kind in (Kind.SCALARS, Kind.TEXT):
            yield "function", racer.eval(call.function)
        yield "function, orjson", json_way(call, self.define, racer.eval, *orjson_codec())
        if call.by_hand is None:
            name = call.function
            yield "call", lambda *args: racer.call(name, *args)
            yield (
                "eval, orjson",
                lambda *args: orjson.loads(racer.eval(f"JSON.stringify({name}(...{orjson.dumps(args).decode()}))")),
            )

    def _binary_ways(self, call: Call) -> Iterator[Way]:
        racer = self._racer
        if call.arguments():
            self.define("var arrived; var room = (size) => arrived = new Uint8Array(size);")
            room = racer.eval("room")
            use = racer.eval(f"() => {call.function}(arrived)")

            def send(data: Any) -> Any:
                source = memoryview(data).cast("B")
                room(source.nbytes).cast("B")[:] = source
                return use()

            yield "shared memory", send
        else:
            function = racer.eval(call.function)
            # JavaScript can still change what is shown, so what corresponds to the others' results is a copy.
            yield "shared memory, copied", lambda: bytearray(function())

    def close(self) -> None:
        self.run(self._stack.close)
        self._loop.close()
