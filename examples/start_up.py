"""Two ways to start faster: compiled code that is kept in a folder, and contexts that start from a snapshot."""

from __future__ import annotations

import tempfile
from time import perf_counter

from pyv8bridge import CodeCache, Context, Isolate, Snapshot

# Stands for a large library, of which little is used.
LIBRARY = "const library = {};\n" + "".join(
    f"library.f{i} = function (n) {{ const rows = []; for (let j = 0; j < n; j++) rows.push(j * {i}); return rows }};\n"
    for i in range(5000)
)


def timed(label: str, start: float) -> None:
    print(f"{label:32}{(perf_counter() - start) * 1e3:8.1f} ms")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache = CodeCache(folder)
        for label in ("compiled", "from the code cache"):
            with Context(code_cache=cache) as ctx:
                start = perf_counter()
                ctx.eval(LIBRARY, "library.js", result="none")
                timed(label, start)
                assert ctx.eval("library.f7(3)") == [0, 7, 14]
        print(cache)

    # Built once, perhaps when the program is packaged, and kept in a file.
    data = Snapshot.build({"library.js": LIBRARY, "own.js": "function rows(n) { return library.f2(n) }"})
    with Isolate(snapshot=data) as isolate:
        start = perf_counter()
        contexts = [Context(isolate) for _ in range(3)]
        timed("3 contexts from a snapshot", start)
        print([ctx.call("rows", 3) for ctx in contexts])


if __name__ == "__main__":
    main()
