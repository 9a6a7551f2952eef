"""What do records cost on the way in, and on the way out?"""

from __future__ import annotations

from functools import partial
from typing import Any

from ..case import RECORDS_SCRIPT, Call, Case, Question, equals, records


def _arguments(size: int) -> tuple[Any, ...]:
    return (records(size),)


def cases(quick: bool) -> list[Case]:
    found: list[Case] = []
    for size in (10, 100 if quick else 1000):
        found.append(Call(f"{size:,} in", RECORDS_SCRIPT, "count", partial(_arguments, size), equals(size)))
        made = RECORDS_SCRIPT + f"keep({size});"
        # Built before, as making them is JavaScript's own work.
        found.append(Call(f"{size:,} out", made, "give", tuple, equals(records(size))))
    return found


QUESTION = Question(
    "What do records cost?",
    cases,
    "Objects of five fields (an integer, a short string, a half, a boolean, a letter); the function only "
    "counts them, or gives what is there.",
)
