"""How much memory does an idle engine with its context hold?"""

from __future__ import annotations

import gc
from pathlib import Path

from ..case import ENGINES, Case, Question, Sample
from ..fresh import in_fresh_process
from ..subject import Subject

MORE = 20


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def of_one(subject: type[Subject]) -> float:
    """Bytes by which each further engine makes the process grow."""
    engines = [subject()]
    engines[0].define("var one = 1;")
    gc.collect()
    before = _resident()
    for _ in range(MORE):
        engines.append(subject())
        engines[-1].define("var one = 1;")
    gc.collect()
    return (_resident() - before) / MORE


def of_the_first(subject: type[Subject]) -> float:
    """Bytes by which the library and its first engine make the process grow."""
    gc.collect()
    before = _resident()
    engine = subject()
    engine.define("var one = 1;")
    grown = _resident() - before
    engine.close()
    return float(grown)


def cases(quick: bool) -> list[Case]:
    return [
        Sample("the library and a first engine", in_fresh_process(__name__, "of_the_first"), "B", rounds=3),
        Sample(f"each of {MORE} further engines", in_fresh_process(__name__, "of_one"), "B", rounds=3),
    ]


QUESTION = Question("How much memory does an engine hold?", cases, "Resident memory of the process.", ENGINES)
