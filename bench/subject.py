"""A subject: what is measured, be it this library, a peer, or JSON text on our own engine. One class each.

Each runs in a process of its own (worker.py), as several V8s, event loops and memory limits in one would disturb each
other, and as a peer that crashes must not end the run.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, ClassVar, TypeVar

from .case import Call

T = TypeVar("T")

# How a case's function is called: a name for the page, and the callable that takes and gives Python values.
Way = tuple[str, Callable[..., Any]]


class Subject(ABC):
    """An engine with one context, made afresh for each case."""

    name: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    """Modules without which it cannot run."""
    threads: ClassVar[bool] = True
    """Whether several may work on several threads at once."""

    @classmethod
    @abstractmethod
    def versions(cls) -> str:
        """Of the library, and of the engine in it."""

    @abstractmethod
    def define(self, code: str) -> None:
        """Runs a script for its declarations."""

    @abstractmethod
    def ways(self, call: Call) -> Iterator[Way]:
        """All ways in which a user who knows the library might make the call; the fastest that is right counts."""

    def run(self, body: Callable[[], T]) -> T:
        """Runs what uses the subject, for those that want an event loop around it."""
        return body()

    def another_context(self) -> object | None:
        """A further context in the same heap; None where there is no such thing."""
        return None

    def close(self) -> None:  # noqa: B027 (most have nothing to close)
        """Frees the engine."""


def json_way(call: Call, define: Callable[[str], None], get: Callable[[str], Any], dumps: Any, loads: Any) -> Any:
    """The call through JSON text, as users write it when their library has no way for data.

    `get(name)` gives a Python callable for a JavaScript function from text to text.
    """
    name, before, after = call.function, None, None
    if call.by_hand is not None:
        name, before, after = call.by_hand.function, call.by_hand.before, call.by_hand.after
    define(f"var byText = (text) => JSON.stringify({name}(...JSON.parse(text)));")
    function = get("byText")
    if before is None or after is None:
        return lambda *args: loads(function(dumps(args)))
    return lambda *args: after(loads(function(dumps(before(*args)))))


def orjson_codec() -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    """From values to JSON text and back, with the fastest library for it."""
    import orjson

    return lambda value: orjson.dumps(value).decode(), orjson.loads


def subjects() -> dict[str, type[Subject]]:
    """All subjects by name, ours first. Importing them imports none of the libraries."""
    from .subjects import dukpy, json_text, mini_racer, pydeno, pyv8bridge, quickjs, stpyv8

    found: list[type[Subject]] = [
        pyv8bridge.Pyv8bridge,
        json_text.OrjsonText,
        json_text.StdlibText,
        stpyv8.StPyV8,
        mini_racer.MiniRacer,
        pydeno.PyDeno,
        quickjs.QuickJS,
        dukpy.DukPy,
    ]
    return {subject.name: subject for subject in found}


def is_installed(subject: type[Subject]) -> bool:
    """Whether all that it needs can be imported."""
    return all(find_spec(module) is not None for module in subject.needs)
