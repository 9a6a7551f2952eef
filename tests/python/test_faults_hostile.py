"""Scripts by somebody who wants the bridge to break: each ends in time, and nothing else suffers."""

from __future__ import annotations

import pytest
from children import run_child
from memory_bombs import FOLDER, read_bombs

pytestmark = pytest.mark.faults

FILES = {path.stem: path for path in sorted((FOLDER.parent / "hostile").glob("*.js"))}


def test_there_are_many() -> None:
    assert sum(len(read_bombs(path)) for path in FILES.values()) >= 80


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("codec", ["wire", "shape"])
def test_neither_the_process_nor_its_neighbours_suffer(name: str, codec: str) -> None:
    """Each in a context of its own, and in one that has seen all of those before it; and both ways of copying."""
    scripts = {script.name: script.code for script in read_bombs(FILES[name])}
    out = run_child(
        f"""
        from time import monotonic
        from pyv8bridge import Context, Error, Isolate
        isolate = Isolate(memory_limit=128 << 20)
        neighbour = Context(isolate, codec="{codec}")
        neighbour.eval("var kept = [1, {{ a: 'x' }}]; const same = (x) => x")
        rows = [{{"a": [1, None]}}, {{"a": "x"}}]

        def make():
            return Context(isolate, codec="{codec}", on_unhandled_rejection=lambda error: None)

        def run(ctx, name, code):
            start = monotonic()
            try:
                ctx.eval("{{" + code + "}}", timeout=0.1)
            except Error:
                pass
            if monotonic() - start > 5:
                print(name, "took", monotonic() - start)
            if neighbour.eval("kept") != [1, {{"a": "x"}}] or neighbour.call("same", rows) != rows:
                print(name, "reached the neighbour")

        battered = make()
        for name, code in {scripts!r}.items():
            with make() as ctx:
                run(ctx, name, code)
            run(battered, name, code)
        """
    )
    assert out == ""


@pytest.mark.parametrize("then", ["for (;;);", "Promise.resolve().then(() => { for (;;); })"])
def test_finalizers_of_one_context_do_not_stop_the_calls_of_another(then: str) -> None:
    """They run when V8 has collected, in whichever call comes next, and used to have all of its time."""
    out = run_child(
        f"""
        from pyv8bridge import Context, Isolate
        with Isolate(memory_limit=128 << 20) as isolate, Context(isolate) as bad, Context(isolate) as good:
            good.eval("var kept = [1, 2]")
            bad.eval("const all = new FinalizationRegistry(() => {{ ran = true; {then} }}); var ran = false")
            bad.eval("for (let i = 0; i < 1000; i++) all.register({{}}, i)")
            isolate.collect_garbage()
            for _ in range(3):
                print(good.eval("kept", timeout=5))
            print(bad.eval("ran", timeout=5))
        """
    )
    assert out == "[1, 2]\n[1, 2]\n[1, 2]\nTrue\n"
