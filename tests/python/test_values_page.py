"""The examples in docs/values.md and in the docstrings of the value classes give what they say."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

from pyv8bridge.values import keyed

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "values.md"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
# The last cell of a row: `expression` → `repr`.
ROW = re.compile(r"\| `(?P<code>[^`]+)` → `(?P<repr>[^`]+)` \|$", re.MULTILINE)
ROWS = [pytest.param(row["code"], row["repr"], id=row["code"]) for row in ROW.finditer(PAGE.read_text("utf-8"))]


def test_docstrings() -> None:
    result = doctest.testmod(keyed)
    assert (result.failed, result.attempted > 2) == (0, True)


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    pytest.importorskip("pyv8bridge._pyv8bridge", reason="needs the native library", exc_type=ImportError)
    found: dict[str, Any] = {}
    exec("from datetime import *\nfrom pyv8bridge import *\nctx = Context()\nsame = ctx.eval('x => x')", found)
    return found


def test_page_has_its_rows() -> None:
    assert len(ROWS) > 30


@pytest.mark.parametrize(("code", "expected"), ROWS)
def test_rows(code: str, expected: str, names: dict[str, Any]) -> None:
    # Columns hold what users would type: a backslash in a table cell is one in a Python literal.
    value = eval(code, names)
    assert repr(value) == expected


def test_examples(names: dict[str, Any]) -> None:
    pytest.importorskip("numpy")
    result = doctest.testfile(str(PAGE), module_relative=False, optionflags=OPTIONS, encoding="utf-8")
    assert (result.failed, result.attempted > 10) == (0, True)
