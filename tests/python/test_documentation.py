"""The examples in README.md and in docstrings give what they say, and the documents' links lead somewhere."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest

import pyv8bridge

ROOT = Path(__file__).resolve().parent.parent.parent
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = ["", ".context", ".handles", ".isolate", ".modules", ".promises", ".snapshot", ".timings", ".tree", ".wire"]


def test_readme() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=OPTIONS, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 20


@pytest.mark.parametrize("page", ["async", "host-functions", "modules", "profiling", "start-up"])
def test_pages(page: str) -> None:
    """docs/values.md and docs/testing.md have tests of their own."""
    path = ROOT / "docs" / f"{page}.md"
    result = doctest.testfile(str(path), module_relative=False, optionflags=OPTIONS, encoding="utf-8")
    assert (result.failed, result.attempted > 5) == (0, True)


@pytest.mark.parametrize("name", MODULES)
def test_docstrings(name: str) -> None:
    module = importlib.import_module(f"pyv8bridge{name}")
    names = {name: getattr(pyv8bridge, name) for name in pyv8bridge.__all__}
    result = doctest.testmod(module, extraglobs=names, optionflags=OPTIONS)
    assert result.failed == 0
    assert result.attempted > 0


PAGES = sorted(page.relative_to(ROOT) for folder in (ROOT, ROOT / "docs") for page in folder.glob("*.md"))
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(page: Path) -> set[str]:
    """The names that headings get on a web page."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    here = ROOT / page
    for target, anchor in LINK.findall(here.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        found = here.parent / target if target else here
        assert found.exists(), f"{page} links to {target}"
        assert found.resolve().is_relative_to(ROOT), f"{page} links to {target}, which is no part of the project"
        assert not anchor or anchor in anchors(found), f"{page} links to {target}#{anchor}"


def test_documents_name_files_that_exist() -> None:
    """CONTRIBUTING.md's map, so that it moves when a file does."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    names = re.findall(r"`((?:pyv8bridge|native|tests|fuzz|bench|tools|cmake|docs|examples)/[\w./-]*)`", text)
    assert len(names) > 20
    made = {"fuzz/artifacts/", "tests/regress/NAME/"}
    for name in set(names) - made:
        # A source may be named without its ending.
        assert (ROOT / name).exists() or list(ROOT.glob(f"{name}.*")), f"CONTRIBUTING.md names {name}"
