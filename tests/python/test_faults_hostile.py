"""Scripts by somebody who wants the bridge to break: each ends in time, and nothing else suffers."""

from __future__ import annotations

import pytest
from children import run_child
from memory_bombs import FOLDER, read_bombs

from pyv8bridge import Context, JSError

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


LOOPING_STACK = "Error.prepareStackTrace = () => { for (;;); };"
LOOPING_NAME = "Object.defineProperty(Error.prototype, 'name', {get() { for (;;); }});"
STOPS_THAT_GOT_LOST = {
    "a getter of what is cloned": "try { structuredClone({get x() { for (;;); }}) } catch {}",
    "the words of a refused clone": LOOPING_STACK + "try { structuredClone(() => 1) } catch {}",
    "the words of refused arguments": LOOPING_STACK + "try { host({f() {}}) } catch {}",
    "the name of an error of ours": LOOPING_NAME + "try { gone() } catch {}",
    "the name of a host's exception": LOOPING_NAME + "try { fail() } catch {}",
}


@pytest.mark.parametrize("name", list(STOPS_THAT_GOT_LOST))
def test_a_stop_is_not_lost_in_a_function_of_ours(name: str) -> None:
    """V8 was told once, the script caught what became of it, and nothing could stop it any more."""
    out = run_child(
        f"""
        from pyv8bridge import Context, JSTimeoutError

        def fail():
            raise LookupError("no")

        with Context(globals=["structuredClone"]) as ctx:
            ctx.expose("host", print)
            ctx.expose("fail", fail)
            ctx.expose("kept", print)
            ctx.eval("var gone = kept; 0")
            ctx.unexpose("kept")
            try:
                ctx.eval({STOPS_THAT_GOT_LOST[name]!r} + "for (;;);", timeout=0.3)
            except JSTimeoutError:
                print("stopped")
            print(ctx.eval("1 + 1"))
        """
    )
    assert out == "stopped\n2\n"


def test_no_script_catches_the_exit_of_a_host_function_in_a_clone() -> None:
    seen: list[str] = []

    def leave() -> None:
        raise SystemExit("stop")

    with Context(globals=["structuredClone"]) as ctx:
        ctx.expose("leave", leave)
        ctx.expose("note", seen.append)
        with pytest.raises(SystemExit):
            ctx.eval("try { structuredClone({get x() { leave() }}) } catch (e) { note('caught ' + e) }")
        assert seen == []


@pytest.mark.parametrize("value", ["'\u00e9'.repeat(4 << 20)", "2n ** (1n << 26n)"])
def test_primitive_arguments_of_a_host_function_count_for_the_memory_limit(value: str) -> None:
    out = run_child(
        f"""
        import resource
        from pyv8bridge import Context, MemoryLimitError

        with Context(memory_limit=64 << 20) as ctx:
            ctx.expose("host", lambda *a: len(a))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                print(ctx.eval({value!r} + "; host(...Array(100).fill(" + {value!r} + "))"))
            except MemoryLimitError:
                print("limit")
            print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10 < 300)
            print(ctx.eval("1 + 1"))
        """
    )
    assert out == "limit\nTrue\n2\n"


def test_arguments_that_find_no_memory_do_not_end_the_process() -> None:
    """An exception of C++'s went through V8's frames."""
    out = run_child(
        """
        import resource
        from pyv8bridge import Context, MemoryLimitError

        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
        with Context() as ctx:
            ctx.expose("host", lambda *a: len(a))
            try:
                ctx.eval("host(...Array(400).fill('\u00e9'.repeat(4 << 20)))")
            except MemoryLimitError:
                print("no memory")
            print(ctx.eval("1 + 1"))
        """
    )
    assert out == "no memory\n2\n"


def test_a_long_list_of_buffers_to_transfer() -> None:
    """Each was compared with all before it, and nobody looked at the clock."""
    with Context(globals=["structuredClone"]) as ctx:
        ctx.eval("var buffers = Array.from({length: 200000}, () => new ArrayBuffer(0)); 0")
        ctx.eval("structuredClone(1, {transfer: buffers})", timeout=20)
        with pytest.raises(JSError, match="twice"):
            ctx.eval("var one = new ArrayBuffer(1); structuredClone(1, {transfer: [one, one]})")
