"""What a strict type checker says of a program that uses the package."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PROGRAM = """
import math
from typing import Any

from pyv8bridge import Context, JSFunction, JSObject, JSPromise, wire


def main(ctx: Context) -> int:
    @ctx.expose("double", max_args=1)
    def double(number: int) -> int:
        return 2 * number

    root = ctx.expose("root", math.isqrt)
    function = ctx.eval("(x) => x")
    assert isinstance(function, JSFunction)
    results: list[Any] = function.map([1, 2], item_timeout=0.5)
    for result in ctx.map("double", results, lazy=True):
        print(result)
    thing: JSObject = ctx.ref("({})", timeout=1)
    thing["a"] = wire.dumps({"a": 1}, references=True)
    return double(len(results)) + root(4)


async def wait(ctx: Context) -> Any:
    promise = await ctx.eval_async("1", timeout=2)
    return await promise if isinstance(promise, JSPromise) else promise
"""


@pytest.mark.timeout(240)
def test_a_typed_program_passes_mypy(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(textwrap.dedent(PROGRAM))
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = true\n")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(tmp_path / "mypy.ini"), str(tmp_path / "program.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
