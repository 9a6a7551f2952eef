"""Where the time goes, and what fills the heap: files for Chrome's DevTools, and the same as Python data."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from pyv8bridge import Context

SCRIPT = """\
const kept = [];
function busy(milliseconds) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) Math.sqrt(Math.random());
}
function quick() { return kept.push({ made: new Date() }) }
function work() { for (let i = 0; i < 1000; i++) quick(); busy(100) }
"""


def main() -> None:
    with Context() as ctx, tempfile.TemporaryDirectory() as folder:
        ctx.eval(SCRIPT, "work.js")
        with ctx.cpu_profile(Path(folder, "work.cpuprofile"), sampling_interval=0.001) as profile:
            ctx.call("work")
        functions = {node["id"]: node["callFrame"]["functionName"] for node in profile.data["nodes"]}
        (hottest, _), *_ = Counter(functions[sample] for sample in profile.data["samples"]).most_common(1)
        print("hottest function:", hottest)

        ctx.isolate.heap_snapshot(Path(folder, "work.heapsnapshot"))
        print("files:", sorted(path.name for path in Path(folder).iterdir()))
        heap = ctx.heap_statistics()
        print("within its limit:", heap.used_heap_bytes < heap.heap_limit_bytes)


if __name__ == "__main__":
    main()
