"""What does it cost to start: an isolate, a context, a large script, with a code cache, from a snapshot?"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter

from pyv8bridge import CodeCache, Context, Isolate, Snapshot

from .clock import spell

SIZE = 1_000_000
# Like a bundled library: one large function that defines many, few of which run.
SCRIPT = (
    "const library = (() => { const made = {};\n"
    + "".join(
        f"made.f{i} = (rows, limit) => {{ let sum = {i}; for (const r of rows) if (r.n > limit) sum += r.n * {i}; "
        f"return {{ sum, label: 'label {i}', rows: rows.map((row) => row.n + {i}) }} }};\n"
        for i in range(SIZE // 170)
    )
    + "return made })();\nlibrary.f1([{ n: 3 }], 2).sum"
)
EXPECTED = 4


def fastest(prepare: Callable[[], Callable[[], object]], rounds: int = 15) -> float:
    """Seconds for what `prepare` gives, which can run only once each time."""
    times = []
    for _ in range(rounds):
        run = prepare()
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


def main() -> None:
    cache = CodeCache({})
    data = Snapshot.build({"library.js": SCRIPT})
    for ctx in (Context(code_cache=cache), Context(code_cache=cache), Context()):
        if ctx.eval(SCRIPT) != EXPECTED:
            sys.exit("wrong result")
    if cache.hits != 1 or Context(snapshot=data).eval("library.f1([{ n: 3 }], 2).sum") != EXPECTED:
        sys.exit("the cache or the snapshot does not work")

    isolate, from_snapshot = Isolate(), Isolate(snapshot=data)
    Context(isolate), Context(from_snapshot)

    def script(ctx: Context, code_cache: CodeCache | None) -> Callable[[], object]:
        return lambda: ctx.eval(SCRIPT, code_cache=code_cache)

    rows: list[tuple[str, Callable[[], Callable[[], object]]]] = [
        ("isolate with a context", lambda: Context),
        ("the same from a snapshot", lambda: lambda: Context(snapshot=data)),
        ("another context", lambda: lambda: Context(isolate)),
        ("the same from a snapshot", lambda: lambda: Context(from_snapshot)),
        (f"a script of {len(SCRIPT) / 1e6:.1f} MB", lambda: script(Context(), None)),
        ("the same with a code cache", lambda: script(Context(), cache)),
    ]
    for label, prepare in rows:
        print(f"{label:32}{spell(fastest(prepare))}")
    entry = cache.load(cache.key("script", SCRIPT, "<eval>", 0)) or b""
    print(f"\nentry {len(entry) / 1e3:.0f} KB, snapshot {len(data) / 1e3:.0f} KB")


if __name__ == "__main__":
    main()
