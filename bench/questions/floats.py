"""What do many floats cost: as a list, and as a numpy array?"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..case import Call, Case, Kind, Question, equals, returns_its_argument

SCRIPT = "var count = (x) => x.length; var identity = (x) => x; var lengths = (x) => x.length;"


def _same_array(result: Any, arguments: tuple[Any, ...]) -> bool:
    view = result.view if hasattr(result, "view") else result
    return bool(np.array_equal(np.frombuffer(view, dtype=np.float64), arguments[0]))


def cases(quick: bool) -> list[Case]:
    size = 1000 if quick else 100_000
    numbers = [i / 7 for i in range(size)]
    return [
        Call(f"{size:,} as a list, in", SCRIPT, "count", lambda: (numbers,), equals(size)),
        Call(f"{size:,} as a list, back", SCRIPT, "identity", lambda: (numbers,), returns_its_argument),
        Call(
            f"{size:,} as a numpy array, back",
            SCRIPT,
            "identity",
            lambda: (np.array(numbers),),
            _same_array,
            Kind.BYTES,
        ),
    ]


QUESTION = Question("What do many floats cost?", cases)
