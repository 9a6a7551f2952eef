"""dukpy: evaluates a script with named data, as JSON both ways; there are no functions to hold."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from ..case import Call, Kind
from ..subject import Subject, Way


class DukPy(Subject):
    name = "dukpy"
    needs = ("dukpy",)
    threads = False

    def __init__(self) -> None:
        import dukpy

        self._interpreter = dukpy.JSInterpreter()

    @classmethod
    def versions(cls) -> str:
        return version("dukpy")

    def define(self, code: str) -> None:
        self._interpreter.evaljs(code + "; 0")

    def ways(self, call: Call) -> Iterator[Way]:
        evaluate, hand = self._interpreter.evaljs, call.by_hand
        if call.kind is Kind.BYTES:
            return
        if hand is None:
            script = f"{call.function}(...dukpy.args)"
            yield "evaljs", lambda *args: evaluate(script, args=args)
        else:
            script = f"{hand.function}(...dukpy.args)"
            yield "evaljs", lambda *args: hand.after(evaluate(script, args=hand.before(*args)))
