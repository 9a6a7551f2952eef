"""Memory: what wants too much is stopped, what is counted is honest, and nothing stays behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bomb_runner import run
from children import run_child
from memory_bombs import BOMBS, FOLDER, LIMITS_MB, MB

from pyv8bridge import Context, Isolate, JSError, MemoryLimitError, TerminatedError

pytestmark = pytest.mark.faults

# A few of each group, and quick ones; `make bombs` runs all of them with every limit.
SAMPLE = [
    "objects",
    "long strings",
    "closures",
    "promises",
    "a Map's entries",
    "ArrayBuffers of 1 MB",
    "small typed arrays",
    "memory that a catch tries to live on",
    "a spread array",
    "join",
    "JSON.parse",
    "new ArrayBuffer(2 ** 33)",
    "recursion that allocates",
    "microtasks that keep things",
    "WebAssembly memory that grows",
    "a result of 20,000,000 numbers",
    "a getter that grows the result",
    "arguments that JavaScript keeps",
    "handles that Python keeps",
]


@pytest.mark.parametrize("name", SAMPLE)
def test_a_bomb_is_survived(name: str) -> None:
    ending = run(BOMBS[name], LIMITS_MB[0])
    assert ending.outcome in ("MemoryLimitError", "RangeError"), ending
    assert ending.works, ending


def test_there_are_bombs_of_every_file() -> None:
    assert len(BOMBS) >= 140
    assert len(list(FOLDER.glob("*.js"))) == 4
    assert all(bomb.code or bomb.python for bomb in BOMBS.values())


def test_a_limit_need_not_be_a_multiple_of_anything() -> None:
    # V8 ended the process over each below 128 MiB that was no multiple of the system's pages: 100 million, say.
    run_child("""
        from pyv8bridge import Context, Isolate, MemoryLimitError
        for limit in (8_388_609, 10_000_000, 50_000_000, 67_108_865, 100_000_000, 134_217_727, 134_217_729, 10**9 + 1):
            with Isolate(memory_limit=limit) as isolate:
                assert isolate.heap_statistics().memory_limit_bytes == limit
        with Context(memory_limit=10_000_000) as ctx:
            try:
                ctx.eval("{ const all = []; for (;;) all.push([1, 2, 3]) }")
            except MemoryLimitError:
                assert ctx.eval("1 + 1") == 2
            else:
                raise AssertionError
    """)


def test_what_runs_into_the_limit_again_and_again() -> None:
    with Context(memory_limit=32 * MB) as ctx:
        for _ in range(5):
            with pytest.raises(MemoryLimitError) as caught:
                ctx.eval("{ const all = []; for (;;) all.push([1, 2, 3]) }")
            assert isinstance(caught.value, TerminatedError)
            assert isinstance(caught.value, MemoryError)
            assert ctx.eval("[1].concat(2)") == [1, 2]
        statistics = ctx.isolate.heap_statistics()
        assert statistics.used_heap_bytes < 8 * MB
        assert statistics.heap_limit_bytes < 100 * MB  # what was lent is taken back


def test_what_globals_hold_stays_until_they_let_go() -> None:
    with Context(memory_limit=32 * MB) as ctx:
        with pytest.raises(MemoryLimitError):
            ctx.eval("var all = []; for (;;) all.push([1, 2, 3])")
        with pytest.raises(MemoryLimitError):
            ctx.eval("for (let i = 0; i < 1e6; i++) all.push([1, 2, 3])")
        assert ctx.eval("all = null; 1") == 1
        assert ctx.eval("{ const more = []; for (let i = 0; i < 1e5; i++) more.push([i]); more.length }") == 100_000


class TestTheLimitTwiceOver:
    """V8 keeps its limit above what is alive, so each call that was stopped could leave some more behind, for ever."""

    def fill(self, call: Callable[[], object], isolate: Isolate) -> None:
        for _ in range(60):
            with pytest.raises(MemoryLimitError) as caught:
                call()
            if "no JavaScript runs" in str(caught.value):
                break
        else:
            pytest.fail("it goes on for ever")
        assert 32 * MB < isolate.heap_statistics().used_heap_bytes < 44 * MB
        with pytest.raises(MemoryLimitError, match="no JavaScript runs"):
            call()

    def test_what_handles_held_may_go(self) -> None:
        with Isolate(memory_limit=16 * MB) as isolate, Context(isolate) as ctx:
            grow = ctx.eval("(() => { const all = []; return () => { for (;;) all.push({}) } })()")
            self.fill(grow, isolate)
            grow.close()
            assert ctx.eval("[1].concat(2)") == [1, 2]

    def test_so_may_a_contexts_globals_and_the_others_work_on(self) -> None:
        with Isolate(memory_limit=16 * MB) as isolate, Context(isolate) as good:
            good.eval("var kept = [1, 2, 3]")
            for _ in range(2):
                with Context(isolate) as bad:
                    bad.eval("var all = []")
                    self.fill(lambda bad=bad: bad.eval("for (;;) all.push({})"), isolate)  # type: ignore[misc]
                    with pytest.raises(MemoryLimitError):
                        good.eval("kept")
                assert good.eval("kept") == [1, 2, 3]


def test_a_script_cannot_catch_the_limit() -> None:
    with Context(memory_limit=32 * MB) as ctx:
        ctx.eval("var caught = 0")
        with pytest.raises(MemoryLimitError):
            ctx.eval(
                "{ const all = []; for (;;) try { for (;;) all.push({}) } catch (e) { caught++ } finally { caught++ } }"
            )
        assert ctx.eval("caught") == 0


def test_limits_are_of_one_isolate_only() -> None:
    with Context(memory_limit=32 * MB) as small, Context() as large:
        with pytest.raises(MemoryLimitError):
            small.eval("{ const all = []; for (;;) all.push({}) }")
        assert large.eval("{ const all = []; for (let i = 0; i < 2e6; i++) all.push({}); all.length }") == 2_000_000


class TestBuffers:
    def test_one_that_is_too_large_is_a_range_error_in_javascript(self) -> None:
        with Context(memory_limit=32 * MB) as ctx:
            for code in ("new ArrayBuffer(2 ** 33)", "new ArrayBuffer(40e6)", "new Float64Array(5e6)"):
                with pytest.raises(JSError) as caught:
                    ctx.eval(code)
                assert caught.value.name == "RangeError"
            assert ctx.eval("try { new ArrayBuffer(40e6) } catch (e) { e.name }") == "RangeError"

    def test_many_count_together_and_garbage_does_not(self) -> None:
        with Context(memory_limit=32 * MB) as ctx:
            with pytest.raises(JSError, match="RangeError"):
                ctx.eval("{ const all = []; for (let i = 0; i < 100; i++) all.push(new ArrayBuffer(1e6)) }")
            assert ctx.eval("for (let i = 0; i < 200; i++) new ArrayBuffer(1e6); 1") == 1

    def test_small_ones_are_never_refused(self) -> None:
        """V8 ends the process when it cannot have the buffer of a small typed array."""
        out = run_child(
            """
            from pyv8bridge import Context, Error
            ctx = Context(memory_limit=32 << 20)
            try:
                ctx.eval("{ const all = []; for (let i = 0; ; i++) all.push(new Uint8Array(8 + i % 57).buffer) }")
            except Error as error:
                print(type(error).__name__)
            print(ctx.eval("new Uint8Array(8).buffer.byteLength"))
            """
        )
        assert out == "MemoryLimitError\n8\n"

    def test_what_is_held_is_said(self) -> None:
        with Context() as ctx:
            before = ctx.isolate.heap_statistics().buffer_bytes
            ctx.eval("var kept = new Uint8Array(5e6)")
            assert ctx.isolate.heap_statistics().buffer_bytes - before == 5_000_000
            ctx.eval("kept = null")
            ctx.isolate.collect_garbage()
            assert ctx.isolate.heap_statistics().buffer_bytes == before

    def test_what_goes_in_counts_and_what_was_moved_out_does_until_it_is_dropped(self) -> None:
        with Context(memory_limit=32 * MB) as ctx:
            with pytest.raises(MemoryLimitError):
                ctx.call("Array.of", bytes(40 * MB))
            before = ctx.isolate.heap_statistics().buffer_bytes
            moved = ctx.eval("new Uint8Array(5e6)", transfer=True)
            assert ctx.isolate.heap_statistics().buffer_bytes - before == 5_000_000
            del moved
            assert ctx.isolate.heap_statistics().buffer_bytes == before

    def test_a_transfer_that_fails_gives_back_what_it_took(self) -> None:
        with Context(memory_limit=32 * MB) as ctx:
            before = ctx.isolate.heap_statistics().buffer_bytes
            for _ in range(20):
                with pytest.raises(JSError):
                    ctx.call("nothing", bytes(5 * MB))
            ctx.isolate.collect_garbage()
            assert ctx.isolate.heap_statistics().buffer_bytes == before

    def test_webassembly_memory_counts(self) -> None:
        with Context(memory_limit=32 * MB) as ctx:
            with pytest.raises((MemoryLimitError, JSError)):
                ctx.eval("{ const all = []; for (;;) all.push(new WebAssembly.Memory({ initial: 100 })) }")
            assert ctx.eval("new WebAssembly.Memory({ initial: 1 }).buffer.byteLength") == 65536


class TestGarbage:
    def test_collect_garbage_frees_what_nothing_refers_to(self) -> None:
        with Context() as ctx:
            ctx.eval("var kept = []; for (let i = 0; i < 3e5; i++) kept.push({ i })")
            full = ctx.isolate.heap_statistics().used_heap_bytes
            ctx.eval("kept = null")
            ctx.isolate.collect_garbage()
            assert ctx.isolate.heap_statistics().used_heap_bytes < full - 5 * MB

    def test_low_memory_frees_and_everything_works_on(self) -> None:
        with Context() as ctx:
            ctx.eval("function f(n) { return n < 2 ? n : f(n - 1) + f(n - 2) }; var kept = { a: [1] }")
            assert ctx.call("f", 20) == 6765
            ctx.isolate.low_memory()
            assert ctx.call("f", 20) == 6765
            assert ctx.eval("kept") == {"a": [1]}

    def test_a_closed_isolate_says_so(self) -> None:
        from pyv8bridge import ClosedError

        isolate = Isolate()
        isolate.close()
        for use in (isolate.collect_garbage, isolate.low_memory, isolate.heap_statistics):
            with pytest.raises(ClosedError):
                use()


def test_isolates_leave_nothing_behind() -> None:
    """1,000 isolates with contexts, values and handles, made and closed or dropped: memory and threads stay level."""
    out = run_child(
        """
        import gc, os
        from pyv8bridge import Context, Isolate

        def resident():
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

        def threads():
            return len(os.listdir("/proc/self/task"))

        def one(n):
            ctx = Context(memory_limit=64 << 20, timeout=10)
            f = ctx.eval("(x) => { return { x, data: new Uint8Array(70000) } }")
            value = f([1, 2, 3])
            thing = ctx.ref("{ a: 1 }")
            if n % 2:
                ctx.close()
            return value

        one(0)
        gc.collect()
        first = threads()
        sizes = {}
        for n in range(1, 1001):
            one(n)
            if n in (100, 1000):
                gc.collect()
                sizes[n] = resident()
        assert threads() <= first, (first, threads())
        assert sizes[1000] <= sizes[100] * 1.1, sizes
        print("level")
        """
    )
    assert out == "level\n"


def test_contexts_count() -> None:
    """Making them was no call that could be stopped: they took what they liked."""
    with Isolate(memory_limit=16 * MB) as isolate:
        contexts: list[Context] = []
        with pytest.raises(MemoryLimitError, match="another context"):
            contexts.extend(Context(isolate) for _ in range(200))
        assert len(contexts) > 1
        assert contexts[0].eval("1 + 1") == 2
        contexts.pop().close()
        contexts.pop().close()
        isolate.collect_garbage()
        with Context(isolate) as again:
            assert again.eval("2 + 2") == 4


@pytest.mark.parametrize("limit", [0, -1, 1000, 1 << 20, 1 << 63])
def test_limits_that_make_no_sense(limit: int) -> None:
    with pytest.raises(ValueError, match="memory_limit"):
        Isolate(memory_limit=limit)


@pytest.mark.parametrize("limit", ["32 MB", 1.5e7, True, [1]])
def test_limits_of_another_type(limit: object) -> None:
    with pytest.raises(TypeError, match="memory_limit"):
        Context(memory_limit=limit)  # type: ignore[arg-type]


def test_the_smallest_limit_works() -> None:
    with Context(memory_limit=8 * MB) as ctx:
        assert ctx.call("Array.of", {"a": [1, "x"]}) == [{"a": [1, "x"]}]
        with pytest.raises(MemoryLimitError):
            ctx.eval("{ const all = []; for (;;) all.push({}) }")
        assert ctx.eval("1 + 1") == 2
