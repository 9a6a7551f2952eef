"""Imports that wait: import_module_async and top-level await, what stops it, exceptions of resolvers in import()."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from loop_lag import lag_while

from pyv8bridge import (
    ClosedError,
    Context,
    Error,
    HostModule,
    JSError,
    JSModuleNotFoundError,
    JSRegExp,
    JSSyntaxError,
    JSTimeoutError,
    MemoryLimitError,
)

SLEEP = "const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));"


def run(main: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    return asyncio.run(asyncio.wait_for(main(), 30))


def context(**modules: Any) -> Context:
    """A context with modules a, b … of these sources, named a.js, b.js …"""
    return Context(modules={f"{name}.js": source for name, source in modules.items()}, globals=["timers"])


def counting(body: str) -> str:
    """A module that counts how often it has begun to run."""
    return f"{SLEEP} globalThis.runs = (globalThis.runs ?? 0) + 1; {body}"


class Lookup(Exception):  # noqa: N818
    pass


# ---- waiting ----


def test_it_gives_the_module_as_import_module_does() -> None:
    ctx = context(a="export const n = 1; export default 'x'")

    async def main() -> None:
        module = await ctx.import_module_async("a.js")
        assert (module.n, module["default"], repr(module)) == (1, "x", "<JSModule 'a.js'>")
        assert ctx.import_module("a.js").keys() == module.keys()

    run(main)


def test_a_top_level_await_is_waited_for() -> None:
    async def fetch(n: int) -> int:
        await asyncio.sleep(0.01)
        return n * 2

    ctx = context(
        a=SLEEP + "import { m } from './b.js'; await sleep(5); export const n = m + 1",
        b="import { fetch } from './c.js'; export const m = await fetch(20)",
        c=HostModule({"fetch": fetch}),
    )

    async def main() -> None:
        module = await ctx.import_module_async("a.js", timeout=20)
        assert module.n == 41

    run(main)


def test_the_loop_goes_on_meanwhile() -> None:
    def find(specifier: str, referrer: str | None) -> str:
        time.sleep(0.2)
        return "const end = Date.now() + 200; while (Date.now() < end);"

    ctx = Context(modules=find)

    assert run(lambda: lag_while(ctx.import_module_async("a.js"))) < 0.15


def test_two_who_wait_for_one_module_share_one_run() -> None:
    ctx = context(a=counting("await sleep(20); export const n = runs"), b="export { n } from './a.js'")

    async def main() -> list[int]:
        modules = await asyncio.gather(*[ctx.import_module_async(name) for name in ("a.js", "b.js", "a.js")])
        return [module.n for module in modules]

    assert run(main) == [1, 1, 1]


def test_a_module_that_exports_then_is_no_promise() -> None:
    ctx = context(a=SLEEP + "export const then = (done) => done(1); await sleep(2)")

    async def main() -> list[str]:
        return (await ctx.import_module_async("a.js")).keys()

    assert run(main) == ["then"]


def test_import_module_says_who_waits() -> None:
    ctx = context(a=counting("await sleep(5)"), b="import './a.js'")
    with pytest.raises(Error, match=r"'b\.js', or one that it imports, still waits .* import_module_async") as caught:
        ctx.import_module("b.js")
    assert type(caught.value) is Error
    assert ctx._loader is not None
    assert not ctx._loader._waiting

    async def main() -> None:
        await ctx.import_module_async("b.js")

    run(main)
    assert ctx.eval("runs") == 1
    assert ctx.import_module("b.js").keys() == []


# ---- failing ----


def test_what_a_module_throws_has_its_place_each_time() -> None:
    ctx = context(a=SLEEP + "\nawait sleep(2);\nthrow new RangeError('late')", b="import './a.js'")

    async def main() -> None:
        for name in ("a.js", "b.js", "a.js"):
            with pytest.raises(JSError, match="late") as caught:
                await ctx.import_module_async(name)
            assert (caught.value.name, caught.value.filename, caught.value.line) == ("RangeError", "a.js", 3)

    run(main)


def test_what_is_not_found_or_does_not_compile() -> None:
    ctx = context(a="import './nowhere.js'", b="export const =")

    async def main() -> None:
        with pytest.raises(JSModuleNotFoundError) as caught:
            await ctx.import_module_async("a.js")
        assert (caught.value.specifier, caught.value.line) == ("./nowhere.js", 1)
        with pytest.raises(JSSyntaxError):
            await ctx.import_module_async("b.js")

    run(main)
    with pytest.raises(TypeError, match="no modules"):
        run(lambda: Context().import_module_async("a.js"))
    with pytest.raises(TypeError, match="transfer"):
        run(lambda: ctx.import_module_async("a.js", transfers=True))  # type: ignore[call-arg]


# ---- stopping ----


@pytest.mark.parametrize("body", ["await sleep(100000)", "for (;;);", "await sleep(1); for (;;);"])
def test_a_deadline_ends_it_and_the_next_import_begins_anew(body: str) -> None:
    ctx = context(a=counting(f"if (runs === 1) {{ {body} }} export const n = runs"))

    async def main() -> int:
        start = time.monotonic()
        with pytest.raises(JSTimeoutError):
            await ctx.import_module_async("a.js", timeout=0.15)
        assert time.monotonic() - start < 2
        found: int = (await ctx.import_module_async("a.js", timeout=20)).n
        return found

    assert run(main) == 2


def test_cancelling_ends_the_coroutine_behind_and_the_next_import_begins_anew() -> None:
    seen: list[str] = []

    async def slow() -> str:
        try:
            await asyncio.sleep(0.1 if seen else 100)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        return "loaded"

    ctx = context(a="import { slow } from './b.js'; export const n = await slow()", b={"slow": slow})

    async def main() -> None:
        importing = asyncio.create_task(ctx.import_module_async("a.js"))
        await asyncio.sleep(0.1)
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
        assert (await ctx.import_module_async("a.js", timeout=20)).n == "loaded"

    run(main)
    assert seen == ["cancelled"]


def test_who_still_waits_keeps_the_run_that_another_gave_up() -> None:
    ctx = context(a=counting("await sleep(150); export const n = runs"))

    async def main() -> list[Any]:
        patient = asyncio.create_task(ctx.import_module_async("a.js"))
        with pytest.raises(JSTimeoutError):
            await ctx.import_module_async("a.js", timeout=0.05)
        third = await ctx.import_module_async("a.js")
        return [(await patient).n, third.n]

    assert run(main) == [1, 1]


def test_what_had_run_to_its_end_does_not_run_again() -> None:
    ctx = context(a=SLEEP + "import { n } from './b.js'; if (n) await sleep(100000)", b=counting("export let n = runs"))

    async def main() -> None:
        for _ in range(2):
            with pytest.raises(JSTimeoutError):
                await ctx.import_module_async("a.js", timeout=0.1)

    run(main)
    assert ctx.eval("runs") == 1


def test_the_memory_limit_ends_it() -> None:
    ctx = Context(
        modules={"a.js": SLEEP + "await sleep(1); for (const rows = [];;) rows.push({ n: rows.length })"},
        globals=["timers"],
        memory_limit=32 << 20,
    )

    async def main() -> None:
        with pytest.raises(MemoryLimitError):
            await ctx.import_module_async("a.js", timeout=30)
        assert await ctx.eval_async("1") == 1

    run(main)


def test_close_ends_it() -> None:
    ctx = context(a=SLEEP + "await sleep(100000)")

    async def main() -> None:
        importing = asyncio.create_task(ctx.import_module_async("a.js"))
        await asyncio.sleep(0.1)
        ctx.close()
        with pytest.raises(ClosedError):
            await importing

    run(main)


def test_nothing_stays_behind() -> None:
    ctx = context(a=SLEEP + "await sleep(3); export const n = 1", b=SLEEP + "await sleep(3); throw new Error('no')")

    async def main() -> None:
        await asyncio.gather(*[ctx.import_module_async("a.js") for _ in range(20)])
        await asyncio.gather(*[ctx.import_module_async("b.js") for _ in range(5)], return_exceptions=True)
        waiting = asyncio.create_task(ctx.import_module_async("a.js"))
        waiting.cancel()
        await asyncio.wait([waiting])
        await ctx.eval_async("1")

    run(main)
    assert ctx._loader is not None
    assert not ctx._loader._waiting
    gc.collect()
    ctx.isolate.collect_garbage()
    assert ctx.isolate.heap_statistics().handles == 1  # of the timers
    assert not ctx._host._watches


# ---- exceptions of resolvers in import() ----


def failing(specifier: str, referrer: str | None) -> str | None:
    if specifier == "fails":
        raise Lookup("the database is down")
    return "import 'fails'" if specifier == "imports-it" else None


@pytest.mark.parametrize("specifier", ["fails", "imports-it"])
def test_what_a_resolver_raises_comes_out_itself(specifier: str) -> None:
    ctx = Context(modules=failing)
    with pytest.raises(Lookup, match="the database is down") as caught:
        ctx.eval(f"import('{specifier}')").result()
    assert type(caught.value) is Lookup

    async def main() -> None:
        with pytest.raises(Lookup):
            await ctx.eval_async(f"import('{specifier}')")
        with pytest.raises(Lookup):
            await ctx.import_module_async(specifier)

    run(main)


def test_what_is_not_found_comes_out_itself() -> None:
    ctx = Context(modules=failing)
    with pytest.raises(JSModuleNotFoundError) as caught:
        ctx.eval("import('nowhere')", "main.js").result()
    assert (caught.value.specifier, caught.value.referrer) == ("nowhere", "main.js")
    assert ctx.eval("import('nowhere').catch((e) => [e instanceof TypeError, e.name, e.message])").result() == [
        True,
        "TypeError",
        "cannot find module 'nowhere'",
    ]


def test_a_script_that_catches_sees_an_error_of_that_name() -> None:
    ctx = Context(modules=failing)
    assert ctx.eval("import('fails').catch((e) => [e instanceof Error, e.name, e.message])").result() == [
        True,
        "Lookup",
        "the database is down",
    ]
    with pytest.raises(JSError, match="no rules") as caught:
        ctx.eval("import('fails').catch((e) => { throw new Error('no rules', { cause: e }) })").result()
    assert isinstance(caught.value.cause, Lookup)


@pytest.mark.parametrize("carried", [object(), JSRegExp("(")], ids=["to the message", "from the message"])
def test_what_the_exception_carries_need_not_cross(carried: object) -> None:
    def find(specifier: str, referrer: str | None) -> None:
        inner = JSError("inner")
        inner.cause = carried
        raise Lookup("odd") from inner

    ctx = Context(modules=find)
    with pytest.raises(Lookup, match="odd"):
        ctx.eval("import('a')").result()


def test_exceptions_of_resolvers_go_when_javascript_lets_go_of_them() -> None:
    ctx = Context(modules=failing)
    for _ in range(10):
        with pytest.raises(Lookup):
            ctx.import_module("fails")
        with pytest.raises(Lookup):
            ctx.eval("import('fails')").result()
    gc.collect()
    ctx.isolate.collect_garbage()
    ctx.isolate.collect_garbage()
    assert len(ctx._host) == 0


def test_an_interrupt_in_a_resolver_ends_the_call() -> None:
    def find(specifier: str, referrer: str | None) -> None:
        raise KeyboardInterrupt

    ctx = Context(modules=find)
    with pytest.raises(KeyboardInterrupt):
        ctx.eval("import('a').catch(() => { globalThis.caught = true }); undefined")
    assert ctx.eval("typeof caught") == "undefined"


# ---- modules of Python functions ----


def test_a_host_module_may_export_functions() -> None:
    threads: list[str] = []

    def note(text: str) -> int:
        threads.append(threading.current_thread().name)
        return len(text)

    ctx = Context(
        modules={"a.js": "import { note } from 'app:log'; export const n = note('four')", "app:log": {"note": note}}
    )
    assert ctx.import_module("a.js").n == 4
    assert len(threads) == 1
