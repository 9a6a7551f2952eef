"""What does a large string cost, in and out?"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..case import Call, Case, Kind, Question, equals, returns_its_argument

SCRIPT = "var length = (text) => text.length; var identity = (text) => text; var held; var give = () => held;"


def _arguments(text: str) -> tuple[Any, ...]:
    return (text,)


def cases(quick: bool) -> list[Case]:
    size = 100_000 if quick else 10_000_000
    words = f"{size / 1e6:g} million characters"
    found: list[Case] = []
    for name, unit in (("ASCII", "plain text "), ("Latin-1", "größer "), ("beyond", "größer als € ")):
        text = (unit * (size // len(unit) + 1))[:size]
        # The search makes one flat string of what V8 keeps as a tree of repeats.
        made = SCRIPT + f"held = {unit!r}.repeat({size // len(unit) + 1}).slice(0, {size}); /x/.test(held);"
        found += [
            Call(f"{words}, {name}, in", SCRIPT, "length", partial(_arguments, text), equals(size), Kind.TEXT),
            Call(f"{words}, {name}, out", made, "give", tuple, equals(text), Kind.TEXT),
        ]
    back = partial(_arguments, "x" * size)
    return [*found, Call(f"{words}, ASCII, back", SCRIPT, "identity", back, returns_its_argument, Kind.TEXT)]


QUESTION = Question("What does a large string cost?", cases)
