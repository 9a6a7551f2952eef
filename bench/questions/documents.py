"""What do whole documents cost, there and back?"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..case import Call, Case, Question, document, returns_its_argument


def _arguments(name: str) -> tuple[Any, ...]:
    return (document(name),)


def cases(quick: bool) -> list[Case]:
    script = "var identity = (x) => x;"
    return [
        Call(f"{name}.json", script, "identity", partial(_arguments, name), returns_its_argument)
        for name in (("twitter",) if quick else ("twitter", "citm_catalog", "canada"))
    ]


QUESTION = Question(
    "What do whole documents cost, there and back?",
    cases,
    "The documents of most JSON benchmarks: tweets (0.6 MB, much text that is not ASCII), a catalogue "
    "(1.7 MB, many small objects with "
    "numbers as keys), coordinates (2.3 MB of floats in short arrays).",
)
