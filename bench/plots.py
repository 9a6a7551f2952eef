"""The run as pictures: how many times faster or slower, cost against size, and the hops of a call."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .case import Call
from .hops import Hops
from .page import best_peer, times_faster
from .run import OURS, Section

AHEAD, BEHIND, TEXT = "#2a7f62", "#b5402f", "#8a8fa3"


def draw(sections: list[Section], hops: list[Hops], folder: Path) -> list[str]:
    """Writes the pictures that the run has figures for; their names. Needs matplotlib."""
    import matplotlib as mpl

    mpl.use("Agg")
    names = []
    for name, drawer in (("ratios.png", _ratios), ("size.png", _size), ("hops.png", _hops)):
        figure = drawer(sections, hops)
        if figure is not None:
            figure.savefig(folder / name, dpi=110, bbox_inches="tight", metadata={"Software": None})
            names.append(name)
    return names


def _ratios(sections: list[Section], _: list[Hops]) -> Any:
    from matplotlib.figure import Figure

    rows = []
    for section in sections:
        kinds = {case.label: case for case in section.question.cases(False)}
        for row in section.rows:
            found, text = best_peer(row), times_faster(row, "orjson on our engine")
            if isinstance(kinds.get(row.label), Call) and (found or text):
                rows.append((row.label, found, text))
    if not rows:
        return None
    figure = Figure(figsize=(9, 0.42 * len(rows) + 1))
    axes = figure.subplots()
    for index, (_label, found, text) in enumerate(rows):
        if found:
            axes.barh(index - 0.2, found[1] - 1, 0.38, left=1, color=AHEAD if found[1] >= 1 else BEHIND)
            side = "left" if found[1] >= 1 else "right"
            axes.text(found[1], index - 0.2, f" {found[1]:.2g} × {found[0]} ", va="center", ha=side, fontsize=7)
        if text:
            axes.barh(index + 0.2, text - 1, 0.38, left=1, color=TEXT)
    axes.set_xscale("log")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(rows)), [label for label, _, _ in rows], fontsize=8)
    axes.invert_yaxis()
    axes.margins(x=0.25)
    axes.set_xlabel(
        "times faster than the fastest other library (coloured) and than JSON text with orjson on our "
        "engine (grey); red: slower"
    )
    return figure


def _size(sections: list[Section], _: list[Hops]) -> Any:
    from matplotlib.figure import Figure

    section = next((found for found in sections if found.name == "cost_against_size"), None)
    if section is None:
        return None
    figure = Figure(figsize=(8, 4))
    axes = figure.subplots()
    for name, colour in ((OURS, AHEAD), ("orjson on our engine", TEXT)):
        for what, style in (("in", "-"), ("out", "--")):
            points = [
                (int(row.label.split()[0].replace(",", "")), row.figures[name].least * 1e9)
                for row in section.rows
                if row.label.endswith(f" {what}, each") and name in row.figures
            ]
            axes.plot(*zip(*points, strict=True), style, marker="o", color=colour, label=f"{name}, {what}")
    axes.set_xscale("log")
    axes.set_ylim(bottom=0)
    axes.set_xlabel("records in the message")
    axes.set_ylabel("ns a record, without V8's collections")
    axes.legend()
    return figure


def _hops(_: list[Section], hops: list[Hops]) -> Any:
    from matplotlib.figure import Figure

    if not hops:
        return None
    figure = Figure(figsize=(9, 0.45 * len(hops) + 1.4))
    axes = figure.subplots()
    left = [0.0] * len(hops)
    for name in hops[0].parts:
        shares = [found.parts[name] / sum(found.parts.values()) * 100 for found in hops]
        axes.barh(range(len(hops)), shares, 0.6, left=left, label=name.replace("_", " "))
        left = [before + share for before, share in zip(left, shares, strict=True)]
    axes.set_yticks(range(len(hops)), [f"{found.label} ({found.whole / 1000:,.1f} µs)" for found in hops], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("percent of one call")
    axes.legend(fontsize=7, ncols=4, loc="lower center", bbox_to_anchor=(0.4, 1.0))
    return figure
