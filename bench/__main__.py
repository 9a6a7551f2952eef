"""`python -m bench`: runs the benchmarks and writes the page. bench/README.md has examples."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from . import run
from .clock import spell_figure
from .hops import all_hops, drawn
from .page import best_peer, machine, page
from .subject import subjects

FOLDER = run.ROOT / "docs" / "benchmarks"


def main() -> int:
    """Returns the exit status."""
    arguments = _arguments()
    if arguments.hop:
        print("\n\n".join(drawn(hops) for hops in all_hops(arguments.quick)))
        return 0
    here = run.installed()
    unknown = set(arguments.subjects) - set(subjects())
    if unknown:
        sys.exit(f"no such subject: {', '.join(unknown)} (there are {', '.join(subjects())})")
    names = [name for name in here if not arguments.subjects or name in {*arguments.subjects, run.OURS}]
    for name in [name for name in subjects() if name not in here]:
        print(f"{name} is not installed here")
    effort = run.QUICK if arguments.quick else run.THOROUGH
    sections, failed = [], False
    workers = [run.Worker(name, effort.limit) for name in names]
    for question in arguments.questions or run.question_names():
        print(question, flush=True)
        try:
            section = run.ask(question, workers, effort, lambda line: print(line, flush=True))
        except RuntimeError as error:
            print(f"  FAILED: {error}")
            failed = True
            continue
        sections.append(section)
        if not arguments.quick:
            _show(section)
    for worker in workers:
        worker.end()
    if arguments.write:
        _write(arguments.write, sections, names, arguments.quick)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Each question is a file of bench/questions.")
    parser.add_argument(
        "questions", nargs="*", choices=[[], *run.question_names()], metavar="question", help="default: all"
    )
    parser.add_argument("--quick", action="store_true", help="small data, one round: does everything run, and right?")
    parser.add_argument(
        "--hop", action="store_true", help="show where the time of one call goes, along the way of a value"
    )
    parser.add_argument("--subjects", nargs="+", default=[], metavar="NAME", help="compare with these only")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=FOLDER,
        metavar="FOLDER",
        help="write the page and its plots (docs/benchmarks)",
    )
    return parser.parse_args()


def _show(section: run.Section) -> None:
    for row in section.rows:
        found = sorted(row.figures.items(), key=lambda item: item[1].least)
        listed = ", ".join(f"{name} {spell_figure(figure.least / row.units, row.unit)}" for name, figure in found)
        peer = best_peer(row)
        print(f"    {row.label}: {listed}" + (f"  → {peer[1]:.2f} × faster than {peer[0]}" if peer else ""), flush=True)
        for name, why in row.refused.items():
            print(f"      {name} fails: {why}")


def _write(folder: Path, sections: list[run.Section], names: list[str], quick: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    versions, described, hops = run.versions(names), machine(), all_hops(quick)
    try:
        from .plots import draw

        plots = draw(sections, hops, folder)
    except ImportError:
        print("no plots: matplotlib is not installed (pip install -e .[bench])")
        plots = []
    (folder / "README.md").write_text(page(sections, versions, described, hops, plots))
    figures = {
        section.name: {
            row.label: {name: dataclasses.asdict(found) for name, found in row.figures.items()} for row in section.rows
        }
        for section in sections
    }
    (folder / "results.json").write_text(
        json.dumps({"machine": described, "subjects": versions, "figures": figures}, indent=1, ensure_ascii=False)
        + "\n"
    )
    print(f"written: {folder}")


if __name__ == "__main__":
    sys.exit(main())
