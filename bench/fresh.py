"""Measurements that need a process of their own: `python -m bench.fresh MODULE FUNCTION SUBJECT` prints one figure.

The function named gets the subject's class, as a Sample's does.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .subject import Subject, subjects


def in_fresh_process(module: str, function: str) -> Callable[[type[Subject]], float | None]:
    """A Sample's `take` that calls `function` of `module` in a new interpreter."""

    def take(subject: type[Subject]) -> float | None:
        command = [sys.executable, "-m", "bench.fresh", module, function, subject.name]
        root = Path(__file__).resolve().parent.parent
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            raise RuntimeError(f"its process ended with status {done.returncode}: {done.stderr.strip()[-200:]}")
        answer = done.stdout.split()[-1]
        return None if answer == "None" else float(answer)

    return take


if __name__ == "__main__":
    measure = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])
    print(measure(subjects()[sys.argv[3]]))
