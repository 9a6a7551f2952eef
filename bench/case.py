"""A case: one line of a table. What is asked of every subject, and how its answer is checked before anything is timed.

A case is either a call of a JavaScript function, which each subject makes in its own best ways, or a sample: a function
that prepares something, measures it itself and says the figure, for what cannot be repeated in a loop (starts, first
calls, memory).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .subject import Subject

DATA = Path(__file__).resolve().parent.parent / "tests" / "data"


class Kind(Enum):
    """What crosses, which decides how a user of each subject would send it."""

    SCALARS = "numbers and short strings"
    TEXT = "one string"
    DATA = "what JSON can say"
    BYTES = "binary data"
    RICH = "what JSON cannot say"


@dataclass(frozen=True)
class ByHand:
    """For what JSON cannot say: the code that a user of JSON writes around it, on both sides."""

    function: str
    """Takes and gives plain data; the case's script defines it beside the one for rich data."""
    before: Callable[..., Any] = lambda *args: args
    after: Callable[[Any], Any] = lambda value: value


@dataclass(frozen=True)
class Call:
    """`function(*arguments)`, where `script` has defined the function globally."""

    label: str
    script: str
    function: str
    arguments: Callable[[], tuple[Any, ...]]
    is_right: Callable[[Any, tuple[Any, ...]], bool]
    """Looks at the result and the arguments."""
    kind: Kind = Kind.DATA
    by_hand: ByHand | None = None
    after_each: str = ""
    """A script to run between rounds, untimed: lets go of what the last round left in JavaScript."""
    units: int = 1
    """What the page divides by, as for a figure per record."""


@dataclass(frozen=True)
class Sample:
    """A figure that the case takes itself: seconds, bytes, or whatever `unit` says."""

    label: str
    take: Callable[[type[Subject]], float | None]
    """None: this subject has no such thing."""
    unit: str = "s"
    rounds: int = 7
    compared: bool = True
    """Whether less of it is better."""


Case = Call | Sample


@dataclass(frozen=True)
class Question:
    """A heading of the page, its cases, and what a reader has to know."""

    title: str
    cases: Callable[[bool], list[Case]]
    """Given whether it is a quick run: then the data are small."""
    note: str = ""
    subjects: tuple[str, ...] = field(default=())
    """Who is asked; empty: all."""
    ratios: tuple[tuple[str, str, str], ...] = ()
    """What the page says below the table: a text, and the labels of the cases of ours to divide."""


@dataclass
class Prepared:
    """The answer to a request to prepare."""

    ways: list[str] = field(default_factory=list)
    """Names of the ways that gave the right result; each round gives a figure for each."""
    first: list[float] = field(default_factory=list)
    """For each of them, the figure of the call or sample that was checked: cold, but there."""
    refused: dict[str, str] = field(default_factory=dict)
    """Ways that did not, and why."""


ENGINES = ("pyv8bridge", "stpyv8", "mini-racer", "pydeno", "quickjs", "dukpy")
"""All subjects but those that differ in how data cross only."""


def equals(expected: Any) -> Callable[[Any, tuple[Any, ...]], bool]:
    """The check that a result is `expected`."""
    return lambda result, _: bool(result == expected)


def returns_its_argument(result: Any, arguments: tuple[Any, ...]) -> bool:
    """The check of an identity function."""
    return bool(result == arguments[0])


def records(count: int) -> list[dict[str, Any]]:
    """Rows as an application has them; `RECORDS_SCRIPT` makes the same ones in JavaScript."""
    return [{"id": i, "name": f"name{i}", "score": i / 2, "ok": i % 2 == 0, "tag": "x"} for i in range(count)]


RECORDS_SCRIPT = """
    var record = (i) => ({ id: i, name: "name" + i, score: i / 2, ok: i % 2 === 0, tag: "x" });
    var make = (n) => Array.from({ length: n }, (_, i) => record(i));
    var kept = {};
    var keep = (n) => { kept = make(n); return n };
    var give = () => kept;
    var count = (rows) => rows.length;
"""


def document(name: str) -> Any:
    """One of the JSON documents of tests/data."""
    return json.loads((DATA / f"{name}.json").read_text())
