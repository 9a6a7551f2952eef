"""The benchmarks run, and check their own results; nothing is said about time."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200, check=False)


def test_every_question_runs_and_gets_right_results(tmp_path: Path) -> None:
    done = bench("--quick", "--write", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads((tmp_path / "results.json").read_text())["figures"]
    page = (tmp_path / "README.md").read_text()
    for path in (ROOT / "bench" / "questions").glob("[a-z]*.py"):
        question = importlib.import_module(f"bench.questions.{path.stem}").QUESTION
        labels = [case.label for case in question.cases(True)]
        assert labels == list(figures[path.stem]), path.stem
        assert f"## {question.title}" in page
    assert not [row for rows in figures.values() for row, found in rows.items() if "pyv8bridge" not in found]


def test_every_question_is_in_the_readme() -> None:
    text = (ROOT / "bench" / "README.md").read_text()
    missing = [
        path.name
        for path in (ROOT / "bench" / "questions").glob("[a-z]*.py")
        if f"({path.parent.name}/{path.name})" not in text
    ]
    assert not missing


def test_hops_show_what_is_left_of_a_call() -> None:
    done = bench("--quick", "--hop")
    assert done.returncode == 0, done.stderr
    assert "add(1, 2)" in done.stdout
    assert "frames, cffi, lock, scopes" in done.stdout


class TestWorker:
    """A subject whose answers are wrong, or that fails, must not get a figure."""

    def prepared(self, monkeypatch: pytest.MonkeyPatch, is_right: Any, script: str = "var f = (x) => x;") -> Any:
        case, worker = importlib.import_module("bench.case"), importlib.import_module("bench.worker")
        subject = importlib.import_module("bench.subject").subjects()["pyv8bridge"]
        call = case.Call("x", script, "f", lambda: (1,), is_right)
        module = importlib.import_module("bench.questions.call_latency")
        monkeypatch.setattr(module, "QUESTION", case.Question("?", lambda quick: [call]))
        return worker.Bench(subject).prepare("bench.questions.call_latency", 0, True)

    def test_a_right_result(self, monkeypatch: pytest.MonkeyPatch) -> None:
        prepared = self.prepared(monkeypatch, lambda result, arguments: result == arguments[0])
        assert prepared.ways == ["function"]
        assert len(prepared.first) == 1
        assert not prepared.refused

    def test_a_wrong_result(self, monkeypatch: pytest.MonkeyPatch) -> None:
        prepared = self.prepared(monkeypatch, lambda result, arguments: False)
        assert prepared.ways == []
        assert prepared.refused == {"function": "wrong result"}

    def test_an_exception(self, monkeypatch: pytest.MonkeyPatch) -> None:
        prepared = self.prepared(monkeypatch, lambda result, arguments: True, "var f = () => { throw new Error('no') }")
        assert prepared.ways == []
        assert "no" in prepared.refused["function"]


class TestPage:
    """Losses are shown as losses."""

    def row(self, **figures: float) -> Any:
        run = importlib.import_module("bench.run")
        found = {name: run.Figures("function", least, least) for name, least in figures.items()}
        return run.Row("a row", "s", 1, True, found)

    def text(self, row: Any) -> str:
        page, run, case = (importlib.import_module(f"bench.{name}") for name in ("page", "run", "case"))
        section = run.Section("q", case.Question("Why?", lambda quick: []), [row])
        return str(page.page([section], {}, {}, [], []))

    def test_a_loss_is_bold(self) -> None:
        assert "| **0.50** (quickjs) |" in self.text(self.row(pyv8bridge=2e-6, quickjs=1e-6, stpyv8=4e-6))

    def test_a_gain_is_measured_against_the_best_peer(self) -> None:
        assert "| 2.00 (quickjs) |" in self.text(self.row(pyv8bridge=1e-6, quickjs=2e-6, stpyv8=4e-6))

    def test_a_failure_is_named(self) -> None:
        row = self.row(pyv8bridge=1e-6, quickjs=2e-6)
        row.refused["stpyv8"] = "wrong result"
        assert "- stpyv8 fails at a row: wrong result" in self.text(row)


def test_a_peer_that_dies_or_hangs_costs_its_own_figures_only(monkeypatch: pytest.MonkeyPatch) -> None:
    run = importlib.import_module("bench.run")
    script = "import sys, time; sys.stdin.buffer.read(1); time.sleep(60) if 'hang' in sys.argv else sys.exit(3)"
    real = subprocess.Popen

    def popen(command: list[str], **keywords: Any) -> Any:
        return real([sys.executable, "-c", script, command[-1]], **keywords)

    monkeypatch.setattr(run.subprocess, "Popen", popen)
    with pytest.raises(RuntimeError, match="status 3"):
        run.Worker("die", 5.0).ask("round")
    with pytest.raises(RuntimeError, match="no answer in 0 s"):
        run.Worker("hang", 0.3).ask("round")


def test_aims_compare_with_the_best_peer_a_text_way_or_another_row() -> None:
    figures = {
        "documents": {"twitter.json": {"pyv8bridge": 2.0, "a": 3.0, "b": 5.0, "orjson on our engine": 1.0}},
        "threads": {
            "a loop in JavaScript: two threads": {"pyv8bridge": 4.0},
            "a loop in JavaScript: two processes": {"pyv8bridge": 3.9},
        },
    }
    aims = importlib.import_module("bench.aims")
    section = aims.aims_section(figures)
    assert "| twitter.json | a | 2 × | **1.50 ×** |" in section
    assert "| twitter.json | orjson on our engine | 2 × | **0.50 ×** |" in section
    assert "| a loop in JavaScript: two threads | a loop in JavaScript: two processes | 0.95 × | 0.97 × |" in section
    assert "falls short" in section
    assert aims.aims_section({}) == ""


def test_aims_name_questions_and_rows_that_there_are() -> None:
    figures = json.loads((ROOT / "docs" / "benchmarks" / "results.json").read_text())["figures"]
    aims = importlib.import_module("bench.aims")
    for aim in aims.AIMS:
        assert aim.row in figures[aim.question], aim
        assert aim.against in (aims.BEST_PEER, aims.TEXT) or aim.against in figures[aim.question], aim
