"""Runs memory bombs, each in a child process, and makes the table of docs/limits.md out of what became of them.

    python tests/python/bomb_runner.py                     all bombs, all limits (`make bombs`)
    python tests/python/bomb_runner.py --only JSON         those with that in their name or group
    python tests/python/bomb_runner.py --write             and writes the table into docs/limits.md

Exits with 1 when one ended in a way that neither MemoryLimitError nor RangeError is, that its `known` does not name, or
that left the context unusable.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

from memory_bombs import BOMBS, DEADLINE_SECONDS, EXPECTED, LIMITS_MB, Bomb

PROGRAM = Path(__file__).with_name("memory_bombs.py")
PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "limits.md"
BEGIN, END = "<!-- bombs: written by `make bombs WRITE=1` -->", "<!-- bombs: end -->"
# Beyond it a child is killed, so that it does not take the machine along.
LARGEST_MB = 6000


@dataclass(frozen=True)
class Ending:
    """How a bomb ended. `outcome` is the error's name, "value", "not there", "fatal", "hangs" or "too large"."""

    outcome: str
    works: bool
    peak_mb: int
    seconds: float
    detail: str = ""

    def is_expected_of(self, bomb: Bomb) -> bool:
        if self.outcome == "not there":
            return True
        if self.outcome in ("fatal", "hangs"):
            return self.outcome in bomb.known
        return (self.works or "full" in bomb.known) and self.outcome in (*EXPECTED, *bomb.known)


def run(bomb: Bomb, limit_mb: int) -> Ending:
    """One bomb in a child process of its own, under watch."""
    child = subprocess.Popen(
        [sys.executable, str(PROGRAM), bomb.name, str(limit_mb)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "MALLOC_ARENA_MAX": "1"},
    )
    start = time.monotonic()
    peak_mb = 0
    killed = ""
    done = threading.Event()

    def watch() -> None:
        nonlocal peak_mb, killed
        while not done.wait(0.05):
            peak_mb = max(peak_mb, resident_mb(child.pid))
            if peak_mb > LARGEST_MB:
                killed = "too large"
            elif time.monotonic() - start > 1.5 * DEADLINE_SECONDS:
                killed = "hangs"
            if killed:
                child.kill()
                return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        out, err = child.communicate()
    finally:
        done.set()
        watcher.join()
    seconds = time.monotonic() - start
    if child.returncode == 0:
        return Ending(seconds=seconds, **json.loads(out))
    words = next((line for line in err.splitlines() if re.search("FATAL|Fatal JavaScript|Error", line)), "")
    if not killed and child.returncode > 0:
        raise RuntimeError(f"the program that runs bombs failed with {bomb.name!r}:\n{err}")
    return Ending(killed or "fatal", False, peak_mb, seconds, words or f"signal {-child.returncode}")


def resident_mb(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def words_for(ending: Ending) -> str:
    text = {"fatal": "**the process ends**", "value": "goes through", "not there": "—", "hangs": "**hangs**"}.get(
        ending.outcome, f"`{ending.outcome}`"
    )
    return text if ending.works or ending.outcome == "fatal" else f"{text}, context full"


def table(endings: dict[str, dict[int, Ending]]) -> str:
    """Markdown: a group of bombs is one table, and limits that end alike share a cell's text."""
    lines: list[str] = []
    group = ""
    limits = sorted({limit for ends in endings.values() for limit in ends})
    for name, ends in endings.items():
        bomb = BOMBS[name]
        if bomb.group != group:
            group = bomb.group
            lines += [
                "",
                f"### {group}",
                "",
                f"| bomb | {' | '.join(f'{limit} MB' for limit in limits)} | peak at {limits[0]} MB |",
            ]
            lines += ["|---|" + "---|" * (len(limits) + 1)]
        cells = [words_for(ends[limit]) if limit in ends else "" for limit in limits]
        peak = f"{ends[limits[0]].peak_mb} MB" if limits[0] in ends else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {peak} |")
    return "\n".join(lines).strip() + "\n"


def write(page: Path, text: str) -> None:
    before = page.read_text("utf-8")
    pattern = re.compile(f"({re.escape(BEGIN)}\n).*?({re.escape(END)})", re.DOTALL)
    after, count = pattern.subn(lambda found: f"{found[1]}\n{text}\n{found[2]}", before)
    if count != 1:
        raise SystemExit(f"{page} has no place for the table")
    page.write_text(after, "utf-8")


def chosen(patterns: Sequence[str]) -> Iterable[Bomb]:
    for bomb in BOMBS.values():
        if not patterns or any(pattern.lower() in f"{bomb.name} {bomb.group}".lower() for pattern in patterns):
            yield bomb


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs memory bombs in child processes.")
    parser.add_argument("--only", action="append", default=[], metavar="TEXT")
    parser.add_argument("--from", dest="first", default="", metavar="NAME", help="leave out those before that")
    parser.add_argument("--limits", type=int, nargs="+", default=LIMITS_MB, metavar="MB")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    arguments = parser.parse_args()
    endings: dict[str, dict[int, Ending]] = {}
    wrong = 0
    for bomb in dropwhile(lambda bomb: arguments.first not in ("", bomb.name), chosen(arguments.only)):
        for limit in arguments.limits:
            ending = endings.setdefault(bomb.name, {})[limit] = run(bomb, limit)
            mark = "" if ending.is_expected_of(bomb) else "   <-- not expected"
            wrong += bool(mark)
            print(
                f"{limit:4} MB  {ending.outcome:18} {'works' if ending.works else 'does not work':14}"
                f" {ending.peak_mb:5} MB {ending.seconds:6.1f} s  {bomb.name}  {ending.detail}{mark}",
                flush=True,
            )
    if arguments.write:
        write(PAGE, table(endings))
    print(f"{sum(map(len, endings.values()))} explosions of {len(endings)} bombs, {wrong} of them not as expected")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
