"""Runs code in a child process with a time limit: for tests that may crash, hang or take the process along."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

LIMIT_SECONDS = 60


def run_child(code: str, *, status: int = 0) -> str:
    """What the code prints. Fails unless it ends by itself with `status` and without a word on stderr."""
    child = subprocess.run(
        # Python 3.12 and newer warn of a fork beside threads, which is what some of these tests are about.
        [sys.executable, "-X", "faulthandler", "-W", "ignore:This process", "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
        # Freed memory is overwritten at once, so that whoever still uses it notices. And a child can import from here.
        env={**os.environ, "MALLOC_PERTURB_": "165", "PYTHONPATH": str(Path(__file__).parent)},
    )
    assert child.returncode == status, f"exit status {child.returncode}, stderr:\n{child.stderr}"
    assert child.stderr == "", child.stderr
    return child.stdout
