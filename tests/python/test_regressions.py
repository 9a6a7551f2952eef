"""What was wrong once: one small test each, named after it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize("form", ["json", "tree"])
def test_the_command_reads_and_writes_ints_of_more_than_4300_digits(form: str) -> None:
    # Python's limit for int ↔ str was a traceback.
    digits = "1" * 5_000
    done = subprocess.run(
        [sys.executable, "-m", "pyv8bridge", "call", "-", "same", "-a", digits, "-o", form],
        input="function same(x) { return x }",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[-1] == digits
