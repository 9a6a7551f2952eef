"""What this library wants to reach, and how far it is from that: a table of the page, and why (remarks.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

Figures = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Least figures by question, row and subject."""

OURS = "pyv8bridge"
# Not peers: what a user would write on our engine without the bridge.
TEXT = "orjson on our engine"
TEXT_WAYS = (TEXT, "json on our engine")
BEST_PEER = "the best other library"


@dataclass(frozen=True)
class Aim:
    """In a row of a question our figure is to be so many times as good as another one."""

    question: str
    row: str
    factor: float
    against: str = BEST_PEER
    """BEST_PEER, a subject, or another row of the question, of ours."""

    def reached(self, figures: Figures) -> tuple[float, str] | None:
        """The factor that was reached, and against whom; None without the figures."""
        rows = figures.get(self.question, {})
        found = rows.get(self.row, {})
        ours = found.get(OURS)
        if not ours:
            return None
        if self.against in rows:
            other = rows[self.against].get(OURS)
            return None if other is None else (other / ours, self.against)
        if self.against != BEST_PEER:
            return (found[self.against] / ours, self.against) if self.against in found else None
        peers = {name: least for name, least in found.items() if name != OURS and name not in TEXT_WAYS}
        if not peers:
            return None
        best = min(peers, key=lambda name: peers[name])
        return peers[best] / ours, best


_DOCUMENTS = ("twitter.json", "citm_catalog.json", "canada.json")
_MEMCPY = "memcpy into fresh memory"
AIMS = (
    Aim("call_latency", "add(1, 2)", 2),
    Aim("small_rule", "a rule on a user", 2),
    Aim("records", "1,000 in", 2),
    Aim("records", "1,000 out", 1.5),
    *(Aim("documents", name, 2) for name in _DOCUMENTS),
    Aim("large_string", "10 million characters, ASCII, in", 1),
    Aim("large_string", "10 million characters, ASCII, out", 1),
    Aim("records", "1,000 in", 2, TEXT),
    Aim("records", "1,000 out", 1.5, TEXT),
    *(Aim("documents", name, 2, TEXT) for name in _DOCUMENTS),
    *(
        Aim("large_buffer", f"100 MB {what}", 1 / 1.5, _MEMCPY)
        for what in ("in, bytes", "in, numpy array", "out, Float64Array", "out, Uint8Array")
    ),
    Aim("threads", "a loop in JavaScript: two threads", 0.95, "a loop in JavaScript: two processes"),
    Aim("cost_against_size", "1,000,000 in, each", 1 / 1.3, "10,000 in, each"),
    Aim("cost_against_size", "1,000,000 out, each", 1 / 1.3, "10,000 out, each"),
)


def aims_section(figures: Figures) -> str:
    """The section; empty when no aim's figures are there."""
    lines = []
    for aim in AIMS:
        found = aim.reached(figures)
        if found is not None:
            factor, against = found
            text = f"{factor:.2f} ×"
            lines.append(
                f"| {aim.row} | {against} | {aim.factor:.2g} × | {text if factor >= aim.factor else f'**{text}**'} |"
            )
    if not lines:
        return ""
    head = [
        "## What was aimed at, and what is reached\n",
        "How many times our figure is as good as the other one. What falls short of the aim is bold.\n",
        "| | against | aim | reached |",
        "|---|---|---:|---:|",
    ]
    remarks = Path(__file__).with_name("remarks.md").read_text(encoding="utf-8")
    return "\n".join([*head, *lines, "", remarks])
