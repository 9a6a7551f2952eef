"""Every example runs as its users run it, and prints what it is there to show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from loop_lag import least_lag

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"


def output_of(name: str) -> str:
    child = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name)], capture_output=True, text=True, timeout=60, check=False
    )
    assert child.returncode == 0, child.stderr
    assert child.stderr == ""
    return child.stdout


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "asyncio_rules.py",
        "demo.py",
        "errors.py",
        "fastapi_modules.py",
        "fastapi_service.py",
        "host_functions.py",
        "modules.py",
        "parser.py",
        "profiling.py",
        "start_up.py",
        "typed_arrays.py",
    }


def test_demo() -> None:
    out = output_of("demo.py")
    lines = out.splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 130
    assert "100 tweets, 197 ints beyond 2**53" in out
    assert "59 of 100 tweets score 60 or more" in out
    assert "58 accounts posted the same text" in out
    assert "59 of 59 ids came back exact, as bigints" in out
    assert "x => x gives the whole document back equal: True" in out
    assert "deserialize" not in out
    assert "in all" in lines[-1]


def test_errors() -> None:
    assert output_of("errors.py").splitlines() == [
        "RangeError: an order needs items",
        "  at price.js:3:5, code E_EMPTY",
        "thrown: {'retry': True, 'after': datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)}",
        "broken.js:1:9: Unexpected token ';'",
        "out: $.rows[1].parse",
        "in: $.items[0].price",
        "8",
    ]


def test_parser() -> None:
    assert output_of("parser.py").splitlines() == [
        "b'a;b\\nc' -> [['a', 'b']]",
        "b';d\\n' -> [['c', 'd']]",
        "b'e;f' -> []",
        "lines: 2",
        "[['x', 'y']] True",
    ]


def test_typed_arrays() -> None:
    pytest.importorskip("numpy")
    assert output_of("typed_arrays.py").splitlines() == [
        "JSTypedArray 1000 values",
        "float64 roughness 0.600 -> 0.120",
    ]


def test_modules() -> None:
    assert output_of("modules.py").splitlines() == [
        "['bill', 'report']",
        "7.20 EUR",
        "2 bills: 7.20 EUR, 7.20 EUR (summary.js)",
        "TypeError: cannot find module './helper.js', imported from app.js",
        "  at app.js:1:24",
        "    import { helper } from './helper.js'",
        "                           ^",
    ]


def test_start_up() -> None:
    compiled, cached, counts, contexts, rows = output_of("start_up.py").splitlines()
    assert compiled.startswith("compiled ")
    assert cached.startswith("from the code cache ")
    assert counts == "<CodeCache hits=1 misses=1 rejected=0>"
    assert contexts.startswith("3 contexts from a snapshot ")
    assert rows == "[[0, 2, 4], [0, 2, 4], [0, 2, 4]]"


def test_profiling() -> None:
    assert output_of("profiling.py").splitlines() == [
        "hottest function: busy",
        "files: ['work.cpuprofile', 'work.heapsnapshot']",
        "within its limit: True",
    ]


def test_host_functions() -> None:
    assert output_of("host_functions.py").splitlines() == [
        "audit: Ada: 21.6",
        "total: 21.6",
        "uncaught, it is the exception itself: UnknownItemError('gold')",
        "wrapped, it is the cause: RangeError UnknownItemError('gold')",
        "sorted: ['a', 'cup', 'tea']",
        "removed: undefined",
    ]


def test_asyncio_rules() -> None:
    assert output_of("asyncio_rules.py").splitlines() == [
        "1000 greetings, the last one: Hello, user 999!",
        "JSTimeoutError Hello, user 1! True",
        "cancelled: True and usable",
    ]


def test_fastapi_service() -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    pattern = r"100 of 200 orders approved; the loop never waited (\d+) ms longer than asked\n"

    def lag() -> int:
        found = re.fullmatch(pattern, output_of("fastapi_service.py"))
        assert found is not None
        return int(found[1])

    assert least_lag(lag, 50) < 50


def test_fastapi_modules() -> None:
    pytest.importorskip("fastapi")
    pytest.importorskip("httpx")
    pattern = (
        r"200 bills, 200 at a time; the last: \{'customer': 199, 'total': '24168.00', 'currency': 'EUR', .*\}\n"
        r"the loop waited (\d+) ms at worst; with nothing to do, (\d+) ms\n"
    )

    def lag() -> int:
        found = re.fullmatch(pattern, output_of("fastapi_modules.py"))
        assert found is not None
        return int(found[1])

    assert least_lag(lag, 50) < 50
