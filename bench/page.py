"""The page: a run as Markdown, with the machine it was made on. Losses stand in it as losses."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from .aims import TEXT_WAYS, aims_section
from .clock import spell, spell_figure
from .hops import Hops
from .run import OURS, Row, Section


def machine() -> dict[str, str]:
    """What the figures depend on."""
    cpu = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M)
    return {
        "CPU": cpu[1] if cpu else platform.processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) / 1e6:.0f} GB" if memory else "unknown",
        "kernel": f"{platform.system()} {platform.release()}, {platform.libc_ver()[0]} {platform.libc_ver()[1]}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "date": date.today().isoformat(),
        "load at the end": ", ".join(f"{load:.1f}" for load in os.getloadavg()) + " (1, 5, 15 minutes)",
    }


def best_peer(row: Row) -> tuple[str, float] | None:
    """The fastest of the other libraries, and how many times ours is faster (below 1: it is slower)."""
    ours = row.figures.get(OURS)
    peers = {name: found.least for name, found in row.figures.items() if name != OURS and name not in TEXT_WAYS}
    if ours is None or not peers or not ours.least or not row.compared:
        return None
    name = min(peers, key=lambda peer: peers[peer])
    return name, peers[name] / ours.least


def times_faster(row: Row, name: str) -> float | None:
    """How many times faster ours is than one subject."""
    ours, other = row.figures.get(OURS), row.figures.get(name)
    if ours is None or other is None or not ours.least or not row.compared:
        return None
    return other.least / ours.least


def page(
    sections: list[Section], versions: dict[str, str], described: dict[str, str], hops: list[Hops], plots: Iterable[str]
) -> str:
    """The whole page."""
    parts = [
        "# Benchmarks\n",
        "Made by `make bench`; [bench/](../../bench/README.md) says how. Each figure is the least of many, taken in "
        "rounds in which all subjects took turns. Each subject runs in a process of its own, and its results are "
        "checked before it is timed. Compare figures of one line: *× better* says how many times ours is faster (or "
        "smaller) than the best other library of that line; below 1, in bold, it is slower.\n",
        _facts("Machine", described),
        _facts("Subjects", versions),
    ]
    parts += [f"![{name.removesuffix('.png')}]({name})\n" for name in plots]
    parts.append(
        aims_section(
            {
                section.name: {
                    row.label: {name: found.least for name, found in row.figures.items()} for row in section.rows
                }
                for section in sections
            }
        )
    )
    parts += [_section(section) for section in sections]
    if hops:
        parts.append(_hops(hops))
    return "\n".join(parts)


def _facts(title: str, facts: dict[str, str]) -> str:
    return "\n".join([f"| {title} | |", "|---|---|", *(f"| {name} | {fact} |" for name, fact in facts.items()), ""])


def _section(section: Section) -> str:
    names = [name for name in _all_names(section.rows) if any(name in row.figures for row in section.rows)]
    others = [name for name in names if name != OURS]
    head = ["", *names]
    compares = bool([name for name in others if name not in TEXT_WAYS])
    if compares:
        head.append("× better")
    texts = [name for name in others if name in TEXT_WAYS][:1]
    if texts:
        head.append("× better than text")
    lines = [f"## {section.question.title}\n"]
    if section.question.note:
        lines.append(section.question.note + "\n")
    lines += ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for row in section.rows:
        cells = [row.label, *(_cell(row, name) for name in names)]
        if compares:
            found = best_peer(row)
            cells.append("–" if found is None else f"{_ratio(found[1])} ({found[0]})")
        if texts:
            ratio = times_faster(row, texts[0])
            cells.append("–" if ratio is None else _ratio(ratio))
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", *_ratios(section), *_notes(section.rows)]
    return "\n".join(lines)


def _all_names(rows: list[Row]) -> list[str]:
    names: dict[str, None] = {}
    for row in rows:
        names |= dict.fromkeys([*row.figures, *row.refused])
    return sorted(names, key=lambda name: (name != OURS, name not in TEXT_WAYS))


def _cell(row: Row, name: str) -> str:
    found = row.figures.get(name)
    if found is None:
        return "fails" if name in row.refused else "–"
    return spell_figure(found.least / row.units, row.unit)


def _ratio(ratio: float) -> str:
    text = f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"
    return f"**{text}**" if ratio < 1 else text


def _ratios(section: Section) -> list[str]:
    by_label = {row.label: row.figures[OURS].least for row in section.rows if OURS in row.figures}
    lines = [
        f"- {text}: {by_label[above] / by_label[below]:.2f}"
        for text, above, below in section.question.ratios
        if above in by_label and below in by_label and by_label[below]
    ]
    return [*lines, ""] if lines else []


def _notes(rows: list[Row]) -> list[str]:
    """Which way of each subject was the fastest, and what failed."""
    ways: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        for name, found in row.figures.items():
            if found.way and name != OURS and name not in TEXT_WAYS:
                ways.setdefault(name, {}).setdefault(found.way, []).append(row.label)
    lines = []
    for name, labels in ways.items():
        if len(labels) == 1:
            lines.append(f"- {name}: by {next(iter(labels))}")
        else:
            lines.append(f"- {name}: " + "; ".join(f"by {way} ({', '.join(where)})" for way, where in labels.items()))
    for row in rows:
        lines += [f"- {name} fails at {row.label}: {why}" for name, why in row.refused.items()]
    return [*lines, ""] if lines else []


def _hops(hops: list[Hops]) -> str:
    names = list(hops[0].parts)
    lines = [
        "## Where does the time of a call go?\n",
        "The hops of this library along the way of a value, and what is left: Python's frames, cffi, the lock and V8's "
        "scopes.\n",
        "| | whole | " + " | ".join(name.replace("_", " ") for name in names) + " |",
        "|---|" + "---:|" * (len(names) + 1),
    ]
    for found in hops:
        cells = [spell(found.parts[name] * 1e-9) if found.parts[name] else "–" for name in names]
        lines.append(f"| {found.label} | {spell(found.whole * 1e-9)} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])
